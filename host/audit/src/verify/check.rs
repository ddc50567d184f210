//! Verifies records, one after the other.

use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::path::Path;

use super::calls::Calls;
use super::payloads::{Payloads, Tally};
use super::said::{Deed, Said};
use super::shape::{self, Documents};
use super::walk::Link;
use super::whole::{Expected, verify_log};
use super::{Fault, FaultKind, ReadError, Walk};
use crate::record::{Entry, Header, Record};
use crate::{Receipt, Timestamp};

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
    /// What the records say of calls; `None` where bodies were not read.
    pub calls: Option<CallCounts>,
    /// What became of the payloads; `None` where they were not read.
    pub payloads: Option<PayloadCounts>,
    /// How many of the given receipts were found in the log; all of them.
    pub receipts_checked: usize,
    /// Whether a writer was in the middle of a record, which was left out.
    pub unfinished: bool,
}

/// What there is on record of calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCounts {
    /// Calls that began.
    pub begun: u64,
    /// Of them, those that have not ended. Of a log that is not in use, the
    /// writer was interrupted: they are closed when it is opened.
    pub open: u64,
    /// Denials that have a record of their own.
    pub denials: u64,
}

/// What became of the payloads that records bind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PayloadCounts {
    /// There, and as they were; or never kept but for their salts.
    pub kept: u64,
    /// Destroyed, as a record says.
    pub erased: u64,
    /// Never durable, as a record says.
    pub lost: u64,
    /// To be erased, as a record says, and there all the same: the writer was
    /// interrupted between the two. Erasing them again finishes it.
    pub undestroyed: u64,
}

/// Verifies the records of a log: every record, its place in the chain, the order
/// of the records of a call, and every receipt. Memory grows with the calls that
/// are open at once, not with the log.
///
/// Without receipts, a changed last record, a tail cut off at the end of a line,
/// and a log rewritten as a whole go unseen: the chain itself holds. Payloads, and
/// what records say of them, are not looked at.
pub fn verify<R: BufRead>(log: R, receipts: &[Receipt]) -> Result<Summary, ReadError> {
    let mut check = Check::new(None, receipts);
    for link in Walk::new(log).with_bodies() {
        check.record(&link?, || Ok(false))?;
    }
    check.end(false)
}

/// Verifies the log in a directory, with its payloads and its evidence, by the
/// key that it names itself: [`verify_log`] takes one from elsewhere.
///
/// The log may be in use: records that come during the check are left out, and
/// so is one that its writer has not finished.
pub fn verify_dir(dir: &Path, receipts: &[Receipt]) -> Result<Summary, ReadError> {
    let expected = Expected { receipts, ..Expected::default() };
    Ok(verify_log(dir, &expected)?.summary)
}

/// What is known of a log, record by record.
pub(super) struct Check {
    payloads: Option<Payloads>,
    documents: Documents,
    calls: Calls,
    /// Receipts whose records have not come yet.
    expected: BTreeMap<u64, Vec<Receipt>>,
    receipts: usize,
    bodies_read: bool,
    so_far: Option<Summary>,
}

impl Check {
    pub(super) fn new(payloads: Option<Payloads>, receipts: &[Receipt]) -> Self {
        let mut expected: BTreeMap<u64, Vec<Receipt>> = BTreeMap::new();
        for receipt in receipts {
            expected.entry(receipt.seq).or_default().push(*receipt);
        }
        Self {
            payloads,
            documents: Documents::default(),
            calls: Calls::default(),
            expected,
            receipts: receipts.len(),
            bodies_read: true,
            so_far: None,
        }
    }

    /// Takes the next record, of which only the header's body is read.
    pub(super) fn link(&mut self, link: &Link) -> Result<(), ReadError> {
        self.bodies_read = false;
        if link.receipt.seq == 0 {
            self.begin(link, decode(link)?)?;
        }
        self.check_receipts(link)?;
        self.count(link);
        Ok(())
    }

