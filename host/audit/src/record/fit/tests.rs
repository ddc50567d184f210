//! Records of which every part is as long as it gets.

use std::convert::Infallible;
use std::time::SystemTime;

use serde_json::json;

use super::*;
use crate::limits::MAX_RECORD_BYTES;
use crate::record::Place;
use crate::record::{
    Algorithm, Body, CacheFault, Check, Entry, LogLine, OutcomeKind, Stage, TrustAction, Usage, Verdict,
};
use crate::{Hash, Timestamp};

/// Keeps nothing but says so.
struct Nowhere;

impl Keep for Nowhere {
    type Error = Infallible;
    fn keep(&self, bytes: &[u8]) -> Result<Stored, Infallible> {
        Ok(Stored { bytes: bytes.len() as u64, alg: Algorithm::Sha256, commit: Hash::of_payload(bytes) })
    }
}

fn fitted(event: &Event) -> Event {
    let Ok(event) = fit(event, &Nowhere);
    event
}

/// Each text as long as it gets, of characters that take the most room.
fn worst(text: &str, value: &serde_json::Value, payload: &str) -> Invocation {
    let text = || text.to_owned();
    let package = PackageIdentity {
        publisher: text(),
        name: text(),
        version: text(),
        digest: text(),
        envelope_digest: Some(text()),
        key_ids: vec![text(); 100],
        trust: Some(TrustEvidence {
            sequence: u64::MAX,
            root_version: Some(u64::MAX),
            index_version: Some(u64::MAX),
            lapse: Some(text()),
        }),
    };
    let check = Check {
        permission: text(),
        resource: text(),
        verdict: Verdict::Denied,
        reason: Some(text()),
        count: u64::MAX,
    };
    let line = LogLine { level: text(), text: text() };
    let time = Timestamp::from(SystemTime::UNIX_EPOCH);
    Invocation {
        id: text(),
        package,
        tool: text(),
        agent: Some(text()),
        declared: value.clone().into(),
        granted: value.clone().into(),
        limits: value.clone().into(),
        input: payload.into(),
        started: time,
        output: Some(payload.into()),
        checks: vec![check; 100],
        checks_dropped: u64::MAX,
        log: vec![line; 100],
        log_dropped: u64::MAX,
        cut_bytes: u64::MAX,
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
        outcome: OutcomeRecord { kind: OutcomeKind::BadOutput, code: Some(text()), reason: Some(text()) },
        ended: time,
    }
}

fn line_len(event: Event) -> usize {
    let body = Body::of(&Entry::Event(event)).expect("a fitted event can be recorded");
    body.at(&Place::widest()).len()
}

#[test]
fn the_largest_event_there_is_fits_into_a_record() {
    let value = json!("x".repeat(MAX_DOCUMENT_BYTES - 2));
    let payload = "x".repeat(MAX_INLINE_BYTES - 2);
    for character in ["\u{1}", "\"", "x", "é", "𝄞"] {
        // Around the length where things just fit, and far beyond.
        for length in [40, 42, 200, 254, 1000, 1022, 4000, 4094, 100_000] {
            let event = worst(&character.repeat(length), &value, &payload);
            let fitted = fitted(&Event::Invocation(Box::new(event)));
            let Event::Invocation(call) = &fitted else { unreachable!("an invocation stays one") };
            assert_eq!(call.declared, value.clone().into());
            assert_eq!(call.input, payload.as_str().into());
            assert!(line_len(fitted) <= MAX_RECORD_BYTES);
        }
    }
}

#[test]
fn the_largest_refusal_fits_into_a_record() {
    let text = "\u{1}".repeat(100_000);
    let package = worst(&text, &json!(0), "").package;
    let event = Event::Refusal(Box::new(Refusal {
        presented: text.clone(),
        package: Some(package),
        verified: false,
        agent: Some(text.clone()),
        stage: Stage::Package,
        code: text.clone(),
        reason: text,
        cut_bytes: 0,
    }));
    let fitted = fitted(&event);
    let Event::Refusal(refusal) = &fitted else { unreachable!("a refusal stays one") };
    assert!(refusal.cut_bytes > 0);
    assert!(line_len(fitted) <= MAX_RECORD_BYTES);
}

