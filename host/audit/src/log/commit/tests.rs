//! The files fail here in every way they can; what callers are told must be true.

mod ahead;
mod fake;
mod payloads;
mod queueing;
mod tasks;

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;
use crate::Hash;

use fake::{Asked, Seen, commits, fails};

fn append(commits: &Commits) -> Result<Receipt, LogError> {
    commits.append(Vec::new(), Change::Nothing, line)
}

fn line(next: Next, to: &mut String) {
    to.push_str(&format!("{} after {}", next.seq, next.prev));
}

fn cause(error: LogError) -> String {
    match error {
        LogError::Poisoned { cause } => cause.to_string(),
        other => panic!("{other:?} instead of poisoned"),
    }
}

#[test]
fn a_receipt_is_given_after_the_sync_and_never_before() {
    let (commits, seen) = commits(|_| Ok(()));
    for n in 1..=3 {
        let receipt = append(&commits).expect("nothing fails");
        assert_eq!(receipt.seq, n);
        let durable = seen.state().durable_lines();
        let line = durable.last().expect("a line is durable");
        assert_eq!(Hash::of_record(line.as_bytes()), receipt.hash);
        assert_eq!(commits.durable(), receipt);
    }
}

#[test]
fn a_failed_write_stops_the_log() {
    let (commits, seen) = commits(fails(Asked::Append(2)));
    let first = append(&commits).expect("the first write holds");
    assert!(cause(append(&commits).expect_err("the second fails")).starts_with("writing failed"));
    assert_eq!(commits.durable(), first);
    assert!(cause(append(&commits).expect_err("the log has stopped")).starts_with("writing failed"));
    assert!(commits.check().is_err());
    assert_eq!(seen.state().lines(), (2, 1), "the file is left alone");
}

#[test]
fn a_failed_sync_stops_the_log_though_the_next_would_succeed() {
    let (commits, seen) = commits(fails(Asked::Sync(1)));
    assert!(cause(append(&commits).expect_err("the sync fails")).starts_with("syncing failed"));
    assert!(cause(append(&commits).expect_err("the log has stopped")).starts_with("syncing failed"));
    assert_eq!(seen.state().lines(), (1, 1), "no sync is tried twice");
}

#[test]
fn a_writer_that_panics_stops_the_log_and_leaves_nobody_waiting() {
    let (commits, _) = commits(|_| panic!("the disk is on fire"));
    std::thread::scope(|scope| {
        let leader = scope.spawn(|| append(&commits));
        assert!(leader.join().is_err(), "the panic is the leader's");
        let next = scope.spawn(|| append(&commits));
        let refused = next.join().expect("the panic is nobody else's");
        assert_eq!(cause(refused.expect_err("the log has stopped")), "its writer panicked");
    });
}

#[test]
fn a_panic_while_a_line_is_made_stops_the_log() {
    let (commits, seen) = commits(|_| Ok(()));
    std::thread::scope(|scope| {
        let maker = scope.spawn(|| commits.append(Vec::new(), Change::Nothing, |_, _| panic!("no clock")));
        assert!(maker.join().is_err());
    });
    assert_eq!(cause(append(&commits).expect_err("the log has stopped")), "a writer panicked");
    assert_eq!(seen.state().lines(), (0, 0));
}

/// Runs one caller that stands in its first sync, and `others` that come
/// meanwhile. Returns what each was told, the first one first.
fn while_one_syncs(
    others: usize,
    then: impl Fn(Asked) -> io::Result<()> + Send + Sync + 'static,
) -> (Vec<Result<Receipt, LogError>>, Seen) {
    let (in_sync, is_in_sync): (Sender<()>, Receiver<()>) = channel();
    let (go_on, may_go_on): (Sender<()>, Receiver<()>) = channel();
    let may_go_on = Mutex::new(may_go_on);
    let (commits, seen) = commits(move |asked| {
        if asked == Asked::Sync(1) {
            in_sync.send(()).expect("the test waits");
            may_go_on.lock().expect("one waits").recv().expect("the test goes on");
        }
        then(asked)
    });
    let told = std::thread::scope(|scope| {
        let first = scope.spawn(|| append(&commits));
        is_in_sync.recv().expect("the first caller syncs");
        let rest: Vec<_> = (0..others).map(|_| scope.spawn(|| append(&commits))).collect();
        while commits.lock().queued() < others {
            std::thread::yield_now();
        }
        go_on.send(()).expect("the first caller waits");
        std::iter::once(first).chain(rest).map(|caller| caller.join().expect("no caller panics")).collect()
    });
    (told, seen)
}

