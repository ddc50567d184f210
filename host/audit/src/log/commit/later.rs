//! Waiting without a thread.
//!
//! A future cannot lead: its executor's threads must not block. So where only tasks wait,
//! a thread of the log leads, the *committer*. It is started for the first task that waits,
//! sleeps while a caller leads or nobody waits, and ends with the log.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};

use super::Commits;
use super::queue::Led;
use super::waiter::{Told, Waiter};
use crate::error::LogError;

/// A record that is queued. Ready when it is durable, or when the log has stopped; it gets
/// there also if nobody looks. Dropped, it is waited for by nobody, and becomes durable all
/// the same.
pub(crate) struct OnDisk {
    commits: Arc<Commits>,
    waiter: Arc<Waiter>,
}

impl Future for OnDisk {
    type Output = Result<(), LogError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.waiter.poll(context).map(|told| match told {
            Told::Durable => Ok(()),
            Told::Lead | Told::Stopped => self.commits.check(),
        })
    }
}

impl Drop for OnDisk {
    fn drop(&mut self) {
        self.waiter.forget();
    }
}

impl Commits {
    /// As [`wait_durable`](Self::wait_durable), for a task. `None` if the record is durable
    /// already.
    pub(crate) fn durable_later(self: &Arc<Self>, seq: u64) -> Result<Option<OnDisk>, LogError> {
        if self.is_durable(seq) {
            return Ok(None);
        }
        self.start_committer()?;
        let mut queue = self.lock();
        // First, so that nobody is told of a failure after its own success.
        if queue.durable().seq >= seq {
            return Ok(None);
        }
        queue.check()?;
        let waiter = Waiter::task(seq);
        queue.waiting.push(Arc::clone(&waiter));
        if queue.led == Led::Nobody {
            queue.led = Led::Committer { begun: false };
            self.committing.notify_one();
        } else {
            self.has_come(&queue);
        }
        Ok(Some(OnDisk { commits: Arc::clone(self), waiter }))
    }

    fn start_committer(self: &Arc<Self>) -> Result<(), LogError> {
        let mut committer = self.committer.lock().unwrap_or_else(PoisonError::into_inner);
        if committer.is_none() {
            let commits = Arc::clone(self);
            let thread = thread::Builder::new().name("mpp-audit-commits".to_owned());
            let started = thread.spawn(move || commits.run_committer()).map_err(|error| {
                self.poison(&format_args!("its thread for commits cannot be started: {error}"));
            });
            *committer = started.ok();
        }
        if committer.is_some() { Ok(()) } else { self.check() }
    }

    /// Leads whenever only tasks wait, until the log ends.
    fn run_committer(&self) {
        while self.wait_to_commit() {
            self.lead();
        }
    }

    /// Whether it has to lead; otherwise the log ends.
    fn wait_to_commit(&self) -> bool {
        let mut queue = self.lock();
        loop {
            if queue.led == (Led::Committer { begun: false }) {
                queue.led = Led::Committer { begun: true };
                return true;
            }
            if queue.ended {
                return false;
            }
            queue = self.wait_for(&self.committing, queue, None);
        }
    }

    /// Ends the committer, and closes the files. Nobody may come any more.
    pub(crate) fn end(&self) {
        self.lock().ended = true;
        self.committing.notify_all();
        let committer = self.committer.lock().unwrap_or_else(PoisonError::into_inner).take();
        // An executor that runs a task where it is woken may end the log in that very thread.
        let another = |thread: &JoinHandle<()>| thread.thread().id() != thread::current().id();
        // If it panicked, the log has stopped, and there is nobody left to tell.
        let _ = committer.filter(another).map(JoinHandle::join);
        drop(self.files.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
