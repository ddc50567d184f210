//! One batch, from the queue to the disk.

use std::sync::MutexGuard;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::Commits;
use super::files::Files;
use super::queue::{Batch, Led, Queue};
use crate::Receipt;
use crate::packs::PackEnd;

/// A leader waits for the callers of the last batch to come back before it
/// writes the next one: if it did not, one of them would have a sync of its own,
/// while all others wait for the one after. For this part of the time that the
/// last batch took, from its end on: whoever comes back at all does so at once,
/// and who comes alone later waits for nobody.
const PATIENCE: u32 = 4;

impl Commits {
    /// Writes one batch, which has the record of whoever waits in it. The queue says
    /// by whom it is led.
    pub(super) fn lead(&self) {
        let leader = Leader { commits: self, done: false };
        let mut queue = self.gather();
        if queue.has_stopped() {
            drop(queue);
            leader.end(None);
        } else {
            let (batch, last) = queue.take();
            drop(queue);
            let begun = Instant::now();
            let result = self.write(batch, last.seq + 1);
            leader.end(Some(Written { last, begun, result }));
        }
    }

    /// Writes what is queued, and does not wait until it is durable; unless somebody else writes.
    /// So what nobody waits for takes little memory, which stays warm.
    pub(crate) fn write_ahead(&self) {
        let mut queue = self.lock();
        if queue.led != Led::Nobody || queue.has_stopped() {
            return;
        }
        queue.led = Led::Caller;
        let leader = Leader { commits: self, done: false };
        let (batch, _) = queue.take();
        drop(queue);
        let written = self.files().and_then(|mut files| open(&mut files)?.write(&batch));
        match written {
            Ok(()) => self.give_back(batch),
            Err(cause) => self.poison(&cause),
        }
        leader.end(None);
    }

    /// Waits until as many callers wait as were served together before, or so
    /// long that waiting costs more than it gains.
    fn gather(&self) -> MutexGuard<'_, Queue> {
        let mut queue = self.lock();
        while queue.callers() < queue.hoped_for && !queue.has_stopped() {
            let rest = queue.patient_until.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                break;
            }
            queue = self.wait_for(&self.gathered, queue, Some(rest));
        }
        queue
    }

    fn write(&self, batch: Batch, records: u64) -> Result<Option<PackEnd>, String> {
        let mut files = self.files()?;
        let files = open(&mut files)?;
        files.write(&batch)?;
        self.give_back(batch);
        files.sync(records)
    }

    /// What a batch was in is for the next one. All else of it goes before the lock is taken.
    fn give_back(&self, batch: Batch) {
        let emptied = batch.emptied();
        self.lock().keep(emptied);
    }

    fn files(&self) -> Result<MutexGuard<'_, Option<Files>>, String> {
        self.files.lock().map_err(|_| PANICKED.to_owned())
    }
}

fn open(files: &mut Option<Files>) -> Result<&mut Files, String> {
    files.as_mut().ok_or_else(|| "it is closed".to_owned())
}

/// A batch that was written, or not.
struct Written {
    /// Its last record.
    last: Receipt,
    begun: Instant,
    result: Result<Option<PackEnd>, String>,
}

const PANICKED: &str = "its writer panicked";

/// Whoever leads ends in one way or another, also by a panic: a leader that
/// vanished would leave all others waiting.
struct Leader<'a> {
    commits: &'a Commits,
    done: bool,
}

impl Leader<'_> {
    fn end(mut self, written: Option<Written>) {
        self.done = true;
        self.settle(written);
    }

    /// Tells everybody how it went, without holding the lock.
    fn settle(&self, written: Option<Written>) {
        let mut queue = self.commits.lock();
        let synced = matches!(written, Some(Written { result: Ok(_), .. }));
        match written {
            None => {}
            Some(Written { last, begun, result: Ok(packs) }) => {
                queue.has_written(last, packs);
                queue.patient_until = Instant::now() + begun.elapsed() / PATIENCE;
                self.commits.durable.store(last.seq, Ordering::Release);
            }
            Some(Written { result: Err(cause), .. }) => self.commits.stop(&mut queue, &cause),
        }
        let stopped = queue.has_stopped();
        let told = queue.settle(synced);
        if queue.led == (Led::Committer { begun: false }) {
            self.commits.committing.notify_one();
        }
        drop(queue);
        told.into_iter().for_each(|(waiter, told)| waiter.tell(told));
        if stopped {
            self.commits.tell_keeper();
        }
    }
}

impl Drop for Leader<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.commits.poison(&PANICKED);
            self.settle(None);
        }
    }
}