#[test]
fn the_largest_cache_record_fits_into_a_record() {
    let text = "\u{1}".repeat(100_000);
    let package = worst(&text, &json!(0), "").package;
    let event = CacheRejection { package, entry: text, reason: CacheFault::NotAuthentic };
    assert!(line_len(fitted(&Event::Cache(Box::new(event)))) <= MAX_RECORD_BYTES);
}

/// One change of trust for each kind of subject, its texts as given.
fn changes(text: &str) -> [TrustChange; 5] {
    let text = || text.to_owned();
    let change = |action, subject| TrustChange {
        action,
        publisher: Some(text()),
        subject,
        replaced_version: Some(u64::MAX),
        actor: Some(text()),
    };
    let policy = TrustPolicy { max_index_age_s: Some(u64::MAX), stale_index: text() };
    [
        change(TrustAction::Pin, TrustSubject::Key { id: text() }),
        change(TrustAction::UpdateRoot, TrustSubject::Root { version: u64::MAX, digest: text() }),
        change(TrustAction::RefreshIndex, TrustSubject::Index { version: u64::MAX, digest: text() }),
        change(TrustAction::ForgetSequence, TrustSubject::Package { name: text() }),
        change(TrustAction::SetPolicy, TrustSubject::Policy(policy)),
    ]
}

#[test]
fn the_largest_changes_of_trust_fit_into_a_record() {
    for change in changes(&"\u{1}".repeat(100_000)) {
        assert!(line_len(fitted(&Event::TrustChange(change))) <= MAX_RECORD_BYTES);
    }
}

#[test]
fn changes_of_trust_that_fit_are_left_as_they_are() {
    for change in changes("x").map(Event::TrustChange) {
        assert_eq!(fitted(&change), change);
    }
}

#[test]
fn what_fits_is_left_as_it_is() {
    let mut call = worst("x", &json!({"a": [1, 2.5, null]}), "{}");
    call.checks.truncate(1);
    call.log.truncate(1);
    call.package.key_ids.truncate(1);
    call.cut_bytes = 0;
    let event = Event::Invocation(Box::new(call));
    assert_eq!(fitted(&event), event);
}

#[test]
fn what_is_dropped_is_counted() {
    let mut call = worst("x", &json!(0), "");
    (call.checks_dropped, call.log_dropped) = (5, 7);
    call.checks = vec![call.checks[0].clone(); 10_000];
    call.log = vec![call.log[0].clone(); 10_000];
    let Event::Invocation(call) = fitted(&Event::Invocation(Box::new(call))) else {
        unreachable!("an invocation stays one")
    };
    assert_eq!(call.checks.len() as u64 + call.checks_dropped, 10_005);
    assert_eq!(call.log.len() as u64 + call.log_dropped, 10_007);
}

#[test]
fn a_payload_at_its_limit_stays_and_one_more_byte_goes_to_a_file() {
    let most = "x".repeat(MAX_INLINE_BYTES - 2);
    let Ok(kept) = payload(&most.as_str().into(), &Nowhere);
    assert_eq!(kept, Payload::Inline(most.clone()));
    let more = most + "x";
    let Ok(kept) = payload(&more.as_str().into(), &Nowhere);
    let Ok(stored) = Nowhere.keep(more.as_bytes());
    assert_eq!(kept, Payload::Stored(stored));
}

#[test]
fn a_document_too_large_or_too_deep_goes_to_a_file() {
    let mut deep = json!(1);
    for _ in 0..MAX_DOCUMENT_DEPTH {
        deep = json!([deep]);
    }
    let Ok(kept) = document(&deep.clone().into(), &Nowhere);
    assert_eq!(kept, Document::Inline(deep.clone()));
    let large = json!("x".repeat(MAX_DOCUMENT_BYTES));
    for value in [json!([deep]), large] {
        let Ok(kept) = document(&value.clone().into(), &Nowhere);
        let Ok(stored) = Nowhere.keep(value.to_string().as_bytes());
        assert_eq!(kept, Document::Stored(stored));
    }
}
