//! Group commit: many callers, one sync.
//!
//! A caller queues its line under a short lock and then waits until the line is
//! durable. Whoever finds nobody at the file becomes the leader: it takes the
//! whole queue, writes it with one write and one sync, and wakes those it
//! served. What is queued meanwhile is the next leader's.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::disk::OpenFile;
use crate::error::LogError;
use crate::record::Place;
use crate::{Hash, Receipt, Timestamp};

/// What the log asks of its file. A trait so that tests can make each call fail.
pub(crate) trait LogFile: Send {
    /// Appends all of `bytes`.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Returns when all that was appended is durable.
    fn sync(&mut self) -> io::Result<()>;
    /// Fails if the log is no longer where readers look for it.
    fn check_in_place(&self) -> io::Result<()>;
}

impl LogFile for OpenFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        self.sync()
    }
    fn check_in_place(&self) -> io::Result<()> {
        self.check_in_place()
    }
}

/// A line as its writer made it: what a checkpoint will have to cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) hash: Hash,
    /// Length of the line with its newline.
    pub(crate) bytes: u64,
}

/// The place that the next record gets.
pub(crate) struct Next {
    pub(crate) seq: u64,
    pub(crate) epoch: u32,
    pub(crate) prev: Hash,
}

impl Next {
    /// The place at a time.
    pub(crate) fn at(&self, ts: Timestamp) -> Place {
        Place { seq: self.seq, epoch: self.epoch, prev: self.prev, ts }
    }
}

pub(crate) struct Commits {
    queue: Mutex<Queue>,
    /// Told when a leader has ended.
    served: Condvar,
    /// As `served`, for who waits for records to sign.
    records: Condvar,
    /// Told when the log is being closed, or has stopped.
    closing: Condvar,
    /// Held by the leader only.
    file: Mutex<Box<dyn LogFile>>,
}

struct Queue {
    /// The last record in order, durable or not.
    head: Receipt,
    /// Lines in order that no leader has taken yet.
    lines: Vec<u8>,
    /// The last record known to be durable.
    durable: Receipt,
    /// Whether a leader is at the file.
    led: bool,
    /// The epoch of the next record.
    epoch: u32,
    /// What follows the last checkpoint, up to `head`.
    leaves: VecDeque<Leaf>,
    /// Whether the log is being closed.
    closing: bool,
    /// The first failure. There is no way back: after a failed sync nobody knows
    /// what the disk holds, and a second sync may report success all the same.
    poison: Option<Arc<str>>,
}

impl Commits {
    /// Continues a file whose last record, durable, is `head`, and of which no
    /// checkpoint covers these leaves at the end.
    pub(crate) fn new(file: Box<dyn LogFile>, head: Receipt, epoch: u32, leaves: Vec<Leaf>) -> Self {
        let queue = Queue {
            head,
            lines: Vec::new(),
            durable: head,
            led: false,
            epoch,
            leaves: leaves.into(),
            closing: false,
            poison: None,
        };
        Self {
            queue: Mutex::new(queue),
            served: Condvar::new(),
            records: Condvar::new(),
            closing: Condvar::new(),
            file: Mutex::new(file),
        }
    }

    /// Gives a record its place and its line, and returns when it is durable.
    pub(crate) fn append(&self, line_at: impl FnOnce(Next) -> String) -> Result<Receipt, LogError> {
        let mut queue = self.lock();
        queue.check()?;
        let seq = queue.head.seq + 1;
        let line = line_at(Next { seq, epoch: queue.epoch, prev: queue.head.hash });
        let receipt = Receipt { seq, hash: Hash::of_record(line.as_bytes()) };
        queue.lines.extend_from_slice(line.as_bytes());
        queue.lines.push(b'\n');
        queue.leaves.push_back(Leaf { hash: receipt.hash, bytes: line.len() as u64 + 1 });
        queue.head = receipt;
        loop {
            // First, so that nobody is told of a failure after its own success.
            if queue.durable.seq >= seq {
                return Ok(receipt);
            }
            queue.check()?;
            queue = if queue.led {
                self.served.wait(queue).unwrap_or_else(|broken| self.stop(broken))
            } else {
                self.lead(queue)
            };
        }
    }

    /// The last durable record.
    pub(crate) fn durable(&self) -> Receipt {
        self.lock().durable
    }

    /// Fails if the log has stopped.
    pub(crate) fn check(&self) -> Result<(), LogError> {
        self.lock().check()
    }

    /// Stops the log for good.
    pub(crate) fn poison(&self, cause: &dyn std::fmt::Display) {
        self.lock().poison(cause);
        self.wake();
    }

    fn wake(&self) {
        self.served.notify_all();
        self.records.notify_all();
        self.closing.notify_all();
    }

