//! One call, from its intent to its outcome.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Log;
use super::commit::{Change, Commits, Queued};
use super::later::{Durably, Ending};
use crate::error::LogError;
use crate::limits::MAX_DENIALS;
use crate::record::fit::{self, NewIntent};
use crate::record::{Body, Denied, Durability, Ended, Entry, NewCall, Recovered};
use crate::{Hash, Receipt};

/// A call whose intent has its place in the log.
///
/// Dropped without [`end`](Self::end), it stays open: the log does not know how it
/// ended, and says so when it is opened the next time
/// ([`Recovered`](crate::Recovered)).
#[derive(Debug)]
pub struct Call {
    log: Arc<Log>,
    id: String,
    intent: Receipt,
    state: Mutex<State>,
}

/// The intent of a call. Keeps neither the call nor the log open.
#[derive(Clone)]
pub(crate) struct Begun {
    commits: Arc<Commits>,
    seq: u64,
    strict: bool,
}

impl Begun {
    /// As [`Call::durable`].
    pub(crate) fn durable(&self) -> Result<(), LogError> {
        if self.strict { self.commits.wait_durable(self.seq) } else { self.commits.check() }
    }

    /// As [`Call::durably`].
    pub(crate) fn durably(&self) -> Durably {
        if !self.strict {
            return Durably::ready(self.commits.check());
        }
        match self.commits.durable_later(self.seq) {
            Ok(on_disk) => Durably::on_disk((), on_disk),
            Err(error) => Durably::ready(Err(error)),
        }
    }
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Begun").field("seq", &self.seq).finish_non_exhaustive()
    }
}

/// How far the call has come. Locked while one of its records gets its place, so
/// that none comes after its outcome.
#[derive(Debug, Default)]
struct State {
    denials: Denials,
    ended: bool,
}

/// The denials of a call that are on record, by their hashes.
#[derive(Debug, Default)]
pub(crate) struct Denials(Vec<Hash>);

impl Denials {
    /// What is to be added of a denial when it is on record: `None` where it is already, or
    /// there are as many as can be.
    pub(crate) fn new_one(&self, denied: &Denied) -> Option<Hash> {
        let hash = hash(denied);
        (!self.0.contains(&hash) && self.0.len() < MAX_DENIALS).then_some(hash)
    }

    pub(crate) fn add(&mut self, new: Hash) {
        self.0.push(new);
    }
}

impl Log {
    /// Puts on record that a call begins. Its place is taken when this returns,
    /// but it is not durable: the call may compute meanwhile, and has to wait for
    /// [`Call::durable`] before its first effect.
    ///
    /// Waits for the disk only where more is queued than memory should hold.
    pub fn begin(self: &Arc<Self>, call: NewCall) -> Result<Call, LogError> {
        self.check()?;
        let settings = &self.kept.settings;
        let (intent, payloads) = fit::intent(call, settings.durability, &settings.keeping)?;
        let NewIntent { id, body } = intent;
        let intent = self.kept.enqueue_body(&body, Change::Begins, payloads)?;
        Ok(Call { log: Arc::clone(self), id, intent, state: Mutex::default() })
    }
}

impl Call {
    /// The identifier of the call, as it is on record.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where the intent stands. Nothing to keep elsewhere before it is
    /// [`durable`](Self::durable).
    pub fn intent(&self) -> Receipt {
        self.intent
    }

    /// Returns when the intent is durable: to be asked before the first effect.
    /// Where [durability](crate::Settings::durability) is relaxed it returns at
    /// once, unless the log has stopped.
    pub fn durable(&self) -> Result<(), LogError> {
        self.begun().durable()
    }

    /// Puts on record that the call was denied something, durable with its outcome
    /// at the latest. The same denial is recorded once, and no more than
    /// [`MAX_DENIALS`] of them; the outcome counts them all.
    pub fn denied(&self, denied: Denied) -> Result<(), LogError> {
        let mut state = self.state()?;
        let Some(new) = state.denials.new_one(&denied) else { return Ok(()) };
        let keeping = &self.log.kept.settings.keeping;
        let (denial, payloads) = fit::denial(denied, self.intent.seq, &self.id, keeping)?;
        let body = Body::of_readable(&denial).map_err(LogError::Unrecordable)?;
        self.log.kept.enqueue_body(&body, Change::Nothing, payloads)?;
        state.denials.add(new);
        Ok(())
    }

