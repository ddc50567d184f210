//! One call, from its intent to its outcome.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Log;
use super::commit::Change;
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
        match self.log.kept.settings.durability {
            Durability::Strict => self.log.kept.commits.wait_durable(self.intent.seq),
            Durability::Relaxed => self.log.check(),
        }
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
        let settings = &self.log.kept.settings;
        let mut state = self.state()?;
        let (outcome, payloads) = fit::outcome(ended, self.intent.seq, &self.id, &settings.keeping)?;
        let body = Body::of_readable(&outcome).map_err(LogError::Unrecordable)?;
        let change = Change::Ends(self.intent.seq);
        let receipt = match settings.durability {
            Durability::Strict => self.log.kept.append_body(&body, change, payloads),
            Durability::Relaxed => self.log.kept.enqueue_body(&body, change, payloads),
        }?;
        state.ended = true;
        Ok(receipt)
    }

    /// As [`end`](Self::end), but never waits for the disk: the outcome is durable
    /// when [`Log::wait_durable`] says so.
    pub(crate) fn end_later(&self, ended: Ended) -> Result<Receipt, LogError> {
        let mut state = self.state()?;
        let keeping = &self.log.kept.settings.keeping;
        let (outcome, payloads) = fit::outcome(ended, self.intent.seq, &self.id, keeping)?;
        let body = Body::of_readable(&outcome).map_err(LogError::Unrecordable)?;
        let receipt = self.log.kept.enqueue_body(&body, Change::Ends(self.intent.seq), payloads)?;
        state.ended = true;
        Ok(receipt)
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
        if state.ended { Err(LogError::Ended { id: self.id.clone() }) } else { Ok(state) }
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
