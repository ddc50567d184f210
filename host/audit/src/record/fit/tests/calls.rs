//! Calls, whatever is said in them.

use proptest::prelude::*;

use super::*;
use crate::limits::{MAX_LISTED_CALLS, MAX_RESOURCE_BYTES};
use crate::record::calls::{NO_CALLS, root};
use crate::record::payload::Kept;
use crate::record::{Allowed, Caller, Denied, Ended, Intent, LogLine, NewCall, OutcomeKind, Subject, Usage};

const EPOCH: SystemTime = SystemTime::UNIX_EPOCH;

/// A call of which each text is this one.
pub(super) fn new_call(text: &str, document: &Value) -> NewCall {
    let text = || text.to_owned();
    NewCall {
        id: text(),
        subject: Subject::new(
            package(&text()),
            document.clone().into(),
            document.clone().into(),
            document.clone().into(),
        )
        .expect("it can be recorded"),
        tool: text(),
        caller: Caller {
            agent: Some(text()),
            client: Some(text()),
            session: Some(text()),
            request: Some(text()),
            trace: Some(text()),
        },
        input: text(),
        started: Timestamp::from(EPOCH),
    }
}

pub(super) fn denied(text: &str) -> Denied {
    let text = || text.to_owned();
    Denied { permission: text(), code: text(), resource: text(), reason: text() }
}

pub(super) fn allowed(resource: &str, count: u64) -> Allowed {
    Allowed { permission: "filesystem.read".to_owned(), resource: resource.to_owned(), count }
}

/// The end of a call of which each text is this one, and each number as large as
/// it gets.
pub(super) fn ended(text: &str) -> Ended {
    let text = || text.to_owned();
    Ended {
        output: Some(text()),
        allowed: vec![Allowed { permission: text(), resource: text(), count: u64::MAX }],
        allowed_unlisted: u64::MAX,
        denied: u64::MAX,
        log: vec![LogLine { level: text(), text: text() }],
        log_dropped: u64::MAX,
        usage: Usage {
            wall_us: u64::MAX,
            fuel: Some(u64::MAX),
            peak_memory_bytes: u64::MAX,
            hostcalls: u64::MAX,
            input_bytes: u64::MAX,
            output_bytes: u64::MAX,
            log_bytes: u64::MAX,
            read_bytes: u64::MAX,
            written_bytes: u64::MAX,
            peak_open_files: u64::MAX,
            http_requests: u64::MAX,
            http_request_bytes: u64::MAX,
            http_response_bytes: u64::MAX,
        },
        kind: OutcomeKind::BadOutput,
        code: Some(text()),
        reason: Some(text()),
        ended: Timestamp::from(EPOCH),
        cut_bytes: u64::MAX,
    }
}

/// The end of a call that did nothing.
pub(super) fn quiet() -> Ended {
    Ended {
        output: None,
        allowed: Vec::new(),
        allowed_unlisted: 0,
        denied: 0,
        log: Vec::new(),
        log_dropped: 0,
        usage: Usage::default(),
        kind: OutcomeKind::Ok,
        code: None,
        reason: None,
        ended: Timestamp::from(EPOCH),
        cut_bytes: 0,
    }
}

/// An intent as every reader reads it.
pub(super) fn read(intent: &NewIntent) -> Intent {
    let Ok(Entry::Intent(read)) = intent.body.read_back() else { panic!("no intent is read") };
    *read
}

/// The entries of a call and their payloads.
pub(super) fn entries(
    call: NewCall,
    denied: Denied,
    ended: Ended,
    keeping: &Keeping,
) -> [(Entry, Vec<Prepared>); 3] {
    let (intent, input) = intent(call, Durability::Strict, keeping).expect("it fits");
    let (id, intent) = (intent.id.clone(), read(&intent));
    let (denial, denied) = denial(denied, u64::MAX, &id, keeping).expect("it fits");
    let (outcome, output) = outcome(ended, u64::MAX, &id, keeping).expect("it fits");
    [
        (Entry::Intent(Box::new(intent)), input),
        (Entry::Denial(Box::new(denial)), denied),
        (Entry::Outcome(Box::new(outcome)), output),
    ]
}