    /// Takes the next record; its place in the chain is checked already.
    /// `at_work` tells whether a writer may not have finished it.
    pub(super) fn record(
        &mut self,
        link: &Link,
        at_work: impl Fn() -> io::Result<bool>,
    ) -> Result<(), ReadError> {
        if let Some((kind, body)) = link.unread()
            && let Some(said) = shape::body(kind, body, &mut self.documents)
        {
            return self.take(link, &said, at_work);
        }
        let record = decode(link)?;
        self.take(link, &Said::by(&record), at_work)?;
        if link.receipt.seq == 0 { self.begin(link, record) } else { Ok(()) }
    }

    fn take(
        &mut self,
        link: &Link,
        said: &Said<'_>,
        at_work: impl Fn() -> io::Result<bool>,
    ) -> Result<(), ReadError> {
        let in_order = match said.deed {
            Deed::Begins { id } => {
                self.calls.begin(link.receipt.seq, id);
                Ok(())
            }
            Deed::Denies { intent, id } => self.calls.deny(intent, id),
            Deed::Ends { intent, id } => self.calls.end(intent, id),
            Deed::Loses { .. }
            | Deed::Erases(_)
            | Deed::Retains { .. }
            | Deed::Places { .. }
            | Deed::Lifts { .. }
            | Deed::Stands => Ok(()),
        };
        in_order.map_err(|kind| link.fault(kind))?;
        self.check_receipts(link)?;
        if let Some(payloads) = &mut self.payloads {
            payloads.record(link, said, at_work)?;
        }
        self.count(link);
        Ok(())
    }

    /// The first record is a header.
    fn begin(&mut self, link: &Link, record: Record) -> Result<(), ReadError> {
        let Entry::Header(Header { log, .. }) = record.entry else {
            return Err(link.fault(FaultKind::Header).into());
        };
        self.so_far = Some(Summary {
            log,
            records: 1,
            head: link.receipt,
            first: link.ts,
            last: link.ts,
            bytes: link.end(),
            calls: None,
            payloads: None,
            receipts_checked: self.receipts,
            unfinished: false,
        });
        Ok(())
    }

    fn count(&mut self, link: &Link) {
        if let Some(summary) = self.so_far.as_mut().filter(|_| link.receipt.seq > 0) {
            summary.records += 1;
            summary.head = link.receipt;
            summary.last = link.ts;
            summary.bytes = link.end();
        }
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

    /// The calls that are open.
    pub(super) const fn calls(&self) -> &Calls {
        &self.calls
    }

    /// How many records came, and their bytes.
    pub(super) fn so_far(&self) -> (u64, u64) {
        self.so_far.as_ref().map_or((0, 0), |summary| (summary.records, summary.bytes))
    }

    /// Whether a payload of the first so many records is missing, and no record
    /// has said why so far.
    pub(super) fn lacks_payload(&self, below: u64) -> bool {
        self.payloads.as_ref().is_some_and(|payloads| payloads.lack(below))
    }

    /// There are no more records. `at_work` tells whether a writer may have not
    /// finished the last ones.
    pub(super) fn end(self, at_work: bool) -> Result<Summary, ReadError> {
        let Some(summary) = self.so_far else {
            return Err(Fault { seq: 0, line: 1, offset: 0, kind: FaultKind::Empty }.into());
        };
        if let Some((receipt, _)) = self.expected.first_key_value() {
            let kind = FaultKind::CutOff { receipt: *receipt };
            let seq = summary.records;
            return Err(Fault { seq, line: seq + 1, offset: summary.bytes, kind }.into());
        }
        let payloads = self.payloads.map(|payloads| payloads.end(summary.records, at_work)).transpose()?;
        let (begun, open, denials) = (self.calls.begun(), self.calls.count(), self.calls.denials());
        Ok(Summary {
            calls: self.bodies_read.then_some(CallCounts { begun, open, denials }),
            payloads: payloads.map(PayloadCounts::from),
            ..summary
        })
    }
}

fn decode(link: &Link) -> Result<Record, Fault> {
    Record::decode(&link.line).map_err(|kind| link.fault(kind))
}

impl From<Tally> for PayloadCounts {
    fn from(Tally { kept, gone, lost, undestroyed }: Tally) -> Self {
        Self { kept, erased: gone.saturating_sub(lost), lost, undestroyed }
    }
}
