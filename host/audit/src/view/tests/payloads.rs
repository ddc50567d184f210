//! Payloads that are there, are not, or should not be.

use super::*;
use crate::record::Keep;
use crate::verify::{Fault, FaultKind};

#[test]
fn what_was_not_said_is_told_from_what_is_not_kept() {
    let quiet = Ended { output: None, allowed: Vec::new(), log: Vec::new(), reason: None, ..ended() };
    let mut log = Written::new();
    let intent = log.begin("a", &Keeping::WHOLE);
    log.end(intent, "a", quiet, &Keeping::WHOLE);
    log.kept.clear();
    let call = log.call();
    let OutcomeSeen { output, calls, log, reason, .. } = outcome(&call);
    assert_eq!((output, reason), (&None, &None));
    assert_eq!((calls, log), (&Seen::Text(Vec::new()), &Seen::Text(Vec::new())));
    assert_eq!(call.input, Seen::Lost);
    assert_eq!(call.granted, Value::Null);
}

#[test]
fn a_payload_that_is_not_there_says_why() {
    for (found, seen) in
        [(Found::Erased, Seen::Erased), (Found::Missing, Seen::Lost), (Found::Unread, Seen::Unread)]
    {
        let mut log = one_call(&Keeping::WHOLE);
        log.kept.values_mut().for_each(|kept| *kept = found.clone());
        let call = log.call();
        assert_eq!((&call.input, &call.granted), (&seen, &Value::Null));
        assert_eq!((&call.denials[0].resource, &call.denials[0].reason), (&seen, &seen));
        let outcome = outcome(&call);
        assert_eq!((&outcome.output, &outcome.reason), (&Some(seen.clone()), &Some(seen)));
        assert_eq!((outcome.calls.value(), outcome.log.value()), (None, None));
        assert_eq!(outcome.allowed, 7, "what the record says is still there");
    }
}

fn everywhere(keep: &Keep) -> Keeping {
    let [input, output, log, calls, reason, denial] = [(); 6].map(|()| keep.clone());
    Keeping { input, output, log, calls, reason, denial }
}

#[test]
fn what_the_operator_did_not_keep_is_shown_as_that() {
    let call = one_call(&everywhere(&Keep::Commitment)).call();
    assert_eq!((&call.input, &call.denials[0].reason), (&Seen::Committed, &Seen::Committed));
    let outcome = outcome(&call);
    assert_eq!((&outcome.output, &outcome.log), (&Some(Seen::Committed), &Seen::Committed));
    // Documents are kept all the same.
    assert_eq!(&Document::Inline(call.granted.clone()), new_call("a").subject.granted());
}

#[test]
fn what_was_redacted_shows_what_is_left() {
    let names = ["/user", "/resource", "/0/text", "/words"];
    let pointers = names.map(|name| name.parse().expect("it is a pointer")).to_vec();
    let call = one_call(&everywhere(&Keep::Redacted(pointers))).call();
    let redacted = |text: &str| Seen::Redacted(text.to_owned());
    assert_eq!(call.input, redacted(r#"{"user":"[redacted]"}"#));
    assert_eq!(call.denials[0].resource, redacted("[redacted]"));
    assert_eq!(call.denials[0].reason, redacted("the manifest does not declare it"));
    let outcome = outcome(&call);
    let Seen::Redacted(calls) = &outcome.calls else { panic!("{:?}", outcome.calls) };
    let left: Vec<_> = calls.iter().map(|call| (call.resource.as_str(), call.count)).collect();
    assert_eq!(left, [("[redacted]", 2), ("[redacted]", 1)]);
    let Seen::Redacted(lines) = &outcome.log else { panic!("{:?}", outcome.log) };
    assert_eq!((lines[0].level.as_str(), lines[0].text.as_str()), ("info", "[redacted]"));
    // Words are no JSON, and so not kept.
    assert_eq!(outcome.reason, Some(Seen::Committed));
}

#[test]
fn what_was_redacted_as_a_whole_still_reads() {
    let pointers = vec!["".parse().expect("it is a pointer")];
    let call = one_call(&everywhere(&Keep::Redacted(pointers))).call();
    assert_eq!(call.input, Seen::Redacted(r#""[redacted]""#.to_owned()));
    let outcome = outcome(&call);
    assert_eq!(outcome.calls.value().map(Vec::len), Some(2));
    assert_eq!(outcome.log.value().map(|lines| lines[0].text.as_str()), Some("[redacted]"));
}

/// The fault at record `seq`.
fn fault(log: &Written, seq: u64) -> FaultKind {
    let errors: Vec<Fault> = log
        .items_with(u64::MAX)
        .into_iter()
        .filter_map(|item| match item {
            Err(ReadError::Fault(fault)) => Some(fault),
            Err(ReadError::Io(error)) => panic!("{error}"),
            Ok(_) => None,
        })
        .collect();
    let [fault] = &errors[..] else { panic!("{errors:?}") };
    let before: usize = log.lines.lines().take(seq as usize).map(|line| line.len() + 1).sum();
    assert_eq!((fault.seq, fault.line, fault.offset), (seq, seq + 1, before as u64));
    fault.kind.clone()
}

#[test]
fn a_payload_that_is_not_the_one_that_was_bound_is_never_shown() {
    for (seq, field) in [(1, Field::Input), (1, Field::Granted), (2, Field::Denial), (3, Field::Reason)] {
        for wrong in [Found::Changed, Found::Committed] {
            let mut log = one_call(&Keeping::WHOLE);
            log.kept.insert((seq, field), wrong);
            assert!(matches!(fault(&log, seq), FaultKind::PayloadChanged { .. }), "{field} of {seq}");
        }
    }
    // One that should not be kept at all.
    let mut log = one_call(&everywhere(&Keep::Commitment));
    log.kept.insert((1, Field::Input), Found::Kept(b"{}".to_vec()));
    assert!(matches!(fault(&log, 1), FaultKind::PayloadChanged { .. }));
}

#[test]
fn a_payload_that_no_log_would_keep_is_a_fault() {
    for (seq, field, wrong) in [
        (1, Field::Input, &b"\xff"[..]),
        (1, Field::Granted, b"{"),
        (2, Field::Denial, b"[]"),
        (3, Field::Log, b"{}"),
        (3, Field::Calls, b"{}\n"),
    ] {
        let mut log = one_call(&Keeping::WHOLE);
        log.kept.insert((seq, field), Found::Kept(wrong.to_vec()));
        let FaultKind::Malformed { detail } = fault(&log, seq) else { panic!("{field} of {seq}") };
        assert!(detail.contains(&format!("its payload `{field}`")), "{detail}");
    }
}

#[test]
fn payloads_longer_than_asked_for_are_left_unread() {
    let log = one_call(&Keeping::WHOLE);
    let input = new_call("a").input.len() as u64;
    for (most, seen) in [(input, Seen::Text(new_call("a").input)), (input - 1, Seen::Unread)] {
        let items = log.items_with(most);
        let Some(Ok(Item::Call(call))) = items.get(1) else { panic!("{items:?}") };
        assert_eq!((&call.input, &call.granted), (&seen, &Value::Null));
    }
}

#[test]
fn without_payloads_a_call_is_still_a_call() {
    let log = one_call(&Keeping::WHOLE);
    let records = Records::new(log.lines.as_bytes()).placed();
    let items: Vec<_> = Items::new(records, NoPayloads, u64::MAX).collect();
    let Some(Ok(Item::Call(call))) = items.get(1) else { panic!("{items:?}") };
    assert_eq!((&call.input, outcome(call).allowed), (&Seen::Unread, 7));
}