/// Each record of the call fits, is one line, binds exactly the payloads that go
/// with it, and each of them by its commitment.
fn all_fit(entries: &[(Entry, Vec<Prepared>)]) {
    for (entry, payloads) in entries {
        let line = Body::of(entry).expect("what was fitted can be recorded").at(&Place::widest());
        assert!(line.len() <= MAX_RECORD_BYTES, "{} bytes", line.len());
        assert!(line.bytes().all(|byte| byte >= b' '), "{line}");
        let bound: Vec<_> = payloads.iter().map(|payload| (payload.field, payload.bound)).collect();
        assert_eq!(entry.payloads(), bound);
        assert!(bound.is_sorted_by_key(|(field, _)| *field));
        for Prepared { field, bound, salt, stored } in payloads {
            assert_eq!(stored.is_none(), bound.kept == Kept::Commitment);
            if let Some(stored) = stored {
                assert_eq!(bound.bytes, stored.len() as u64);
                assert_eq!(bound.commit, crate::record::payload::commit(salt, *field, stored));
            }
        }
    }
}

#[test]
fn the_largest_call_there_is_fits_into_its_records() {
    let document = json!("x".repeat(MAX_DOCUMENT_BYTES - 2));
    for character in ["\u{1}", "\"", "x", "é", "𝄞"] {
        // Around the length where things just fit, and far beyond.
        for length in [40, 42, 200, 254, 1000, 1022, 4000, 4094, 100_000] {
            let text = character.repeat(length);
            let entries = entries(new_call(&text, &document), denied(&text), ended(&text), &Keeping::WHOLE);
            let Entry::Intent(intent) = &entries[0].0 else { unreachable!("an intent is first") };
            assert_eq!(intent.declared, document.clone().into());
            all_fit(&entries);
        }
    }
}

