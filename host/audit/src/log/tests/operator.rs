//! L18: what the operator may destroy, and what not.

use std::collections::BTreeMap;

use super::*;
use crate::packs::{Found, PackReader, PayloadRef};
use crate::record::{Field, Hold, HoldAction, Retention};

fn erase(id: &str, field: Field) -> Erase {
    Erase { id: id.to_owned(), field, basis: "a request".to_owned(), actor: None }
}

fn hold(action: HoldAction, id: Option<&str>) -> Hold {
    Hold { action, id: id.map(str::to_owned), basis: "a dispute".to_owned(), actor: None }
}

fn retention(before: u64) -> Retention {
    Retention { before, basis: "30 days".to_owned(), actor: None }
}

/// A log with a call for each of these, none of them signed.
fn log_with(dir: &Path, ids: &[&str]) -> Arc<Log> {
    let log = Arc::new(open(dir, disk::Open).expect("the log opens"));
    for id in ids {
        let call = log.begin(new_call(id)).expect("it begins");
        call.denied(denied("/one")).and_then(|()| call.denied(denied("/two"))).expect("it is queued");
        call.end(ended()).expect("it ends");
    }
    log
}

/// What there is of each payload.
fn found(dir: &Path) -> BTreeMap<String, Found> {
    let mut packs = PackReader::open(dir, 0).expect("they can be read");
    let mut found = BTreeMap::new();
    for record in calls::records(dir) {
        for (field, bound) in record.entry.payloads() {
            let of = PayloadRef { seq: record.seq, field };
            found.insert(of.to_string(), packs.check(of, &bound).expect("they can be read"));
        }
    }
    found
}

fn kinds(dir: &Path) -> Vec<&'static str> {
    calls::records(dir).iter().map(|record| record.entry.kind()).collect()
}

#[test]
fn l18_an_erased_payload_is_gone_and_that_is_on_record_before() {
    let dir = home();
    let log = log_with(dir.path(), &["one", "two"]);
    let receipt = log.erase(&erase("one", Field::Input)).expect("it is erased");
    assert_eq!(receipt, log.head());
    let found = found(dir.path());
    assert_eq!(found["input of record 1"], Found::Erased);
    assert_eq!(found.values().filter(|found| **found != Found::Kept).count(), 1, "nothing else is");
    assert_eq!(kinds(dir.path()).last(), Some(&"erasure"));
}

#[test]
fn l18_all_denials_of_a_call_are_erased_together() {
    let dir = home();
    let log = log_with(dir.path(), &["one"]);
    log.erase(&erase("one", Field::Denial)).expect("they are erased");
    let found = found(dir.path());
    assert_eq!([found["denial of record 2"], found["denial of record 3"]], [Found::Erased; 2]);
    assert_eq!(kinds(dir.path())[5..], ["erasure", "erasure"]);
}

#[test]
fn l18_erasing_again_puts_nothing_more_on_record() {
    let dir = home();
    let log = log_with(dir.path(), &["one"]);
    let first = log.erase(&erase("one", Field::Output)).expect("it is erased");
    assert_eq!(log.erase(&erase("one", Field::Output)).expect("it is erased"), first);
    assert_eq!(log.head(), first);
}

#[test]
fn l18_what_is_under_a_hold_is_not_erased_and_nothing_is_put_on_record() {
    let dir = home();
    let log = log_with(dir.path(), &["one", "two"]);
    let held = |id: &str| match log.erase(&erase(id, Field::Input)) {
        Ok(_) => None,
        Err(EraseError::Held { id }) => Some(id),
        Err(other) => panic!("{other:?}"),
    };
    log.hold(&hold(HoldAction::Place, Some("one"))).expect("it is held");
    let records = kinds(dir.path()).len();
    assert_eq!(held("one"), Some(Some("one".to_owned())));
    assert_eq!(kinds(dir.path()).len(), records);
    log.hold(&hold(HoldAction::Place, None)).expect("all is held");
    assert_eq!(held("two"), Some(None));
    assert!(matches!(log.retain(&retention(5)), Err(EraseError::Held { id: None })));
    log.hold(&hold(HoldAction::Lift, None)).expect("it is lifted");
    assert_eq!(held("one"), Some(Some("one".to_owned())), "its own hold is in force");
    assert_eq!(held("two"), None);
    log.hold(&hold(HoldAction::Lift, Some("one"))).expect("it is lifted");
    assert_eq!(held("one"), None);
}

#[test]
fn a_payload_that_no_record_binds_is_not_erased() {
    let dir = home();
    let log = log_with(dir.path(), &["one"]);
    for (id, field) in [("two", Field::Input), ("one", Field::Reason)] {
        let error = log.erase(&erase(id, field)).expect_err("there is none");
        assert!(matches!(error, EraseError::NotFound { .. }), "{error:?}");
    }
    assert_eq!(kinds(dir.path()).len(), 5);
}

#[test]
fn a_retention_destroys_what_is_older_but_for_what_is_held() {
    let dir = home();
    let log = log_with(dir.path(), &["one", "two", "three"]);
    log.hold(&hold(HoldAction::Place, Some("two"))).expect("it is held");
    log.retain(&retention(9)).expect("they are destroyed");
    for (payload, found) in found(dir.path()) {
        let seq: u64 = payload.rsplit(' ').next().and_then(|seq| seq.parse().ok()).expect("a number");
        let expected = if seq < 5 { Found::Erased } else { Found::Kept };
        assert_eq!(found, expected, "{payload}");
    }
    log.begin(new_call("four")).and_then(|call| call.end(ended())).expect("the log goes on");
}

#[test]
fn an_erasure_that_is_interrupted_is_finished_when_the_log_is_opened() {
    let prepared = home();
    drop(log_with(prepared.path(), &["one"]));
    for mode in [Mode::Once, Mode::Killed, Mode::Full] {
        for nth in 1.. {
            let dir = home();
            failing::copy(prepared.path(), dir.path());
            let gate = Failing::new(0, mode, dir.path());
            let seen = gate.seen();
            let log = open(dir.path(), gate).expect("the log opens");
            seen.arm(nth);
            let erased = log.erase(&erase("one", Field::Input));
            drop(log);
            let when = format!("{mode:?} at operation {nth}, {}", seen.failed());
            drop(open(dir.path(), disk::Open).unwrap_or_else(|error| panic!("{when}: {error}")));
            let on_record = kinds(dir.path()).contains(&"erasure");
            assert!(on_record || erased.is_err(), "{when}");
            let found = found(dir.path())["input of record 1"];
            assert_eq!(found == Found::Erased, on_record, "{when}: {found:?}");
            if erased.is_ok() && !seen.has_failed() {
                assert!(nth > 5, "{nth} operations are too few to be all");
                break;
            }
        }
    }
}
