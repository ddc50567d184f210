//! The file fails here in every way it can; what callers are told must be true.

use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;
use crate::Hash;
use std::io;

/// What was asked of the file.
#[derive(Default)]
struct Seen {
    written: Vec<u8>,
    /// How much of it a sync has made durable.
    durable: usize,
    appends: usize,
    syncs: usize,
}

/// A file in memory, which calls back before it does what it is asked.
struct Fake<F> {
    seen: Arc<Mutex<Seen>>,
    before: F,
}

/// What the file is asked for, and for which time, from 1.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Append(usize),
    Sync(usize),
}

impl<F: FnMut(Asked) -> io::Result<()> + Send> LogFile for Fake<F> {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let nth = {
            let mut seen = self.seen.lock().expect("no test panics here");
            seen.appends += 1;
            seen.appends
        };
        let result = (self.before)(Asked::Append(nth));
        // A write that fails may have written some of it.
        let written = if result.is_ok() { bytes } else { &bytes[..bytes.len() / 2] };
        self.seen.lock().expect("no test panics here").written.extend(written);
        result
    }

    fn sync(&mut self) -> io::Result<()> {
        let nth = {
            let mut seen = self.seen.lock().expect("no test panics here");
            seen.syncs += 1;
            seen.syncs
        };
        (self.before)(Asked::Sync(nth))?;
        let mut seen = self.seen.lock().expect("no test panics here");
        seen.durable = seen.written.len();
        Ok(())
    }

    fn check_in_place(&self) -> io::Result<()> {
        Ok(())
    }
}

struct NoPacks;

impl PackFile for NoPacks {
    fn append(&mut self, _: &[Payloads]) -> io::Result<()> {
        unreachable!("no record has a payload")
    }
    fn sync(&mut self) -> io::Result<()> {
        unreachable!("no record has a payload")
    }
}

const START: Receipt = Receipt { seq: 0, hash: Hash::ZERO };

fn commits<F>(before: F) -> (Commits, Arc<Mutex<Seen>>)
where
    F: FnMut(Asked) -> io::Result<()> + Send + 'static,
{
    let seen = Arc::new(Mutex::new(Seen::default()));
    let file = Fake { seen: Arc::clone(&seen), before };
    (Commits::new(Box::new(file), Box::new(NoPacks), START, 0, Vec::new(), 0).expect("a thread"), seen)
}

fn append(commits: &Commits) -> Result<Receipt, LogError> {
    commits.append(Vec::new(), Change::Nothing, |next| format!("{} after {}", next.seq, next.prev))
}

fn cause(error: LogError) -> String {
    match error {
        LogError::Poisoned { cause } => cause.to_string(),
        other => panic!("{other:?} instead of poisoned"),
    }
}

fn fails(asked: Asked) -> impl Fn(Asked) -> io::Result<()> + Send {
    move |now| if now == asked { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
}

#[test]
fn a_receipt_is_given_after_the_sync_and_never_before() {
    let (commits, seen) = commits(|_| Ok(()));
    for n in 1..=3 {
        let receipt = append(&commits).expect("nothing fails");
        assert_eq!(receipt.seq, n);
        let seen = seen.lock().expect("no test panics here");
        let durable = String::from_utf8_lossy(&seen.written[..seen.durable]);
        let line = durable.lines().last().expect("a line is durable");
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
    let seen = seen.lock().expect("no test panics here");
    assert_eq!((seen.appends, seen.syncs), (2, 1), "the file is left alone");
}

#[test]
fn a_failed_sync_stops_the_log_though_the_next_would_succeed() {
    let (commits, seen) = commits(fails(Asked::Sync(1)));
    assert!(cause(append(&commits).expect_err("the sync fails")).starts_with("syncing failed"));
    assert!(cause(append(&commits).expect_err("the log has stopped")).starts_with("syncing failed"));
    let seen = seen.lock().expect("no test panics here");
    assert_eq!((seen.appends, seen.syncs), (1, 1), "no sync is tried twice");
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
        let maker = scope.spawn(|| commits.append(Vec::new(), Change::Nothing, |_| panic!("no clock")));
        assert!(maker.join().is_err());
    });
    assert_eq!(cause(append(&commits).expect_err("the log has stopped")), "a writer panicked");
    assert_eq!(seen.lock().expect("no test panics here").appends, 0);
}

/// Runs one caller that stands in its first sync, and `others` that come
/// meanwhile. Returns what each was told, the first one first.
fn while_one_syncs(
    others: usize,
    then: impl Fn(Asked) -> io::Result<()> + Send + 'static,
) -> (Vec<Result<Receipt, LogError>>, Arc<Mutex<Seen>>) {
    let (in_sync, is_in_sync): (Sender<()>, Receiver<()>) = channel();
    let (go_on, may_go_on): (Sender<()>, Receiver<()>) = channel();
    let (commits, seen) = commits(move |asked| {
        if asked == Asked::Sync(1) {
            in_sync.send(()).expect("the test waits");
            may_go_on.recv().expect("the test goes on");
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
    let seen = seen.lock().expect("no test panics here");
    assert_eq!((seen.appends, seen.syncs), (2, 2));
    assert_eq!(seen.durable, seen.written.len());
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
    assert_eq!(seen.lock().expect("no test panics here").appends, 1);
}