#[test]
fn callers_that_come_during_a_sync_share_the_next() {
    let (told, seen) = while_one_syncs(63, |_| Ok(()));
    let mut seqs: Vec<u64> = told.into_iter().map(|told| told.expect("nothing fails").seq).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=64).collect::<Vec<u64>>());
    assert_eq!(seen.state().lines(), (2, 2));
    assert_eq!(seen.state().durable_lines().len(), 64);
}

#[test]
fn all_who_share_a_failed_sync_are_refused_and_who_was_before_is_not() {
    let (mut told, _) = while_one_syncs(63, fails(Asked::Sync(2)));
    assert_eq!(told.remove(0).expect("the first sync holds").seq, 1);
    for told in told {
        assert!(cause(told.expect_err("the second sync fails")).starts_with("syncing failed"));
    }
}

#[test]
fn all_who_wait_behind_a_failed_sync_are_refused_untried() {
    let (told, seen) = while_one_syncs(63, fails(Asked::Sync(1)));
    for told in told {
        assert!(cause(told.expect_err("the first sync fails")).starts_with("syncing failed"));
    }
    assert_eq!(seen.state().lines(), (1, 1));
}

#[test]
fn all_who_wait_behind_a_writer_that_panics_are_refused() {
    let (in_sync, is_in_sync): (Sender<()>, Receiver<()>) = channel();
    let (go_on, may_go_on): (Sender<()>, Receiver<()>) = channel();
    let may_go_on = Mutex::new(may_go_on);
    let (commits, seen) = commits(move |asked| {
        if asked == Asked::Sync(1) {
            in_sync.send(()).expect("the test waits");
            may_go_on.lock().expect("one waits").recv().expect("the test goes on");
            panic!("the disk is on fire");
        }
        Ok(())
    });
    std::thread::scope(|scope| {
        let leader = scope.spawn(|| append(&commits));
        is_in_sync.recv().expect("the first caller syncs");
        let rest: Vec<_> = (0..8).map(|_| scope.spawn(|| append(&commits))).collect();
        while commits.lock().queued() < 8 {
            std::thread::yield_now();
        }
        go_on.send(()).expect("the first caller waits");
        assert!(leader.join().is_err());
        for caller in rest {
            let refused = caller.join().expect("the panic is nobody else's");
            assert_eq!(cause(refused.expect_err("the log has stopped")), "its writer panicked");
        }
    });
    assert_eq!(seen.state().lines(), (1, 1));
}

#[test]
fn many_callers_get_every_number_once_and_find_their_line_under_it() {
    const CALLERS: u64 = 32;
    const EACH: u64 = 50;
    let (commits, seen) = commits(|_| Ok(()));
    let mut receipts: Vec<Receipt> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                scope
                    .spawn(|| (0..EACH).map(|_| append(&commits).expect("nothing fails")).collect::<Vec<_>>())
            })
            .collect();
        callers.into_iter().flat_map(|caller| caller.join().expect("no caller panics")).collect()
    });
    receipts.sort_unstable();
    let lines = seen.state().durable_lines();
    let written =
        lines.iter().zip(1..).map(|(line, seq)| Receipt { seq, hash: Hash::of_record(line.as_bytes()) });
    assert_eq!(receipts, written.collect::<Vec<_>>());
    assert_eq!(receipts.len() as u64, CALLERS * EACH);
}