#[test]
fn what_fits_is_left_as_it_is() {
    let call = new_call("x", &json!({"a": [1, 2.5, null]}));
    let [(intent, _), (denial, said), (outcome, _)] =
        entries(call.clone(), denied("x"), quiet(), &Keeping::WHOLE);
    let Entry::Intent(intent) = intent else { unreachable!("an intent is first") };
    assert_eq!((intent.id, intent.tool, intent.caller), (call.id, call.tool, call.caller));
    assert_eq!(&intent.declared, call.subject.declared());
    assert_eq!((&intent.granted, &intent.limits), (call.subject.granted(), call.subject.limits()));
    assert_eq!(intent.cut_bytes, 0);
    let Entry::Denial(denial) = denial else { unreachable!("a denial is next") };
    assert_eq!((denial.permission, denial.code, denial.cut_bytes), ("x".to_owned(), "x".to_owned(), 0));
    assert_eq!(said[0].stored.as_deref(), Some(&br#"{"resource":"x","reason":"x"}"#[..]));
    let Entry::Outcome(outcome) = outcome else { unreachable!("an outcome is last") };
    assert_eq!((outcome.calls.root, outcome.calls.list, outcome.log), (NO_CALLS, None, None));
}

#[test]
fn what_is_cut_is_counted() {
    let text = "x".repeat(10_000);
    let [(intent, input), (denial, _), (outcome, _)] = entries(
        new_call(&text, &json!(0)),
        denied(&text),
        Ended { reason: Some(text.clone()), ..quiet() },
        &Keeping::WHOLE,
    );
    let Entry::Intent(intent) = intent else { unreachable!("an intent is first") };
    assert!(intent.tool.ends_with("…[cut 9784 bytes]"), "{}", intent.tool);
    assert!(intent.cut_bytes > 20 * 9_000);
    // What goes in is bound whole, however long.
    assert_eq!(input[0].stored.as_deref(), Some(text.as_bytes()));
    let Entry::Denial(denial) = denial else { unreachable!("a denial is next") };
    assert_eq!(
        denial.cut_bytes,
        2 * 9784 + (10_000 - (MAX_RESOURCE_BYTES as u64 - 40)) + (10_000 - (MAX_TEXT_BYTES as u64 - 40))
    );
    let Entry::Outcome(outcome) = outcome else { unreachable!("an outcome is last") };
    assert_eq!(outcome.cut_bytes, 10_000 - (MAX_TEXT_BYTES as u64 - 40));
}

#[test]
fn log_lines_that_find_no_room_are_counted() {
    let log = vec![LogLine { level: "info".to_owned(), text: "x".repeat(10_000) }; 1_000];
    let ended = Ended { log, log_dropped: 7, ..quiet() };
    let (outcome, payloads) = outcome(ended, 1, "x", &Keeping::WHOLE).expect("it fits");
    let stored = payloads[0].stored.as_deref().expect("it is kept");
    let kept: Vec<LogLine> = serde_json::from_slice(stored).expect("it is a list of lines");
    assert_eq!(kept.len() as u64 + outcome.log_dropped, 1_007);
}

#[test]
fn host_calls_beyond_those_listed_are_counted() {
    let many = MAX_LISTED_CALLS as u64 + 10;
    let ended = Ended {
        allowed: (0..many).map(|n| allowed(&format!("/data/{n}"), 2)).collect(),
        allowed_unlisted: 5,
        denied: 3,
        ..quiet()
    };
    let (outcome, payloads) = outcome(ended, 1, "x", &Keeping::WHOLE).expect("it fits");
    assert_eq!(outcome.calls.allowed, 2 * many + 5);
    assert_eq!(outcome.calls.unlisted, 2 * 10 + 5);
    assert_eq!(outcome.calls.denied, 3);
    let list = payloads[0].stored.as_deref().expect("it is kept");
    assert_eq!(list.iter().filter(|byte| **byte == b'\n').count(), MAX_LISTED_CALLS);
    assert_eq!(outcome.calls.root, root(&payloads[0].salt, list));
}

#[test]
fn the_root_is_over_what_the_commitment_covers() {
    let redact = Keep::Redacted(vec!["/resource".parse().expect("it is a pointer")]);
    for (keep, covered) in [
        (Keep::Whole, r#"{"permission":"filesystem.read","resource":"/data/a","count":2}"#),
        (Keep::Commitment, r#"{"permission":"filesystem.read","resource":"/data/a","count":2}"#),
        (redact, r#"{"count":2,"permission":"filesystem.read","resource":"[redacted]"}"#),
    ] {
        let keeping = Keeping { calls: keep, ..Keeping::WHOLE };
        let ended = Ended { allowed: vec![allowed("/data/a", 2)], ..quiet() };
        let (outcome, payloads) = outcome(ended, 1, "x", &keeping).expect("it fits");
        let covered = format!("{covered}\n");
        assert_eq!(outcome.calls.root, root(&payloads[0].salt, covered.as_bytes()));
        let bound = outcome.calls.list.expect("there is a list");
        let commit = crate::record::payload::commit(&payloads[0].salt, Field::Calls, covered.as_bytes());
        assert_eq!(bound.commit, commit);
    }
}

fn keeps() -> impl Strategy<Value = Keep> {
    let pointers = Keep::Redacted(vec!["".parse().expect("it is a pointer")]);
    prop_oneof![Just(Keep::Whole), Just(Keep::Commitment), Just(pointers)]
}

fn keepings() -> impl Strategy<Value = Keeping> {
    let keeps = (keeps(), keeps(), keeps(), keeps(), keeps(), keeps());
    keeps.prop_map(|(input, output, log, calls, reason, denial)| Keeping {
        input,
        output,
        log,
        calls,
        reason,
        denial,
    })
}

/// Text that takes much room in JSON, or could be taken for a part of it.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("\u{0}".to_owned()),
        Just("\u{1b}[2J".to_owned()),
        Just("\"}}\n{\"v\":2,\"seq\":1".to_owned()),
        Just("\u{2028}\u{85}\u{7f}".to_owned()),
        any::<String>(),
    ];
    (proptest::collection::vec(piece, 0..8), 0..400_usize)
        .prop_map(|(pieces, times)| pieces.concat().repeat(times))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_said_fits_and_stays_on_its_line(
        texts in proptest::collection::vec(hostile(), 4),
        keeping in keepings(),
        times in 0..400_usize,
    ) {
        let document = json!({ texts[0].as_str(): texts[1] });
        let mut end = ended(&texts[2]);
        end.allowed = vec![end.allowed[0].clone(); times];
        end.log = vec![end.log[0].clone(); times];
        all_fit(&entries(new_call(&texts[3], &document), denied(&texts[1]), end, &keeping));
    }
}
