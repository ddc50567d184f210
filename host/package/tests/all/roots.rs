//! Roots: which one is pinned, and which one follows it.

use mpp_package::{
    DocumentType, Envelope, EnvelopeError, Keyring, MAX_ROOT_CHAIN, MAX_SEQUENCE, PinError, Role, RootError,
    RootFormError, RootParts, RootUpdate, SignatureError, SignedRoot, SignedRootError,
};

use crate::{
    publisher::{
        INDEX_KEY, ROOT_KEYS, hello, index_envelope, index_parts, name, public, role, root_envelope,
        root_parts, rooted, secret, signed_root,
    },
    support::{key, later, now, pinned, publisher, time},
};

const DAY: u64 = 24 * 60 * 60;

/// The people of the second root: one of the first has left, one is new.
const NEXT_KEYS: [u8; 3] = [12, 13, 14];

/// Two of the first root and two of the second, one of them in both.
const BOTH: [u8; 3] = [11, 12, 13];

fn next_root(version: u64) -> RootParts {
    RootParts { root: role(&NEXT_KEYS, 2), ..root_parts(version) }
}

fn offer(keyring: &mut Keyring, chain: Vec<Envelope>) -> Result<RootUpdate, RootError> {
    keyring.update_root(&publisher(), chain, now())
}

/// Why the first root is not followed by this one. Nothing changes.
fn refused(parts: RootParts, seeds: &[u8]) -> RootError {
    let mut keyring = rooted(root_parts(1));
    let error = offer(&mut keyring, vec![root_envelope(parts, seeds)]).unwrap_err();
    assert_eq!(keyring, rooted(root_parts(1)));
    error
}

fn too_few(found: usize) -> SignatureError {
    SignatureError::TooFew { found, needed: 2 }
}

#[test]
fn a_pinned_root_says_who_signs() {
    let keyring = rooted(root_parts(1));
    assert!(keyring.trusts(&publisher()) && keyring.keys(&publisher()).is_empty());
    let trust = keyring.root_trust(&publisher()).unwrap();
    assert_eq!((trust.version(), trust.index()), (1, None));
    assert_eq!(*trust.root().parts(), root_parts(1));
    assert_eq!(trust.signed(), &signed_root(root_parts(1), &ROOT_KEYS));
    let roots: Vec<_> = keyring.roots().map(|(publisher, _)| publisher.clone()).collect();
    assert_eq!((roots, keyring.publishers().count()), (vec![publisher()], 0));
}

#[test]
fn a_root_takes_the_place_of_the_keys_that_were_pinned() {
    let mut keyring = pinned(&[("com.example", &secret(9))]);
    assert_eq!(keyring.pin_root(signed_root(root_parts(1), &ROOT_KEYS), now()), Ok(true));
    assert_eq!(keyring, rooted(root_parts(1)));
}

#[test]
fn no_key_is_pinned_beside_a_root() {
    let labs = name("com.example.labs");
    let mut keyring = rooted(RootParts { namespaces: vec![publisher(), labs.clone()], ..root_parts(1) });
    for publisher in [publisher(), labs] {
        let error = PinError::HasRoot { publisher: publisher.clone(), by: crate::support::publisher() };
        assert_eq!(keyring.pin(&publisher, public(9)), Err(error));
    }
}

#[test]
fn the_root_that_is_pinned_can_be_pinned_again_and_no_other() {
    let mut keyring = rooted(root_parts(1));
    assert_eq!(keyring.pin_root(signed_root(root_parts(1), &[11, 12]), now()), Ok(false));
    for other in [next_root(2), RootParts { issued_at: time("2026-11-22T08:00:01Z"), ..root_parts(1) }] {
        let seeds = [11, 12, 13, 14].into_iter().filter(|&seed| other.root.keys().contains(&public(seed)));
        let other = signed_root(other.clone(), &seeds.collect::<Vec<_>>());
        let error = RootError::AlreadyPinned { publisher: publisher(), version: 1 };
        assert_eq!(keyring.pin_root(other, now()), Err(error));
    }
    assert_eq!(keyring, rooted(root_parts(1)));
}

