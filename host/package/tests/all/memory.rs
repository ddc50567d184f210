//! What was accepted before, and what that keeps out.

use mpp_package::{
    Accepted, Keyring, MAX_SEQUENCE, Manifest, ManifestParts, Package, PackageName, RootParts, SignedRoot,
    Status, VerifiedPackage, VerifyError, pack,
};

use crate::{
    publisher::{
        RELEASE_KEY, ROOT_KEYS, accept_into, hello, indexed, name, public, release, role, root_envelope,
        root_parts, rooted, unsigned_version, version, withdrawal,
    },
    support::{COMPONENT, key, keyring, now, parts, pinned, publisher, signed_by, stranger},
};

fn package() -> PackageName {
    parts().name
}

fn accepted(keyring: &Keyring) -> Option<&Accepted> {
    keyring.accepted(&publisher(), &package())
}

fn verified(keyring: &Keyring, package: Package) -> VerifiedPackage {
    keyring.verify(package, now()).unwrap()
}

/// A root with two release keys, of which either signs.
fn either_of(seeds: &[u8]) -> RootParts {
    RootParts { release: role(seeds, 1), index: None, ..root_parts(1) }
}

/// P12.
#[test]
fn a_release_older_than_the_one_accepted_is_refused() {
    for mut keyring in [keyring(), rooted(either_of(&[RELEASE_KEY]))] {
        accept_into(&mut keyring, version(2, 20, &[RELEASE_KEY])).unwrap();
        let older = keyring.verify(version(1, 19, &[RELEASE_KEY]), now());
        assert_eq!(older.unwrap_err(), VerifyError::RolledBack { found: 19, accepted: 20 });
        assert!(keyring.verify(version(3, 20, &[RELEASE_KEY]), now()).is_ok());
        assert!(keyring.verify(version(3, 21, &[RELEASE_KEY]), now()).is_ok());
    }
}

/// P12: an older version in the manifest with a newer number is a newer release.
#[test]
fn it_is_the_signed_sequence_that_counts_and_not_the_version() {
    let mut keyring = keyring();
    accept_into(&mut keyring, version(2, 20, &[RELEASE_KEY])).unwrap();
    assert!(keyring.verify(version(1, 21, &[RELEASE_KEY]), now()).is_ok());
}

#[test]
fn another_package_has_a_sequence_of_its_own() {
    let mut keyring = pinned(&[("com.example", &key()), ("com.other", &key())]);
    accept_into(&mut keyring, version(2, 20, &[RELEASE_KEY])).unwrap();
    let others = [
        ManifestParts { publisher: name("com.other"), ..parts() },
        ManifestParts { name: PackageName::parse("other").unwrap(), ..parts() },
    ];
    for other in others {
        let manifest = Manifest::new(other).unwrap();
        let unsigned = pack(COMPONENT, &manifest).unwrap();
        let other = Package::parse(signed_by(&key(), &unsigned)).unwrap();
        assert!(keyring.verify(other, now()).is_ok());
    }
}

#[test]
fn the_very_package_that_was_accepted_is_never_too_old() {
    let mut keyring = keyring();
    accept_into(&mut keyring, version(1, 20, &[RELEASE_KEY])).unwrap();
    assert!(keyring.verify(version(1, 19, &[RELEASE_KEY]), now()).is_ok());
}

#[test]
fn accepting_remembers_the_number_the_bytes_and_the_keys() {
    let mut keyring = pinned(&[("com.example", &key()), ("com.example", &stranger())]);
    assert_eq!(accepted(&keyring), None);
    let release = version(1, 20, &[2, RELEASE_KEY]);
    let expected = Accepted {
        sequence: 20,
        digest: Some(release.digest()),
        signers: vec![public(2).id(), public(RELEASE_KEY).id()],
    };
    assert_eq!(accept_into(&mut keyring, release.clone()), Ok(true));
    assert_eq!(accepted(&keyring), Some(&expected));
    assert_eq!(accept_into(&mut keyring, release), Ok(false));
    let all: Vec<_> = keyring.all_accepted().collect();
    assert_eq!(all, [(&publisher(), &package(), &expected)]);
}