    fn lead<'a>(&'a self, mut queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        queue.led = true;
        let lines = std::mem::take(&mut queue.lines);
        let head = queue.head;
        drop(queue);
        let leader = Leader { commits: self, done: false };
        let result = self.write(&lines);
        leader.end(head, result)
    }

    fn write(&self, lines: &[u8]) -> Result<(), String> {
        let mut file = self.file.lock().map_err(|_| "its writer panicked".to_owned())?;
        file.append(lines).map_err(|error| format!("writing failed: {error}"))?;
        file.sync().map_err(|error| format!("syncing failed: {error}"))?;
        file.check_in_place().map_err(|error| format!("its file is gone: {error}"))
    }

    /// Takes the leaves that are durable and no checkpoint covers, up to a record.
    pub(crate) fn take_leaves(&self, last: u64) -> Vec<Leaf> {
        let mut queue = self.lock();
        let waiting = queue.head.seq - queue.durable.seq.min(last);
        let ready = queue.leaves.len().saturating_sub(waiting as usize);
        queue.leaves.drain(..ready).collect()
    }

    /// Begins the next epoch: records from now on are in it. Returns the number
    /// of the last record before, which is durable by then.
    pub(crate) fn next_epoch(&self) -> Result<u64, LogError> {
        let mut queue = self.lock();
        queue.epoch += 1;
        let last = queue.head.seq;
        while queue.durable.seq < last {
            queue.check()?;
            queue = self.served.wait(queue).unwrap_or_else(|broken| self.stop(broken));
        }
        Ok(last)
    }

    /// Waits until there is something to do for who keeps the evidence. `idle`
    /// is how long to wait for a record.
    pub(crate) fn wait_for_records(&self, idle: Option<Duration>) -> Woken {
        let begun = Instant::now();
        let mut queue = self.lock();
        loop {
            if queue.closing || queue.poison.is_some() {
                return Woken::Closing;
            }
            if queue.unsigned() > 0 {
                return Woken::Records;
            }
            let rest = idle.map(|idle| idle.saturating_sub(begun.elapsed()));
            queue = match rest {
                Some(Duration::ZERO) => return Woken::Idle,
                rest => self.wait(&self.records, queue, rest),
            };
        }
    }

    /// Waits so long, or until the log is being closed.
    pub(crate) fn wait_for_closing(&self, most: Duration) {
        let begun = Instant::now();
        let mut queue = self.lock();
        while !(queue.closing || queue.poison.is_some() || begun.elapsed() >= most) {
            queue = self.wait(&self.closing, queue, Some(most.saturating_sub(begun.elapsed())));
        }
    }

    fn wait<'a>(
        &'a self,
        condition: &Condvar,
        queue: MutexGuard<'a, Queue>,
        most: Option<Duration>,
    ) -> MutexGuard<'a, Queue> {
        let broken = |broken| self.stop(broken);
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
        self.wake();
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

    /// How many lines no leader has taken yet.
    #[cfg(test)]
    fn queued(&self) -> usize {
        self.lock().lines.split(|byte| *byte == b'\n').count() - 1
    }
}

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// The log is being closed, or has stopped.
    Closing,
    /// There are durable records that no checkpoint covers.
    Records,
    /// No record came.
    Idle,
}

impl Queue {
    /// How many durable records no checkpoint covers.
    fn unsigned(&self) -> u64 {
        (self.leaves.len() as u64).saturating_sub(self.head.seq - self.durable.seq)
    }

    fn check(&self) -> Result<(), LogError> {
        match &self.poison {
            None => Ok(()),
            Some(cause) => Err(LogError::Poisoned { cause: Arc::clone(cause) }),
        }
    }

    fn poison(&mut self, cause: &dyn std::fmt::Display) {
        self.poison.get_or_insert_with(|| cause.to_string().into());
    }
}

/// Whoever leads ends in one way or another, also by a panic: a leader that
/// vanished would leave all others waiting.
struct Leader<'a> {
    commits: &'a Commits,
    done: bool,
}

impl<'a> Leader<'a> {
    fn end(mut self, head: Receipt, result: Result<(), String>) -> MutexGuard<'a, Queue> {
        self.done = true;
        let mut queue = self.commits.lock();
        queue.led = false;
        match result {
            Ok(()) => {
                queue.durable = head;
                self.commits.served.notify_all();
                self.commits.records.notify_one();
            }
            Err(cause) => {
                queue.poison(&cause);
                self.commits.wake();
            }
        }
        queue
    }
}

impl Drop for Leader<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.commits.poison(&"its writer panicked");
        }
    }
}

#[cfg(test)]
mod tests;
