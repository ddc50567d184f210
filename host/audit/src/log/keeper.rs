//! Keeps the evidence while the log is open: a thread that signs.
//!
//! A checkpoint takes half a dozen syncs, which no caller should wait for, and
//! it has to come also when no further caller does. So there is one thread for
//! each open log. It sleeps while there is nothing to sign.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

use super::commit::{Change, Commits, Queued, Woken};
use super::disk::Disk;
use super::evidence::Evidence;
use super::{Settings, Signs};
use crate::checkpoint::SignedCheckpoint;
use crate::error::LogError;
use crate::packs;
use crate::record::payload::Prepared;
use crate::record::{Body, Entry, Heartbeat};
use crate::verify::FaultKind;
use crate::{Clock, Receipt, Timestamp};

/// What the thread and the callers share.
pub(super) struct Kept {
    pub(super) disk: Disk,
    pub(super) dir: PathBuf,
    pub(super) commits: Arc<Commits>,
    pub(super) evidence: Mutex<Evidence>,
    pub(super) clock: Box<dyn Clock>,
    pub(super) settings: Settings,
}

/// Sees to the evidence, and to a last checkpoint when the value ends.
pub(super) struct Keeper {
    kept: Arc<Kept>,
    /// Not there if nothing is signed before the end.
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub(super) fn start(kept: &Arc<Kept>) -> Result<Self, std::io::Error> {
        match kept.settings.signs {
            Signs::Meanwhile => Self::with_thread(kept),
            Signs::WhenClosed => Ok(Self { kept: Arc::clone(kept), thread: None }),
        }
    }

    fn with_thread(kept: &Arc<Kept>) -> Result<Self, std::io::Error> {
        let shared = Arc::clone(kept);
        let thread = std::thread::Builder::new().name("mpp-audit".to_owned()).spawn(move || {
            let stopped = Stopped(&shared.commits);
            let result = shared.run();
            stopped.end(result);
        })?;
        Ok(Self { kept: Arc::clone(kept), thread: Some(thread) })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.kept.commits.close();
        // If it fails or panicked, the log has stopped, and there is nobody left to tell.
        match self.thread.take() {
            Some(thread) => drop(thread.join()),
            None => drop(self.kept.last_checkpoint()),
        }
        self.kept.commits.end();
    }
}

/// Stops the log if its thread ends by a failure or a panic.
struct Stopped<'a>(&'a Commits);

impl Stopped<'_> {
    fn end(self, result: Result<(), LogError>) {
        if let Err(error) = result {
            self.0.poison(&error);
        }
        std::mem::forget(self);
    }
}

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.0.poison(&"the thread that signs panicked");
    }
}

/// Whether payloads can be kept so that they are found again.
fn keepable(payloads: &[Prepared]) -> Result<(), LogError> {
    for payload in payloads {
        let length = payload.stored.as_ref().map_or(0, Vec::len);
        let kept = packs::keepable(length as u64);
        kept.map_err(|error| LogError::Unrecordable(FaultKind::malformed(error)))?;
    }
    Ok(())
}

impl Kept {
    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from(self.clock.now())
    }

    fn run(&self) -> Result<(), LogError> {
        loop {
            match self.commits.wait_for_records(self.settings.heartbeat_every) {
                Woken::Closing => return self.last_checkpoint(),
                Woken::Idle => self.heartbeat()?,
                Woken::Records => {
                    self.commits.wait_for_closing(self.settings.checkpoint_every);
                    if self.commits.check().is_err() {
                        return Ok(());
                    }
                    self.checkpoint()?;
                }
            }
        }
    }

    /// Nothing is signed any more once the log has stopped.
    fn last_checkpoint(&self) -> Result<(), LogError> {
        if self.commits.check().is_err() { Ok(()) } else { self.checkpoint().map(drop) }
    }

    /// Says that the log is there.
    pub(super) fn heartbeat(&self) -> Result<(), LogError> {
        self.append(&Entry::Heartbeat(Heartbeat {}), Vec::new()).map(drop)
    }

    /// Gives a record its place. All that can be done before is done before.
    pub(super) fn enqueue(&self, entry: &Entry, payloads: Vec<Prepared>) -> Result<Receipt, LogError> {
        let body = Body::of(entry).map_err(LogError::Unrecordable)?;
        self.enqueue_body(&body, Change::of(entry), payloads)
    }

    /// As [`enqueue`](Self::enqueue), for what is written already. Never waits, and says whether
    /// its caller has to.
    pub(super) fn queue(
        &self,
        body: &Body,
        change: Change,
        payloads: Vec<Prepared>,
    ) -> Result<Queued, LogError> {
        keepable(&payloads)?;
        self.commits.queue(payloads, change, |next, to| body.write_at(&next.at(self.now()), to))
    }

    /// As [`queue`](Self::queue), and waits where that has to be.
    pub(super) fn enqueue_body(
        &self,
        body: &Body,
        change: Change,
        payloads: Vec<Prepared>,
    ) -> Result<Receipt, LogError> {
        keepable(&payloads)?;
        self.commits.enqueue(payloads, change, |next, to| body.write_at(&next.at(self.now()), to))
    }

    /// As [`enqueue`](Self::enqueue), and returns when the record is durable.
    pub(super) fn append(&self, entry: &Entry, payloads: Vec<Prepared>) -> Result<Receipt, LogError> {
        let body = Body::of(entry).map_err(LogError::Unrecordable)?;
        keepable(&payloads)?;
        self.commits.append(payloads, Change::of(entry), |next, to| body.write_at(&next.at(self.now()), to))
    }

    /// Makes every record durable, covers them with a checkpoint, and ends the epoch when it
    /// is time. A failure stops the log.
    pub(super) fn checkpoint(&self) -> Result<SignedCheckpoint, LogError> {
        let mut evidence = self.evidence()?;
        // Stopped before the lock is released: nobody goes on with evidence that is half made.
        self.cover(&mut evidence).inspect_err(|error| self.commits.poison(error))?;
        Ok(evidence.newest().clone())
    }

    fn cover(&self, evidence: &mut Evidence) -> Result<(), LogError> {
        self.commits.flush()?;
        evidence.cover(&self.commits.take_leaves(u64::MAX))?;
        let now = self.now().seconds();
        if evidence.is_over(now, self.settings.epoch_lasts.as_secs()) {
            // Records that come meanwhile are in the next epoch already.
            let last = self.commits.next_epoch()?;
            evidence.cover(&self.commits.take_leaves(last))?;
            evidence.end_epoch(now)?;
        }
        Ok(())
    }

    /// Ends an epoch whose last record this is, and whose writer was interrupted
    /// when there were records of the next one.
    pub(super) fn end_epoch_at(&self, last: u64) -> Result<(), LogError> {
        let mut evidence = self.evidence()?;
        evidence.cover(&self.commits.take_leaves(last))?;
        evidence.end_epoch(self.now().seconds())
    }

    pub(super) fn evidence(&self) -> Result<MutexGuard<'_, Evidence>, LogError> {
        let cause = "a thread that signed panicked";
        self.evidence.lock().map_err(|_| LogError::Poisoned { cause: cause.into() })
    }
}
