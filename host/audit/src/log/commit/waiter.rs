//! One caller that waits.
//!
//! Each caller has a place of its own to wait at, so that a leader wakes those
//! whom it served and nobody else, and they need no lock to go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::{self, Thread};

/// What a caller that waited is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Told {
    /// Its record is durable.
    Durable = 1,
    /// Its record is still queued, and it is the one to write it.
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
    thread: Thread,
}

impl Waiter {
    /// Of the thread that calls this.
    pub(super) fn new(seq: u64) -> Arc<Self> {
        Arc::new(Self { seq, told: AtomicU8::new(WAITING), thread: thread::current() })
    }

    /// Called by the thread that waits.
    pub(super) fn wait(&self) -> Told {
        loop {
            // What was written before it was told is seen after.
            match self.told.load(Ordering::Acquire) {
                told if told == Told::Durable as u8 => return Told::Durable,
                told if told == Told::Lead as u8 => return Told::Lead,
                told if told == Told::Stopped as u8 => return Told::Stopped,
                // Also where it was woken by somebody else, for another reason.
                _ => thread::park(),
            }
        }
    }

    /// Called by the leader, once.
    pub(super) fn tell(&self, told: Told) {
        self.told.store(told as u8, Ordering::Release);
        self.thread.unpark();
    }
}