/// P12: what was verified before a newer release was accepted comes too late.
#[test]
fn accepting_an_older_release_that_was_verified_earlier_changes_nothing() {
    let mut keyring = keyring();
    let older = verified(&keyring, version(1, 19, &[RELEASE_KEY]));
    accept_into(&mut keyring, version(2, 20, &[RELEASE_KEY])).unwrap();
    let before = keyring.clone();
    assert_eq!(keyring.accept(&older), Ok(false));
    assert_eq!(keyring, before);
    assert!(keyring.verify(version(1, 19, &[RELEASE_KEY]), now()).is_err());
}

/// P12: a thief signs a genuine release with the highest number there is, and
/// the genuine one is accepted after it. Who vouched for the number is the thief.
#[test]
fn a_number_stays_with_the_keys_that_signed_it() {
    let mut keyring = rooted(either_of(&[RELEASE_KEY, 2]));
    accept_into(&mut keyring, version(1, MAX_SEQUENCE, &[2])).unwrap();
    accept_into(&mut keyring, version(1, 20, &[RELEASE_KEY])).unwrap();
    assert_eq!(accepted(&keyring).unwrap().signers, [public(2).id()]);
    let second = RootParts { version: 2, ..either_of(&[RELEASE_KEY]) };
    keyring.update_root(&publisher(), vec![root_envelope(second, &ROOT_KEYS)], now()).unwrap();
    assert!(keyring.verify(version(2, 21, &[RELEASE_KEY]), now()).is_ok());
}

/// P12: the highest number is a trap for as long as the key counts, and no longer.
#[test]
fn a_sequence_run_to_its_end_is_forgotten_with_the_key_that_signed_it() {
    let mut keyring = rooted(either_of(&[2]));
    accept_into(&mut keyring, version(1, MAX_SEQUENCE, &[2])).unwrap();
    let next = version(2, 21, &[2]);
    let refused = VerifyError::RolledBack { found: 21, accepted: MAX_SEQUENCE };
    assert_eq!(keyring.verify(next, now()).unwrap_err(), refused);
    let second = RootParts { version: 2, ..either_of(&[RELEASE_KEY]) };
    keyring.update_root(&publisher(), vec![root_envelope(second, &ROOT_KEYS)], now()).unwrap();
    assert_eq!(accepted(&keyring), None);
    assert!(keyring.verify(version(2, 21, &[RELEASE_KEY]), now()).is_ok());
}

/// P12.
#[test]
fn a_number_outlives_a_rotation_that_keeps_enough_of_its_keys() {
    let mut keyring = rooted(either_of(&[RELEASE_KEY, 2]));
    accept_into(&mut keyring, version(2, 20, &[2, RELEASE_KEY])).unwrap();
    let second = RootParts { version: 2, ..either_of(&[RELEASE_KEY, 3]) };
    keyring.update_root(&publisher(), vec![root_envelope(second, &ROOT_KEYS)], now()).unwrap();
    let older = keyring.verify(version(1, 19, &[RELEASE_KEY]), now());
    assert_eq!(older.unwrap_err(), VerifyError::RolledBack { found: 19, accepted: 20 });
}

#[test]
fn a_withdrawn_package_is_no_longer_accepted_and_its_number_stays() {
    let mut keyring = keyring();
    assert!(!keyring.withdraw(&publisher(), &package()));
    accept_into(&mut keyring, version(2, 20, &[RELEASE_KEY])).unwrap();
    assert!(keyring.withdraw(&publisher(), &package()));
    assert!(!keyring.withdraw(&publisher(), &package()));
    let left = Accepted { sequence: 20, digest: None, signers: vec![public(RELEASE_KEY).id()] };
    assert_eq!(accepted(&keyring), Some(&left));
    let older = keyring.verify(version(2, 19, &[RELEASE_KEY]), now());
    assert_eq!(older.unwrap_err(), VerifyError::RolledBack { found: 19, accepted: 20 });
    assert_eq!(accept_into(&mut keyring, version(2, 20, &[RELEASE_KEY])), Ok(true));
}

