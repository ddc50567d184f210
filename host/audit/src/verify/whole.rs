//! Verifies a log directory: records and evidence.

use std::io::BufRead;
use std::path::Path;

use super::check::{Check, Summary};
use super::evidence::{Evidence, Shown};
use super::open::Listed;
use super::payloads::Payloads;
use super::snapshot::{Snapshot, Tail};
use super::{Fault, FaultKind, Place, ReadError, Walk};
use crate::Receipt;
use crate::note::LogKey;
use crate::record::{Entry, Record};
use crate::tree::TreeHead;

/// How much of each record is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bodies {
    /// All of it, and every payload that it binds.
    #[default]
    Read,
    /// Number, epoch, hash of the record before, time and kind. The body is JSON,
    /// and what was signed; whether it says something by the format is not asked.
    /// Several times as fast.
    Skipped,
}

/// What to hold a log against.
#[derive(Debug, Clone, Default)]
pub struct Expected<'a> {
    /// Receipts that were kept.
    pub receipts: &'a [Receipt],
    /// The log's key, from elsewhere. Without it, the one that the log names is
    /// used, and a log that was replaced as a whole is not noticed.
    pub key: Option<&'a LogKey>,
    /// How much of each record to read.
    pub bodies: Bodies,
}

/// A log that holds, with its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Verified {
    /// What there is on record.
    pub summary: Summary,
    /// The log's key.
    pub key: LogKey,
    /// Whether that is the key that was expected, or only the one that the log names.
    pub key_expected: bool,
    /// What the newest checkpoint says. Records beyond are chained, not signed.
    pub signed: TreeHead,
    /// How many checkpoints were verified: all of them.
    pub checkpoints: u64,
    /// How many epochs have begun.
    pub epochs: u32,
}

/// Verifies a log directory: every record, every payload, every tile, every
/// checkpoint, every epoch. Memory grows with the calls that are open at once and
/// with the payloads that were erased one by one, a few bytes each; of the log as a
/// whole it takes an eighth of a byte for each record.
///
/// The log may be in use: what comes during the check is left out.
pub fn verify_log(dir: &Path, expected: &Expected<'_>) -> Result<Verified, ReadError> {
    let key = named_key(dir)?;
    if expected.key.is_some_and(|pinned| *pinned != key) {
        let kind = FaultKind::AnotherLog { found: key.to_string() };
        return Err(Fault { seq: 0, line: 1, offset: 0, kind }.into());
    }
    let evidence = Evidence::open(dir, &key);
    let durable = evidence.as_ref().map_or(0, Evidence::size);
    let listed = Listed::read(dir, durable)?;
    let Snapshot { log, tail } = Snapshot::open(dir)?;
    let payloads = match expected.bodies {
        Bodies::Read => Some(Payloads::open(dir, durable)?),
        Bodies::Skipped => None,
    };
    let check = Check::new(payloads, expected.receipts);
    let mut reading = Reading { check, evidence, listed, tail, last: None, unfinished: false };
    reading.read(match expected.bodies {
        Bodies::Read => Walk::new(log).with_bodies(),
        Bodies::Skipped => Walk::new(log),
    })?;
    reading.read_reasons(dir)?;
    reading.end(key, expected.key.is_some())
}

/// A log that is being read.
struct Reading {
    check: Check,
    evidence: Result<Evidence, ReadError>,
    listed: Listed,
    tail: Tail,
    /// The last record, and where its line ends.
    last: Option<(Place, u64)>,
    unfinished: bool,
}

impl Reading {
    /// Reads records up to the end of a snapshot.
    fn read<R: BufRead>(&mut self, walk: Walk<R>) -> Result<(), ReadError> {
        let bodies = walk.are_bodies_read();
        for link in walk {
            let link = match link {
                Err(ReadError::Fault(fault)) if self.tail.excuses(&fault)? => {
                    self.unfinished = true;
                    return Ok(());
                }
                link => link?,
            };
            if bodies {
                self.check.record(&link, || self.tail.is_at_work())?;
                let open = self.listed.check(link.receipt.seq + 1, self.check.calls());
                open.map_err(|kind| link.fault(kind))?;
            } else {
                self.check.link(&link)?;
            }
            if let Ok(evidence) = &mut self.evidence {
                evidence.record(&link)?;
            }
            self.last = Some((link.place(), link.end()));
        }
        Ok(())
    }

    /// Why a payload is missing may have come on record since the snapshot was
    /// taken, and then it was destroyed. So while the log grows, it is read on.
    fn read_reasons(&mut self, dir: &Path) -> Result<(), ReadError> {
        let (mut seen, mut unread) = (0, self.check.so_far().0);
        while let Some((place, end)) = self.last
            && self.check.lacks_payload(unread)
            && !self.check.lacks_payload(seen)
            && self.tail.has_grown()?
        {
            // What was missing before is on record by now, or never will be.
            seen = unread;
            let Snapshot { log, tail } = Snapshot::open_at(dir, end)?;
            (self.tail, self.unfinished) = (tail, false);
            self.read(Walk::after(place, end, log).with_bodies())?;
            unread = self.check.so_far().0;
        }
        Ok(())
    }

    fn end(self, key: LogKey, key_expected: bool) -> Result<Verified, ReadError> {
        // What is wrong with a record is told before what is wrong beside it.
        let (records, bytes) = self.check.so_far();
        let Shown { signed, checkpoints, epochs } = self.evidence?.end(records, bytes)?;
        self.listed.end(records, bytes)?;
        let summary = self.check.end(self.tail.is_at_work()?)?;
        let summary = Summary { unfinished: self.unfinished, ..summary };
        Ok(Verified { summary, key, key_expected, signed, checkpoints, epochs })
    }
}

/// The key that the log's header names.
pub(super) fn named_key(dir: &Path) -> Result<LogKey, ReadError> {
    let Snapshot { log, tail: _ } = Snapshot::open(dir)?;
    let empty = Fault { seq: 0, line: 1, offset: 0, kind: FaultKind::Empty };
    let link = Walk::new(log).next().unwrap_or(Err(empty.into()))?;
    match Record::decode(&link.line).map_err(|kind| link.fault(kind))?.entry {
        Entry::Header(header) => Ok(header.key),
        _ => Err(link.fault(FaultKind::Header).into()),
    }
}
