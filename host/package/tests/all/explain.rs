//! The checks of a verification, one after the other, for a person.

use std::{collections::BTreeSet, time::SystemTime};

use mpp_package::{
    Check, DocumentType, Keyring, Manifest, ManifestParts, Package, Passed, RootParts, SignOptions, Status,
    pack,
};

use crate::{
    envelopes::{signature_of_another_message, signed_as},
    publisher::{
        RELEASE_KEY, accept_into, hello, indexed, listed, name, package_signed_with, public, release, role,
        root_parts, rooted, unsigned_version, version, withdrawal,
    },
    support::{COMPONENT, keyring, later, now, options, parts, publisher, time, unsigned, with_envelope},
};

/// The checks where keys are pinned: nobody else vouches for anything.
const PINNED: [Check; 7] = [
    Check::Signed,
    Check::Publisher,
    Check::Signatures,
    Check::Statement,
    Check::Contents,
    Check::Time,
    Check::Sequence,
];

fn checks(steps: &[Passed]) -> Vec<Check> {
    steps.iter().map(|step| step.check).collect()
}

#[test]
fn every_check_is_passed_once_and_in_its_order() {
    let (steps, verdict) = listed(Status::Active).explain(hello(), now());
    assert!(verdict.is_ok());
    assert_eq!(checks(&steps), Check::ALL);
    let (steps, verdict) = keyring().explain(hello(), now());
    assert!(verdict.is_ok());
    assert_eq!(checks(&steps), PINNED);
}

#[test]
fn each_line_says_what_was_found() {
    let (steps, _) = listed(Status::Active).explain(hello(), now());
    let lines: Vec<_> = steps.iter().map(|step| format!("{}: {}", step.check, step.found)).collect();
    let key = public(RELEASE_KEY).id();
    let digest = hello().digest();
    assert_eq!(
        lines,
        [
            "it is signed: 1 signature",
            "its publisher is trusted here: com.example, root version 1",
            &format!("the trusted keys have signed: 1 of the 1 needed: {key}"),
            "what is signed is about a package: hello 1.0.0 by com.example",
            &format!("about this very package: {digest}"),
            "the signature has not ended: it has no end",
            "it is not revoked: index version 1 does not revoke it",
            "the publisher's root has not ended: version 1 counts until 2027-11-22T08:00:00Z",
            "the publisher's index is recent: version 1 of 2026-11-22T08:00:00Z counts until 2026-12-22T08:00:00Z",
            "the index lists it as active: active",
            "no newer release was accepted here: release 1",
        ]
    );
}

/// A package that fails the check, and passes those before it.
fn failing(check: Check) -> (Keyring, Package, SystemTime) {
    let parse = |bytes: Vec<u8>| Package::parse(bytes).unwrap();
    let trusting = listed(Status::Active);
    let statement = |from: &str, to: &str| {
        let payload = hello().envelope().unwrap().payload().to_vec();
        let payload = String::from_utf8(payload).unwrap().replace(from, to);
        let envelope = signed_as(DocumentType::Package, payload.as_bytes(), RELEASE_KEY);
        parse(with_envelope(&envelope.to_json().unwrap()))
    };
    match check {
        Check::Signed => (trusting, parse(unsigned()), now()),
        Check::Publisher => (Keyring::empty(), hello(), now()),
        Check::Signatures => (trusting, parse(signature_of_another_message()), now()),
        Check::Statement => (trusting, statement("mpp:package/v1", "mpp:package/v2"), now()),
        Check::Contents => (trusting, statement("\"size\":", "\"size\":1"), now()),
        Check::Time => {
            let ends = SignOptions { not_after: Some(time("2026-11-22T08:00:10Z")), ..options() };
            (trusting, package_signed_with(&unsigned(), &ends, &[RELEASE_KEY]), later(11))
        }
        Check::Revocation => (listed(Status::Revoked(withdrawal())), hello(), now()),
        Check::Root => (rooted(RootParts { index: None, ..root_parts(1) }), hello(), later(400 * 86400)),
        Check::Index => (rooted(root_parts(1)), hello(), now()),
        Check::Listed => (listed(Status::Yanked(withdrawal())), hello(), now()),
        Check::Sequence => {
            let releases = [1, 2].map(|major| release(&unsigned_version(major), Status::Active));
            let mut keyring = indexed(releases.into());
            accept_into(&mut keyring, version(2, 20, &[RELEASE_KEY])).unwrap();
            (keyring, version(1, 19, &[RELEASE_KEY]), now())
        }
    }
}

#[test]
fn the_check_that_failed_is_the_one_behind_the_last_that_was_passed() {
    for (place, check) in Check::ALL.into_iter().enumerate() {
        let (keyring, package, now) = failing(check);
        let (steps, verdict) = keyring.explain(package.clone(), now);
        let error = verdict.unwrap_err();
        assert_eq!(error.check(), check);
        assert_eq!(checks(&steps), Check::ALL[..place]);
        assert_eq!(keyring.verify(package, now).unwrap_err(), error);
    }
}

#[test]
fn every_check_has_a_word_and_a_line_of_its_own() {
    let words: BTreeSet<_> = Check::ALL.iter().map(|check| check.word()).collect();
    let lines: BTreeSet<_> = Check::ALL.iter().map(ToString::to_string).collect();
    assert_eq!((words.len(), lines.len()), (Check::ALL.len(), Check::ALL.len()));
    assert!(Check::ALL.is_sorted());
}

#[test]
fn who_is_trusted_is_said_in_words() {
    let found = |keyring: &Keyring, package: Package, check: Check| {
        let (steps, _) = keyring.explain(package, now());
        steps.into_iter().find(|step| step.check == check).unwrap().found
    };
    assert_eq!(found(&keyring(), hello(), Check::Publisher), "com.example, 1 pinned key");
    let mut two = keyring();
    two.pin(&publisher(), public(9)).unwrap();
    assert_eq!(found(&two, hello(), Check::Publisher), "com.example, 2 pinned keys");

    let labs = name("com.example.labs");
    let above = RootParts {
        namespaces: vec![publisher(), labs.clone()],
        release: role(&[RELEASE_KEY, 3], 2),
        index: None,
        ..root_parts(1)
    };
    let manifest = Manifest::new(ManifestParts { publisher: labs, ..parts() }).unwrap();
    let below = pack(COMPONENT, &manifest).unwrap();
    let below = package_signed_with(&below, &options(), &[RELEASE_KEY, 3]);
    let by = "com.example.labs, by root version 1 of com.example";
    assert_eq!(found(&rooted(above.clone()), below.clone(), Check::Publisher), by);
    assert_eq!(found(&rooted(above.clone()), below.clone(), Check::Signed), "2 signatures");
    let keys = [RELEASE_KEY, 3].map(|seed| public(seed).id().to_string()).join(", ");
    let signers = found(&rooted(above), below, Check::Signatures);
    assert_eq!(signers, format!("2 of the 2 needed: {keys}"));
}