#[test]
fn a_root_that_its_own_keys_have_not_signed_is_none() {
    let open = |seeds: &[u8]| SignedRoot::open(root_envelope(root_parts(1), seeds)).unwrap_err();
    assert_eq!(open(&[11]), SignedRootError::Signatures(too_few(1)));
    assert_eq!(open(&[1, 21, 9]), SignedRootError::Signatures(too_few(0)));
    assert_eq!(RootError::Document(open(&[11])).code(), "root-not-signed");
}

#[test]
fn the_digest_of_a_root_is_that_of_what_is_signed() {
    let two = signed_root(root_parts(1), &[11, 12]);
    let three = signed_root(root_parts(1), &[13, 12, 11]);
    assert_eq!(two.digest(), three.digest());
    assert_eq!(two.digest(), mpp_package::Digest::of(two.envelope().payload()));
    assert_eq!(three.claimed_keys(), [13, 12, 11].map(|seed| public(seed).id()));
    assert_eq!(SignedRoot::parse(&two.envelope().to_json().unwrap()), Ok(two));
}

#[test]
fn the_next_root_is_followed_with_the_signatures_of_both() {
    let mut keyring = rooted(root_parts(1));
    let next = root_envelope(next_root(2), &BOTH);
    let digest = mpp_package::Digest::of(next.payload());
    let update = RootUpdate { from: 1, to: 2, digest, index_superseded: false };
    assert_eq!(offer(&mut keyring, vec![next.clone()]), Ok(update.clone()));
    assert_eq!(*keyring.root_trust(&publisher()).unwrap().root().parts(), next_root(2));
    assert_eq!(offer(&mut keyring, vec![next]), Ok(RootUpdate { from: 2, ..update }));
}

/// P12.
#[test]
fn a_root_signed_only_by_the_old_keys_is_refused() {
    let parts = RootParts { root: role(&[14, 15], 2), ..root_parts(2) };
    let error = RootError::Document(SignedRootError::Signatures(too_few(0)));
    assert_eq!(refused(parts, &[11, 12, 13]), error);
    assert_eq!(
        refused(next_root(2), &[11, 12]),
        RootError::Document(SignedRootError::Signatures(too_few(1)))
    );
}

/// P12.
#[test]
fn a_root_signed_only_by_the_new_keys_is_refused() {
    let error = |found| RootError::NotByPredecessor { version: 1, error: too_few(found) };
    let parts = RootParts { root: role(&[14, 15], 2), ..root_parts(2) };
    assert_eq!(refused(parts, &[14, 15]), error(0));
    assert_eq!(refused(next_root(2), &[13, 14]), error(1));
    assert_eq!(error(0).code(), "root-not-signed");
}

/// P12.
#[test]
fn a_skipped_root_is_refused_and_the_whole_chain_is_followed() {
    assert_eq!(refused(root_parts(3), &BOTH), RootError::NotNext { expected: 2, found: 3 });
    let mut keyring = rooted(root_parts(1));
    let third = root_envelope(root_parts(3), &[12, 13]);
    let chain = vec![root_envelope(root_parts(1), &[11, 12]), root_envelope(next_root(2), &BOTH), third];
    let update = offer(&mut keyring, chain).unwrap();
    assert_eq!((update.from, update.to), (1, 3));
}

/// P12.
#[test]
fn a_root_that_is_older_or_of_the_same_version_is_refused() {
    let mut keyring = rooted(root_parts(1));
    offer(&mut keyring, vec![root_envelope(root_parts(2), &BOTH)]).unwrap();
    let held = keyring.clone();
    let same = RootParts { location: Some("https://example.com/".parse().unwrap()), ..root_parts(2) };
    for (parts, found) in [(root_parts(1), 1), (same, 2)] {
        let error = offer(&mut keyring, vec![root_envelope(parts, &BOTH)]).unwrap_err();
        assert_eq!(error, RootError::NotNext { expected: 3, found });
        assert_eq!(error.code(), "root-not-next");
    }
    assert_eq!(keyring, held);
}

