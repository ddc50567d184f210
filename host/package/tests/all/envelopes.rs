//! P9 and P10: envelopes made to be read in two ways, or to be counted twice.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::Signer as _;
use mpp_package::{
    Digest, DocumentType, Envelope, EnvelopeError, KeyId, MAX_REASON_BYTES, MAX_RELEASES, PackageError,
    Release, SigningKey, StatementError, StatementField, Status, VerifyError, Version, Withdrawal,
    pre_authentication_encoding,
};
use serde_json::json;

use crate::{
    publisher::{INDEX_KEY, index_envelope, index_parts, release, withdrawal},
    support::{
        Refusal, accept, distrust, envelope_of, envelope_with, key, keyring, malformed, pinned, signed,
        stranger, unsigned, with_envelope,
    },
};

/// Signs as [`SigningKey`] would, anything.
fn raw_signature(seed: u8, message: &[u8]) -> String {
    let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
    STANDARD.encode(key.sign(message).to_bytes())
}

fn keyid(seed: u8) -> KeyId {
    SigningKey::from_seed(&[seed; 32]).public_key().id()
}

fn payload() -> Vec<u8> {
    mpp_package::Envelope::parse(mpp_package::DocumentType::Package, &envelope_of(&signed()))
        .unwrap()
        .payload()
        .to_vec()
}

/// An envelope of `payload` with a keyid and a signature each.
fn envelope(payload: &[u8], signatures: &[(KeyId, String)]) -> Vec<u8> {
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
fn signature(seed: u8, payload: &[u8]) -> (KeyId, String) {
    let message = pre_authentication_encoding(DocumentType::Package.payload_type(), payload);
    (keyid(seed), raw_signature(seed, &message))
}

/// The key of this seed signs anything as a document of any type.
pub fn signed_as(kind: DocumentType, payload: &[u8], seed: u8) -> Envelope {
    let message = pre_authentication_encoding(kind.payload_type(), payload);
    let document = json!({
        "payload": STANDARD.encode(payload),
        "payloadType": kind.payload_type(),
        "signatures": [{ "keyid": keyid(seed), "sig": raw_signature(seed, &message) }],
    });
    Envelope::parse(kind, document.to_string().as_bytes()).unwrap()
}

/// A package whose signature the pinned key made, over something else.
pub fn signature_of_another_message() -> Vec<u8> {
    with_envelope(&envelope(&payload(), &[(keyid(1), raw_signature(1, b"something else"))]))
}

/// The pinned key signs these bytes as a statement.
fn signed_payload(payload: &[u8]) -> VerifyError {
    distrust(&with_envelope(&envelope(payload, &[signature(1, payload)])), &keyring())
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

/// P10.
#[test]
fn a_signed_statement_with_a_repeated_key_is_refused() {
    let text = String::from_utf8(payload()).unwrap();
    let doubled = text.replace("\"sequence\":1", "\"sequence\":9,\"sequence\":1");
    let error = signed_payload(doubled.as_bytes());
    assert!(matches!(error, VerifyError::Statement(StatementError::Json(_))), "{error:?}");
}

#[test]
fn a_signed_statement_of_another_form_is_refused() {
    let text = String::from_utf8(payload()).unwrap();
    let json = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} is not in {text}");
        signed_payload(text.replace(from, to).as_bytes())
    };
    for (from, to) in [
        ("\"sequence\":1", "\"sequence\":-1"),
        ("\"sequence\":1", "\"sequence\":1,\"extra\":1"),
        (",\"notAfter\":null", ""),
        ("\"2026-11-22T08:00:00Z\"", "\"2026-11-22T08:00:00+00:00\""),
        ("\"sha256\"", "\"sha512\""),
    ] {
        let error = json(from, to);
        assert!(matches!(error, VerifyError::Statement(StatementError::Json(_))), "{to}: {error:?}");
    }
    let statement = |error| VerifyError::Statement(error);
    assert_eq!(json("Statement/v1", "Statement/v2"), statement(StatementError::Type));
    assert_eq!(json("mpp:package/v1", "mpp:package/v2"), statement(StatementError::Type));
    assert_eq!(
        json("\"sequence\":1", "\"sequence\":9007199254740992"),
        statement(StatementError::Sequence { found: 9_007_199_254_740_992 })
    );
    let expected = "pkg:mpp/com.example/hello@1.0.0".to_owned();
    assert_eq!(json("pkg:mpp", "pkg:npm"), statement(StatementError::SubjectName { expected }));
    let subject = &text[text.find("[{").unwrap() + 1..text.find("}]").unwrap() + 1];
    assert_eq!(
        json(subject, &format!("{subject},{subject}")),
        statement(StatementError::Subjects { found: 2 })
    );
    assert_eq!(json(subject, ""), statement(StatementError::Subjects { found: 0 }));
}

#[test]
fn a_signed_statement_that_is_not_true_of_the_package_is_refused() {
    let text = String::from_utf8(payload()).unwrap();
    let size = format!("\"size\":{}", crate::support::unsigned().len());
    let manifest_digest = text.split("\"manifestDigest\":{\"sha256\":\"").nth(1).unwrap();
    let manifest_digest = &manifest_digest[..64];
    let zeros = "0".repeat(64);
    let cases = [
        (size.as_str(), "\"size\":1", StatementField::Size),
        (manifest_digest, zeros.as_str(), StatementField::ManifestDigest),
        ("com.example", "com.other", StatementField::Publisher),
        ("hello", "other", StatementField::Name),
        ("1.0.0", "1.0.1", StatementField::Version),
    ];
    for (from, to, field) in cases {
        assert!(text.contains(from), "{from} is not in {text}");
        let error = signed_payload(text.replace(from, to).as_bytes());
        assert_eq!(error, VerifyError::StatementMismatch { field });
    }
}

#[test]
fn an_unverified_statement_is_never_read() {
    // A payload that would be an error of its own if anybody looked at it.
    let garbage = with_envelope(&envelope(b"garbage", &[(keyid(1), raw_signature(1, b"x"))]));
    let error = VerifyError::InvalidSignature { keyid: keyid(1) };
    assert_eq!(accept(&garbage, &keyring()).unwrap_err(), Refusal::Untrusted(error));
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
