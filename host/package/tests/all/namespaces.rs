//! P18: who signs under which name.

use mpp_package::{
    Keyring, Manifest, ManifestParts, Package, PublisherName, Root, RootError, RootFormError, RootParts,
    VerifyError, pack,
};

use crate::{
    publisher::{
        RELEASE_KEY, ROOT_KEYS, name, package_signed_with, public, root_envelope, root_parts, rooted,
        signed_root,
    },
    support::{COMPONENT, key, now, options, parts, pinned, publisher},
};

/// The root of a publisher that covers these names.
fn covering(publisher: &str, namespaces: &[&str]) -> RootParts {
    RootParts {
        publisher: name(publisher),
        namespaces: namespaces.iter().map(|namespace| name(namespace)).collect(),
        index: None,
        ..root_parts(1)
    }
}

/// A package under a name, signed with the release key of every root here.
fn package_of(publisher: &str) -> Package {
    let manifest = Manifest::new(ManifestParts { publisher: name(publisher), ..parts() }).unwrap();
    package_signed_with(&pack(COMPONENT, &manifest).unwrap(), &options(), &[RELEASE_KEY])
}

fn form(namespaces: &[&str]) -> RootFormError {
    Root::new(covering("com.example", namespaces)).unwrap_err()
}

/// P18.
#[test]
fn a_root_covers_the_names_that_it_lists_and_no_other_below_it() {
    let keyring = rooted(covering("com.example", &["com.example", "com.example.labs"]));
    for listed in ["com.example", "com.example.labs"] {
        assert!(keyring.trusts(&name(listed)));
        let verified = keyring.verify(package_of(listed), now()).unwrap();
        assert_eq!(*verified.publisher(), name(listed));
    }
    for other in ["com.example.evil", "com.example.labs.evil", "com.example-labs", "com.exampl", "com.other"]
    {
        let claimed_keys = vec![public(RELEASE_KEY).id()];
        let error = VerifyError::UntrustedPublisher { publisher: name(other), claimed_keys };
        assert_eq!(keyring.verify(package_of(other), now()).unwrap_err(), error);
    }
}

/// P18.
#[test]
fn a_root_lists_no_name_that_another_could_own() {
    for foreign in ["org.other", "com.example-evil", "com.exampleevil", "com.exampl", "example.com"] {
        let error = RootFormError::ForeignNamespace { namespace: name(foreign), publisher: publisher() };
        assert_eq!(form(&["com.example", foreign]), error);
    }
    let twice = RootFormError::DuplicateNamespace { namespace: publisher() };
    assert_eq!(form(&["com.example", "com.example"]), twice);
    let missing = RootFormError::NotOwnNamespace { publisher: publisher() };
    assert_eq!(form(&["com.example.labs"]), missing);
    assert_eq!(form(&[]), missing);
    let many: Vec<_> = (0..65).map(|number| format!("com.example.n{number}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    assert_eq!(form(&many), RootFormError::TooManyNamespaces { found: 65 });
}

/// P18: capitals, other scripts, ways up and everything that is a name nowhere.
#[test]
fn a_name_has_one_spelling_and_no_wildcard() {
    for text in [
        "com.Example",
        "com.ex\u{430}mple",
        "com.example.",
        "com..example",
        "com.example/..",
        "com.example.*",
        "*.example",
        "com.example\0",
        "com.example ",
        "com.example.\u{202e}sbal",
    ] {
        assert!(PublisherName::parse(text).is_err(), "{text:?}");
    }
}

fn taken(namespace: &str, by: &str) -> RootError {
    RootError::NamespaceTaken { namespace: name(namespace), by: name(by) }
}

/// P18.
#[test]
fn two_roots_do_not_claim_the_same_name() {
    let above = || signed_root(covering("com.example", &["com.example", "com.example.labs"]), &ROOT_KEYS);
    let below = || signed_root(covering("com.example.labs", &["com.example.labs"]), &ROOT_KEYS);
    let mut keyring = Keyring::empty();
    keyring.pin_root(above(), now()).unwrap();
    let error = keyring.pin_root(below(), now()).unwrap_err();
    assert_eq!(error, taken("com.example.labs", "com.example"));
    assert_eq!(error.code(), "namespace-taken");

    let mut keyring = Keyring::empty();
    keyring.pin_root(below(), now()).unwrap();
    assert_eq!(keyring.pin_root(above(), now()), Err(taken("com.example.labs", "com.example.labs")));
}

/// P18: a key that is pinned holds its name as well as a root does.
#[test]
fn a_root_does_not_take_the_name_of_a_pinned_key_below_it() {
    let mut keyring = pinned(&[("com.example.labs", &key())]);
    let claims = signed_root(covering("com.example", &["com.example", "com.example.labs"]), &ROOT_KEYS);
    assert_eq!(keyring.pin_root(claims, now()), Err(taken("com.example.labs", "com.example.labs")));
    let modest = signed_root(covering("com.example", &["com.example"]), &ROOT_KEYS);
    assert_eq!(keyring.pin_root(modest, now()), Ok(true));
    assert!(keyring.verify(package_of("com.example.labs"), now()).is_ok());
}

/// P18.
#[test]
fn a_root_does_not_grow_over_a_name_that_another_holds() {
    let mut keyring = rooted(covering("com.example", &["com.example"]));
    let theirs = signed_root(covering("com.example.labs", &["com.example.labs"]), &ROOT_KEYS);
    keyring.pin_root(theirs, now()).unwrap();
    let before = keyring.clone();
    let grown = RootParts { version: 2, ..covering("com.example", &["com.example", "com.example.labs"]) };
    let error = keyring.update_root(&publisher(), vec![root_envelope(grown, &ROOT_KEYS)], now());
    assert_eq!(error, Err(taken("com.example.labs", "com.example.labs")));
    assert_eq!(keyring, before);
}

#[test]
fn a_name_that_a_root_gives_up_is_free() {
    let mut keyring = rooted(covering("com.example", &["com.example", "com.example.labs"]));
    let shrunk = RootParts { version: 2, ..covering("com.example", &["com.example"]) };
    keyring.update_root(&publisher(), vec![root_envelope(shrunk, &ROOT_KEYS)], now()).unwrap();
    assert!(!keyring.trusts(&name("com.example.labs")));
    assert_eq!(keyring.pin(&name("com.example.labs"), public(9)), Ok(true));
}
