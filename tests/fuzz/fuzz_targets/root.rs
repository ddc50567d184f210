//! A root that is signed by its one key is one that can be pinned and written,
//! and it speaks for its publisher's own names only.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_package::{
    Document, DocumentType, Keyring, Root, SignedRoot, SigningKey, SigningRequest,
    pre_authentication_encoding,
};

/// A root agrees with itself, and its canonical form says the same.
fn check(root: &Root) {
    let parts = root.parts();
    assert!(root.covers(&parts.publisher) && parts.issued_at < parts.expires);
    assert!(parts.namespaces.iter().all(|namespace| namespace.is_within(&parts.publisher)));
    for role in [Some(&parts.root), Some(&parts.release), parts.index.as_ref()].into_iter().flatten() {
        assert!((1..=role.keys().len()).contains(&role.threshold()));
    }
    let written = SigningRequest::root(root.clone()).expect("what was read can be written");
    assert_eq!(SigningRequest::from_message(&written.message()).as_ref(), Ok(&written));
}

/// Whoever trusts nobody else can pin it.
fn pin(signed: SignedRoot) {
    let parts = signed.root().parts().clone();
    let mut keyring = Keyring::empty();
    assert_eq!(keyring.pin_root(signed.clone(), parts.issued_at.to_system_time()), Ok(true));
    assert!(parts.namespaces.iter().all(|namespace| keyring.trusts(namespace)));
    let written = keyring.to_json().expect("a keyring can be written");
    assert_eq!(Keyring::from_json(written.as_bytes()), Ok(keyring));
    let json = signed.envelope().to_json().expect("an envelope can be written");
    assert_eq!(SignedRoot::parse(&json), Ok(signed));
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(signed) = SignedRoot::parse(bytes) {
        check(signed.root());
        pin(signed);
    }
    let message = pre_authentication_encoding(DocumentType::Root.payload_type(), bytes);
    let Ok(request) = SigningRequest::from_message(&message) else { return };
    assert_eq!(request.message(), message);
    let Document::Root(root) = request.document().clone() else {
        panic!("a root was read as another document")
    };
    check(&root);
    let key = SigningKey::from_seed(&[7; 32]);
    let role = &root.parts().root;
    let suffices = role.threshold() == 1 && role.keys().contains(&key.public_key());
    let signed = SignedRoot::open(request.sign(&key).expect("it can be signed"));
    assert_eq!(signed.is_ok(), suffices);
    if let Ok(signed) = signed {
        pin(signed);
    }
});
