//! Changes of trust: which action goes with which subject.

use super::*;

/// A record of a change of trust.
fn changed(action: &str, subject: &str, publisher: &str) -> String {
    let trust = line("trust-change");
    let body = &trust[trust.find(r#""body":"#).expect("there is a body")..];
    let fields = format!(r#""action":"{action}","publisher":{publisher},"subject":{subject}"#);
    with(trust, body, &format!(r#""body":{{{fields},"replaced_version":null,"actor":null}}}}"#))
}

/// Every kind of subject, with the actions that are about one.
const SUBJECTS: [(&str, &[&str]); 5] = [
    (r#"{"key":{"id":"k"}}"#, &["pin", "unpin"]),
    (r#"{"root":{"version":2,"digest":"d"}}"#, &["pin-root", "unpin-root", "update-root"]),
    (r#"{"index":{"version":2,"digest":"d"}}"#, &["refresh-index"]),
    (r#"{"package":{"name":"n"}}"#, &["forget-sequence"]),
    (r#"{"policy":{"max_index_age_s":60,"stale_index":"refuse"}}"#, &["set-policy"]),
];

/// Reads a record that is one, or is refused because its parts do not go together.
fn reads(line: &str) -> bool {
    let reads = Record::decode(line.as_bytes()).is_ok();
    if !reads {
        is_malformed(line, "does not go with");
    }
    reads
}

#[test]
fn a_change_of_trust_is_about_what_its_action_can_be_done_to() {
    let publisher = r#""com.example""#;
    for action in SUBJECTS.iter().flat_map(|(_, actions)| *actions) {
        for (subject, fitting) in SUBJECTS {
            let line = changed(action, subject, publisher);
            assert_eq!(reads(&line), fitting.contains(action), "{action} {subject}");
        }
    }
    is_malformed(&changed("trust", SUBJECTS[0].0, publisher), "unknown variant `trust`");
}

#[test]
fn only_a_policy_may_be_set_for_no_publisher() {
    for (subject, actions) in SUBJECTS {
        for action in actions {
            assert_eq!(reads(&changed(action, subject, "null")), *action == "set-policy", "{action}");
        }
    }
}

#[test]
fn a_change_of_trust_that_makes_no_sense_is_not_written() {
    let line = changed("pin", SUBJECTS[0].0, r#""com.example""#);
    let Ok(Record { entry: Entry::Event(Event::TrustChange(mut change)), .. }) =
        Record::decode(line.as_bytes())
    else {
        panic!("it is a change of trust")
    };
    change.publisher = None;
    let refused = Body::of(&Entry::Event(Event::TrustChange(change))).err();
    let Some(FaultKind::Malformed { detail }) = refused else { panic!("{refused:?}") };
    assert!(detail.contains("does not go with"), "{detail}");
}

#[test]
fn a_subject_has_exactly_the_keys_of_its_kind() {
    let publisher = r#""com.example""#;
    for (subject, actions) in SUBJECTS {
        let unknown = subject.replace("}}", r#","x":0}}"#);
        is_malformed(&changed(actions[0], &unknown, publisher), "unknown field `x`");
        let two = subject.replace("}}", r#"},"x":{}}"#);
        is_malformed(&changed(actions[0], &two, publisher), "");
    }
    is_malformed(&changed("pin", r#"{"rumour":{"id":"k"}}"#, publisher), "unknown variant `rumour`");
    is_malformed(&changed("pin", r#"{"key":{}}"#, publisher), "missing field `id`");
    is_malformed(&changed("pin", r#"{"key":["k"]}"#, publisher), "form");
    is_malformed(&changed("pin", r#"{"key":{"id":null}}"#, publisher), "");
    is_malformed(&changed("pin", "null", publisher), "");
    is_malformed(&changed("pin", r#""key""#, publisher), "");
    let policy = r#"{"policy":{"stale_index":"refuse"}}"#;
    is_malformed(&changed("set-policy", policy, publisher), "missing field `max_index_age_s`");
    is_malformed(&changed("set-policy", r#"{"policy":[null,"refuse"]}"#, publisher), "form");
}
