//! A trust file that parses trusts the same once it is written and read again,
//! nobody twice for one name, and what is refused leaves it as it is.

#![no_main]

use std::time::SystemTime;

use libfuzzer_sys::fuzz_target;
use mpp_package::{Keyring, PublisherName};

fn check(keyring: &Keyring) {
    assert!(keyring.publishers().all(|(_, keys)| !keys.is_empty()));
    for (publisher, trust) in keyring.roots() {
        let parts = trust.root().parts();
        assert!(parts.publisher == *publisher && keyring.keys(publisher).is_empty());
        assert!(parts.namespaces.iter().all(|namespace| keyring.trusts(namespace)));
        assert!(trust.index().is_none_or(|held| held.index().parts().publisher == *publisher));
    }
}

/// What is held already is offered again.
fn offer(mut keyring: Keyring) {
    let held: Vec<(PublisherName, _)> =
        keyring.roots().map(|(publisher, trust)| (publisher.clone(), trust.clone())).collect();
    for (publisher, trust) in held {
        let before = keyring.clone();
        let update =
            keyring.update_root(&publisher, vec![trust.signed().envelope().clone()], SystemTime::UNIX_EPOCH);
        // The file is not a place for signatures to be checked, so an index in it
        // may be found to be superseded; nothing else may change.
        if update.is_err() {
            assert_eq!(keyring, before);
        }
        let Some(index) = trust.index() else { continue };
        let before = keyring.clone();
        if keyring.refresh(&publisher, index.envelope().clone(), SystemTime::UNIX_EPOCH).is_err() {
            assert_eq!(keyring, before);
        }
    }
    check(&keyring);
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(keyring) = Keyring::from_json(bytes) else { return };
    check(&keyring);
    let written = keyring.to_json().expect("what was read can be written");
    assert_eq!(Keyring::from_json(written.as_bytes()).as_ref(), Ok(&keyring));
    offer(keyring);
});
