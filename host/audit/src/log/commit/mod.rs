//! Group commit: many callers, one wait for the disk.
//!
//! A caller queues its line and its payloads under a short lock, which gives the
//! record its place in the log. Nothing is durable by then. Who needs it to be
//! waits, and whoever finds nobody at the files becomes the leader: it takes all
//! that is queued, writes the payloads to their pack and the lines to the log,
//! and syncs both at once. What is queued meanwhile is the next leader's. A caller that
//! must not block is a task that waits like the others and never leads; where there are
//! no others, a thread of the log leads in its place.
//!
//! What nobody waits for is queued as well. Where it becomes much, the thread that signs
//! writes it ahead, and does not sync it: that is left to the next leader.
//!
//! A batch is durable as a whole, or the log has stopped: after a failed write
//! or sync nobody knows what the disk holds, and a second sync may report
//! success all the same, so nothing is tried again.
//!
//! ```text
//! mod.rs      what callers ask
//! keeping.rs  what the thread asks that signs
//! queue.rs    what is under the lock; leaf.rs what it keeps to be signed
//! lead.rs     one batch, from the queue to the disk
//! later.rs    who waits and must not block
//! files.rs    the two files of a batch
//! waiter.rs   one caller that waits
//! ```

mod files;
mod keeping;
mod later;
mod lead;
mod leaf;
mod queue;
mod waiter;

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::Receipt;
use crate::error::LogError;
use crate::packs::PackEnd;
use crate::record::payload::Prepared;

use files::Files;
use queue::{Led, Queue};
use waiter::{Told, Waiter};

pub(crate) use files::{LogFile, PackFile};
pub(crate) use keeping::Woken;
pub(crate) use later::OnDisk;
pub(crate) use leaf::{Change, Leaf, Ready};
pub(crate) use queue::Next;

/// The queue and the files behind it.
pub(crate) struct Commits {
    queue: Mutex<Queue>,
    /// The number of the last durable record, for who need not take the lock.
    durable: AtomicU64,
    /// Whether the log has stopped, for who need not take the lock.
    stopped: AtomicBool,
    /// Told when as many callers wait as a leader hopes for.
    gathered: Condvar,
    /// Told when there is a record to sign.
    records: Condvar,
    /// Told when the log is being closed, or has stopped, or there is much to be written.
    closing: Condvar,
    /// Told when the thread that leads for tasks has to, or has to end.
    committing: Condvar,
    /// That thread, from the first task on that waits.
    committer: Mutex<Option<JoinHandle<()>>>,
    /// Held by the leader only. `None` once the log is closed: who still has a future of it does
    /// not keep its lock.
    files: Mutex<Option<Files>>,
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
            stopped: AtomicBool::new(false),
            gathered: Condvar::new(),
            records: Condvar::new(),
            closing: Condvar::new(),
            committing: Condvar::new(),
            committer: Mutex::new(None),
            files: Mutex::new(Some(Files::new(log, packs))),
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
        let queued = self.queue(payloads, change, line)?;
        if queued.full {
            self.wait_durable(queued.receipt.seq)?;
        }
        Ok(queued.receipt)
    }

    /// As [`enqueue`](Self::enqueue), but never waits, and says whether its caller has to.
    pub(crate) fn queue(
        &self,
        payloads: Vec<Prepared>,
        change: Change,
        line: impl FnOnce(Next, &mut String),
    ) -> Result<Queued, LogError> {
        let mut queue = self.lock();
        let was_long = queue.is_long();
        let receipt = self.push(&mut queue, payloads, change, line)?;
        if queue.is_long() && !was_long {
            self.closing.notify_one();
        }
        Ok(Queued { receipt, full: queue.is_full() })
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
        if self.is_durable(seq) {
            return Ok(());
        }
        self.wait(self.lock(), seq)
    }

    fn is_durable(&self, seq: u64) -> bool {
        self.durable.load(Ordering::Acquire) >= seq
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
        let told = if queue.led == Led::Nobody {
            queue.led = Led::Caller;
            drop(queue);
            Told::Lead
        } else {
            let waiter = Waiter::thread(seq);
            queue.waiting.push(Arc::clone(&waiter));
            self.has_come(&queue);
            drop(queue);
            waiter.wait()
        };
        match told {
            Told::Durable => Ok(()),
            Told::Stopped => self.check(),
            Told::Lead => {
                self.lead();
                if self.is_durable(seq) { Ok(()) } else { self.check() }
            }
        }
    }

    /// One more waits. Nobody else may be hoped for.
    fn has_come(&self, queue: &Queue) {
        if queue.callers() == queue.hoped_for {
            self.gathered.notify_one();
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
        if self.stopped.load(Ordering::Acquire) || self.queue.is_poisoned() {
            self.lock().check()
        } else {
            Ok(())
        }
    }

    /// Stops the log for good.
    pub(crate) fn poison(&self, cause: &dyn Display) {
        self.stop(&mut self.lock(), cause);
        self.tell_keeper();
    }

    fn stop(&self, queue: &mut Queue, cause: &dyn Display) {
        queue.poison(cause);
        self.stopped.store(true, Ordering::Release);
    }

    fn tell_keeper(&self) {
        self.records.notify_all();
        self.closing.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(|broken| self.broken(broken))
    }

    /// A thread panicked while it held the queue, so its state is not to be trusted.
    fn broken<'a>(&self, broken: PoisonError<MutexGuard<'a, Queue>>) -> MutexGuard<'a, Queue> {
        let mut queue = broken.into_inner();
        self.stop(&mut queue, &"a writer panicked");
        queue
    }
}

/// A record that has its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Queued {
    pub(crate) receipt: Receipt,
    /// Whether more is queued than memory should hold: who queued it has to wait.
    pub(crate) full: bool,
}

#[cfg(test)]
mod tests;