/// P12: one break in the chain, and none of it is followed.
#[test]
fn a_chain_is_followed_whole_or_not_at_all() {
    let mut keyring = rooted(root_parts(1));
    let chain = vec![root_envelope(root_parts(2), &BOTH), root_envelope(root_parts(4), &BOTH)];
    assert_eq!(offer(&mut keyring, chain), Err(RootError::NotNext { expected: 3, found: 4 }));
    assert_eq!(keyring, rooted(root_parts(1)));
}

/// P12: the highest version is the last, and nothing counts on from it.
#[test]
fn the_last_version_of_a_root_has_no_successor() {
    let mut keyring = rooted(root_parts(MAX_SEQUENCE));
    let error = offer(&mut keyring, vec![root_envelope(root_parts(1), &BOTH)]).unwrap_err();
    assert_eq!(error, RootError::NotNext { expected: MAX_SEQUENCE + 1, found: 1 });
}

/// P13.
#[test]
fn a_root_that_has_ended_is_neither_pinned_nor_followed() {
    let year = later(366 * DAY);
    let expires = root_parts(1).expires;
    let mut keyring = Keyring::empty();
    let error = keyring.pin_root(signed_root(root_parts(1), &ROOT_KEYS), year).unwrap_err();
    assert_eq!(error, RootError::Expired { version: 1, expires });
    assert_eq!(error.code(), "root-expired");
    assert_eq!(keyring, Keyring::empty());

    let mut keyring = rooted(root_parts(1));
    let next = vec![root_envelope(root_parts(2), &BOTH)];
    let error = RootError::Expired { version: 2, expires };
    assert_eq!(keyring.update_root(&publisher(), next, year), Err(error));
    let error = RootError::Expired { version: 1, expires };
    assert_eq!(keyring.update_root(&publisher(), vec![], year), Err(error));
    assert_eq!(keyring, rooted(root_parts(1)));
}

/// P13: an operator who comes back after years finds the way to the newest root.
#[test]
fn only_the_last_root_of_a_chain_must_not_have_ended() {
    let mut keyring = rooted(root_parts(1));
    let newest = RootParts { expires: time("2030-01-01T00:00:00Z"), ..root_parts(3) };
    let chain = vec![root_envelope(root_parts(2), &BOTH), root_envelope(newest, &BOTH)];
    let update = keyring.update_root(&publisher(), chain, later(366 * DAY)).unwrap();
    assert_eq!((update.from, update.to), (1, 3));
}

#[test]
fn a_chain_beyond_the_limit_is_refused_unread() {
    let mut keyring = rooted(root_parts(1));
    let held = root_envelope(root_parts(1), &ROOT_KEYS);
    assert!(offer(&mut keyring, vec![held.clone(); MAX_ROOT_CHAIN]).is_ok());
    let error = RootError::ChainTooLong { found: MAX_ROOT_CHAIN + 1 };
    assert_eq!(error.code(), "root-chain-too-long");
    assert_eq!(offer(&mut keyring, vec![held; MAX_ROOT_CHAIN + 1]), Err(error));
}

#[test]
fn a_root_is_followed_only_where_one_is_pinned() {
    for mut keyring in [Keyring::empty(), pinned(&[("com.example", &key())])] {
        let error = RootError::NotPinned { publisher: publisher() };
        assert_eq!(error.code(), "no-root");
        assert_eq!(offer(&mut keyring, vec![root_envelope(root_parts(1), &BOTH)]), Err(error));
    }
}

#[test]
fn the_root_of_another_publisher_is_not_followed() {
    let other = name("com.other");
    let parts = RootParts { publisher: other.clone(), namespaces: vec![other.clone()], ..root_parts(2) };
    let error = RootError::OtherPublisher { expected: publisher(), found: other };
    assert_eq!(error.code(), "root-of-another");
    assert_eq!(refused(parts, &BOTH), error);
}

