//! Payload files: bound by their records, and checked with them.

use std::fs;
use std::path::{Path, PathBuf};

use mpp_audit::{Event, FaultKind, LogError, Payloads, ReadError, Stored, show, verify, verify_dir};

use crate::support::{call, file, home, invocation, long, open, pinned, stored};

/// A log whose second record keeps its input in a file: that file, and what binds it.
fn with_payload(dir: &Path) -> (PathBuf, Stored) {
    let log = open(dir);
    log.append(&pinned("com.example")).expect("the event is recorded");
    log.append(&call("count", &long('x'))).expect("the event is recorded");
    log.append(&pinned("com.example")).expect("the event is recorded");
    let shown = show(dir, &Default::default()).expect("the log can be read");
    let Some(Event::Invocation(call)) = shown.records[2].event() else { panic!("{shown:?}") };
    let stored = *stored(&call.input);
    (dir.join("payloads").join(stored.commit.to_string()), stored)
}

/// The first bad record and its fault.
fn fault(dir: &Path) -> (u64, FaultKind) {
    match verify_dir(dir, &[]).expect_err("the log does not hold") {
        ReadError::Fault(fault) => (fault.seq, fault.kind),
        ReadError::Io(error) => panic!("{error}"),
    }
}

#[test]
fn a_long_payload_is_kept_in_a_file_named_by_its_hash() {
    let home = home();
    let (path, stored) = with_payload(home.path());
    assert_eq!(fs::read(&path).expect("it is there"), long('x').into_bytes());
    assert_eq!(stored.bytes, 20_000);
    assert_eq!(stored.commit, mpp_audit::Hash::of_payload(long('x').as_bytes()));
    let summary = verify_dir(home.path(), &[]).expect("the log holds");
    assert!(summary.payloads_checked);
}

#[test]
fn a_missing_payload_is_found_and_its_record_named() {
    let home = home();
    let (path, Stored { commit, .. }) = with_payload(home.path());
    fs::remove_file(path).expect("it is there");
    assert_eq!(fault(home.path()), (2, FaultKind::PayloadMissing { commit }));
}

#[test]
fn a_changed_payload_is_found_and_its_record_named() {
    let home = home();
    let (path, Stored { commit, .. }) = with_payload(home.path());
    let good = fs::read(&path).expect("it is there");
    let mut flipped = good.clone();
    flipped[10_000] ^= 1;
    let shorter = &good[1..];
    let longer = [&good[..], b"x"].concat();
    for bad in [&flipped, shorter, &longer, &b""[..]] {
        fs::write(&path, bad).expect("it can be changed");
        assert_eq!(fault(home.path()), (2, FaultKind::PayloadChanged { commit }));
    }
    fs::write(&path, good).expect("it can be changed back");
    verify_dir(home.path(), &[]).map(drop).expect("the log holds again");
}

#[test]
fn a_directory_in_place_of_a_payload_is_a_changed_payload() {
    let home = home();
    let (path, Stored { commit, .. }) = with_payload(home.path());
    fs::remove_file(&path).expect("it is there");
    fs::create_dir(&path).expect("a directory in its place");
    assert_eq!(fault(home.path()), (2, FaultKind::PayloadChanged { commit }));
}

#[test]
fn without_the_directory_the_log_is_verified_and_says_what_was_left_out() {
    let home = home();
    let (path, _) = with_payload(home.path());
    fs::remove_file(path).expect("it is there");
    let log = fs::read(file(home.path())).expect("it is there");
    let summary = verify(&log[..], Payloads::Skipped, &[]).expect("the records hold");
    assert!(!summary.payloads_checked);
}

#[test]
fn the_same_payload_is_kept_once() {
    let home = home();
    let log = open(home.path());
    for _ in 0..3 {
        let mut call = invocation("echo", &long('x'));
        call.output = Some(long('x').into());
        log.append(&Event::Invocation(Box::new(call))).expect("the event is recorded");
    }
    assert_eq!(fs::read_dir(home.path().join("payloads")).expect("it is there").count(), 1);
    verify_dir(home.path(), &[]).map(drop).expect("the log holds");
}

#[test]
fn callers_with_the_same_payload_do_not_disturb_each_other() {
    let home = home();
    let log = open(home.path());
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| log.append(&call("echo", &long('x'))).expect("the event is recorded"));
        }
    });
    let summary = verify_dir(home.path(), &[]).expect("the log holds");
    assert_eq!(summary.records, 17);
    assert_eq!(fs::read_dir(home.path().join("payloads")).expect("it is there").count(), 1);
}

#[test]
fn a_payload_file_that_was_changed_is_not_written_over_and_stops_the_log() {
    let home = home();
    let (path, _) = with_payload(home.path());
    fs::write(&path, "something else").expect("it can be changed");
    let log = open(home.path());
    let error = log.append(&call("count", &long('x'))).expect_err("the file is not what it was");
    assert!(matches!(error, LogError::Tampered { .. }), "{error:?}");
    assert_eq!(fs::read_to_string(&path).expect("it is there"), "something else");
    assert!(log.check().is_err());
}

#[test]
fn what_an_interrupted_writer_left_is_cleared_away() {
    let home = home();
    drop(open(home.path()));
    let left = home.path().join("payloads/7.unfinished");
    fs::write(&left, "half a pay").expect("it can be written");
    drop(open(home.path()));
    assert!(!left.exists());
}
