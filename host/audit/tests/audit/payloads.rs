//! Payloads and the records of calls: what may be said, and what may be missing.

use std::path::Path;

use mpp_audit::{CallCounts, FaultKind, Field, PayloadCounts, Verified};

use crate::forge::Forge;
use crate::second_verifier::agree;

/// Both verifiers are asked, and agree.
fn verified(dir: &Path) -> Result<Verified, (u64, FaultKind)> {
    agree(dir, "forged records").map_err(|fault| (fault.seq, fault.kind))
}

/// The first fault of a forged log.
fn bad(forge: &Forge) -> (u64, FaultKind) {
    verified(forge.write().path()).expect_err("it does not hold")
}

fn counts(forge: &Forge) -> (CallCounts, PayloadCounts) {
    let summary = verified(forge.write().path()).expect("it holds").summary;
    (summary.calls.expect("bodies were read"), summary.payloads.expect("payloads were read"))
}

const NONE: PayloadCounts = PayloadCounts { kept: 0, erased: 0, lost: 0, undestroyed: 0 };

#[test]
fn calls_denials_and_payloads_are_counted() {
    let mut forge = Forge::new();
    let open = forge.intent(1);
    let denied = forge.intent(2);
    forge.denial(denied, 2);
    forge.denial(open, 1);
    forge.outcome(denied, 2);
    let recovered = forge.intent(3);
    forge.recovered(recovered, 3);
    let (calls, payloads) = counts(&forge);
    assert_eq!(calls, CallCounts { begun: 3, open: 1, denials: 2 });
    assert_eq!(payloads, PayloadCounts { kept: 6, ..NONE });
}

#[test]
fn a_record_of_a_call_that_is_not_open_is_found() {
    type Deed = fn(&mut Forge, u64) -> u64;
    let cases: [(&str, Deed); 8] = [
        ("ended twice", |forge, call| forge.outcome(call, 1)),
        ("recovered after its end", |forge, call| forge.recovered(call, 1)),
        ("denied after its end", |forge, call| forge.denial(call, 1)),
        ("never begun", |forge, call| forge.outcome(call + 1, 1)),
        ("begun by a record that is no intent", |forge, _| forge.outcome(1, 1)),
        ("begun later", |forge, _| {
            let later = forge.next() + 1;
            let end = forge.outcome(later, 2);
            forge.intent(2);
            end
        }),
        ("of another identity", |forge, _| {
            let intent = forge.intent(2);
            forge.outcome(intent, 1)
        }),
        ("begun by itself", |forge, _| forge.recovered(forge.next(), 1)),
    ];
    for (what, deed) in cases {
        let mut forge = Forge::new();
        let call = forge.call(1);
        let at = deed(&mut forge, call);
        let (seq, kind) = bad(&forge);
        assert!(matches!(kind, FaultKind::NoOpenCall { .. }), "{what}: {kind}");
        assert_eq!(seq, at, "{what}");
    }
}

#[test]
fn a_payload_that_is_gone_without_a_reason_is_found() {
    let mut forge = Forge::new();
    let call = forge.call(1);
    forge.call(2);
    let mut erased = forge;
    erased.entry(call, "input").erase();
    let field = Field::Input;
    assert_eq!(bad(&erased), (call, FaultKind::PayloadMissing { field }));
    erased.drop_entry(call, "input");
    assert_eq!(bad(&erased), (call, FaultKind::PayloadMissing { field }));
    erased.entries.clear();
    assert_eq!(bad(&erased), (call, FaultKind::PayloadMissing { field }));
}

#[test]
fn a_changed_payload_is_found() {
    let mut forge = Forge::new();
    let call = forge.call(1);
    forge.entry(call + 1, "output").payload[3] ^= 1;
    assert_eq!(bad(&forge), (call + 1, FaultKind::PayloadChanged { field: Field::Output }));
    forge.entry(call + 1, "output").payload[3] ^= 1;
    forge.entry(call, "input").salt[0] ^= 1;
    assert_eq!(bad(&forge), (call, FaultKind::PayloadChanged { field: Field::Input }));
}

