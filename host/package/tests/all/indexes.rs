//! Indexes: which one is taken, and what it says about a release.

use mpp_package::{
    DocumentType, Envelope, EnvelopeError, Index, IndexError, IndexFormError, IndexParts, Keyring,
    MAX_REASON_BYTES, MAX_RELEASES, MAX_SEQUENCE, PackageName, Refreshed, Release, RootParts, SignatureError,
    Status, VerifyError, Version, Withdrawal, pre_authentication_encoding,
};

use crate::{
    publisher::{
        INDEX_KEY, RELEASE_KEY, hello, index_envelope, index_parts, indexed, listed, name,
        package_signed_with, release, role, root_envelope, root_parts, rooted, unsigned_version, version,
        withdrawal,
    },
    support::{key, later, now, options, pinned, publisher, time, unsigned},
};

fn offer(keyring: &mut Keyring, envelope: Envelope) -> Result<Refreshed, IndexError> {
    keyring.refresh(&publisher(), envelope, now())
}

/// Why this index is not taken where version 1 is held. Nothing changes.
fn refused(parts: IndexParts, seeds: &[u8]) -> IndexError {
    let held = indexed(vec![release(&unsigned(), Status::Active)]);
    let mut keyring = held.clone();
    let error = offer(&mut keyring, index_envelope(parts, seeds)).unwrap_err();
    assert_eq!(keyring, held);
    error
}

fn revoked() -> Status {
    Status::Revoked(withdrawal())
}

#[test]
fn a_newer_index_is_taken() {
    let mut keyring = rooted(root_parts(1));
    let first = index_envelope(index_parts(1, vec![]), &[INDEX_KEY]);
    let digest = mpp_package::Digest::of(first.payload());
    let taken = Refreshed { from: None, to: 1, digest, unchanged: false };
    assert_eq!(offer(&mut keyring, first.clone()), Ok(taken.clone()));
    assert_eq!(offer(&mut keyring, first), Ok(Refreshed { from: Some(1), unchanged: true, ..taken }));
    let later = index_envelope(index_parts(9, vec![]), &[INDEX_KEY]);
    let refreshed = offer(&mut keyring, later.clone()).unwrap();
    assert_eq!((refreshed.from, refreshed.to, refreshed.unchanged), (Some(1), 9, false));
    let held = keyring.root_trust(&publisher()).unwrap().index().unwrap();
    assert_eq!((held.version(), held.is_superseded(), held.envelope()), (9, false, &later));
}

/// P12.
#[test]
fn an_index_that_is_not_newer_is_refused() {
    let mut keyring = rooted(root_parts(1));
    offer(&mut keyring, index_envelope(index_parts(7, vec![]), &[INDEX_KEY])).unwrap();
    let held = keyring.clone();
    let other = index_parts(7, vec![release(&unsigned(), Status::Active)]);
    for parts in [index_parts(6, vec![]), other] {
        let error = IndexError::NotNewer { held: 7, found: parts.version };
        assert_eq!(error.code(), "index-not-newer");
        assert_eq!(offer(&mut keyring, index_envelope(parts, &[INDEX_KEY])), Err(error));
    }
    assert_eq!(keyring, held);
}

/// P12: a thief of the index key can run its numbers to the end, until the root
/// names another key.
#[test]
fn a_version_run_to_its_end_is_left_behind_by_rotation() {
    let mut keyring = rooted(root_parts(1));
    offer(&mut keyring, index_envelope(index_parts(MAX_SEQUENCE, vec![]), &[INDEX_KEY])).unwrap();
    let genuine = |seed| index_envelope(index_parts(2, vec![release(&unsigned(), Status::Active)]), &[seed]);
    let error = IndexError::NotNewer { held: MAX_SEQUENCE, found: 2 };
    assert_eq!(offer(&mut keyring, genuine(INDEX_KEY)), Err(error));

    let rotated = RootParts { index: Some(role(&[22], 1)), ..root_parts(2) };
    keyring.update_root(&publisher(), vec![root_envelope(rotated, &[11, 12])], now()).unwrap();
    assert!(matches!(keyring.verify(hello(), now()), Err(VerifyError::NotVouchedFor(_))));
    let unsigned = SignatureError::TooFew { found: 0, needed: 1 };
    let error = IndexError::Signatures { publisher: publisher(), error: unsigned };
    assert_eq!(offer(&mut keyring, genuine(INDEX_KEY)), Err(error));
    assert!(offer(&mut keyring, genuine(22)).is_ok());
    assert!(keyring.verify(hello(), now()).is_ok());
}

/// P13.
#[test]
fn an_index_that_has_ended_is_not_taken() {
    let expires = time("2026-11-22T08:00:10Z");
    let parts = IndexParts { expires, ..index_parts(2, vec![]) };
    let mut keyring = listed(Status::Active);
    let offered = index_envelope(parts, &[INDEX_KEY]);
    let error = IndexError::Expired { version: 2, expires };
    assert_eq!(error.code(), "index-expired");
    assert_eq!(keyring.refresh(&publisher(), offered.clone(), later(11)), Err(error));
    assert_eq!(keyring, listed(Status::Active));
    assert!(keyring.refresh(&publisher(), offered, later(10)).is_ok());
}

