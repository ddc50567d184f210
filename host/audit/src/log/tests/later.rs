//! Calls that wait without a thread.

use std::future::Future as _;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use super::*;
use crate::record::{Durability, Ended};

struct Unparks(Thread);

impl Wake for Unparks {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a task in this thread.
fn run<T>(task: impl Future<Output = T>) -> T {
    let waker = Arc::new(Unparks(thread::current())).into();
    let mut task = pin!(task);
    loop {
        match task.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(done) => return done,
            Poll::Pending => thread::park(),
        }
    }
}

/// What a task is told that looks once.
fn look<T: Copy + Unpin>(task: &mut Later<T>) -> Poll<Result<T, LogError>> {
    Pin::new(task).poll(&mut Context::from_waker(Waker::noop()))
}

fn open_with(dir: &Path, durability: Durability) -> Arc<Log> {
    let settings = Settings { durability, ..settings() };
    Arc::new(Log::open_with(dir, SystemClock, settings).expect("the log opens"))
}

#[test]
fn what_a_task_waits_for_is_durable_when_it_is_ready() {
    let dir = home();
    let log = open_with(dir.path(), Durability::Strict);
    let call = log.begin(new_call("one")).expect("it begins");
    assert_eq!(log.head().seq, 0);
    run(call.durably()).expect("it becomes durable");
    assert_eq!(log.head(), call.intent());
    assert!(matches!(look(&mut call.durably()), Poll::Ready(Ok(()))), "it is by now");
    let end = run(call.ending(ended())).expect("it ends");
    assert_eq!((end.seq, log.head()), (2, end));
    assert!(matches!(run(call.ending(ended())), Err(LogError::Ended { id }) if id == "one"));
    run(call.durably()).expect("its intent is as durable as its outcome");
}

#[test]
fn where_durability_is_relaxed_a_task_waits_for_nothing() {
    let dir = home();
    let log = open_with(dir.path(), Durability::Relaxed);
    let call = log.begin(new_call("one")).expect("it begins");
    assert!(matches!(look(&mut call.durably()), Poll::Ready(Ok(()))));
    let Poll::Ready(Ok(receipt)) = look(&mut call.ending(ended())) else { panic!("it waits") };
    assert_eq!(receipt.seq, 2);
    drop((call, log));
    assert_eq!(calls::records(dir.path())[2].receipt(), receipt);
}

#[test]
fn a_task_that_queues_more_than_memory_should_hold_waits_for_the_disk() {
    let dir = home();
    let log = open_with(dir.path(), Durability::Relaxed);
    let call = log.begin(new_call("one")).expect("it begins");
    let large = Ended { output: Some("x".repeat(64 << 20)), ..ended() };
    let receipt = run(call.ending(large)).expect("it ends");
    assert_eq!(log.head(), receipt);
}

#[test]
fn an_outcome_becomes_durable_though_nobody_looks() {
    let dir = home();
    let log = open_with(dir.path(), Durability::Strict);
    let call = log.begin(new_call("one")).expect("it begins");
    drop(call.ending(ended()));
    drop((call, log));
    let records = calls::records(dir.path());
    assert_eq!(records[2].entry.kind(), "outcome");
}

#[test]
fn a_log_that_is_closed_while_a_task_waits_is_signed_and_let_go_of() {
    let dir = home();
    let log = open_with(dir.path(), Durability::Strict);
    let call = log.begin(new_call("one")).expect("it begins");
    let ending = call.ending(ended());
    drop((call, log));
    // Whoever still has the future does not keep the lock.
    let again = open_with(dir.path(), Durability::Strict);
    let receipt = run(ending).expect("it was durable when the log was closed");
    assert_eq!(again.head(), receipt);
    drop(again);
    holds(dir.path(), &[receipt], "closed while a task waits");
}

#[test]
fn a_task_is_told_once() {
    let dir = home();
    let log = open_with(dir.path(), Durability::Relaxed);
    let call = log.begin(new_call("one")).expect("it begins");
    let mut ending = call.ending(ended());
    assert!(look(&mut ending).is_ready());
    assert!(look(&mut ending).is_pending());
}

#[test]
fn a_task_is_refused_where_the_log_has_stopped() {
    for durability in [Durability::Strict, Durability::Relaxed] {
        let dir = home();
        let log = open_with(dir.path(), durability);
        let call = log.begin(new_call("one")).expect("it begins");
        log.kept.commits.poison(&"on purpose");
        assert!(matches!(run(call.durably()), Err(LogError::Poisoned { .. })));
        assert!(matches!(run(call.ending(ended())), Err(LogError::Poisoned { .. })));
    }
}