#[test]
fn payloads_of_one_text_cannot_be_exchanged() {
    let mut forge = Forge::new();
    let (one, two) = (forge.call(1), forge.call(1));
    let other = forge.entry(two, "input").clone();
    let entry = forge.entry(one, "input");
    (entry.salt, entry.payload) = (other.salt, other.payload);
    assert_eq!(bad(&forge), (one, FaultKind::PayloadChanged { field: Field::Input }));
}

#[test]
fn a_payload_that_is_only_committed_to_has_its_salt() {
    let mut forge = Forge::new();
    let input = forge.committed("input", "a secret");
    let intent = forge.next();
    forge.payload("granted", "{}");
    let granted = forge.entries.pop().expect("it was added");
    let body = Forge::intent_of(1, &input);
    forge.record("intent", body);
    forge.outcome(intent, 1);
    assert_eq!(counts(&forge).1, PayloadCounts { kept: 2, ..NONE });
    forge.entries.insert(1, granted);
    let (seq, kind) = bad(&forge);
    assert!(matches!(kind, FaultKind::Pack { .. }), "{kind}");
    assert_eq!(seq, intent, "nothing binds the second entry of this record");
    forge.entries.remove(1);
    forge.entries[0].state = 1;
    assert_eq!(bad(&forge), (intent, FaultKind::PayloadChanged { field: Field::Input }));
}

#[test]
fn what_is_erased_or_lost_on_record_may_be_gone() {
    let mut forge = Forge::new();
    let (one, two, three) = (forge.call(1), forge.call(2), forge.call(3));
    forge.entry(one, "input").erase();
    forge.drop_entry(two + 1, "output");
    forge.erasure(one, 1, "input");
    forge.lost(two + 1, "output");
    forge.erasure(three, 3, "input");
    let (_, payloads) = counts(&forge);
    assert_eq!(payloads, PayloadCounts { kept: 4, erased: 1, lost: 1, undestroyed: 1 });
}

#[test]
fn an_erasure_that_was_interrupted_halfway_is_no_fault() {
    let mut forge = Forge::new();
    let call = forge.call(1);
    forge.entry(call, "input").salt = [0; 32];
    forge.erasure(call, 1, "input");
    forge.entry(call, "input").payload.fill(0);
    assert_eq!(counts(&forge).1, PayloadCounts { kept: 1, erased: 1, ..NONE });
    forge.erasure(call, 1, "input");
    assert_eq!(counts(&forge).1.undestroyed, 0, "it was named twice, and is gone");
}

