//! Records of which every part is as long as it gets.

mod calls;
mod hostile;

use std::time::SystemTime;

use serde_json::{Value, json};

use super::*;
use crate::limits::{MAX_NAME_BYTES, MAX_POINTERS, MAX_RECORD_BYTES, MAX_TEXT_BYTES};
use crate::record::{
    Body, CacheFault, Durability, Entry, HoldAction, Keeping, Place, PolicyAction, Stage, TrustAction,
};
use crate::{Answer, Hash, Timestamp};

/// The event as it goes on record, and how many payloads it has.
fn fitted(event: Event) -> (Event, usize) {
    let (event, payloads) = super::event(event).expect("it fits");
    (event, payloads.len())
}

/// A package of which each text is this one.
fn package(text: &str) -> PackageIdentity {
    let text = || text.to_owned();
    PackageIdentity {
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
    }
}

fn line_len(entry: &Entry) -> usize {
    let body = Body::of(entry).expect("what was fitted can be recorded");
    body.at(&Place::widest()).len()
}

fn fits(event: Event) -> Event {
    let (event, _) = fitted(event);
    assert!(line_len(&Entry::Event(event.clone())) <= MAX_RECORD_BYTES);
    event
}

/// A text longer than any share of a record, of characters that take the most room.
fn worst() -> String {
    "\u{1}".repeat(100_000)
}

#[test]
fn the_largest_refusal_fits_into_a_record() {
    let refusal = Refusal {
        presented: worst(),
        package: Some(package(&worst())),
        verified: false,
        agent: Some(worst()),
        stage: Stage::Package,
        code: worst(),
        reason: worst(),
        cut_bytes: 0,
    };
    let Event::Refusal(refusal) = fits(Event::Refusal(Box::new(refusal))) else {
        unreachable!("a refusal stays one")
    };
    assert!(refusal.cut_bytes > 0);
}

#[test]
fn the_largest_cache_record_fits_into_a_record() {
    let event =
        CacheRejection { package: package(&worst()), entry: worst(), reason: CacheFault::NotAuthentic };
    fits(Event::Cache(Box::new(event)));
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
    for change in changes(&worst()) {
        fits(Event::TrustChange(change));
    }
}

#[test]
fn changes_of_trust_that_fit_are_left_as_they_are() {
    for change in changes("x").map(Event::TrustChange) {
        assert_eq!(fitted(change.clone()), (change, 0));
    }
}

fn policy_change(text: &str, document: &Value) -> PolicyChange {
    PolicyChange {
        action: PolicyAction::Install,
        package: package(text),
        declared: document.clone().into(),
        approved: document.clone().into(),
        answered: Answer::Unneeded,
        actor: Some(text.to_owned()),
    }
}

#[test]
fn the_largest_change_of_policy_fits_into_a_record() {
    let widest = json!("x".repeat(MAX_DOCUMENT_BYTES - 2));
    let Event::PolicyChange(change) = fits(Event::PolicyChange(Box::new(policy_change(&worst(), &widest))))
    else {
        unreachable!("a change of policy stays one")
    };
    assert_eq!(change.approved, widest.into());
}

#[test]
fn a_document_that_has_no_room_becomes_a_payload() {
    let document = json!("x".repeat(MAX_DOCUMENT_BYTES));
    let event = Event::PolicyChange(Box::new(policy_change("x", &document)));
    let (event, payloads) = super::event(event).expect("it fits");
    let Event::PolicyChange(change) = &event else { unreachable!("a change of policy stays one") };
    let [declared, approved] = &payloads[..] else { panic!("{payloads:?}") };
    assert_eq!((declared.field, approved.field), (Field::Declared, Field::Approved));
    assert_eq!(change.declared, Document::Stored(declared.bound));
    assert_eq!(change.approved, Document::Stored(approved.bound));
    assert_eq!(declared.stored.as_deref(), Some(document.to_string().as_bytes()));
    assert_ne!(declared.bound.commit, approved.bound.commit);
}