/// P14.
#[test]
fn a_revocation_is_not_taken_back_by_the_next_index() {
    let held = listed(revoked());
    let yanked = Status::Yanked(withdrawal());
    let silent = vec![];
    let active = vec![release(&unsigned(), Status::Active)];
    let yanked = vec![release(&unsigned(), yanked)];
    for releases in [silent, active, yanked] {
        let mut keyring = held.clone();
        let Release { publisher: namespace, name, digest, .. } = release(&unsigned(), Status::Active);
        let error = IndexError::Unrevoked { version: 2, namespace, name, digest };
        assert_eq!(error.code(), "index-unrevokes");
        assert_eq!(offer(&mut keyring, index_envelope(index_parts(2, releases), &[INDEX_KEY])), Err(error));
        assert_eq!(keyring, held);
    }
    let mut keyring = held;
    let kept = index_parts(2, vec![release(&unsigned(), revoked())]);
    assert!(offer(&mut keyring, index_envelope(kept, &[INDEX_KEY])).is_ok());
}

/// P14.
#[test]
fn a_revoked_package_is_refused_however_it_is_signed() {
    let keyring = listed(revoked());
    let Withdrawal { reason, since } = withdrawal();
    let error = VerifyError::Revoked { reason, since };
    assert_eq!(error.code(), "revoked");
    assert_eq!(keyring.verify(hello(), now()).unwrap_err(), error);
    let anew = mpp_package::SignOptions { sequence: 99, ..options() };
    let anew = package_signed_with(&unsigned(), &anew, &[RELEASE_KEY]);
    assert_eq!(keyring.verify(anew, now()).unwrap_err(), error);
}

/// P14: neither the age of the index nor the rotation of its keys brings a
/// revoked package back.
#[test]
fn a_revocation_outlives_its_index_and_the_keys_that_signed_it() {
    let mut keyring = listed(revoked());
    let code = |keyring: &Keyring, now| keyring.verify(hello(), now).unwrap_err().code();
    assert_eq!(code(&keyring, later(60 * 24 * 60 * 60)), "revoked");
    let rotated = RootParts { index: Some(role(&[22], 1)), ..root_parts(2) };
    keyring.update_root(&publisher(), vec![root_envelope(rotated, &[11, 12])], now()).unwrap();
    assert_eq!(code(&keyring, now()), "revoked");
    let none = RootParts { index: None, ..root_parts(3) };
    keyring.update_root(&publisher(), vec![root_envelope(none, &[11, 12])], now()).unwrap();
    assert_eq!(code(&keyring, now()), "revoked");
}

/// P14: the version that the publisher released, as other bytes.
#[test]
fn a_version_that_the_index_knows_as_other_bytes_is_refused() {
    let mut other = release(&unsigned_version(2), Status::Active);
    other.version = Version::new(1, 0, 0);
    let keyring = indexed(vec![other.clone()]);
    let error = keyring.verify(version(1, 1, &[RELEASE_KEY]), now()).unwrap_err();
    assert_eq!(error.code(), "not-as-indexed");
    let found = hello().digest();
    assert_eq!(error, VerifyError::NotAsIndexed { indexed: other.digest, found });
}

#[test]
fn an_index_is_taken_only_where_a_root_says_who_signs_it() {
    let envelope = || index_envelope(index_parts(1, vec![]), &[INDEX_KEY]);
    for mut keyring in [Keyring::empty(), pinned(&[("com.example", &key())])] {
        let error = IndexError::NotPinned { publisher: publisher() };
        assert_eq!(error.code(), "no-root");
        assert_eq!(offer(&mut keyring, envelope()), Err(error));
    }
    let mut keyring = rooted(RootParts { index: None, ..root_parts(1) });
    let error = IndexError::NoIndexRole { publisher: publisher() };
    assert_eq!(error.code(), "no-index-role");
    assert_eq!(offer(&mut keyring, envelope()), Err(error));
}

#[test]
fn an_index_without_the_signatures_of_its_keys_is_refused() {
    for seeds in [&[RELEASE_KEY][..], &[11, 12, 13], &[9]] {
        let error = SignatureError::TooFew { found: 0, needed: 1 };
        let error = IndexError::Signatures { publisher: publisher(), error };
        assert_eq!(error.code(), "index-not-signed");
        assert_eq!(refused(index_parts(2, vec![]), seeds), error);
    }
    let two = RootParts { index: Some(role(&[INDEX_KEY, 22], 2)), ..root_parts(1) };
    let mut keyring = rooted(two);
    let one = index_envelope(index_parts(1, vec![]), &[22]);
    let error = SignatureError::TooFew { found: 1, needed: 2 };
    assert_eq!(offer(&mut keyring, one), Err(IndexError::Signatures { publisher: publisher(), error }));
    assert!(offer(&mut keyring, index_envelope(index_parts(1, vec![]), &[22, INDEX_KEY])).is_ok());
}

