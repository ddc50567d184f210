//! Lines that are records, and lines that only look like it.

mod trust;

use proptest::prelude::*;

use super::*;
use crate::record::CacheFault;

/// The records of the worked example.
fn example() -> impl Iterator<Item = &'static str> {
    include_str!("../../../tests/vectors/example/log.jsonl").lines()
}

fn line(kind: &str) -> &'static str {
    let kind = format!(r#""kind":"{kind}""#);
    example().find(|line| line.contains(&kind)).expect("the example has every kind")
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
fn every_record_of_the_example_reads_and_writes_the_same() {
    for line in example() {
        let record = Record::decode(line.as_bytes()).expect("the example is valid");
        let body = Body::of(&record.entry).expect("what was read can be written");
        assert_eq!(
            body.at(&Place { seq: record.seq, epoch: record.epoch, prev: record.prev, ts: record.ts }),
            line
        );
        assert_eq!(record.line, line);
    }
}

#[test]
fn an_unknown_key_is_refused_at_every_depth() {
    let call = line("invocation");
    for (from, to) in [
        (r#"{"v":2"#, r#"{"x":0,"v":2"#),
        (r#"{"id":"#, r#"{"x":0,"id":"#),
        (r#"{"publisher":"#, r#"{"x":0,"publisher":"#),
        (r#"{"sequence":"#, r#"{"x":0,"sequence":"#),
        (r#"{"permission":"#, r#"{"x":0,"permission":"#),
        (r#"{"level":"#, r#"{"x":0,"level":"#),
        (r#"{"wall_us":"#, r#"{"x":0,"wall_us":"#),
        (r#"{"kind":"ok""#, r#"{"x":0,"kind":"ok""#),
        (r#"{"bytes":"#, r#"{"x":0,"bytes":"#),
    ] {
        is_malformed(&with(call, from, to), "unknown field `x`");
    }
    // A choice has one key.
    is_malformed(&with(call, r#"{"stored":"#, r#"{"inline":"","stored":"#), "");
    for kind in ["header", "recovered", "refusal", "cache", "trust-change", "policy-change"] {
        is_malformed(&with(line(kind), r#""body":{"#, r#""body":{"x":0,"#), "unknown field `x`");
    }
}

#[test]
fn a_missing_key_is_refused_also_where_null_would_do() {
    let call = line("invocation");
    for key in [
        r#""agent":"planner","#,
        r#""fuel":null,"#,
        r#""cut_bytes":0,"#,
        r#""code":null,"#,
        r#""root_version":2,"#,
        r#""index_version":null,"#,
        r#","lapse":"no-index""#,
        r#","trust":{"sequence":3,"root_version":2,"index_version":null,"lapse":"no-index"}"#,
    ] {
        is_malformed(&with(call, key, ""), "missing field");
    }
    is_malformed(&with(line("refusal"), r#""package":null,"#, ""), "missing field");
    for key in [r#""publisher":"com.example","#, r#""replaced_version":null,"#, r#","actor":null"#] {
        is_malformed(&with(line("trust-change"), key, ""), "missing field");
    }
}

#[test]
fn a_key_twice_is_refused_at_every_depth_and_named() {
    for (kind, from, to, key) in [
        ("header", r#"{"v":2"#, r#"{"v":2,"v":2"#, "v"),
        ("header", r#""kind":"header""#, r#""kind":"x","\u006bind":"header""#, "kind"),
        ("invocation", r#"{"id":"#, r#"{"tool":"","id":"#, "tool"),
        ("invocation", r#""clock":false"#, r#""clock":true,"clock":false"#, "clock"),
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
    let call = line("invocation");
    let list = r#"[{"level":"info","text":"done\n"}]"#;
    is_malformed(&with(call, list, r#"[["info","done\n"]]"#), "form");
    let outcome = r#"{"kind":"ok","code":null,"reason":null}"#;
    is_malformed(&with(call, outcome, r#"["ok",null,null]"#), "form");
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
    let call = line("invocation");
    let limits = r#"{"inline":{"memory_bytes":67108864}}"#;
    let nested = |depth: usize| format!(r#"{{"inline":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let nest = |depth| Record::decode(with(call, limits, &nested(depth)).as_bytes());
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
        let line = line("invocation").as_bytes();
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
            return Err(TestCaseError::fail("the example has a policy change"));
        };
        change.approved = serde_json::json!({ key: [number, i64::MIN, u64::MAX, -0.0] }).into();
        prop_assert!(Body::of(&Entry::Event(Event::PolicyChange(change))).is_ok());
    }

    #[test]
    fn what_reads_is_what_was_written(reason in any::<String>(), seq in any::<u64>()) {
        let Ok(Record { entry: Entry::Event(Event::Refusal(mut refusal)), .. }) =
            Record::decode(line("refusal").as_bytes())
        else {
            return Err(TestCaseError::fail("the example has a refusal"));
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