#[test]
fn a_document_at_its_limits_stays_in_the_record() {
    let mut deep = json!(1);
    for _ in 0..MAX_DOCUMENT_DEPTH {
        deep = json!([deep]);
    }
    let wide = json!("x".repeat(MAX_DOCUMENT_BYTES - 2));
    for (value, payloads) in [(deep.clone(), 0), (json!([deep]), 1), (wide, 0)] {
        let mut stored = Vec::new();
        let document = document(Field::Limits, value.clone().into(), &mut stored).expect("it fits");
        assert_eq!(stored.len(), payloads, "{value}");
        assert_eq!(matches!(document, Document::Inline(_)), payloads == 0);
    }
}

#[test]
fn a_document_cannot_name_a_payload_of_its_own() {
    let change = policy_change("x", &json!("x".repeat(MAX_DOCUMENT_BYTES)));
    let (event, _) = fitted(Event::PolicyChange(Box::new(change)));
    let Err(LogError::Unrecordable(FaultKind::Malformed { detail })) = super::event(event) else {
        panic!("the payload was already made")
    };
    assert!(detail.contains("a payload that the log has not made"), "{detail}");
}

/// As many pointers as there may be, each as long as it may be.
fn longest_pointers() -> Keep {
    let pointer = format!("/{}", "\\".repeat(MAX_NAME_BYTES / 2 - 2));
    Keep::Redacted(vec![pointer.parse().expect("it is a pointer"); MAX_POINTERS])
}

fn settings_with(keep: &Keep) -> SettingsChange {
    SettingsChange {
        durability: Durability::Relaxed,
        keeping: Keeping {
            input: keep.clone(),
            output: keep.clone(),
            log: keep.clone(),
            calls: keep.clone(),
            reason: keep.clone(),
            denial: keep.clone(),
        },
        retention_days: Some(u64::MAX),
        actor: Some(worst()),
    }
}

#[test]
fn the_largest_settings_fit_into_a_record() {
    fits(Event::Settings(Box::new(settings_with(&longest_pointers()))));
}

#[test]
fn one_pointer_too_many_cannot_be_put_on_record() {
    let Keep::Redacted(mut pointers) = longest_pointers() else { unreachable!("they are pointers") };
    pointers.push("/x".parse().expect("it is a pointer"));
    let settings = settings_with(&Keep::Redacted(pointers));
    let (event, _) = fitted(Event::Settings(Box::new(settings)));
    let Some(FaultKind::Malformed { detail }) = Body::of(&Entry::Event(event)).err() else {
        panic!("it was put on record")
    };
    assert!(detail.contains("at most 16 JSON pointers"), "{detail}");
}

#[test]
fn what_operators_do_fits_into_a_record() {
    let actor = Some(worst());
    let (field, commit) = (Field::Denial, Hash::ZERO);
    let erased = Erasure { record: 1, id: worst(), field, commit, basis: worst(), actor: actor.clone() };
    let retained = Retention { before: u64::MAX, basis: worst(), actor: actor.clone() };
    let held = Hold { action: HoldAction::Place, id: actor.clone(), basis: worst(), actor };
    for entry in [
        Entry::Erasure(Box::new(erasure(erased))),
        Entry::Retention(retention(retained)),
        Entry::Hold(hold(held)),
    ] {
        let length = line_len(&entry);
        assert!((MAX_TEXT_BYTES..MAX_RECORD_BYTES).contains(&length), "{length}");
    }
}

#[test]
fn what_operators_do_is_left_as_it_is_where_it_fits() {
    let actor = Some("ada".to_owned());
    let held = Hold { action: HoldAction::Lift, id: None, basis: "settled".to_owned(), actor: actor.clone() };
    assert_eq!(hold(held.clone()), held);
    let retained = Retention { before: 7, basis: "90 days".to_owned(), actor };
    assert_eq!(retention(retained.clone()), retained);
}
