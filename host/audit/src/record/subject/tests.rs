//! Intents that take over the text of their subject, held against those that are written anew.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::limits::{MAX_DOCUMENT_BYTES, MAX_DOCUMENT_DEPTH};
use crate::record::payload::Keeping;
use crate::record::{NewCall, TrustEvidence};

fn package(text: &str) -> PackageIdentity {
    let text = || text.to_owned();
    PackageIdentity {
        publisher: text(),
        name: text(),
        version: text(),
        digest: text(),
        envelope_digest: Some(text()),
        key_ids: vec![text(); 3],
        trust: Some(TrustEvidence {
            sequence: u64::MAX,
            root_version: None,
            index_version: Some(0),
            lapse: Some(text()),
        }),
    }
}

fn subject(text: &str, document: &Value) -> Arc<Subject> {
    let document = || Document::from(document.clone());
    Subject::new(package(text), document(), document(), document()).expect("it can be recorded")
}

fn call(subject: &Arc<Subject>, text: &str, started: Timestamp) -> NewCall {
    let text = || text.to_owned();
    let caller = Caller { agent: Some(text()), trace: Some(text()), ..Caller::NOBODY };
    let subject = Arc::clone(subject);
    NewCall { id: text(), subject, tool: text(), caller, input: text(), started }
}

/// The intent of a call, and its payloads; the same line as if all of it were written anew.
fn intent(call: NewCall) -> (crate::Intent, Vec<Prepared>) {
    let (intent, payloads) = fit::intent(call, Durability::Relaxed, &Keeping::WHOLE).expect("it fits");
    let read = intent.body.read_back().expect("it reads");
    assert_eq!(intent.body, Body::of(&read).expect("it can be written anew"));
    let Entry::Intent(read) = read else { panic!("{read:?}") };
    assert_eq!(read.id, intent.id);
    (*read, payloads)
}

/// An array in an array, so many.
fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(-0.0), |inner, _| json!([inner]))
}

#[test]
fn a_subject_is_in_every_intent_as_it_was_said() {
    let document = json!({ "clock": false, "numbers": [u64::MAX, i64::MIN, 1e300, 5e-324, -0.0, 0.1] });
    let subject = subject("x", &document);
    for text in ["one", "two"] {
        let then = Timestamp::from(std::time::SystemTime::now());
        let (intent, payloads) = intent(call(&subject, text, then));
        assert_eq!((&intent.package, intent.cut_bytes), (subject.package(), 0));
        assert_eq!([&intent.declared, &intent.granted, &intent.limits], [&document.clone().into(); 3]);
        assert_eq!((intent.tool.as_str(), intent.started, payloads.len()), (text, then, 1));
    }
}

#[test]
fn what_is_cut_of_a_subject_is_counted_in_every_intent() {
    let subject = subject(&"x".repeat(1_000), &json!(0));
    let then = Timestamp::from(std::time::SystemTime::UNIX_EPOCH);
    let [one, two] = [(); 2].map(|()| intent(call(&subject, "x", then)).0);
    // Six texts with room for 254 characters, three with room for 94; a mark has 40.
    assert_eq!((one.cut_bytes, two.cut_bytes), (6 * 784 + 3 * 944, 6 * 784 + 3 * 944));
}

#[test]
fn a_document_without_room_is_a_payload_of_every_call_under_a_salt_of_its_own() {
    let large = json!("x".repeat(MAX_DOCUMENT_BYTES));
    for document in [large, nested(MAX_DOCUMENT_DEPTH + 1)] {
        let subject = subject("x", &document);
        let then = Timestamp::from(std::time::SystemTime::UNIX_EPOCH);
        let [(one, payloads), (two, _)] = [(); 2].map(|()| intent(call(&subject, "x", then)));
        let Document::Stored(bound) = one.granted else { panic!("{:?}", one.granted) };
        let granted = payloads.iter().find(|payload| payload.field == Field::Granted).expect("it is kept");
        assert_eq!((payloads.len(), granted.bound), (4, bound));
        assert_eq!(granted.stored.as_deref(), Some(document.to_string().as_bytes()));
        assert_ne!(one.granted, two.granted);
        assert_ne!(one.granted, one.declared);
    }
}

#[test]
fn a_document_at_its_limits_stays_in_every_intent() {
    for document in [json!("x".repeat(MAX_DOCUMENT_BYTES - 2)), nested(MAX_DOCUMENT_DEPTH)] {
        let then = Timestamp::from(std::time::SystemTime::UNIX_EPOCH);
        let (intent, payloads) = intent(call(&subject("x", &document), "x", then));
        assert_eq!((intent.limits, payloads.len()), (document.into(), 1));
    }
}

#[test]
fn a_subject_cannot_name_a_payload_of_its_own() {
    let bound = prepare(Field::Granted, String::new(), &Keep::Whole).expect("there is randomness").bound;
    let refused = Subject::new(package("x"), json!(0).into(), Document::Stored(bound), json!(0).into()).err();
    let Some(LogError::Unrecordable(FaultKind::Malformed { detail })) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(detail, "a document names a payload that the log has not made");
}

#[test]
fn a_subject_that_is_sent_is_the_same_one() {
    let sent = call(&subject(&"x".repeat(1_000), &json!({ "clock": 0.1 })), "x", then_max());
    let heard: NewCall =
        serde_json::from_str(&serde_json::to_string(&sent).expect("it has a JSON form")).expect("it reads");
    assert_eq!(heard, sent);
    assert_eq!(intent(heard).0.cut_bytes, intent(sent).0.cut_bytes);
}

/// The latest time there is.
fn then_max() -> Timestamp {
    Timestamp::from(std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1 << 40))
}

proptest! {
    #[test]
    fn whatever_is_said_reads_as_it_was_written(
        text in "(\u{0}|\u{1f}|\u{7f}|\"|\\\\|/|\\{|\\[|\n|\u{2028}|𝄞|x){0,300}",
        said in any::<String>(),
        number in any::<f64>(),
        depth in 0..MAX_DOCUMENT_DEPTH + 3,
        (seconds, nanos) in (any::<u32>(), 0..1_000_000_000_u32),
    ) {
        let started = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::new(seconds.into(), nanos);
        let document = json!({ said.as_str(): [number, text.as_str(), nested(depth)], text.as_str(): {} });
        let call = call(&subject(&said, &document), &text, started.into());
        // Read back, and written anew, in there.
        let (intent, payloads) = intent(call);
        prop_assert_eq!(intent.started, started.into());
        prop_assert_eq!(crate::Entry::Intent(Box::new(intent)).payloads().len(), payloads.len());
    }
}
