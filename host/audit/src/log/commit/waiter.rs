//! One caller that waits.
//!
//! Each caller has a place of its own to wait at, so that a leader wakes those
//! whom it served and nobody else, and they need no lock to go on. It is a thread that
//! blocks, or a task of an executor that is woken to look again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{self, Thread};

/// What a caller that waited is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Told {
    /// Its record is durable.
    Durable = 1,
    /// Its record is still queued, and it is the one to write it. No task is told that.
    Lead = 2,
    /// The log has stopped.
    Stopped = 3,
}

/// Nothing was told yet.
const WAITING: u8 = 0;

pub(super) struct Waiter {
    /// The record that has to be durable.
    pub(super) seq: u64,
    told: AtomicU8,
    who: Who,
}

enum Who {
    Thread(Thread),
    /// Who is to be woken: nobody before it has looked, nor once it was told or is gone.
    Task(Mutex<Option<Waker>>),
}

impl Waiter {
    /// For the thread that calls this.
    pub(super) fn thread(seq: u64) -> Arc<Self> {
        Self::new(seq, Who::Thread(thread::current()))
    }

    /// For a task that will look.
    pub(super) fn task(seq: u64) -> Arc<Self> {
        Self::new(seq, Who::Task(Mutex::default()))
    }

    fn new(seq: u64, who: Who) -> Arc<Self> {
        Arc::new(Self { seq, told: AtomicU8::new(WAITING), who })
    }

    /// Whether it can write a batch: a task must not block.
    pub(super) fn can_lead(&self) -> bool {
        matches!(self.who, Who::Thread(_))
    }

    /// What was written before it was told is seen after.
    fn told(&self) -> Option<Told> {
        let told = self.told.load(Ordering::Acquire);
        [Told::Durable, Told::Lead, Told::Stopped].into_iter().find(|known| *known as u8 == told)
    }

    /// Called by the thread that waits.
    pub(super) fn wait(&self) -> Told {
        loop {
            match self.told() {
                Some(told) => return told,
                // Also where it was woken by somebody else, for another reason.
                None => thread::park(),
            }
        }
    }

    /// Called by the task that waits.
    pub(super) fn poll(&self, context: &Context<'_>) -> Poll<Told> {
        if let (None, Who::Task(waker)) = (self.told(), &self.who) {
            // Dropped without the lock, like all of them: it may end a task.
            let old = lock(waker).replace(context.waker().clone());
            drop(old);
        }
        // Again: whoever told it in between found no waker, or another one.
        self.told().map_or(Poll::Pending, Poll::Ready)
    }

    /// The task is gone, and nobody is to be woken.
    pub(super) fn forget(&self) {
        if let Who::Task(waker) = &self.who {
            let waker = lock(waker).take();
            drop(waker);
        }
    }

    /// Called by the leader, once.
    pub(super) fn tell(&self, told: Told) {
        self.told.store(told as u8, Ordering::Release);
        match &self.who {
            Who::Thread(thread) => thread.unpark(),
            Who::Task(waker) => {
                // Woken without the lock: an executor may look at once.
                let waker = lock(waker).take();
                // It is the executor's. If it panics, all others are told none the less.
                let woken = catch_unwind(AssertUnwindSafe(|| waker.into_iter().for_each(Waker::wake)));
                drop(woken);
            }
        }
    }
}

fn lock(waker: &Mutex<Option<Waker>>) -> MutexGuard<'_, Option<Waker>> {
    waker.lock().unwrap_or_else(PoisonError::into_inner)
}
