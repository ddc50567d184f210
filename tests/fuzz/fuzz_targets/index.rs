//! An index that its key has signed is taken if it is the right publisher's,
//! says the same of a release however one asks, and is never taken back.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mpp_package::{
    Document, DocumentType, Envelope, Index, Keyring, PublisherName, Role, Root, RootParts, SignedRoot,
    SigningKey, SigningRequest, pre_authentication_encoding,
};

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

/// Somebody who has pinned a root with one key for everything.
static KEYRING: LazyLock<(PublisherName, Keyring)> = LazyLock::new(|| {
    let publisher = PublisherName::parse("com.example").expect("this is a name");
    let role = || Role::new(vec![key().public_key()], 1).expect("one key is a role");
    let root = Root::new(RootParts {
        publisher: publisher.clone(),
        version: 1,
        issued_at: "0001-01-01T00:00:00Z".parse().expect("this is a time"),
        expires: "9999-01-01T00:00:00Z".parse().expect("this is a time"),
        namespaces: vec![publisher.clone()],
        location: None,
        root: role(),
        release: role(),
        index: Some(role()),
    });
    let request = SigningRequest::root(root.expect("this is a root")).expect("it can be written");
    let signed = SignedRoot::open(request.sign(&key()).expect("it can be signed")).expect("it is signed");
    let mut keyring = Keyring::empty();
    keyring.pin_root(signed, std::time::SystemTime::UNIX_EPOCH).expect("nobody else is trusted");
    (publisher, keyring)
});

fn check(index: &Index) {
    let parts = index.parts();
    for release in &parts.releases {
        assert!(release.publisher.is_within(&parts.publisher));
        assert_eq!(index.release_of(release.digest), Some(release));
        assert_eq!(index.release(&release.publisher, &release.name, &release.version), Some(release));
    }
    let written = SigningRequest::index(index.clone()).expect("what was read can be written");
    assert_eq!(SigningRequest::from_message(&written.message()).as_ref(), Ok(&written));
}

fn take(index: &Index, envelope: Envelope) {
    let (publisher, trusting) = &*KEYRING;
    let mut keyring = trusting.clone();
    let now = index.parts().issued_at.to_system_time();
    let taken = keyring.refresh(publisher, envelope.clone(), now);
    assert_eq!(taken.is_ok(), index.parts().publisher == *publisher);
    if taken.is_err() {
        assert_eq!(keyring, *trusting);
        return;
    }
    let again = keyring.refresh(publisher, envelope, now).expect("what is held can be offered again");
    assert!(again.unchanged && again.from == Some(again.to));
    let written = keyring.to_json().expect("a keyring can be written");
    assert_eq!(Keyring::from_json(written.as_bytes()), Ok(keyring));
}

fuzz_target!(|bytes: &[u8]| {
    let (publisher, trusting) = &*KEYRING;
    if let Ok(envelope) = Envelope::parse(DocumentType::Index, bytes) {
        let mut keyring = trusting.clone();
        if keyring.refresh(publisher, envelope, std::time::SystemTime::UNIX_EPOCH).is_err() {
            assert_eq!(keyring, *trusting);
        }
    }
    let message = pre_authentication_encoding(DocumentType::Index.payload_type(), bytes);
    let Ok(request) = SigningRequest::from_message(&message) else { return };
    assert_eq!(request.message(), message);
    let Document::Index(index) = request.document().clone() else {
        panic!("an index was read as another document")
    };
    check(&index);
    take(&index, request.sign(&key()).expect("it can be signed"));
});
