//! The root over the host calls of an outcome, held against the list that is kept.

use mpp_audit::{FaultKind, Field, PayloadCounts};

use crate::forge::Forge;
use crate::second_verifier::agree;

const ENV: &str = r#"{"permission":"env","resource":"HOME","count":1}"#;
const CLOCK: &str = r#"{"permission":"clock","resource":"","count":2}"#;

/// A log with one call, the number of its outcome, and what both verifiers say.
fn verdict(end: impl FnOnce(&mut Forge, u64) -> u64) -> Result<PayloadCounts, (bool, FaultKind)> {
    let mut forge = Forge::new();
    let intent = forge.intent(1);
    let outcome = end(&mut forge, intent);
    match agree(forge.write().path(), "a list of calls") {
        Ok(verified) => Ok(verified.summary.payloads.expect("payloads were read")),
        Err(fault) => Err((fault.seq == outcome, fault.kind)),
    }
}

const KEPT: PayloadCounts = PayloadCounts { kept: 3, erased: 0, lost: 0, undestroyed: 0 };

#[test]
fn the_root_is_that_of_the_lines_of_the_list() {
    let whole = format!("{ENV}\n{CLOCK}\n{ENV}\n");
    assert_eq!(verdict(|forge, intent| forge.listed(intent, 1, &whole, &[ENV, CLOCK, ENV])), Ok(KEPT));
    assert_eq!(verdict(|forge, intent| forge.listed(intent, 1, "", &[])), Ok(KEPT));
    let unended = whole.strip_suffix('\n').expect("it ends with one");
    assert_eq!(verdict(|forge, intent| forge.listed(intent, 1, unended, &[ENV, CLOCK, ENV])), Ok(KEPT));
    // Longer than what is read at once.
    let long = ENV.replace("HOME", &"x".repeat(200_000));
    let lists = format!("{long}\n{long}\n");
    assert_eq!(verdict(|forge, intent| forge.listed(intent, 1, &lists, &[&long, &long])), Ok(KEPT));
}

#[test]
fn the_root_of_another_list_is_found() {
    let list = format!("{ENV}\n{CLOCK}\n");
    for lines in [&[ENV][..], &[CLOCK, ENV], &[ENV, CLOCK, ""], &[ENV, ENV], &[]] {
        let found = verdict(|forge, intent| forge.listed(intent, 1, &list, lines));
        assert_eq!(found, Err((true, FaultKind::CallsRoot)), "{lines:?}");
    }
}

#[test]
fn a_root_without_a_list_is_that_of_no_calls() {
    let found = verdict(|forge, intent| forge.unlisted(intent, 1, &[ENV]));
    assert_eq!(found, Err((true, FaultKind::CallsRoot)));
    let none = verdict(|forge, intent| forge.unlisted(intent, 1, &[]));
    assert_eq!(none, Ok(PayloadCounts { kept: 2, ..KEPT }));
}

#[test]
fn a_list_that_is_erased_on_record_confirms_no_root() {
    let erased = verdict(|forge, intent| {
        let outcome = forge.listed(intent, 1, "something else\n", &[ENV]);
        forge.erasure(outcome, 1, "calls");
        forge.entry(outcome, "calls").erase();
        outcome
    });
    assert_eq!(erased, Ok(PayloadCounts { kept: 2, erased: 1, ..KEPT }));
}

#[test]
fn a_list_that_was_changed_is_told_as_changed() {
    let changed = verdict(|forge, intent| {
        let outcome = forge.listed(intent, 1, &format!("{ENV}\n"), &[ENV]);
        forge.entry(outcome, "calls").payload[20] ^= 1;
        outcome
    });
    assert_eq!(changed, Err((true, FaultKind::PayloadChanged { field: Field::Calls })));
}