#[test]
fn a_forgotten_package_may_be_older() {
    let mut keyring = keyring();
    assert_eq!(keyring.forget(&publisher(), &package()), None);
    accept_into(&mut keyring, version(2, 20, &[RELEASE_KEY])).unwrap();
    let remembered = accepted(&keyring).cloned();
    assert!(remembered.is_some());
    assert_eq!(keyring.forget(&publisher(), &package()), remembered);
    assert!(keyring.verify(version(1, 19, &[RELEASE_KEY]), now()).is_ok());
}

#[test]
fn what_was_accepted_of_a_publisher_goes_with_its_trust_and_nothing_else_does() {
    let mut keyring = pinned(&[("com.example", &key()), ("com.other", &key())]);
    accept_into(&mut keyring, hello()).unwrap();
    assert!(!keyring.remove_key(&publisher(), &public(9).id()));
    assert!(keyring.remove(&name("com.other")));
    assert!(accepted(&keyring).is_some());
    assert!(keyring.remove_key(&publisher(), &public(RELEASE_KEY).id()));
    assert_eq!(keyring, Keyring::empty());
}

#[test]
fn removing_a_root_forgets_all_its_namespaces() {
    let labs = name("com.example.labs");
    let mut keyring = rooted(RootParts { namespaces: vec![publisher(), labs.clone()], ..either_of(&[1]) });
    let theirs = ManifestParts { publisher: labs, ..parts() };
    let manifest = Manifest::new(theirs).unwrap();
    let theirs = pack(COMPONENT, &manifest).unwrap();
    accept_into(&mut keyring, Package::parse(signed_by(&key(), &theirs)).unwrap()).unwrap();
    accept_into(&mut keyring, hello()).unwrap();
    assert_eq!(keyring.all_accepted().count(), 2);
    assert!(keyring.remove(&publisher()));
    assert_eq!(keyring, Keyring::empty());
}

/// Documents that change nothing forget nothing: neither the same root again nor
/// none at all, even where the number was signed by a key pinned before the root.
#[test]
fn an_update_to_the_root_that_is_held_forgets_nothing() {
    let mut keyring = pinned(&[("com.example", &stranger())]);
    accept_into(&mut keyring, version(2, 20, &[2])).unwrap();
    let parts = either_of(&[RELEASE_KEY]);
    let held = root_envelope(parts.clone(), &ROOT_KEYS);
    keyring.pin_root(SignedRoot::open(held.clone()).unwrap(), now()).unwrap();
    for chain in [vec![], vec![held]] {
        let before = keyring.clone();
        let update = keyring.update_root(&publisher(), chain, now()).unwrap();
        assert_eq!((update.from, update.to), (1, 1));
        assert_eq!(keyring, before);
    }
    let older = keyring.verify(version(1, 19, &[RELEASE_KEY]), now());
    assert_eq!(older.unwrap_err(), VerifyError::RolledBack { found: 19, accepted: 20 });
}

#[test]
fn what_is_remembered_is_written_and_read() {
    let mut keyring = indexed(vec![
        release(&unsigned_version(1), Status::Active),
        release(&unsigned_version(2), Status::Yanked(withdrawal())),
    ]);
    accept_into(&mut keyring, version(1, 20, &[RELEASE_KEY])).unwrap();
    let read = Keyring::from_json(keyring.to_json().unwrap().as_bytes()).unwrap();
    assert_eq!(read, keyring);
    keyring.withdraw(&publisher(), &package());
    let read = Keyring::from_json(keyring.to_json().unwrap().as_bytes()).unwrap();
    assert_eq!(read, keyring);
}