#[test]
fn a_reason_must_name_a_payload_that_was_there_before() {
    let no_payload =
        |record, field: &str| FaultKind::NoPayload { record, field: field.parse().expect("a field") };
    let mut forge = Forge::new();
    let call = forge.call(1);
    let good = forge.next();
    for (record, of, field) in
        [(call, 1, "output"), (call, 2, "input"), (1, 1, "input"), (good, 1, "input"), (good + 7, 1, "input")]
    {
        forge.erasure(record, of, field);
        assert_eq!(bad(&forge), (good, no_payload(record, field)));
        forge.records.pop();
    }
    for (record, field) in [(call, "output"), (call + 1, "input"), (1, "input"), (good, "input")] {
        forge.lost(record, field);
        assert_eq!(bad(&forge), (good, no_payload(record, field)));
        forge.records.pop();
    }
    forge.erasure(call, 1, "input");
    let (_, body) = forge.records.last_mut().expect("it was added");
    let commit = body.find(r#""commit":""#).expect("it has one") + 10;
    let other = if body.as_bytes()[commit] == b'0' { "1" } else { "0" };
    body.replace_range(commit..=commit, other);
    assert_eq!(bad(&forge), (good, no_payload(call, "input")));
}

#[test]
fn a_reason_for_one_payload_excuses_no_other() {
    let mut forge = Forge::new();
    let call = forge.call(1);
    forge.entry(call, "input").erase();
    forge.entry(call + 1, "output").erase();
    forge.erasure(call, 1, "input");
    assert_eq!(bad(&forge), (call + 1, FaultKind::PayloadMissing { field: Field::Output }));
}

#[test]
fn retention_takes_what_is_older_and_nothing_else() {
    let mut forge = Forge::new();
    let calls: Vec<u64> = (1..=5).map(|call| forge.call(call)).collect();
    forge.entries.clear();
    forge.heartbeat();
    forge.retention(calls[4]);
    assert_eq!(bad(&forge), (calls[4], FaultKind::PayloadMissing { field: Field::Input }));
    let after = forge.next();
    forge.retention(after);
    assert_eq!(counts(&forge).1, PayloadCounts { erased: 10, ..NONE });
    let before = forge.next() + 1;
    forge.retention(before);
    assert_eq!(bad(&forge), (before - 1, FaultKind::Retention { before }));
}

#[test]
fn what_is_under_a_hold_is_not_destroyed() {
    let mut forge = Forge::new();
    let (one, two) = (forge.call(1), forge.call(2));
    forge.hold("place", Some(2));
    forge.hold("place", Some(1));
    forge.hold("lift", Some(1));
    let erasure = forge.erasure(two, 2, "input");
    assert_eq!(bad(&forge), (erasure, FaultKind::Held { record: two, field: Field::Input }));
    forge.records.pop();

    // The first call may go, the second may not.
    forge.entry(one, "input").erase();
    forge.drop_entry(one + 1, "output");
    forge.retention(erasure);
    assert_eq!(counts(&forge).1, PayloadCounts { kept: 2, erased: 2, ..NONE });
    forge.entry(two, "input").erase();
    assert_eq!(bad(&forge), (two, FaultKind::PayloadMissing { field: Field::Input }));
    forge.hold("lift", Some(2));
    assert_eq!(bad(&forge), (two, FaultKind::PayloadMissing { field: Field::Input }));
    forge.retention(erasure);
    assert_eq!(counts(&forge).1, PayloadCounts { kept: 1, erased: 3, ..NONE });
}

#[test]
fn a_hold_covers_records_of_its_call_that_come_after_it() {
    let mut forge = Forge::new();
    let intent = forge.intent(1);
    forge.hold("place", Some(1));
    forge.retention(intent);
    let outcome = forge.outcome(intent, 1);
    forge.drop_entry(outcome, "output");
    let end = forge.next();
    forge.retention(end);
    assert_eq!(bad(&forge), (outcome, FaultKind::PayloadMissing { field: Field::Output }));
}

#[test]
fn a_hold_on_everything_stops_every_destruction() {
    let mut forge = Forge::new();
    let call = forge.call(1);
    forge.hold("place", None);
    let retention = forge.retention(call + 1);
    forge.entry(call, "input").erase();
    assert_eq!(bad(&forge), (call, FaultKind::PayloadMissing { field: Field::Input }));
    forge.hold("lift", None);
    forge.erasure(call, 1, "input");
    assert_eq!(counts(&forge).1, PayloadCounts { kept: 1, erased: 1, ..NONE });
    forge.records.truncate((retention - 3) as usize);
    let erasure = forge.erasure(call, 1, "input");
    assert_eq!(bad(&forge), (erasure, FaultKind::Held { record: call, field: Field::Input }));
}

#[test]
fn entries_that_no_record_binds_are_found_and_those_to_come_are_not() {
    let mut forge = Forge::new();
    let call = forge.call(1);
    let heartbeat = forge.heartbeat();
    let last = forge.call(2);
    let next = forge.next();
    let entry = forge.entry(call, "input").clone();
    for (seq, field, named) in
        [(call, 2, call), (heartbeat, 1, heartbeat), (last + 1, 3, last + 1), (0, 1, 0)]
    {
        let place = forge.entries.partition_point(|entry| (entry.seq, entry.field) < (seq, field));
        forge.entries.insert(place, crate::forge::Entry { seq, field, ..entry.clone() });
        let (found, kind) = bad(&forge);
        assert!(matches!(kind, FaultKind::Pack { .. }), "{kind}");
        assert_eq!(found, named, "{field} of {seq}");
        forge.entries.remove(place);
    }
    forge.entries.push(crate::forge::Entry { seq: next, ..entry });
    assert_eq!(counts(&forge).1, PayloadCounts { kept: 4, ..NONE });
}
