//! Verifies a log directory: records and evidence.

use std::path::Path;

use super::check::{Check, Payloads, Snapshot, Summary};
use super::evidence::{Evidence, Shown};
use super::walk::Link;
use super::{Fault, FaultKind, ReadError, Walk};
use crate::Receipt;
use crate::note::LogKey;
use crate::record::{Entry, Record};
use crate::tree::TreeHead;

/// How much of each record is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bodies {
    /// All of it, and every payload file that it binds.
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

/// Verifies a log directory: every record, every tile, every checkpoint, every
/// epoch. Memory does not grow with the log.
///
/// The log may be in use: what comes during the check is left out.
pub fn verify_log(dir: &Path, expected: &Expected<'_>) -> Result<Verified, ReadError> {
    let key = named_key(dir)?;
    if expected.key.is_some_and(|pinned| *pinned != key) {
        let kind = FaultKind::AnotherLog { found: key.to_string() };
        return Err(Fault { seq: 0, line: 1, offset: 0, kind }.into());
    }
    let mut evidence = Evidence::open(dir, &key);
    let Snapshot { log, tail } = Snapshot::open(dir)?;
    let payloads = match expected.bodies {
        Bodies::Read => Payloads::In(dir),
        Bodies::Skipped => Payloads::Skipped,
    };
    let mut check = Check::new(payloads, expected.receipts);
    let mut unfinished = false;
    for link in Walk::new(log) {
        match link {
            Ok(link) => {
                take(&mut check, &link, expected.bodies)?;
                if let Ok(evidence) = &mut evidence {
                    evidence.record(&link)?;
                }
            }
            Err(ReadError::Fault(fault)) if tail.excuses(&fault)? => {
                unfinished = true;
                break;
            }
            Err(error) => return Err(error),
        }
    }
    // What is wrong with a record is told before what is wrong beside it.
    let (records, bytes) = check.so_far();
    let Shown { signed, checkpoints, epochs } = evidence?.end(records, bytes)?;
    let summary = check.end(unfinished)?;
    Ok(Verified { summary, key, key_expected: expected.key.is_some(), signed, checkpoints, epochs })
}

fn take(check: &mut Check<'_>, link: &Link, bodies: Bodies) -> Result<(), ReadError> {
    if bodies == Bodies::Skipped && link.receipt.seq > 0 {
        return check.link(link);
    }
    let record = Record::decode(&link.line).map_err(|kind| link.fault(kind))?;
    check.record(link, &record)
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