    /// Puts on record how the call ended, and returns when that is durable: to be
    /// asked before any output is released. Where durability is relaxed it does
    /// not wait, and the receipt is worth nothing before the next
    /// [`flush`](Log::flush) or checkpoint.
    ///
    /// On [`LogError::Unrecordable`] and [`LogError::Salt`] the call is still open,
    /// and can be ended in another way.
    pub fn end(&self, ended: Ended) -> Result<Receipt, LogError> {
        let Queued { receipt, full } = self.queue_end(ended)?;
        if full || self.is_strict() {
            self.log.kept.commits.wait_durable(receipt.seq)?;
        }
        Ok(receipt)
    }

    /// As [`end`](Self::end), but never waits for the disk: the outcome is durable
    /// when [`Log::wait_durable`] says so.
    pub(crate) fn end_later(&self, ended: Ended) -> Result<Receipt, LogError> {
        let Queued { receipt, full } = self.queue_end(ended)?;
        if full {
            self.log.kept.commits.wait_durable(receipt.seq)?;
        }
        Ok(receipt)
    }

    /// As [`end`](Self::end), without blocking. The outcome has its place in the log when this
    /// returns, and is on its way to the disk, whether or not anybody looks at the future; see
    /// [`Ending`].
    pub fn ending(&self, ended: Ended) -> Ending {
        self.try_ending(ended).unwrap_or_else(|error| Ending::ready(Err(error)))
    }

    /// As [`ending`](Self::ending), but tells at once of what keeps the outcome from its place.
    pub(crate) fn try_ending(&self, ended: Ended) -> Result<Ending, LogError> {
        let Queued { receipt, full } = self.queue_end(ended)?;
        if !(full || self.is_strict()) {
            return Ok(Ending::ready(Ok(receipt)));
        }
        let commits = &self.log.kept.commits;
        Ok(match commits.durable_later(receipt.seq) {
            Ok(on_disk) => Ending::on_disk(receipt, on_disk),
            // It has its place, and nobody will make it durable.
            Err(error) => Ending::ready(Err(error)),
        })
    }

    /// As [`durable`](Self::durable), without blocking. The intent is on its way to the disk
    /// when this returns, whether or not anybody looks at the future; see [`Durably`].
    pub fn durably(&self) -> Durably {
        self.begun().durably()
    }

    /// What tells of the intent when the call is not at hand any more.
    pub(crate) fn begun(&self) -> Begun {
        let commits = Arc::clone(&self.log.kept.commits);
        Begun { commits, seq: self.intent.seq, strict: self.is_strict() }
    }

    /// Gives the outcome its place. The lock is not held while anybody waits for the disk.
    fn queue_end(&self, ended: Ended) -> Result<Queued, LogError> {
        let mut state = self.state()?;
        let kept = &self.log.kept;
        let (outcome, payloads) = fit::outcome(ended, self.intent.seq, &self.id, &kept.settings.keeping)?;
        let body = Body::of_readable(&outcome).map_err(LogError::Unrecordable)?;
        let queued = kept.queue(&body, Change::Ends(self.intent.seq), payloads)?;
        state.ended = true;
        Ok(queued)
    }

    fn is_strict(&self) -> bool {
        self.log.kept.settings.durability == Durability::Strict
    }

    /// Puts on record that nobody knows how the call ended: whoever ran it is gone.
    pub(crate) fn lose(&self) -> Result<(), LogError> {
        let mut state = self.state()?;
        let recovered = Recovered { intent: self.intent.seq, id: self.id.clone() };
        self.log.kept.enqueue(&Entry::Recovered(recovered), Vec::new())?;
        state.ended = true;
        Ok(())
    }

    /// The state of a call that has not ended.
    fn state(&self) -> Result<MutexGuard<'_, State>, LogError> {
        // Whatever panicked, no record of the call has a place that is not in it.
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.ended {
            // Where the log has stopped, the outcome may have been lost.
            self.log.check()?;
            return Err(LogError::Ended { id: self.id.clone() });
        }
        Ok(state)
    }
}

/// Tells denials apart, whatever is in them.
fn hash(denied: &Denied) -> Hash {
    let Denied { permission, code, resource, reason } = denied;
    let mut bytes = Vec::new();
    for part in [permission, code, resource, reason] {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    Hash::of_payload(&bytes)
}
