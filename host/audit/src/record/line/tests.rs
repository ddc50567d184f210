//! Lines that are records, and lines that only look like it.

mod strictly;
mod trust;

use proptest::prelude::*;

use super::*;
use crate::record::{Body, CacheFault, Place};

/// Records of every kind, with and without what can be absent. They are no log.
fn examples() -> impl Iterator<Item = &'static str> {
    include_str!("tests/records.jsonl").lines()
}

fn line(kind: &str) -> &'static str {
    let kind = format!(r#""kind":"{kind}""#);
    examples().find(|line| line.contains(&kind)).expect("there is a record of every kind")
}

fn fault(line: &str) -> FaultKind {
    Record::decode(line.as_bytes()).expect_err("the line is refused")
}

/// The line with one piece replaced, which must be there.
fn with(line: &str, from: &str, to: &str) -> String {
    assert!(line.contains(from), "{from} is not in {line}");
    line.replacen(from, to, 1)
}

fn is_malformed(line: &str, detail: &str) {
    match fault(line) {
        FaultKind::Malformed { detail: found } => {
            assert!(found.contains(detail), "{found:?} does not say {detail:?}");
        }
        other => panic!("{other:?} instead of malformed for {line}"),
    }
}

#[test]
fn every_kind_of_record_reads_and_writes_the_same() {
    for line in examples() {
        let record = Record::decode(line.as_bytes()).expect("the record is valid");
        let body = Body::of(&record.entry).expect("what was read can be written");
        assert_eq!(
            body.at(&Place { seq: record.seq, epoch: record.epoch, prev: record.prev, ts: record.ts }),
            line
        );
        assert_eq!(record.line, line);
    }
}