/// P9: one false signature by a key that is trusted, beside enough good ones.
#[test]
fn a_false_signature_by_a_trusted_root_key_refuses_the_next_root() {
    let json = String::from_utf8(root_envelope(root_parts(2), &BOTH).to_json().unwrap()).unwrap();
    let first = root_envelope(root_parts(2), &[11]).to_json().unwrap();
    let first: serde_json::Value = serde_json::from_slice(&first).unwrap();
    let other = root_envelope(root_parts(3), &[11]).to_json().unwrap();
    let other: serde_json::Value = serde_json::from_slice(&other).unwrap();
    let sig = |document: &serde_json::Value| document["signatures"][0]["sig"].as_str().unwrap().to_owned();
    let forged = json.replace(&sig(&first), &sig(&other));
    assert_ne!(forged, json);
    let mut keyring = rooted(root_parts(1));
    let forged = Envelope::parse(DocumentType::Root, forged.as_bytes()).unwrap();
    let error = SignatureError::Invalid { keyid: public(11).id() };
    assert_eq!(offer(&mut keyring, vec![forged]), Err(RootError::NotByPredecessor { version: 1, error }));
}

/// P10.
#[test]
fn what_the_root_keys_signed_as_another_document_is_no_root() {
    let index = index_envelope(index_parts(2, vec![]), &BOTH);
    let mut keyring = rooted(root_parts(1));
    let form = EnvelopeError::PayloadType { expected: DocumentType::Root };
    let error = RootError::Document(SignedRootError::Form(RootFormError::Envelope(form)));
    assert_eq!(error.code(), "malformed-root");
    assert_eq!(offer(&mut keyring, vec![index.clone()]), Err(error));
    assert!(matches!(SignedRoot::open(index), Err(SignedRootError::Form(RootFormError::Envelope(_)))));
    let statement = hello().envelope().unwrap().clone();
    assert!(matches!(SignedRoot::open(statement), Err(SignedRootError::Form(RootFormError::Envelope(_)))));
}

/// P12: what the thief of an index key has signed counts for nothing once the
/// root names another.
#[test]
fn an_index_is_superseded_when_its_keys_are_and_not_before() {
    let mut keyring = rooted(root_parts(1));
    let last = index_envelope(index_parts(MAX_SEQUENCE, vec![]), &[INDEX_KEY]);
    keyring.refresh(&publisher(), last, now()).unwrap();
    let update = offer(&mut keyring, vec![root_envelope(root_parts(2), &BOTH)]).unwrap();
    assert!(!update.index_superseded);
    let rotated = RootParts { index: Some(role(&[22], 1)), ..root_parts(3) };
    let update = offer(&mut keyring, vec![root_envelope(rotated, &BOTH)]).unwrap();
    assert!(update.index_superseded);
    let fresh = index_envelope(index_parts(1, vec![]), &[22]);
    let refreshed = keyring.refresh(&publisher(), fresh, now()).unwrap();
    assert_eq!((refreshed.from, refreshed.to, refreshed.unchanged), (None, 1, false));
}

/// P9.
#[test]
fn a_root_whose_role_cannot_be_is_no_root() {
    let whole = |parts: RootParts| mpp_package::Root::new(parts).map(|root| root.parts().clone());
    let one: Role = role(&[1], 1);
    assert!(whole(RootParts { root: one.clone(), index: None, ..root_parts(1) }).is_ok());
    for version in [0, MAX_SEQUENCE + 1] {
        let error = RootFormError::Version { found: version };
        assert_eq!(whole(root_parts(version)), Err(error));
    }
    let backwards = RootParts { expires: time("2026-11-22T08:00:00Z"), ..root_parts(1) };
    assert!(matches!(whole(backwards), Err(RootFormError::NeverValid { .. })));
}
