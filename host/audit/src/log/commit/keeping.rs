//! What the thread asks that signs.

use std::sync::{Condvar, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::queue::{Led, Queue};
use super::{Commits, Ready};
use crate::error::LogError;

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// The log is being closed, or has stopped.
    Closing,
    /// There are records that no checkpoint covers.
    Records,
    /// No record came.
    Idle,
}

impl Commits {
    /// Takes the leaves that are durable and that no checkpoint covers, up to a record.
    pub(crate) fn take_leaves(&self, last: u64) -> Ready {
        self.lock().take_leaves(last)
    }

    /// Begins the next epoch: records from now on are in it. Returns the number
    /// of the last record before, which is durable by then.
    pub(crate) fn next_epoch(&self) -> Result<u64, LogError> {
        let mut queue = self.lock();
        queue.check()?;
        queue.epoch += 1;
        let last = queue.head().seq;
        self.wait(queue, last)?;
        Ok(last)
    }

    /// Waits until there is something to do for who keeps the evidence. `idle`
    /// is how long to wait for a record.
    pub(crate) fn wait_for_records(&self, idle: Option<Duration>) -> Woken {
        let begun = Instant::now();
        let mut queue = self.lock();
        loop {
            if queue.closing || queue.has_stopped() {
                return Woken::Closing;
            }
            if !queue.nothing_to_sign() {
                return Woken::Records;
            }
            let rest = idle.map(|idle| idle.saturating_sub(begun.elapsed()));
            queue = match rest {
                Some(Duration::ZERO) => return Woken::Idle,
                rest => self.wait_for(&self.records, queue, rest),
            };
        }
    }

    /// Waits so long, or until the log is being closed, and writes meanwhile what nobody waits for.
    pub(crate) fn wait_for_closing(&self, most: Duration) {
        let begun = Instant::now();
        let mut queue = self.lock();
        while !(queue.closing || queue.has_stopped() || begun.elapsed() >= most) {
            queue = if queue.is_long() && queue.led == Led::Nobody {
                drop(queue);
                self.write_ahead();
                self.lock()
            } else {
                self.wait_for(&self.closing, queue, Some(most.saturating_sub(begun.elapsed())))
            };
        }
    }

    pub(super) fn wait_for<'a>(
        &'a self,
        condition: &Condvar,
        queue: MutexGuard<'a, Queue>,
        most: Option<Duration>,
    ) -> MutexGuard<'a, Queue> {
        let broken = |broken| self.broken(broken);
        match most {
            None => condition.wait(queue).unwrap_or_else(broken),
            Some(most) => match condition.wait_timeout(queue, most) {
                Ok((queue, _)) => queue,
                Err(error) => broken(PoisonError::new(error.into_inner().0)),
            },
        }
    }

    /// Tells who keeps the evidence to finish.
    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.tell_keeper();
    }
}
