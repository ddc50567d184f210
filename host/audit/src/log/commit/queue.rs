//! What is under the lock: records on their way, and who waits for them.

use std::collections::VecDeque;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Instant;

use super::leaf::{Change, Leaf, Ready};
use super::waiter::{Told, Waiter};
use crate::error::LogError;
use crate::limits::MAX_OPEN_CALLS;
use crate::packs::{Outgoing, PackEnd};
use crate::record::Place;
use crate::record::payload::Prepared;
use crate::{Hash, Receipt, Timestamp};

/// How much may be queued that nobody has written yet, in bytes. Where records
/// are durable before their callers go on, callers bound it by themselves;
/// where they are not, whoever comes when it is full waits for the disk.
pub(super) const MAX_QUEUED_BYTES: usize = 64 << 20;

/// How much is written at once where nobody waits for it: little enough to be still in the
/// cache of the processor, and so much that it is worth waking a thread.
const WRITE_AHEAD_BYTES: usize = 256 << 10;

/// How much of a batch's memory is kept for the next one, in bytes: what is written ahead, and
/// as much again, for it grows by doubling.
const MAX_SPARE_BYTES: usize = 2 * WRITE_AHEAD_BYTES;

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

/// Records in order that no leader has taken yet.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) lines: String,
    pub(super) payloads: Outgoing,
}

impl Batch {
    /// Nothing, with the memory of a batch that was written. The next one then needs none
    /// to be found, and cleared by the system, while the lock is held.
    pub(super) fn emptied(self) -> Self {
        let Self { mut lines, payloads } = self;
        lines.clear();
        Self { lines, payloads: payloads.emptied() }
    }
}

/// Who writes the next batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Led {
    Nobody,
    /// One of those who wait.
    Caller,
    /// The thread that leads where only tasks wait.
    Committer {
        /// Or it was asked to.
        begun: bool,
    },
}

pub(super) struct Queue {
    /// The last record in order, durable or not.
    head: Receipt,
    batch: Batch,
    /// What the one after it begins with: nothing but memory.
    spare: Batch,
    /// The last record known to be durable.
    durable: Receipt,
    /// Where the packs end after it.
    packs: Option<PackEnd>,
    /// Who is at the files, or on the way there. If nobody is, nobody waits.
    pub(super) led: Led,
    /// Who waits, apart from the leader.
    pub(super) waiting: Vec<Arc<Waiter>>,
    /// How many callers a leader hopes to serve.
    pub(super) hoped_for: usize,
    /// Until when it waits for them.
    pub(super) patient_until: Instant,
    /// The epoch of the next record.
    pub(super) epoch: u32,
    /// What follows the last checkpoint, up to `head`.
    leaves: VecDeque<Leaf>,
    /// How many calls are open.
    open: u64,
    /// Whether the log is being closed.
    pub(super) closing: bool,
    /// Whether it is closed, and nobody will come any more.
    pub(super) ended: bool,
    /// The first failure. There is no way back.
    poison: Option<Arc<str>>,
}

impl Queue {
    pub(super) fn new(
        head: Receipt,
        epoch: u32,
        leaves: Vec<Leaf>,
        open: u64,
        packs: Option<PackEnd>,
    ) -> Self {
        Self {
            head,
            batch: Batch::default(),
            spare: Batch::default(),
            durable: head,
            packs,
            led: Led::Nobody,
            waiting: Vec::new(),
            hoped_for: 1,
            patient_until: Instant::now(),
            epoch,
            leaves: leaves.into(),
            open,
            closing: false,
            ended: false,
            poison: None,
        }
    }

    /// Adds a record at the end. `line` appends its line for a place, without the newline.
    pub(super) fn push(
        &mut self,
        payloads: Vec<Prepared>,
        change: Change,
        line: impl FnOnce(Next, &mut String),
    ) -> Result<Receipt, LogError> {
        self.count(change)?;
        let (seq, lines) = (self.head.seq + 1, &mut self.batch.lines);
        let begin = lines.len();
        line(Next { seq, epoch: self.epoch, prev: self.head.hash }, lines);
        let receipt = Receipt { seq, hash: Hash::of_record(&lines.as_bytes()[begin..]) };
        lines.push('\n');
        let bytes = (lines.len() - begin) as u64;
        payloads.into_iter().for_each(|payload| self.batch.payloads.push(seq, payload));
        self.leaves.push_back(Leaf { hash: receipt.hash, bytes, change });
        self.head = receipt;
        Ok(receipt)
    }

