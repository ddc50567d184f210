//! Verifies a whole log.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use super::payloads::PayloadCheck;
use super::walk::Link;
use super::whole::{Expected, verify_log};
use super::{Fault, FaultKind, ReadError, Records};
use crate::record::{Entry, Record};
use crate::{Receipt, Timestamp, layout};

/// Which payload files to check.
#[derive(Debug, Clone, Copy)]
pub enum Payloads<'a> {
    /// Those in this log directory.
    In(&'a Path),
    /// None: only the log itself is at hand.
    Skipped,
}

/// A log that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Summary {
    /// The log's identity, from its header.
    pub log: String,
    /// How many records it has, the header included.
    pub records: u64,
    /// Where its last record stands. Kept elsewhere, it shows later that
    /// nothing up to here was cut or rewritten.
    pub head: Receipt,
    /// When the log was begun.
    pub first: Timestamp,
    /// The time of the last record.
    pub last: Timestamp,
    /// Length of the records in bytes.
    pub bytes: u64,
    /// Whether payload files were checked too.
    pub payloads_checked: bool,
    /// How many of the given receipts were found in the log; all of them.
    pub receipts_checked: usize,
    /// Whether a writer was in the middle of a record, which was left out.
    pub unfinished: bool,
}

/// Verifies a log: every record, its place in the chain, its payload files, and
/// every receipt. Memory does not grow with the log.
///
/// Without receipts, a changed last record, a tail cut off at the end of a line,
/// and a log rewritten as a whole go unseen: the chain itself holds.
pub fn verify<R: BufRead>(
    log: R,
    payloads: Payloads<'_>,
    receipts: &[Receipt],
) -> Result<Summary, ReadError> {
    let mut check = Check::new(payloads, receipts);
    for next in Records::new(log).placed() {
        let (link, record) = next?;
        check.record(&link, &record)?;
    }
    Ok(check.end(false)?)
}

/// Verifies the log in a directory, with its payload files and its evidence, by
/// the key that it names itself: [`verify_log`](super::verify_log) takes one from
/// elsewhere.
///
/// The log may be in use: records that come during the check are left out, and
/// so is one that its writer has not finished.
pub fn verify_dir(dir: &Path, receipts: &[Receipt]) -> Result<Summary, ReadError> {
    let expected = Expected { receipts, ..Expected::default() };
    Ok(verify_log(dir, &expected)?.summary)
}

/// What is known of a log, record by record.
pub(super) struct Check<'a> {
    payloads: Option<PayloadCheck<'a>>,
    /// Receipts whose records have not come yet.
    expected: BTreeMap<u64, Vec<Receipt>>,
    receipts: usize,
    so_far: Option<Summary>,
}

impl<'a> Check<'a> {
    pub(super) fn new(payloads: Payloads<'a>, receipts: &[Receipt]) -> Self {
        let mut expected: BTreeMap<u64, Vec<Receipt>> = BTreeMap::new();
        for receipt in receipts {
            expected.entry(receipt.seq).or_default().push(*receipt);
        }
        let payloads = match payloads {
            Payloads::In(dir) => Some(PayloadCheck::new(dir)),
            Payloads::Skipped => None,
        };
        Self { payloads, expected, receipts: receipts.len(), so_far: None }
    }

    /// Takes the next record, after the first, without its body.
    pub(super) fn link(&mut self, link: &Link) -> Result<(), ReadError> {
        self.check_receipts(link)?;
        if let Some(summary) = &mut self.so_far {
            summary.records += 1;
            summary.head = link.receipt;
            summary.last = link.ts;
            summary.bytes = link.end();
        }
        Ok(())
    }

    fn check_receipts(&mut self, link: &Link) -> Result<(), Fault> {
        if self.expected.is_empty() {
            return Ok(());
        }
        let kept = self.expected.remove(&link.receipt.seq).unwrap_or_default();
        match kept.iter().find(|kept| kept.hash != link.receipt.hash) {
            Some(kept) => Err(link.fault(FaultKind::Rewritten { expected: kept.hash })),
            None => Ok(()),
        }
    }

    /// How many records came, and their bytes.
    pub(super) fn so_far(&self) -> (u64, u64) {
        self.so_far.as_ref().map_or((0, 0), |summary| (summary.records, summary.bytes))
    }

    /// Takes the next record; its place in the chain is checked already.
    pub(super) fn record(&mut self, link: &Link, record: &Record) -> Result<(), ReadError> {
        self.check_receipts(link)?;
        if let Some(payloads) = &mut self.payloads
            && let Some(kind) = payloads.fault(&record.entry)?
        {
            return Err(link.fault(kind).into());
        }
        let summary = match (&mut self.so_far, &record.entry) {
            (Some(_), Entry::Header(_)) => return Err(link.fault(FaultKind::Header).into()),
            (Some(summary), _) => summary,
            (so_far @ None, Entry::Header(header)) => so_far.insert(Summary {
                log: header.log.clone(),
                records: 0,
                head: record.receipt(),
                first: record.ts,
                last: record.ts,
                bytes: 0,
                payloads_checked: self.payloads.is_some(),
                receipts_checked: self.receipts,
                unfinished: false,
            }),
            (None, _) => return Err(link.fault(FaultKind::Header).into()),
        };
        summary.records += 1;
        summary.head = record.receipt();
        summary.last = record.ts;
        summary.bytes = link.end();
        Ok(())
    }

    /// There are no more records.
    pub(super) fn end(self, unfinished: bool) -> Result<Summary, Fault> {
        let Some(summary) = self.so_far else {
            return Err(Fault { seq: 0, line: 1, offset: 0, kind: FaultKind::Empty });
        };
        match self.expected.first_key_value() {
            None => Ok(Summary { unfinished, ..summary }),
            Some((receipt, _)) => Err(Fault {
                seq: summary.records,
                line: summary.records + 1,
                offset: summary.bytes,
                kind: FaultKind::CutOff { receipt: *receipt },
            }),
        }
    }
}

/// The log file as long as it was when opened.
pub(super) struct Snapshot {
    pub(super) log: BufReader<io::Take<File>>,
    pub(super) tail: Tail,
}

impl Snapshot {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        let file = File::open(layout::log(dir))?;
        let length = file.metadata()?.len();
        let tail = Tail { file: file.try_clone()?, length };
        Ok(Self { log: BufReader::new(file.take(length)), tail })
    }
}

/// Tells a line that is being written from a line that is broken.
pub(super) struct Tail {
    file: File,
    length: u64,
}

impl Tail {
    /// Whether `fault` is only how the end of a log looks to someone who reads
    /// while its writer writes: the writer holds its lock, or has gone on since.
    pub(super) fn excuses(&self, fault: &Fault) -> io::Result<bool> {
        let unfinished = matches!(fault.kind, FaultKind::Torn | FaultKind::MissingNewline);
        Ok(unfinished && (self.file.metadata()?.len() > self.length || self.is_locked()?))
    }

    fn is_locked(&self) -> io::Result<bool> {
        match self.file.try_lock_shared() {
            Ok(()) => self.file.unlock().map(|()| false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
