//! L20: many callers at once, and calls in every order.

use std::thread;

use super::*;
use crate::limits::MAX_DENIALS;
use crate::record::{Durability, Keep, Keeping};

fn open_with(dir: &Path, settings: Settings) -> Arc<Log> {
    let log = Log::open_on(Disk::new(disk::Open), dir, Box::new(SystemClock), settings);
    Arc::new(log.expect("the log opens"))
}

/// What a reader finds who comes right now, whatever the writer does next.
fn as_it_is(dir: &Path) -> TempDir {
    let copy = home();
    failing::copy(dir, copy.path());
    copy
}

#[test]
fn l20_of_256_callers_every_acknowledged_record_is_there_and_numbers_have_no_gaps() {
    const CALLERS: usize = 256;
    let dir = home();
    let log = open_with(dir.path(), settings());
    let mut kept: Vec<Receipt> = thread::scope(|scope| {
        let one = |caller| {
            let call = log.begin(new_call(&format!("call {caller}"))).expect("it begins");
            call.denied(denied("/etc/passwd")).expect("it is queued");
            call.durable().expect("it becomes durable");
            [call.intent(), call.end(ended()).expect("it ends")]
        };
        let callers: Vec<_> = (0..CALLERS).map(|caller| scope.spawn(move || one(caller))).collect();
        callers.into_iter().flat_map(|caller| caller.join().expect("no caller panics")).collect()
    });
    // As after a kill: nothing is signed, nothing is closed.
    let copy = as_it_is(dir.path());
    let records = calls::records(copy.path());
    assert_eq!(records.len(), 1 + 3 * CALLERS);
    kept.sort_unstable();
    assert!(kept.iter().all(|kept| records[kept.seq as usize].receipt() == *kept));
    holds(copy.path(), &kept, "as after a kill");
    let account = Account::of(copy.path(), "as after a kill");
    assert!(account.ended.values().all(|how| *how == "outcome"));
}

#[test]
fn an_intent_is_queued_and_durable_when_asked_for() {
    let dir = home();
    let log = open_with(dir.path(), settings());
    let call = log.begin(new_call("one")).expect("it begins");
    assert_eq!((call.intent().seq, log.head().seq), (1, 0));
    call.durable().expect("it becomes durable");
    assert_eq!(log.head(), call.intent());
    let end = call.end(ended()).expect("it ends");
    assert_eq!((end.seq, log.head()), (2, end));
}

#[test]
fn a_call_ends_once_and_is_denied_nothing_after_its_end() {
    let dir = home();
    let log = open_with(dir.path(), settings());
    let call = log.begin(new_call("one")).expect("it begins");
    call.end(ended()).expect("it ends");
    assert!(matches!(call.end(ended()), Err(LogError::Ended { id }) if id == "one"));
    assert!(matches!(call.denied(denied("/")), Err(LogError::Ended { id }) if id == "one"));
    assert_eq!(calls::records(dir.path()).len(), 3);
}

#[test]
fn a_denial_is_recorded_once_and_no_more_than_the_limit() {
    let dir = home();
    let log = open_with(dir.path(), settings());
    let call = log.begin(new_call("one")).expect("it begins");
    for _ in 0..2 {
        (0..2 * MAX_DENIALS).for_each(|n| call.denied(denied(&format!("/{n}"))).expect("it is queued"));
    }
    call.end(ended()).expect("it ends");
    let denials = calls::records(dir.path()).into_iter().filter(|record| record.entry.kind() == "denial");
    assert_eq!(denials.count(), MAX_DENIALS);
}

#[test]
fn a_relaxed_log_waits_for_nothing_and_a_checkpoint_covers_what_it_made_durable() {
    let dir = home();
    let log = open_with(dir.path(), Settings { durability: Durability::Relaxed, ..settings() });
    let call = log.begin(new_call("one")).expect("it begins");
    call.durable().expect("it does not wait");
    let end = call.end(ended()).expect("it does not wait");
    assert_eq!((end.seq, log.head().seq), (2, 0));
    let checkpoint = log.checkpoint().expect("it is signed");
    assert_eq!((checkpoint.claimed().head().size, log.head()), (3, end));
    let second = log.begin(new_call("two")).expect("it begins");
    log.flush().expect("it becomes durable");
    assert_eq!(log.head(), second.intent());
    let durabilities = calls::records(dir.path()).into_iter().filter_map(|record| match record.entry {
        Entry::Intent(intent) => Some(intent.durability),
        _ => None,
    });
    assert!(durabilities.eq([Durability::Relaxed; 2]), "every intent says so");
}

#[test]
fn a_relaxed_log_is_flushed_by_its_own_thread() {
    let dir = home();
    let every = Duration::from_millis(1);
    let relaxed = Settings { durability: Durability::Relaxed, checkpoint_every: every, ..settings() };
    let log = open_with(dir.path(), relaxed);
    let call = log.begin(new_call("one")).expect("it begins");
    while log.head() != call.intent() {
        thread::yield_now();
    }
}

#[test]
fn l22_what_is_not_to_be_kept_is_in_no_file() {
    let dir = home();
    let keeping = Keeping { input: Keep::Commitment, output: Keep::Commitment, ..Keeping::WHOLE };
    let log = open_with(dir.path(), Settings { keeping, ..settings() });
    let call = log.begin(new_call("canary")).expect("it begins");
    call.end(ended()).expect("it ends");
    log.checkpoint().map(drop).expect("it is signed");
    drop((call, log));
    let mut files = 0;
    failing::each_file(dir.path(), &mut |path| {
        files += 1;
        let bytes = fs::read(path).expect("it can be read");
        for secret in ["input of", "an output"] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{path:?}");
        }
    });
    assert!(files > 5);
}
