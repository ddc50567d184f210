//! P9 and P10: envelopes made to be read in two ways, or to be counted twice.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::Signer as _;
use mpp_package::{
    Digest, DocumentType, Envelope, EnvelopeError, KeyId, Keyring, MAX_REASON_BYTES, MAX_RELEASES, Package,
    PackageError, Release, RootParts, SignedRoot, SigningKey, Status, VerifyError, Version, Withdrawal,
    pre_authentication_encoding,
};
use serde_json::json;

use crate::{
    publisher::{
        INDEX_KEY, index_envelope, index_parts, release, role, root_envelope, root_parts, withdrawal,
    },
    support::{
        accept, distrust, envelope_of, envelope_with, key, keyring, malformed, now, pinned, publisher,
        signed, stranger, unsigned, with_envelope,
    },
};

/// Signs as [`SigningKey`] would, anything.
pub fn raw_signature(seed: u8, message: &[u8]) -> String {
    let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
    STANDARD.encode(key.sign(message).to_bytes())
}

pub fn keyid(seed: u8) -> KeyId {
    SigningKey::from_seed(&[seed; 32]).public_key().id()
}

pub fn payload() -> Vec<u8> {
    Envelope::parse(DocumentType::Package, &envelope_of(&signed())).unwrap().payload().to_vec()
}

/// An envelope of `payload` with a keyid and a signature each.
pub fn envelope(payload: &[u8], signatures: &[(KeyId, String)]) -> Vec<u8> {
    let signatures: Vec<_> =
        signatures.iter().map(|(keyid, sig)| json!({ "keyid": keyid, "sig": sig })).collect();
    let document = json!({
        "payload": STANDARD.encode(payload),
        "payloadType": DocumentType::Package.payload_type(),
        "signatures": signatures,
    });
    document.to_string().into_bytes()
}

/// What the key of this seed signs about a payload.
pub fn signature(seed: u8, payload: &[u8]) -> (KeyId, String) {
    let message = pre_authentication_encoding(DocumentType::Package.payload_type(), payload);
    (keyid(seed), raw_signature(seed, &message))
}

/// The key of this seed signs anything as a document of any type.
pub fn signed_as(kind: DocumentType, payload: &[u8], seed: u8) -> Envelope {
    shown_as(kind, kind, payload, seed)
}

/// The signature of a key over a payload of one type, in the envelope of another.
fn shown_as(shown: DocumentType, signed: DocumentType, payload: &[u8], seed: u8) -> Envelope {
    let message = pre_authentication_encoding(signed.payload_type(), payload);
    let document = json!({
        "payload": STANDARD.encode(payload),
        "payloadType": shown.payload_type(),
        "signatures": [{ "keyid": keyid(seed), "sig": raw_signature(seed, &message) }],
    });
    Envelope::parse(shown, document.to_string().as_bytes()).unwrap()
}

/// A package whose signature the pinned key made, over something else.
pub fn signature_of_another_message() -> Vec<u8> {
    with_envelope(&envelope(&payload(), &[(keyid(1), raw_signature(1, b"something else"))]))
}

/// P9.
#[test]
fn one_key_is_not_counted_twice() {
    let twice = envelope(&payload(), &[signature(1, &payload()), signature(1, &payload())]);
    let error = EnvelopeError::DuplicateKey { keyid: keyid(1) };
    assert_eq!(malformed(&with_envelope(&twice)), PackageError::Envelope(error));
}

/// P9.
#[test]
fn the_same_key_under_a_second_name_is_not_counted() {
    let (_, sig) = signature(1, &payload());
    let two_names = envelope(&payload(), &[signature(1, &payload()), (keyid(9), sig)]);
    let verified = accept(&with_envelope(&two_names), &keyring()).unwrap();
    assert_eq!(verified.key_ids(), [keyid(1)]);
}

/// P9.
#[test]
fn the_name_of_a_trusted_key_on_the_signature_of_another_is_refused() {
    let (_, sig) = signature(2, &payload());
    let borrowed = with_envelope(&envelope(&payload(), &[(keyid(1), sig)]));
    assert_eq!(distrust(&borrowed, &keyring()), VerifyError::InvalidSignature { keyid: keyid(1) });
}

/// P9.
#[test]
fn a_trusted_signature_under_the_name_of_a_stranger_is_refused() {
    let (_, sig) = signature(1, &payload());
    let hidden = with_envelope(&envelope(&payload(), &[(keyid(2), sig)]));
    assert!(matches!(distrust(&hidden, &keyring()), VerifyError::UntrustedKey { .. }));
}

#[test]
fn two_trusted_keys_both_count() {
    let both = pinned(&[("com.example", &key()), ("com.example", &stranger())]);
    let two = envelope(&payload(), &[signature(2, &payload()), signature(1, &payload())]);
    let verified = accept(&with_envelope(&two), &both).unwrap();
    assert_eq!(verified.key_ids(), [keyid(2), keyid(1)]);
}

#[test]
fn one_false_signature_by_a_trusted_key_refuses_the_envelope() {
    let both = pinned(&[("com.example", &key()), ("com.example", &stranger())]);
    let half = envelope(&payload(), &[signature(1, &payload()), (keyid(2), raw_signature(2, b"x"))]);
    let error = VerifyError::InvalidSignature { keyid: keyid(2) };
    assert_eq!(distrust(&with_envelope(&half), &both), error);
}

#[test]
fn the_signature_of_a_stranger_beside_a_trusted_one_is_ignored() {
    let guest = envelope(&payload(), &[(keyid(3), raw_signature(3, b"x")), signature(1, &payload())]);
    let verified = accept(&with_envelope(&guest), &keyring()).unwrap();
    assert_eq!(verified.key_ids(), [keyid(1)]);
}

