//! P15: a document that is refused leaves nothing behind. What is stored is
//! what the keyring is, so an attacker must not be able to move it with
//! something that is refused in the end.

use mpp_package::{Envelope, IndexParts, Keyring, MAX_SEQUENCE, Package, PackageName, RootParts, Status};

use crate::{
    publisher::{
        INDEX_KEY, RELEASE_KEY, ROOT_KEYS, accept_into, hello, index_envelope, index_parts, listed, name,
        release, root_envelope, root_parts, signed_root, version, withdrawal,
    },
    support::{later, now, parts, publisher, section, signed, signed_by, stranger, time, unsigned},
};

/// A keyring with everything in it: a root, an index, something accepted.
fn full() -> Keyring {
    let mut keyring = listed(Status::Active);
    accept_into(&mut keyring, hello()).unwrap();
    keyring.pin(&name("org.other"), stranger().public_key()).unwrap();
    keyring
}

/// P15: all that an attacker can offer as a root. Each is wrong in its last check.
#[test]
fn a_refused_root_changes_nothing() {
    let next = root_parts(2);
    let expired = RootParts { expires: time("2026-11-22T08:00:01Z"), ..root_parts(2) };
    let other = name("com.other");
    let others = RootParts { publisher: other.clone(), namespaces: vec![other], ..root_parts(2) };
    let taken = RootParts { namespaces: vec![publisher(), name("com.example.labs")], ..root_parts(2) };
    let mut keyring = full();
    keyring.pin(&name("com.example.labs"), stranger().public_key()).unwrap();
    let chains: Vec<(&str, Vec<Envelope>)> = vec![
        ("root-not-signed", vec![root_envelope(next.clone(), &[11, 9])]),
        ("root-not-next", vec![root_envelope(root_parts(3), &ROOT_KEYS)]),
        ("root-not-next", vec![root_envelope(next, &ROOT_KEYS), root_envelope(root_parts(4), &ROOT_KEYS)]),
        ("root-expired", vec![root_envelope(expired, &ROOT_KEYS)]),
        ("root-of-another", vec![root_envelope(others, &ROOT_KEYS)]),
        ("namespace-taken", vec![root_envelope(taken, &ROOT_KEYS)]),
        ("malformed-root", vec![index_envelope(index_parts(2, vec![]), &ROOT_KEYS)]),
    ];
    for (code, chain) in chains {
        let before = keyring.clone();
        let error = keyring.update_root(&publisher(), chain, later(60)).unwrap_err();
        assert_eq!((error.code(), &keyring), (code, &before));
    }
    let before = keyring.clone();
    let rival = RootParts { issued_at: time("2026-11-22T08:00:01Z"), ..root_parts(1) };
    assert!(keyring.pin_root(signed_root(rival, &ROOT_KEYS), now()).is_err());
    let labs = name("com.example.labs.deep");
    let claims = RootParts { publisher: labs.clone(), namespaces: vec![labs], ..root_parts(1) };
    assert!(keyring.pin_root(signed_root(claims, &ROOT_KEYS), later(400 * 86400)).is_err());
    assert_eq!(keyring, before);
}

/// P15: with the highest version there is, so that it would show.
#[test]
fn a_refused_index_changes_nothing() {
    let mut keyring = listed(Status::Revoked(withdrawal()));
    let last = || index_parts(MAX_SEQUENCE, vec![]);
    let expired = IndexParts { expires: time("2026-11-22T08:00:01Z"), ..last() };
    let revoking = vec![release(&unsigned(), Status::Revoked(withdrawal()))];
    let expired = IndexParts { releases: revoking, ..expired };
    let others = IndexParts { publisher: name("com.other"), ..last() };
    let offers = [
        ("index-not-signed", index_envelope(last(), &[9])),
        ("index-unrevokes", index_envelope(last(), &[INDEX_KEY])),
        ("index-expired", index_envelope(expired, &[INDEX_KEY])),
        ("index-of-another", index_envelope(others, &[INDEX_KEY])),
        ("malformed-index", root_envelope(root_parts(MAX_SEQUENCE), &[INDEX_KEY])),
    ];
    for (code, offered) in offers {
        let before = keyring.clone();
        let error = keyring.refresh(&publisher(), offered, later(60)).unwrap_err();
        assert_eq!((error.code(), &keyring), (code, &before));
    }
}

/// P15: judging a package moves nothing, and what is refused cannot be accepted
/// at all: [`Keyring::accept`] takes nothing but a `VerifiedPackage`.
#[test]
fn a_package_that_is_judged_changes_nothing() {
    let keyring = full();
    let before = keyring.clone();
    let moved = [unsigned(), section("note", b"x"), signed()[unsigned().len()..].to_vec()].concat();
    let packages = [
        hello(),
        version(2, MAX_SEQUENCE, &[RELEASE_KEY]),
        Package::parse(signed_by(&stranger(), &unsigned())).unwrap(),
        Package::parse(moved).unwrap(),
        Package::parse(unsigned()).unwrap(),
    ];
    for package in packages {
        let _ = keyring.verify(package.clone(), now());
        let _ = keyring.explain(package, later(400 * 86400));
    }
    assert_eq!(keyring, before);
}

/// P15.
#[test]
fn a_refused_key_changes_nothing() {
    let mut keyring = full();
    let before = keyring.clone();
    assert!(keyring.pin(&publisher(), stranger().public_key()).is_err());
    assert!(!keyring.remove(&name("com.nobody")));
    assert!(!keyring.remove_key(&publisher(), &stranger().public_key().id()));
    assert!(keyring.forget(&publisher(), &PackageName::parse("other").unwrap()).is_none());
    assert!(!keyring.withdraw(&name("org.other"), &parts().name));
    assert_eq!(keyring, before);
}
