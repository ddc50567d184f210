//! Answers that wait for the disk.
//!
//! What one process asks is queued by the thread that reads it, and answered by another one when
//! it is durable: so the next request is read meanwhile, and many share one commit. All that is
//! owed to one process waits together, as one caller of the log.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::gate::Use;
use super::limits::MAX_WAITING;
use super::message::Answer;
use super::outbox::Outbox;
use crate::Receipt;

/// For this part of the time that the last commit took, the next one waits for the callers of
/// the last to come back; as the log itself does.
const PATIENCE: u32 = 4;

/// What is owed.
#[derive(Debug)]
pub(super) struct Owed {
    /// The number of the request.
    pub(super) number: u64,
    /// What is answered when that is durable.
    pub(super) receipt: Receipt,
    /// Held until it is answered.
    pub(super) used: Use,
}

/// What is owed to one process.
#[derive(Debug, Default)]
pub(super) struct Acks {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    owed: Vec<Owed>,
    /// Nothing more will be owed.
    ended: bool,
}

impl Acks {
    /// Owes one more. Waits where too much is owed already.
    pub(super) fn owe(&self, owed: Owed) {
        let full = |state: &mut State| state.owed.len() >= MAX_WAITING;
        let mut state = self.changed.wait_while(self.lock(), full).unwrap_or_else(PoisonError::into_inner);
        state.owed.push(owed);
        drop(state);
        self.changed.notify_all();
    }

    /// Nothing more will be owed.
    pub(super) fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// Gives what is owed, until nothing more will be.
    pub(super) fn run(&self, outbox: &Outbox) {
        let (mut hoped_for, mut patience) = (1, Duration::ZERO);
        while let Some(owed) = self.take(hoped_for, patience) {
            let begun = Instant::now();
            let answers = settle(&owed);
            (hoped_for, patience) = (owed.len(), begun.elapsed() / PATIENCE);
            // If it cannot be sent, the process is gone, and what it asked is on record.
            let _ = outbox.send_all(&answers);
            drop(owed);
        }
    }

    /// All that is owed, at least one; as many as hoped for, unless they do not come in time.
    fn take(&self, hoped_for: usize, patience: Duration) -> Option<Vec<Owed>> {
        let until = Instant::now() + patience;
        let nothing = |state: &mut State| state.owed.is_empty() && !state.ended;
        let mut state = self.changed.wait_while(self.lock(), nothing).unwrap_or_else(PoisonError::into_inner);
        let few = |state: &mut State| state.owed.len() < hoped_for && !state.ended;
        let rest = until.saturating_duration_since(Instant::now());
        if !rest.is_zero() {
            let waited = self.changed.wait_timeout_while(state, rest, few);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let owed = std::mem::take(&mut state.owed);
        drop(state);
        self.changed.notify_all();
        (!owed.is_empty()).then_some(owed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until all of it is durable, or it is known that it is not.
fn settle(owed: &[Owed]) -> Vec<(u64, Answer)> {
    // Who waits for the last one has waited for all.
    if let Some(last) = owed.iter().max_by_key(|owed| owed.receipt.seq) {
        let _ = last.used.log().wait_durable(last.receipt.seq);
    }
    let answer = |owed: &Owed| {
        let durable = owed.used.log().wait_durable(owed.receipt.seq);
        (owed.number, durable.map(|()| owed.receipt).into())
    };
    owed.iter().map(answer).collect()
}
