//! No key of any object may be missing, no other be there, and no value be of
//! another type: tried one by one, in every record and at every depth.

use serde_json::{Map, Value, json};

use super::*;

/// The values in a record that the format describes, by JSON pointer. What a
/// document holds is none of them.
fn described(record: &Value) -> Vec<String> {
    fn visit(at: &str, value: &Value, found: &mut Vec<String>) {
        found.push(at.to_owned());
        match value {
            Value::Object(fields) => {
                for (key, value) in fields.iter().filter(|(key, _)| *key != "inline") {
                    visit(&format!("{at}/{key}"), value, found);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    visit(&format!("{at}/{index}"), item, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    visit("", record, &mut found);
    found
}

fn object<'v>(record: &'v mut Value, at: &str) -> Option<&'v mut Map<String, Value>> {
    record.pointer_mut(at).expect("it is there").as_object_mut()
}

/// Tries a change at every place of every record.
fn each(mut change: impl FnMut(&Value, &str)) {
    for line in examples() {
        let record: Value = serde_json::from_str(line).expect("a record is JSON");
        for at in described(&record) {
            change(&record, &at);
        }
    }
}

/// The record is refused as one. A version that is no number has its own words.
fn refused(record: &Value, what: &str) {
    match Record::decode(record.to_string().as_bytes()) {
        Err(FaultKind::Malformed { .. }) => {}
        other => panic!("{what}: {other:?} instead of malformed for {record}"),
    }
}

#[test]
fn every_key_must_be_there_also_where_null_would_do() {
    let mut tried = 0;
    each(|record, at| {
        let mut changed = record.clone();
        let keys: Vec<String> =
            object(&mut changed, at).into_iter().flat_map(|fields| fields.keys().cloned()).collect();
        for key in keys {
            let mut changed = record.clone();
            object(&mut changed, at).expect("it is an object").remove(&key);
            refused(&changed, &format!("without {at}/{key}"));
            tried += 1;
        }
    });
    assert!(tried > 300, "{tried}");
}

#[test]
fn no_other_key_may_be_there() {
    let mut tried = 0;
    each(|record, at| {
        let mut changed = record.clone();
        let Some(fields) = object(&mut changed, at) else { return };
        fields.insert("x".to_owned(), Value::Null);
        refused(&changed, &format!("with {at}/x"));
        tried += 1;
    });
    assert!(tried > 60, "{tried}");
}

#[test]
fn every_value_has_its_type() {
    let others =
        [json!(null), json!(true), json!(1), json!(-1), json!(0.5), json!("x"), json!([0]), json!({"x": 0})];
    each(|record, at| {
        let value = record.pointer(at).expect("it is there");
        for other in &others {
            // Any text will do for a text, any number for a number, and null for
            // what can be absent; what is absent here is there elsewhere.
            let alike = match value {
                Value::Null => other.is_number() || other.is_string() || other.is_null(),
                Value::String(_) => other.is_string() || other.is_null(),
                Value::Number(_) => other.is_u64() || other.is_null(),
                Value::Object(_) => other.is_null(),
                Value::Bool(_) => other.is_boolean(),
                Value::Array(_) => false,
            };
            if !alike {
                let mut changed = record.clone();
                *changed.pointer_mut(at).expect("it is there") = other.clone();
                refused(&changed, &format!("{other} for {at}"));
            }
        }
    });
}

/// The keys whose values can be absent, by the kind of record.
const NULLABLE: [(&str, &[&str]); 12] = [
    ("refusal", &["/package", "/agent"]),
    ("policy-change", &["/package/envelope_digest", "/package/trust", "/actor"]),
    ("cache", &["/package/trust/lapse", "/package/trust/root_version", "/package/trust/index_version"]),
    ("trust-change", &["/replaced_version", "/actor"]),
    ("intent", &["/caller/agent", "/caller/client", "/caller/session", "/caller/request", "/caller/trace"]),
    ("outcome", &["/output", "/calls/list", "/log", "/usage/fuel", "/outcome/code", "/outcome/reason"]),
    ("denial", &[]),
    ("recovered", &[]),
    ("erasure", &["/actor"]),
    ("retention", &["/actor"]),
    ("hold", &["/id", "/actor"]),
    ("settings", &["/retention_days", "/actor"]),
];

#[test]
fn null_stands_only_for_what_can_be_absent() {
    for (kind, nullable) in NULLABLE {
        let record: Value = serde_json::from_str(line(kind)).expect("a record is JSON");
        for at in described(&record["body"]) {
            let mut changed = record.clone();
            *changed["body"].pointer_mut(&at).expect("it is there") = Value::Null;
            let shared = ["/package/envelope_digest", "/package/trust", "/package/trust/lapse"];
            let shared =
                [&shared[..], &["/package/trust/root_version", "/package/trust/index_version"]].concat();
            if nullable.contains(&at.as_str()) || shared.contains(&at.as_str()) {
                assert!(Record::decode(changed.to_string().as_bytes()).is_ok(), "null for {at} of {kind}");
            } else {
                refused(&changed, &format!("null for {at} of {kind}"));
            }
        }
    }
}

#[test]
fn a_payload_is_bound_by_the_one_algorithm_there_is() {
    let outcome = line("outcome");
    for wrong in ["sha256", "hmac-sha512", "HMAC-SHA256", ""] {
        is_malformed(&with(outcome, "hmac-sha256", wrong), "unknown variant");
    }
    is_malformed(&with(outcome, r#""kept":"whole""#, r#""kept":"all""#), "unknown variant");
    let digit = with(outcome, &"6".repeat(64), &"6".repeat(63));
    is_malformed(&digit, "a hash is 64");
}

#[test]
fn a_field_is_one_of_ten() {
    for field in crate::Field::ALL {
        let erasure = with(line("erasure"), r#""field":"input""#, &format!(r#""field":"{field}""#));
        assert!(Record::decode(erasure.as_bytes()).is_ok(), "{field}");
    }
    let wrong = with(line("lost"), r#""field":"input""#, r#""field":"inputs""#);
    is_malformed(&wrong, "unknown variant `inputs`");
}

#[test]
fn what_is_redacted_is_named_by_few_pointers() {
    let settings = line("settings");
    let pointers =
        |pointers: &[&str]| with(settings, r#"{"redacted":[]}"#, &json!({"redacted": pointers}).to_string());
    assert!(Record::decode(pointers(&["/x"; 16]).as_bytes()).is_ok());
    is_malformed(&pointers(&["/x"; 17]), "invalid length 17");
    is_malformed(&pointers(&["x"]), "begins with a slash");
    is_malformed(&pointers(&["/~2"]), "~0");
    is_malformed(&with(settings, r#"{"redacted":[]}"#, r#""redacted""#), "");
    is_malformed(&with(settings, r#""output":"whole""#, r#""output":{"whole":null}"#), "");
}

#[test]
fn a_choice_is_shown_in_the_word_of_the_record() {
    for durability in [crate::Durability::Strict, crate::Durability::Relaxed] {
        assert_eq!(json!(durability), json!(durability.to_string()));
    }
    for action in [crate::HoldAction::Place, crate::HoldAction::Lift] {
        assert_eq!(json!(action), json!(action.to_string()));
    }
}
