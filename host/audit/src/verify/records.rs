//! Reads records, all or some.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::snapshot::Snapshot;
use super::walk::Link;
use super::{Fault, ReadError, Walk};
use crate::Timestamp;
use crate::record::{Entry, Event, OutcomeKind, PackageIdentity, Record, TrustChange, TrustSubject};

/// Every record of a log in order, each checked against the one before. Ends
/// at the first fault. Payload files are left alone.
pub struct Records<R> {
    walk: Walk<R>,
    over: bool,
}

impl<R: BufRead> Records<R> {
    /// Reads the lines of `log` from the header on.
    pub fn new(log: R) -> Self {
        Self { walk: Walk::new(log), over: false }
    }

    /// The records, each with the line it stands on.
    pub(crate) fn placed(mut self) -> impl Iterator<Item = Result<(Link, Record), ReadError>> {
        std::iter::from_fn(move || self.next_placed())
    }

    fn next_placed(&mut self) -> Option<Result<(Link, Record), ReadError>> {
        if self.over {
            return None;
        }
        let next = self.walk.next()?.and_then(|link| match Record::decode(&link.line) {
            Ok(record) => Ok((link, record)),
            Err(kind) => Err(link.fault(kind).into()),
        });
        self.over = next.is_err();
        Some(next)
    }
}

impl Records<BufReader<io::Take<std::fs::File>>> {
    /// Reads the log in a directory, as long as it is now. It may be in use; its
    /// last line may then be unfinished, which is a fault like any other here.
    pub fn open(dir: &Path) -> io::Result<Self> {
        Ok(Self::new(Snapshot::open(dir)?.log))
    }
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_placed().map(|next| next.map(|(_, record)| record))
    }
}

/// Which records to show. Every condition that is set must hold; a condition on
/// something that a record does not have (the tool of a refusal) does not hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The kind of record: `intent`, `outcome`, `refusal`.
    pub kind: Option<String>,
    /// The package: `NAME`, `PUBLISHER/NAME`, or either with `@VERSION`.
    pub package: Option<String>,
    /// The tool.
    pub tool: Option<String>,
    /// How the call ended.
    pub outcome: Option<OutcomeKind>,
    /// The earliest time.
    pub since: Option<Timestamp>,
    /// Only the last so many of those that match; without it, all.
    pub limit: Option<usize>,
}

impl Filter {
    /// Whether a record meets every condition. The limit is none of them.
    pub fn matches(&self, record: &Record) -> bool {
        let Self { kind, package, tool, outcome, since, limit: _ } = self;
        let entry = &record.entry;
        let called = match entry {
            Entry::Intent(intent) => Some(&intent.tool),
            _ => None,
        };
        let ended = match entry {
            Entry::Outcome(outcome) => Some(outcome.outcome.kind),
            _ => None,
        };
        kind.as_deref().is_none_or(|kind| entry.kind() == kind)
            && package.as_deref().is_none_or(|wanted| is_about(entry, wanted))
            && tool.as_ref().is_none_or(|tool| called == Some(tool))
            && outcome.is_none_or(|outcome| ended == Some(outcome))
            && since.is_none_or(|since| record.ts >= since)
    }
}

/// Whether a record is about a package, by one release of it or by its name.
fn is_about(entry: &Entry, wanted: &str) -> bool {
    match entry {
        Entry::Event(Event::TrustChange(TrustChange {
            publisher: Some(publisher),
            subject: TrustSubject::Package { name },
            ..
        })) => names(wanted, publisher, name, None),
        _ => entry.package().is_some_and(|PackageIdentity { publisher, name, version, .. }| {
            names(wanted, publisher, name, Some(version))
        }),
    }
}

fn names(wanted: &str, publisher: &str, name: &str, version: Option<&str>) -> bool {
    let (wanted, wanted_version) = match wanted.split_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (wanted, None),
    };
    let (wanted_publisher, wanted) = match wanted.split_once('/') {
        Some((publisher, name)) => (Some(publisher), name),
        None => (None, wanted),
    };
    wanted == name
        && wanted_publisher.is_none_or(|wanted| wanted == publisher)
        && wanted_version.is_none_or(|wanted| Some(wanted) == version)
}

/// What a log shows.
#[derive(Debug)]
pub struct Shown {
    /// The records that match, oldest first.
    pub records: Vec<Record>,
    /// The fault at which reading ended; records after it are not evidence and
    /// not shown.
    pub fault: Option<Fault>,
}

/// The records in a log directory that pass a filter. Holds as many records in
/// memory as the filter's limit says.
pub fn show(dir: &Path, filter: &Filter) -> io::Result<Shown> {
    let Snapshot { log, tail } = Snapshot::open(dir)?;
    let mut records = VecDeque::new();
    let mut fault = None;
    for next in Records::new(log) {
        match next {
            Ok(record) if filter.matches(&record) => {
                records.push_back(record);
                if filter.limit.is_some_and(|limit| records.len() > limit) {
                    records.pop_front();
                }
            }
            Ok(_) => {}
            Err(ReadError::Fault(found)) if tail.excuses(&found)? => {}
            Err(ReadError::Fault(found)) => fault = Some(found),
            Err(ReadError::Io(error)) => return Err(error),
        }
    }
    Ok(Shown { records: records.into(), fault })
}