/// P10.
#[test]
fn a_document_signed_as_another_type_is_no_package_signature() {
    let other = "application/vnd.mpp.publisher-index.v1+json";
    let message = pre_authentication_encoding(other, &payload());
    let replayed = envelope(&payload(), &[(keyid(1), raw_signature(1, &message))]);
    let error = VerifyError::InvalidSignature { keyid: keyid(1) };
    assert_eq!(distrust(&with_envelope(&replayed), &keyring()), error);

    let honest = with_envelope(&envelope_with("mpp.package.v1", "mpp.publisher-index.v1"));
    assert_eq!(
        malformed(&honest),
        PackageError::Envelope(EnvelopeError::PayloadType { expected: DocumentType::Package })
    );
}

/// P10: a signature over one type of document, in the envelope of another. One
/// key has all roles, so that only the type tells the documents apart.
#[test]
fn a_signature_counts_for_the_type_that_it_was_made_for_and_no_other() {
    let all = || role(&[1], 1);
    let parts = || RootParts { root: all(), release: all(), index: Some(all()), ..root_parts(1) };
    let next = root_envelope(RootParts { version: 2, ..parts() }, &[1]).payload().to_vec();
    let index = index_envelope(index_parts(1, vec![]), &[1]).payload().to_vec();
    let root = SignedRoot::open(root_envelope(parts(), &[1])).unwrap();
    for signed in DocumentType::ALL {
        for shown in DocumentType::ALL {
            let mut trusting = Keyring::empty();
            trusting.pin_root(root.clone(), now()).unwrap();
            let (good, code) = match shown {
                DocumentType::Package => {
                    let shown = shown_as(shown, signed, &payload(), 1);
                    let package = Package::parse(with_envelope(&shown.to_json().unwrap())).unwrap();
                    // The index has yet to come, and is the next check.
                    let error = trusting.verify(package, now()).unwrap_err();
                    (error.code() == "no-index", error.code())
                }
                DocumentType::Root => {
                    let chain = vec![shown_as(shown, signed, &next, 1)];
                    let followed = trusting.update_root(&publisher(), chain, now());
                    (followed.is_ok(), followed.map_or_else(|error| error.code(), |_| "accepted"))
                }
                DocumentType::Index => {
                    let taken = trusting.refresh(&publisher(), shown_as(shown, signed, &index, 1), now());
                    (taken.is_ok(), taken.map_or_else(|error| error.code(), |_| "accepted"))
                }
            };
            assert_eq!(good, signed == shown, "{signed} shown as {shown}: {code}");
            let unsigned = ["invalid-signature", "root-not-signed", "index-not-signed"];
            assert_eq!(unsigned.contains(&code), signed != shown, "{signed} shown as {shown}: {code}");
        }
    }
}

/// P10.
#[test]
fn a_payload_signed_without_its_type_is_refused() {
    let bare = envelope(&payload(), &[(keyid(1), raw_signature(1, &payload()))]);
    let error = VerifyError::InvalidSignature { keyid: keyid(1) };
    assert_eq!(distrust(&with_envelope(&bare), &keyring()), error);
}

/// P10.
#[test]
fn an_envelope_with_a_repeated_key_is_refused() {
    let doubled = envelope_with("{\"payload\":", "{\"payload\":\"e30=\",\"payload\":");
    let error = malformed(&with_envelope(&doubled));
    assert!(matches!(error, PackageError::Envelope(EnvelopeError::Json(_))), "{error:?}");
}

/// P10.
#[test]
fn an_envelope_with_anything_behind_it_is_refused() {
    let mut longer = envelope_of(&signed());
    longer.push(b'0');
    let error = malformed(&with_envelope(&longer));
    assert!(matches!(error, PackageError::Envelope(EnvelopeError::Json(_))), "{error:?}");
}

/// P10.
#[test]
fn an_envelope_without_or_with_very_many_signatures_is_refused() {
    let none = with_envelope(&envelope(&payload(), &[]));
    assert_eq!(malformed(&none), PackageError::Envelope(EnvelopeError::NoSignatures));
    let seventeen: Vec<_> = (1..=17).map(|seed| signature(seed, &payload())).collect();
    let seventeen = with_envelope(&envelope(&payload(), &seventeen));
    let error = EnvelopeError::TooManySignatures { found: 17 };
    assert_eq!(malformed(&seventeen), PackageError::Envelope(error));
    let many = vec![signature(1, &payload()); 100_000];
    let many = envelope(&payload(), &many);
    let error = EnvelopeError::TooLarge { found: many.len(), limit: 64 * 1024 };
    assert_eq!(malformed(&with_envelope(&many)), PackageError::Envelope(error));
}

/// What is written can be read: nobody signs a document that everybody refuses.
#[test]
fn an_envelope_that_nobody_would_read_is_not_written() {
    let reason = "x".repeat(MAX_REASON_BYTES);
    let withdrawn = Status::Yanked(Withdrawal { reason, since: withdrawal().since });
    let release = release(&unsigned(), withdrawn);
    let releases = (0..MAX_RELEASES as u64).map(|number| Release {
        version: Version::new(1, 0, number),
        digest: Digest::of(&number.to_be_bytes()),
        ..release.clone()
    });
    let envelope = index_envelope(index_parts(1, releases.collect()), &[INDEX_KEY]);
    match envelope.to_json() {
        Err(EnvelopeError::TooLarge { found, limit }) => assert!(found > limit && limit == 4 * 1024 * 1024),
        other => panic!("{} bytes", other.unwrap().len()),
    }
}
