//! L14: calls that were open when their writer was interrupted, and a writer that
//! is interrupted again while it puts that on record.

use std::fs::OpenOptions;
use std::io::Write as _;

use super::*;

/// What a writer leaves that is killed: calls that are open and signed, open and
/// not signed, and ended; half a record; and payloads of records that are not there.
fn interrupted() -> TempDir {
    let dir = home();
    let log = Arc::new(open(dir.path(), disk::Open).expect("the log opens"));
    let call = |id: &str| log.begin(new_call(id)).expect("it begins");
    let (_signed, ended_later) = (call("open and signed"), call("ended after it was signed"));
    log.checkpoint().map(drop).expect("it is signed");
    let _unsigned = call("open and not signed");
    ended_later.end(ended()).expect("it ends");
    call("ended").end(ended()).expect("it ends");
    // Its thread would sign everything if it were dropped.
    let copy = home();
    failing::copy(dir.path(), copy.path());
    let append = |name: &str, bytes: &[u8]| {
        let file = OpenOptions::new().append(true).open(copy.path().join(name));
        file.and_then(|mut file| file.write_all(bytes)).expect("it is there");
    };
    append("log.jsonl", br#"{"v":2,"seq":8"#);
    append("payloads/0", &[0, 0, 0, 0, 0, 0, 0, 8, 1, 1]);
    copy
}

/// The same, and the last payload is not whole.
fn interrupted_in_a_payload() -> TempDir {
    let dir = interrupted();
    let file = OpenOptions::new().write(true).open(dir.path().join("payloads/0")).expect("it is there");
    let length = file.metadata().expect("it can be looked at").len();
    file.set_len(length - 10 - 1).expect("it can be cut");
    dir
}

fn recovered(account: &Account) -> Vec<&str> {
    let recovered = account.ended.iter().filter(|(_, how)| **how == "recovered");
    recovered.map(|(intent, _)| account.begun[intent].as_str()).collect()
}

#[test]
fn l14_a_call_between_intent_and_outcome_is_closed_by_exactly_one_record() {
    let dir = interrupted();
    for _ in 0..3 {
        drop(open(dir.path(), disk::Open).expect("the log opens"));
        let account = Account::of(dir.path(), "after an interruption");
        assert_eq!(recovered(&account), ["open and signed", "open and not signed"]);
        assert_eq!((account.torn, account.open()), (1, vec![]));
    }
}

#[test]
fn l14_a_call_is_closed_once_whatever_operation_its_closing_is_interrupted_at() {
    for mode in [Mode::Once, Mode::Killed, Mode::PowerLoss, Mode::Full] {
        for nth in 1.. {
            let dir = interrupted_in_a_payload();
            let gate = Failing::new(nth, mode, dir.path());
            let seen = gate.seen();
            let opened = open(dir.path(), gate).map(drop);
            let when = format!("{mode:?} at operation {nth}, {}", seen.failed());
            let after_power_loss = seen.after_power_loss();
            for dir in after_power_loss.iter().chain([&dir]) {
                drop(open(dir.path(), disk::Open).unwrap_or_else(|error| panic!("{when}: {error}")));
                let account = Account::of(dir.path(), &when);
                assert_eq!(recovered(&account), ["open and signed", "open and not signed"], "{when}");
                assert_eq!((account.open(), account.lost.len()), (vec![], 1), "{when}");
                // The head of the last payload, and what there was of it.
                assert_eq!(account.cut_payload_bytes, 50 + 8, "{when}");
                // Half of what says so can be torn itself, and is cut off as well.
                let most = if mode == Mode::Full { 2 } else { 1 };
                assert!((1..=most).contains(&account.torn), "{when}: {}", account.torn);
            }
            if opened.is_ok() && !seen.has_failed() {
                assert!(nth > 20, "{nth} operations are too few to be all");
                break;
            }
        }
    }
}

#[test]
fn what_was_cut_off_is_put_on_record_with_its_length() {
    let dir = interrupted();
    drop(open(dir.path(), disk::Open).expect("the log opens"));
    let torn = calls::records(dir.path()).into_iter().find_map(|record| match record.entry {
        Entry::Torn(torn) => Some((torn.cut_bytes, torn.cut_payload_bytes)),
        _ => None,
    });
    assert_eq!(torn, Some((14, 10)));
}

#[test]
fn a_payload_that_never_became_durable_is_lost_on_record_and_once() {
    let dir = interrupted_in_a_payload();
    for _ in 0..3 {
        drop(open(dir.path(), disk::Open).expect("the log opens"));
        let account = Account::of(dir.path(), "after an interruption");
        let lost: Vec<String> = account.lost.iter().map(ToString::to_string).collect();
        assert_eq!(lost, ["output of record 6"]);
    }
}

#[test]
fn the_list_of_open_calls_is_made_anew_only_when_it_changes() {
    let dir = home();
    let log = Arc::new(open(dir.path(), disk::Open).expect("the log opens"));
    let list = || {
        log.checkpoint().map(drop).expect("it is signed");
        fs::read_to_string(dir.path().join("open")).expect("it is there")
    };
    assert_eq!(list(), "1\n");
    log.append(&event("com.example")).expect("it is recorded");
    assert_eq!(list(), "1\n", "no call");
    let first = log.begin(new_call("first")).expect("it begins");
    let second = log.begin(new_call("second")).expect("it begins");
    let begun = list();
    assert_eq!(begun, "4\n2\n3\n", "no checkpoint is signed yet that tells where the packs end");
    first.end(ended()).expect("it ends");
    let one = list();
    assert!(one.starts_with("5 4 0 ") && one.ends_with("\n3\n"), "{one}");
    second.end(ended()).expect("it ends");
    let none = list();
    assert_eq!(none.lines().count(), 1, "{none}");
    log.begin(new_call("third")).and_then(|call| call.end(ended())).expect("it is recorded");
    assert_eq!(list(), none, "the same calls are open");
}

#[test]
fn a_list_of_open_calls_that_does_not_fit_the_log_is_refused() {
    let dir = interrupted();
    let path = dir.path().join("open");
    for (list, expected) in [
        (&b"no number\n"[..], "it is no list of calls"),
        (b"99\n", "it is of more records than there are"),
        (b"3\n0\n", "record 0 began no call"),
    ] {
        fs::write(&path, list).expect("it can be written");
        match open(dir.path(), disk::Open) {
            Err(LogError::Evidence { path: found, what }) => {
                assert_eq!((found, what.as_str()), (path.clone(), expected))
            }
            other => panic!("{other:?}"),
        }
    }
    fs::remove_file(&path).expect("it is there");
    let missing = open(dir.path(), disk::Open);
    assert!(matches!(missing, Err(LogError::Missing { path: found }) if found == path));
}