#[test]
fn the_index_of_another_publisher_is_refused() {
    let other = name("com.other");
    let parts = IndexParts { publisher: other.clone(), ..index_parts(2, vec![]) };
    let error = IndexError::OtherPublisher { expected: publisher(), found: other };
    assert_eq!(error.code(), "index-of-another");
    assert_eq!(refused(parts, &[INDEX_KEY]), error);
}

/// P10: an index in all but the type it was signed as.
#[test]
fn an_index_that_was_signed_as_another_document_is_refused() {
    let payload = index_envelope(index_parts(2, vec![]), &[INDEX_KEY]).payload().to_vec();
    for kind in [DocumentType::Package, DocumentType::Root] {
        let envelope = crate::envelopes::signed_as(kind, &payload, INDEX_KEY);
        let mut keyring = listed(Status::Active);
        let form = EnvelopeError::PayloadType { expected: DocumentType::Index };
        assert_eq!(offer(&mut keyring, envelope), Err(IndexError::Form(form.into())));
        assert_eq!(keyring, listed(Status::Active));
    }
    let message = pre_authentication_encoding(DocumentType::Root.payload_type(), &payload);
    assert!(mpp_package::SigningRequest::from_message(&message).is_err());
}

/// P10.
#[test]
fn what_the_index_keys_signed_and_is_no_index_is_refused() {
    let good = index_envelope(index_parts(2, vec![]), &[INDEX_KEY]).payload().to_vec();
    let good = String::from_utf8(good).unwrap();
    for (from, to) in [
        ("\"version\":2", "\"version\":2,\"version\":3"),
        ("\"version\":2", "\"version\":2,\"extra\":3"),
        ("\"releases\":[],", ""),
        ("publisher-index/v1", "publisher-index/v2"),
        ("publisher-index/v1", "publisher-root/v1"),
        ("\"version\":2", "\"version\":0"),
    ] {
        assert!(good.contains(from), "{from} is not in {good}");
        let payload = good.replace(from, to);
        let envelope = crate::envelopes::signed_as(DocumentType::Index, payload.as_bytes(), INDEX_KEY);
        let error = offer(&mut listed(Status::Active), envelope).unwrap_err();
        assert_eq!(error.code(), "malformed-index", "{to}");
    }
}

fn form(parts: IndexParts) -> IndexFormError {
    Index::new(parts).unwrap_err()
}

#[test]
fn an_index_has_one_order_and_lists_every_version_and_every_digest_once() {
    let [one, two] = [1, 2].map(|major| release(&unsigned_version(major), Status::Active));
    assert!(Index::new(index_parts(1, vec![one.clone(), two.clone()])).is_ok());
    let order = |release: &Release| IndexFormError::Order {
        publisher: publisher(),
        name: release.name.clone(),
        version: release.version.clone(),
    };
    assert_eq!(form(index_parts(1, vec![two.clone(), one.clone()])), order(&one));
    assert_eq!(form(index_parts(1, vec![one.clone(), one.clone()])), order(&one));
    let same_bytes = Release { digest: one.digest, ..two };
    let error = IndexFormError::DuplicateDigest { digest: one.digest };
    assert_eq!(form(index_parts(1, vec![one, same_bytes])), error);
}

/// P18.
#[test]
fn an_index_speaks_of_its_publishers_own_names_only() {
    for namespace in ["com.other", "com.example-evil", "com.exampleevil"] {
        let namespace = name(namespace);
        let foreign = Release { publisher: namespace.clone(), ..release(&unsigned(), Status::Active) };
        let error = IndexFormError::ForeignRelease {
            namespace,
            name: PackageName::parse("hello").unwrap(),
            publisher: publisher(),
        };
        assert_eq!(form(index_parts(1, vec![foreign])), error);
    }
}

#[test]
fn the_limits_of_an_index_are_inclusive() {
    let reason = |length| Withdrawal { reason: "x".repeat(length), since: withdrawal().since };
    let one = |length| index_parts(1, vec![release(&unsigned(), Status::Yanked(reason(length)))]);
    assert!(Index::new(one(MAX_REASON_BYTES)).is_ok());
    for length in [0, MAX_REASON_BYTES + 1] {
        assert!(matches!(form(one(length)), IndexFormError::Reason(_)), "{length}");
    }
    let many = vec![release(&unsigned(), Status::Active); MAX_RELEASES + 1];
    assert_eq!(form(index_parts(1, many)), IndexFormError::TooManyReleases { found: MAX_RELEASES + 1 });
    assert!(Index::new(index_parts(MAX_SEQUENCE, vec![])).is_ok());
    let found = MAX_SEQUENCE + 1;
    assert_eq!(form(index_parts(found, vec![])), IndexFormError::Version { found });
    let never = IndexParts { expires: time("2026-11-22T08:00:00Z"), ..index_parts(1, vec![]) };
    assert!(matches!(form(never), IndexFormError::NeverValid { .. }));
}
