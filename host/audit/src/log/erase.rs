//! Destroying payloads, and forbidding it.
//!
//! That is rare, so nothing is kept in memory for it: what is under a hold, and
//! which records a call has, is looked for in the log each time.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::sync::{MutexGuard, PoisonError};

use super::Log;
use super::keeper::Kept;
use crate::error::LogError;
use crate::packs::{self, PackEnd, PayloadRef};
use crate::record::{Entry, Erasure, Field, Hold, HoldAction, Record, Retention, fit};
use crate::verify::{ReadError, Walk};
use crate::{Hash, Receipt, layout};

/// A payload to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erase {
    /// The call that it belongs to, as it is on record.
    pub id: String,
    /// Which payload of the call. A call with several denials has a payload of
    /// that field for each; all of them are erased.
    pub field: Field,
    /// On which ground, in the operator's words.
    pub basis: String,
    /// Who does it, as far as known.
    pub actor: Option<String>,
}

/// Why payloads were not destroyed.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// The operator's: it is forbidden.
    #[error(
        "payloads of {} may not be destroyed: a hold is on record; lift it first, if you may",
        id.as_deref().map_or_else(|| "this log".to_owned(), |id| format!("the call {id:?}"))
    )]
    Held {
        /// The call that is under a hold; `None` if everything is.
        id: Option<String>,
    },
    /// The operator's: no record of that call binds such a payload.
    #[error("no record of a call {id:?} binds a payload {field}; nothing was erased")]
    NotFound {
        /// The identifier that was asked for.
        id: String,
        /// The field that was asked for.
        field: Field,
    },
    /// The operator's: the log does not hold, or cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It could not be put on record, or not be done once it was. Doing it again
    /// finishes it.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl Log {
    /// Puts on record that payloads are erased, and destroys them with their salts.
    /// The log verifies as before. Done again, it finishes an erasure that was
    /// interrupted, and puts nothing more on record.
    ///
    /// Returns where the last record of the erasure stands. Reads the whole log.
    /// What file system, disk and backups keep elsewhere is not reached.
    pub fn erase(&self, erase: &Erase) -> Result<Receipt, EraseError> {
        let Erase { id, field, basis, actor } = erase;
        let _operator = self.operator();
        let found = self.kept.look_for(id)?;
        found.holds.check(id)?;
        let not_found = || EraseError::NotFound { id: id.clone(), field: *field };
        let payloads: Vec<_> = found.payloads.iter().filter(|(of, _)| of.field == *field).collect();
        // No checkpoint covers the record before the payload is gone: until then,
        // whoever opens the log finishes what was interrupted.
        let _evidence = self.kept.evidence()?;
        let mut last = None;
        for (of, commit) in payloads {
            let erased = found.erased.iter().find(|(erased, _)| erased == of);
            let receipt = match erased {
                Some((_, receipt)) => *receipt,
                None => self.kept.append(
                    &Entry::Erasure(Box::new(fit::erasure(Erasure {
                        record: of.seq,
                        id: id.clone(),
                        field: *field,
                        commit: *commit,
                        basis: basis.clone(),
                        actor: actor.clone(),
                    }))),
                    Vec::new(),
                )?,
            };
            // Of what was lost there is nothing, and more may be on its way behind it.
            if !found.lost.contains(of) {
                let done = packs::erase(&self.kept.disk, &self.kept.dir, *of);
                self.stopped_by(done)?;
            }
            last = last.max(Some(receipt));
        }
        last.ok_or_else(not_found)
    }

    /// Puts on record that the payloads of a call, or of all records, may not be
    /// erased, or may be again.
    pub fn hold(&self, hold: &Hold) -> Result<Receipt, EraseError> {
        let _operator = self.operator();
        Ok(self.kept.append(&Entry::Hold(fit::hold(hold.clone())), Vec::new())?)
    }

    /// Puts on record that all payloads of older records are destroyed, and does
    /// it, but for those under a hold. `before` beyond the end of the log stands
    /// for its end. Done again, it finishes what was interrupted.
    ///
    /// Reads the whole log.
    pub fn retain(&self, retention: &Retention) -> Result<Receipt, EraseError> {
        let _operator = self.operator();
        let found = self.kept.look_for("")?;
        if found.holds.all {
            return Err(EraseError::Held { id: None });
        }
        let before = retention.before.min(self.head().seq + 1);
        let retention = fit::retention(Retention { before, ..retention.clone() });
        let held = self.kept.records_of(&found.holds)?;
        // As for an erasure.
        let _evidence = self.kept.evidence()?;
        let receipt = self.kept.append(&Entry::Retention(retention), Vec::new())?;
        let done = self.kept.destroy_below(before, &held);
        self.stopped_by(done)?;
        Ok(receipt)
    }

    /// What could not be destroyed stops the log, as any write does that fails.
    fn stopped_by<T>(&self, done: Result<T, LogError>) -> Result<T, LogError> {
        done.inspect_err(|error| self.kept.commits.poison(error))
    }

    fn operator(&self) -> MutexGuard<'_, ()> {
        // There is nothing in it that a panic could have left half done.
        self.operator.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Finishes a retention, of this number, that may have been interrupted: what
    /// was under a hold when it was put on record stays.
    pub(super) fn finish_retention(&self, seq: u64, before: u64) -> Result<(), LogError> {
        let held = self.held_before(seq).map_err(|error| {
            let path = layout::log(&self.dir);
            match error {
                EraseError::Log(error) => error,
                EraseError::Read(ReadError::Io(error)) => LogError::io("read", &path)(error),
                EraseError::Read(ReadError::Fault(fault)) => LogError::Broken { path, fault },
                other => LogError::Evidence { path, what: other.to_string() },
            }
        });
        self.destroy_below(before, &held?)
    }

    /// The numbers of the records of calls that were under a hold at a record.
    fn held_before(&self, seq: u64) -> Result<BTreeSet<u64>, EraseError> {
        let mut holds = Holds::default();
        self.each(|receipt, entry| match entry {
            Entry::Hold(hold) if receipt.seq < seq => holds.apply(hold),
            _ => {}
        })?;
        if holds.all { Err(EraseError::Held { id: None }) } else { self.records_of(&holds) }
    }

    fn destroy_below(&self, before: u64, held: &BTreeSet<u64>) -> Result<(), LogError> {
        // Where no pack is being written, the next one is that of a record to come.
        let head = self.commits.durable().seq;
        let none = PackEnd { records: head + 1, pack: packs::pack_of(head), offset: 0 };
        let end = self.commits.packs().unwrap_or(none);
        let held = |seq| held.contains(&seq);
        packs::destroy_below(&self.disk, &self.dir, before, held, Some(end)).map(drop)
    }

    /// What the log says of holds, and of the payloads of one call.
    fn look_for(&self, id: &str) -> Result<Found, EraseError> {
        let mut found = Found::default();
        self.each(|receipt, entry| match entry {
            Entry::Hold(hold) => found.holds.apply(hold),
            Entry::Erasure(erasure) if erasure.id == id => {
                found.erased.push((PayloadRef { seq: erasure.record, field: erasure.field }, receipt));
            }
            Entry::Lost(lost) => {
                found.lost.insert(PayloadRef { seq: lost.record, field: lost.field });
            }
            entry if call_of(&entry) == Some(id) => {
                let payloads = entry.payloads().into_iter();
                found.payloads.extend(
                    payloads.map(|(field, bound)| (PayloadRef { seq: receipt.seq, field }, bound.commit)),
                );
            }
            _ => {}
        })?;
        Ok(found)
    }

    /// The numbers of the records of calls under a hold.
    fn records_of(&self, holds: &Holds) -> Result<BTreeSet<u64>, EraseError> {
        let mut seqs = BTreeSet::new();
        if !holds.calls.is_empty() {
            self.each(|receipt, entry| {
                if call_of(&entry).is_some_and(|id| holds.calls.contains(id)) {
                    seqs.insert(receipt.seq);
                }
            })?;
        }
        Ok(seqs)
    }

    /// Shows every record that is durable by now.
    fn each(&self, mut show: impl FnMut(Receipt, Entry)) -> Result<(), EraseError> {
        self.commits.flush()?;
        let last = self.commits.durable().seq;
        let file = File::open(layout::log(&self.dir)).map_err(ReadError::Io)?;
        for link in Walk::new(BufReader::new(file)) {
            let link = link?;
            let record = Record::decode(&link.line).map_err(|kind| ReadError::Fault(link.fault(kind)))?;
            show(link.receipt, record.entry);
            if link.receipt.seq == last {
                break;
            }
        }
        Ok(())
    }
}