#[test]
fn a_key_twice_is_refused_at_every_depth_and_named() {
    for (kind, from, to, key) in [
        ("header", r#"{"v":2"#, r#"{"v":2,"v":2"#, "v"),
        ("header", r#""kind":"header""#, r#""kind":"x","\u006bind":"header""#, "kind"),
        ("intent", r#"{"id":"#, r#"{"tool":"","id":"#, "tool"),
        ("intent", r#""clock":false"#, r#""clock":true,"clock":false"#, "clock"),
        ("outcome", r#""bytes":19"#, r#""bytes":19,"bytes":19"#, "bytes"),
    ] {
        let key = key.to_owned();
        assert_eq!(fault(&with(line(kind), from, to)), FaultKind::DuplicateKey { key });
    }
}

#[test]
fn a_cache_record_gives_one_of_five_reasons() {
    let record = line("cache");
    for fault in CacheFault::ALL {
        let other = with(record, r#""not-authentic""#, &format!(r#""{fault}""#));
        let read = Record::decode(other.as_bytes()).expect("the reason is known");
        let Some(Event::Cache(rejection)) = read.event() else { panic!("{read:?}") };
        assert_eq!(rejection.reason, fault);
    }
    is_malformed(&with(record, r#""not-authentic""#, r#""old""#), "unknown variant `old`");
}

#[test]
fn another_version_is_told_from_a_broken_record() {
    let header = line("header");
    for found in [1, 3] {
        let other = with(header, r#"{"v":2"#, &format!(r#"{{"v":{found}"#));
        assert_eq!(fault(&other), FaultKind::UnknownVersion { found });
    }
    // A newer version may have other fields.
    assert_eq!(fault(r#"{"v":7,"number":1}"#), FaultKind::UnknownVersion { found: 7 });
    is_malformed(r#"{"v":2,"number":1}"#, "unknown field");
    is_malformed(r#"{"v":"1"}"#, "");
}

#[test]
fn another_kind_is_refused_by_name() {
    let other = with(line("refusal"), r#""kind":"refusal""#, r#""kind":"rumour""#);
    let found = "rumour".to_owned();
    assert_eq!(fault(&other), FaultKind::UnknownKind { found });
}

#[test]
fn an_array_is_not_read_as_the_struct_it_would_fill() {
    is_malformed(
        r#"[2,0,0,"0000000000000000000000000000000000000000000000000000000000000000","2026-11-22T08:00:00.000000000Z","header",{}]"#,
        "one JSON object",
    );
    let outcome = line("outcome");
    let bound = format!(r#"{{"bytes":19,"alg":"hmac-sha256","commit":"{}","kept":"whole"}}"#, "6".repeat(64));
    let list = format!(r#"[19,"hmac-sha256","{}","whole"]"#, "6".repeat(64));
    is_malformed(&with(outcome, &bound, &list), "form");
    let intent = line("intent");
    let caller = r#"{"agent":"planner","client":"desk 2.1","session":null,"request":"17","trace":null}"#;
    is_malformed(&with(intent, caller, r#"["planner","desk 2.1",null,"17",null]"#), "form");
    let trust = line("trust-change");
    let body = &trust[trust.find(r#""body":"#).expect("there is a body")..];
    let fields = r#""body":["pin","com.example",{"key":{"id":"k"}},null,null]}"#;
    is_malformed(&with(trust, body, fields), "form");
}

#[test]
fn numbers_times_and_hashes_have_one_form() {
    let header = line("header");
    for (from, to) in [
        (r#""seq":0"#, r#""seq":0.0"#),
        (r#""seq":0"#, r#""seq":-0"#),
        (r#""seq":0"#, r#""seq":"0""#),
        (r#""seq":0"#, r#""seq":00"#),
        (r#""seq":0"#, r#""seq":18446744073709551616"#),
        (r#""prev":"0"#, r#""prev":"g"#),
        (r#""prev":"0"#, r#""prev":""#),
        (".000000000Z", "Z"),
        ("Z\"", "+00:00\""),
        ("mpp-audit/2", "mpp-audit/1"),
        ("+1def1f77+", "+1def1f78+"),
        ("mpp-audit/0011", "mpp-audit/0012"),
        ("mpp-audit 0", r"\ud800 0"),
    ] {
        is_malformed(&with(header, from, to), "");
    }
}

#[test]
fn what_surrounds_a_record_is_refused() {
    let header = line("header");
    for wrong in [
        format!(" {header}"),
        format!("{header} "),
        format!("{header}\r"),
        format!("\u{feff}{header}"),
        format!("{header}{header}"),
        String::new(),
        "{".to_owned(),
        "{}".to_owned(),
        "null".to_owned(),
    ] {
        is_malformed(&wrong, "");
    }
}

#[test]
fn a_line_may_be_as_long_as_a_record_and_no_longer() {
    let refusal = line("refusal");
    let pad = MAX_RECORD_BYTES - refusal.len();
    let longest = with(refusal, "the package", &format!("{}the package", "x".repeat(pad)));
    assert!(Record::decode(longest.as_bytes()).is_ok());
    assert_eq!(fault(&with(&longest, "the package", "the  package")), FaultKind::TooLong);
}

#[test]
fn a_message_about_a_broken_line_cannot_steer_a_terminal() {
    let evil = with(line("header"), r#"{"v":2"#, "{\"\\u001b[2J\\n\":0,\"v\":1");
    let message = fault(&evil).to_string();
    assert!(!message.chars().any(char::is_control), "{message:?}");
    let long = with(line("header"), "header", &"k".repeat(10_000));
    assert!(fault(&long).to_string().len() < 1000);
}

#[test]
fn deep_nesting_is_refused_and_does_not_exhaust_the_stack() {
    let intent = line("intent");
    let limits = &intent[intent.find(r#"{"stored":"#).expect("its limits are stored")..];
    let limits = &limits[..limits.find("}}").expect("they end") + 2];
    let nested = |depth: usize| format!(r#"{{"inline":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let nest = |depth| Record::decode(with(intent, limits, &nested(depth)).as_bytes());
    // Four levels are the record's, the body's and the document's own.
    assert!(nest(124).is_ok());
    assert!(matches!(nest(125), Err(FaultKind::Malformed { .. })));
    assert!(matches!(nest(30_000), Err(FaultKind::Malformed { .. })));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = Record::decode(&bytes);
    }

    #[test]
    fn a_damaged_record_never_panics_the_reader(
        place in any::<prop::sample::Index>(),
        damage in proptest::collection::vec(any::<u8>(), 0..8),
        gone in 0..8_usize,
    ) {
        let line = line("intent").as_bytes();
        let at = place.index(line.len());
        let mut damaged = line[..at].to_vec();
        damaged.extend(damage);
        damaged.extend(&line[(at + gone).min(line.len())..]);
        let _ = Record::decode(&damaged);
    }

    #[test]
    fn a_document_reads_as_it_was_written(number in any::<f64>(), key in any::<String>()) {
        let Ok(Record { entry: Entry::Event(Event::PolicyChange(mut change)), .. }) =
            Record::decode(line("policy-change").as_bytes())
        else {
            return Err(TestCaseError::fail("there is a policy change"));
        };
        change.approved = serde_json::json!({ key: [number, i64::MIN, u64::MAX, -0.0] }).into();
        prop_assert!(Body::of(&Entry::Event(Event::PolicyChange(change))).is_ok());
    }

    #[test]
    fn what_reads_is_what_was_written(reason in any::<String>(), seq in any::<u64>()) {
        let Ok(Record { entry: Entry::Event(Event::Refusal(mut refusal)), .. }) =
            Record::decode(line("refusal").as_bytes())
        else {
            return Err(TestCaseError::fail("there is a refusal"));
        };
        refusal.reason = reason;
        let entry = Entry::Event(Event::Refusal(refusal));
        let ts = Timestamp::from(std::time::SystemTime::now());
        let place = Place { seq, epoch: 3, prev: Hash::ZERO, ts };
        let line = Body::of(&entry).expect("any text can be written").at(&place);
        prop_assert!(!line.contains('\n'));
        let record = Record::decode(line.as_bytes()).expect("what was written reads");
        prop_assert_eq!((record.entry, record.seq, record.ts), (entry, seq, ts));
    }
}
