//! Payloads as they are kept in a log directory.
//!
//! A payload that is gone does not say why: that is in a later record. So the
//! records are looked through once before anything is shown.

use std::collections::BTreeMap;
use std::path::Path;

use super::source::{Found, PayloadSource};
use crate::packs::{self, EntryFault, PackError, PackReader, PayloadRef};
use crate::record::payload::{Bound, Field};
use crate::record::{Entry, Record};
use crate::verify::{Fault, FaultKind, ReadError, Records};

/// Reads payloads, and knows why some are gone.
pub(super) struct Kept {
    packs: PackReader,
    reasons: Reasons,
}

/// Why payloads are gone, as far as records say so.
#[derive(Default)]
struct Reasons {
    /// Erased one by one, or never durable.
    named: BTreeMap<PayloadRef, Found>,
    /// All of the records below this one were destroyed, but for those under a hold.
    retained: u64,
}

impl Kept {
    /// Of the log in a directory.
    pub(super) fn open(dir: &Path) -> Result<Self, ReadError> {
        let mut reasons = Reasons::default();
        // Where a record does not hold, what comes after it says nothing either;
        // it is told of when the records are shown.
        Records::open(dir)?.map_while(Result::ok).for_each(|record| reasons.note(&record));
        let packs = PackReader::open(dir, 0).map_err(|error| unreadable(0, error))?;
        Ok(Self { packs, reasons })
    }
}

impl Reasons {
    fn note(&mut self, record: &Record) {
        match &record.entry {
            Entry::Erasure(erasure) => {
                self.named.insert(PayloadRef { seq: erasure.record, field: erasure.field }, Found::Erased);
            }
            Entry::Lost(lost) => {
                self.named.insert(PayloadRef { seq: lost.record, field: lost.field }, Found::Missing);
            }
            Entry::Retention(retention) => self.retained = self.retained.max(retention.before),
            _ => {}
        }
    }
}

impl PayloadSource for Kept {
    fn payload(&mut self, seq: u64, field: Field, bound: &Bound) -> Result<Found, ReadError> {
        let of = PayloadRef { seq, field };
        let found = match self.packs.read(of, bound) {
            // Its writer is at work, or was interrupted, and nobody was told of it.
            Err(PackError::Fault(fault)) if fault.kind == EntryFault::Torn => return Ok(Found::Unread),
            other => other.map_err(|error| unreadable(seq, error))?,
        };
        // An erasure that was interrupted is finished when the log is next opened;
        // what is left until then is nobody's to see.
        if let Some(reason) = self.reasons.named.get(&of) {
            return Ok(reason.clone());
        }
        Ok(match found {
            (packs::Found::Kept, Some(bytes)) => Found::Kept(bytes),
            (packs::Found::SaltOnly, _) => Found::Committed,
            (packs::Found::Erased, _) => Found::Erased,
            (packs::Found::Missing | packs::Found::Changed, _) if seq < self.reasons.retained => {
                Found::Erased
            }
            // Not there yet, or gone without a reason: a verifier tells which.
            (packs::Found::Missing, _) => Found::Unread,
            (packs::Found::Changed | packs::Found::Kept, _) => Found::Changed,
        })
    }
}

fn unreadable(seq: u64, error: PackError) -> ReadError {
    match error {
        PackError::Io(error) => ReadError::Io(error),
        PackError::Fault(fault) => {
            let kind = FaultKind::Pack { why: fault.to_string() };
            Fault { seq, line: seq + 1, offset: 0, kind }.into()
        }
    }
}