/// What is looked for.
#[derive(Default)]
struct Found {
    holds: Holds,
    /// The payloads of the call, and their commitments.
    payloads: Vec<(PayloadRef, Hash)>,
    /// Those of them that are on record as erased, and where.
    erased: Vec<(PayloadRef, Receipt)>,
    /// What was never durable.
    lost: BTreeSet<PayloadRef>,
}

/// The holds in force.
#[derive(Default)]
struct Holds {
    all: bool,
    calls: BTreeSet<String>,
}

impl Holds {
    fn apply(&mut self, hold: Hold) {
        let Hold { action, id, basis: _, actor: _ } = hold;
        match (action, id) {
            (action, None) => self.all = action == HoldAction::Place,
            (HoldAction::Place, Some(id)) => drop(self.calls.insert(id)),
            (HoldAction::Lift, Some(id)) => drop(self.calls.remove(&id)),
        }
    }

    fn check(&self, id: &str) -> Result<(), EraseError> {
        if self.all {
            Err(EraseError::Held { id: None })
        } else if self.calls.contains(id) {
            Err(EraseError::Held { id: Some(id.to_owned()) })
        } else {
            Ok(())
        }
    }
}

/// The call that a record is one of.
fn call_of(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::Intent(intent) => Some(&intent.id),
        Entry::Denial(denial) => Some(&denial.id),
        Entry::Outcome(outcome) => Some(&outcome.id),
        _ => None,
    }
}
