//! Group commit: many callers, one wait for the disk.
//!
//! A caller queues its line and its payloads under a short lock, which gives the
//! record its place in the log. Nothing is durable by then. Who needs it to be
//! waits, and whoever finds nobody at the files becomes the leader: it takes all
//! that is queued, writes the payloads to their pack and the lines to the log,
//! and syncs both at once. What is queued meanwhile is the next leader's.
//!
//! A batch is durable as a whole, or the log has stopped: after a failed write
//! or sync nobody knows what the disk holds, and a second sync may report
//! success all the same, so nothing is tried again.
//!
//! ```text
//! mod.rs      what callers ask
//! keeping.rs  what the thread asks that signs
//! queue.rs    what is under the lock
//! lead.rs     one batch, from the queue to the disk
//! files.rs    the two files of a batch
//! waiter.rs   one caller that waits
//! ```

mod files;
mod keeping;
mod lead;
mod queue;
mod waiter;

use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::Receipt;
use crate::error::LogError;
use crate::packs::PackEnd;
use crate::record::payload::Prepared;

use files::Files;
use queue::Queue;
use waiter::{Told, Waiter};

pub(crate) use files::{LogFile, PackFile};
pub(crate) use keeping::Woken;
pub(crate) use queue::{Change, Leaf, Next, Ready};

/// The queue and the files behind it.
pub(crate) struct Commits {
    queue: Mutex<Queue>,
    /// The number of the last durable record, for who need not take the lock.
    durable: AtomicU64,
    /// Told when as many callers wait as a leader hopes for.
    gathered: Condvar,
    /// Told when there is a record to sign.
    records: Condvar,
    /// Told when the log is being closed, or has stopped.
    closing: Condvar,
    /// Held by the leader only.
    files: Mutex<Files>,
}

impl Commits {
    /// Continues files whose last record, durable, is `head`, and of which no
    /// checkpoint covers these leaves at the end. So many calls are open.
    pub(crate) fn new(
        log: Box<dyn LogFile>,
        packs: Box<dyn PackFile>,
        head: Receipt,
        epoch: u32,
        leaves: Vec<Leaf>,
        open: u64,
    ) -> Self {
        let end = packs.end(head.seq + 1);
        Self {
            queue: Mutex::new(Queue::new(head, epoch, leaves, open, end)),
            durable: AtomicU64::new(head.seq),
            gathered: Condvar::new(),
            records: Condvar::new(),
            closing: Condvar::new(),
            files: Mutex::new(Files::new(log, packs)),
        }
    }

    /// Gives a record its place and its line. It becomes durable with all that
    /// was queued before it, when somebody waits for that; `change` is what it
    /// does to the calls that are open.
    ///
    /// Blocks only while the lock is held, or when more is queued than memory
    /// should hold ([`MAX_QUEUED_BYTES`](queue::MAX_QUEUED_BYTES)).
    pub(crate) fn enqueue(
        &self,
        payloads: Vec<Prepared>,
        change: Change,
        line: impl FnOnce(Next, &mut String),
    ) -> Result<Receipt, LogError> {
        let mut queue = self.lock();
        let receipt = self.push(&mut queue, payloads, change, line)?;
        if queue.is_full() {
            self.wait(queue, receipt.seq)?;
        }
        Ok(receipt)
    }

    /// As [`enqueue`](Self::enqueue), and returns when the record is durable.
    pub(crate) fn append(
        &self,
        payloads: Vec<Prepared>,
        change: Change,
        line: impl FnOnce(Next, &mut String),
    ) -> Result<Receipt, LogError> {
        let mut queue = self.lock();
        let receipt = self.push(&mut queue, payloads, change, line)?;
        self.wait(queue, receipt.seq)?;
        Ok(receipt)
    }

    fn push(
        &self,
        queue: &mut Queue,
        payloads: Vec<Prepared>,
        change: Change,
        line: impl FnOnce(Next, &mut String),
    ) -> Result<Receipt, LogError> {
        queue.check()?;
        let first = queue.nothing_to_sign();
        let receipt = queue.push(payloads, change, line)?;
        if first {
            self.records.notify_one();
        }
        Ok(receipt)
    }

    /// Returns when a record that was queued is durable.
    pub(crate) fn wait_durable(&self, seq: u64) -> Result<(), LogError> {
        if self.durable.load(Ordering::Acquire) >= seq {
            return Ok(());
        }
        self.wait(self.lock(), seq)
    }

    /// Returns when all that was queued is durable.
    pub(crate) fn flush(&self) -> Result<(), LogError> {
        let queue = self.lock();
        queue.check()?;
        let last = queue.head().seq;
        self.wait(queue, last)
    }

    fn wait(&self, mut queue: MutexGuard<'_, Queue>, seq: u64) -> Result<(), LogError> {
        // First, so that nobody is told of a failure after its own success.
        if queue.durable().seq >= seq {
            return Ok(());
        }
        queue.check()?;
        let told = if queue.led {
            let waiter = Waiter::new(seq);
            queue.waiting.push(Arc::clone(&waiter));
            if queue.callers() == queue.hoped_for {
                self.gathered.notify_one();
            }
            drop(queue);
            waiter.wait()
        } else {
            queue.led = true;
            drop(queue);
            Told::Lead
        };
        match told {
            Told::Durable => Ok(()),
            Told::Stopped => self.check(),
            Told::Lead => {
                self.lead();
                if self.durable.load(Ordering::Acquire) >= seq { Ok(()) } else { self.check() }
            }
        }
    }

    /// The last durable record.
    pub(crate) fn durable(&self) -> Receipt {
        self.lock().durable()
    }

    /// Where the packs end after it.
    pub(crate) fn packs(&self) -> Option<PackEnd> {
        self.lock().packs()
    }

    /// Fails if the log has stopped.
    pub(crate) fn check(&self) -> Result<(), LogError> {
        self.lock().check()
    }

    /// Stops the log for good.
    pub(crate) fn poison(&self, cause: &dyn Display) {
        self.lock().poison(cause);
        self.tell_keeper();
    }

    fn tell_keeper(&self) {
        self.records.notify_all();
        self.closing.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(|broken| self.stop(broken))
    }

    /// A thread panicked while it held the queue, so its state is not to be trusted.
    fn stop<'a>(&self, broken: PoisonError<MutexGuard<'a, Queue>>) -> MutexGuard<'a, Queue> {
        let mut queue = broken.into_inner();
        queue.poison(&"a writer panicked");
        queue
    }
}

#[cfg(test)]
mod tests;