    fn count(&mut self, change: Change) -> Result<(), LogError> {
        match change {
            Change::Nothing => {}
            Change::Begins if self.open >= MAX_OPEN_CALLS => return Err(LogError::TooManyOpen),
            Change::Begins => self.open += 1,
            Change::Ends(_) => self.open = self.open.saturating_sub(1),
        }
        Ok(())
    }

    /// What a leader writes now, and its last record.
    pub(super) fn take(&mut self) -> (Batch, Receipt) {
        let next = std::mem::take(&mut self.spare);
        (std::mem::replace(&mut self.batch, next), self.head)
    }

    /// Keeps the memory of a batch that was written, unless it is much.
    pub(super) fn keep(&mut self, emptied: Batch) {
        if emptied.lines.capacity() <= MAX_SPARE_BYTES {
            self.spare = emptied;
        }
    }

    /// A batch has become durable, up to a record.
    pub(super) fn has_written(&mut self, last: Receipt, packs: Option<PackEnd>) {
        (self.durable, self.packs) = (last, packs);
    }

    /// Whom a leader that ends has to tell what. Whoever is told to lead comes first: a caller
    /// that blocks anyway, and the committer where there is none. Only a batch that was
    /// `synced` says how many come back.
    pub(super) fn settle(&mut self, synced: bool) -> Vec<(Arc<Waiter>, Told)> {
        let durable = self.durable.seq;
        let (served, mut rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.waiting).into_iter().partition(|waiter| waiter.seq <= durable);
        if synced {
            self.hoped_for = self.with_leader(served.len());
        }
        let mut all = Vec::with_capacity(served.len() + rest.len());
        self.led = Led::Nobody;
        if self.poison.is_some() {
            all.extend(rest.drain(..).map(|waiter| (waiter, Told::Stopped)));
        } else if let Some(next) = rest.iter().position(|waiter| waiter.can_lead()) {
            self.led = Led::Caller;
            all.push((rest.remove(next), Told::Lead));
        } else if !rest.is_empty() {
            self.led = Led::Committer { begun: false };
        }
        self.waiting = rest;
        all.extend(served.into_iter().map(|waiter| (waiter, Told::Durable)));
        all
    }

    /// How many wait, the leader included.
    pub(super) fn callers(&self) -> usize {
        self.with_leader(self.waiting.len())
    }

    /// A caller that leads waits for its own record as well; the committer has none.
    fn with_leader(&self, others: usize) -> usize {
        others + usize::from(self.led == Led::Caller)
    }

    pub(super) fn head(&self) -> Receipt {
        self.head
    }

    pub(super) fn durable(&self) -> Receipt {
        self.durable
    }

    /// Whether more is queued than memory should hold.
    pub(super) fn is_full(&self) -> bool {
        self.queued_bytes() > MAX_QUEUED_BYTES
    }

    /// Whether so much is queued that it should be written, though nobody waits for it.
    pub(super) fn is_long(&self) -> bool {
        self.queued_bytes() > WRITE_AHEAD_BYTES
    }

    fn queued_bytes(&self) -> usize {
        self.batch.lines.len() + self.batch.payloads.bytes()
    }

    /// Whether a checkpoint covers every record.
    pub(super) fn nothing_to_sign(&self) -> bool {
        self.leaves.is_empty()
    }

    /// Takes the leaves that are durable and that no checkpoint covers, up to a record.
    pub(super) fn take_leaves(&mut self, last: u64) -> Ready {
        let waiting = self.head.seq - self.durable.seq.min(last);
        let ready = self.leaves.len().saturating_sub(waiting as usize);
        Ready { leaves: self.leaves.drain(..ready).collect(), packs: self.packs }
    }

    /// Where the packs end after the last durable record.
    pub(super) fn packs(&self) -> Option<PackEnd> {
        self.packs
    }

    pub(super) fn has_stopped(&self) -> bool {
        self.poison.is_some()
    }

    pub(super) fn check(&self) -> Result<(), LogError> {
        match &self.poison {
            None => Ok(()),
            Some(cause) => Err(LogError::Poisoned { cause: Arc::clone(cause) }),
        }
    }

    pub(super) fn poison(&mut self, cause: &dyn Display) {
        self.poison.get_or_insert_with(|| cause.to_string().into());
    }

    /// How many lines no leader has taken yet.
    #[cfg(test)]
    pub(super) fn queued(&self) -> usize {
        self.batch.lines.split('\n').count() - 1
    }
}
