//! Group commit: many callers, one sync.
//!
//! A caller queues its line under a short lock and then waits until the line is
//! durable. Whoever finds nobody at the file becomes the leader: it takes the
//! whole queue, writes it with one write and one sync, and wakes those it
//! served. What is queued meanwhile is the next leader's.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::LogError;
use crate::{Hash, Receipt};

/// What the log asks of its file. A trait so that tests can make each call fail.
pub(crate) trait LogFile: Send {
    /// Appends all of `bytes`.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Returns when all that was appended is durable.
    fn sync(&mut self) -> io::Result<()>;
}

impl LogFile for std::fs::File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        io::Write::write_all(self, bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

pub(crate) struct Commits {
    queue: Mutex<Queue>,
    /// Told when a leader has ended.
    served: Condvar,
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
    /// The first failure. There is no way back: after a failed sync nobody knows
    /// what the disk holds, and a second sync may report success all the same.
    poison: Option<Arc<str>>,
}

impl Commits {
    /// Continues a file whose last record, durable, is `head`.
    pub(crate) fn new(file: Box<dyn LogFile>, head: Receipt) -> Self {
        Self {
            queue: Mutex::new(Queue { head, lines: Vec::new(), durable: head, led: false, poison: None }),
            served: Condvar::new(),
            file: Mutex::new(file),
        }
    }

    /// Gives a record its place and its line, and returns when it is durable.
    pub(crate) fn append(&self, line_at: impl FnOnce(u64, Hash) -> String) -> Result<Receipt, LogError> {
        let mut queue = self.lock();
        queue.check()?;
        let seq = queue.head.seq + 1;
        let line = line_at(seq, queue.head.hash);
        let receipt = Receipt { seq, hash: Hash::of_record(line.as_bytes()) };
        queue.lines.extend_from_slice(line.as_bytes());
        queue.lines.push(b'\n');
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
        self.served.notify_all();
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
        file.sync().map_err(|error| format!("syncing failed: {error}"))
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

impl Queue {
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
            Ok(()) => queue.durable = head,
            Err(cause) => queue.poison(&cause),
        }
        self.commits.served.notify_all();
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
