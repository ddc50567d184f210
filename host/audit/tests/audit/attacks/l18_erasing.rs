//! L18: payloads are erased, and that shows; under a hold they are not.

use std::sync::Arc;

use mpp_audit::{Entry, Erase, EraseError, Field, Hold, HoldAction, PayloadCounts, Retention, show};

use super::verified;
use crate::second_verifier::agree;
use crate::support::{call, home, new_call, open_quiet};

fn erase(number: u64, field: Field) -> Erase {
    Erase { id: new_call(number).id, field, basis: "asked for".to_owned(), actor: None }
}

fn hold(action: HoldAction, number: u64) -> Hold {
    Hold { action, id: Some(new_call(number).id), basis: "a case".to_owned(), actor: None }
}

#[test]
fn l18_an_erased_log_verifies_and_shows_what_was_erased() {
    let home = home();
    let log = Arc::new(open_quiet(home.path()));
    call(&log, 1);
    call(&log, 2);
    let receipt = log.erase(&erase(1, Field::Input)).expect("it is erased");
    let again = log.erase(&erase(1, Field::Input)).expect("it was erased");
    assert_eq!(receipt, again);
    drop(log);
    let summary = agree(home.path(), "an erased log").expect("it holds").summary;
    let counts = PayloadCounts { kept: 3, erased: 1, ..PayloadCounts::default() };
    assert_eq!(summary.payloads, Some(counts));
    let shown = show(home.path(), &Default::default()).expect("the log can be read");
    let Entry::Erasure(erasure) = &shown.records[receipt.seq as usize].entry else { panic!("{shown:?}") };
    assert_eq!((erasure.record, erasure.field), (1, Field::Input));
    let bound = shown.records[1].entry.payload(Field::Input).expect("it binds one");
    assert_eq!(erasure.commit, bound.commit);
}

#[test]
fn l18_what_is_under_a_hold_is_refused_and_stays() {
    let home = home();
    let log = Arc::new(open_quiet(home.path()));
    call(&log, 1);
    call(&log, 2);
    log.hold(&hold(HoldAction::Place, 1)).expect("it is on record");
    let refused = log.erase(&erase(1, Field::Input)).expect_err("a hold is on it");
    assert!(matches!(&refused, EraseError::Held { id: Some(id) } if *id == new_call(1).id), "{refused:?}");
    let retention = Retention { before: log.head().seq + 1, basis: "thirty days".to_owned(), actor: None };
    log.retain(&retention).expect("the other call may go");
    let counts = |kept, erased| Some(PayloadCounts { kept, erased, ..PayloadCounts::default() });
    assert_eq!(verified(home.path()).expect("it holds").summary.payloads, counts(2, 2));

    log.hold(&hold(HoldAction::Lift, 1)).expect("it is on record");
    log.erase(&erase(1, Field::Input)).expect("it is erased");
    log.retain(&retention).expect("the rest may go");
    drop(log);
    let summary = agree(home.path(), "an emptied log").expect("it holds").summary;
    assert_eq!(summary.payloads, counts(0, 4));
}
