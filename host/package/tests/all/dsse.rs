//! Six things that a lenient reader of DSSE accepts and this format does not,
//! one test each, in all three documents that an envelope can hold.

use mpp_package::{
    DocumentType, Envelope, EnvelopeError, PackageError, Role, RoleError, RootFormError, RootParts,
    SignError, SignedRoot, SignedRootError, SigningRequest, StatementError, VerifyError,
    pre_authentication_encoding,
};
use serde_json::{Value, json};

use crate::{
    envelopes::{envelope, keyid, payload, raw_signature, signature, signed_as},
    publisher::{RELEASE_KEY, public, role, root_envelope, root_parts, rooted},
    support::{accept, distrust, envelope_of, keyring, malformed, signed, with_envelope},
};

fn parse(kind: DocumentType, document: &Value) -> Result<Envelope, EnvelopeError> {
    Envelope::parse(kind, document.to_string().as_bytes())
}

/// An envelope of each type with one signature, as JSON.
fn documents() -> impl Iterator<Item = (DocumentType, Value)> {
    DocumentType::ALL.into_iter().map(|kind| {
        let envelope = signed_as(kind, b"{}", RELEASE_KEY).to_json().unwrap();
        (kind, serde_json::from_slice(&envelope).unwrap())
    })
}

/// The first: a length that counts characters where it must count bytes.
#[test]
fn a_length_prefix_that_counts_characters_is_refused() {
    let payload = "{\"é\":1}".as_bytes();
    let kind = DocumentType::Package.payload_type();
    let head = format!("DSSEv1 {} {kind} ", kind.len());
    let by_characters = [head.as_bytes(), b"7 ", payload].concat();
    let by_bytes = pre_authentication_encoding(kind, payload);
    assert_eq!(by_bytes, [head.as_bytes(), b"8 ", payload].concat());
    let signed = |message: &[u8]| {
        let signature = raw_signature(RELEASE_KEY, message);
        with_envelope(&envelope(payload, &[(keyid(RELEASE_KEY), signature)]))
    };
    let error = VerifyError::InvalidSignature { keyid: keyid(RELEASE_KEY) };
    assert_eq!(distrust(&signed(&by_characters), &keyring()), error);
    let read = distrust(&signed(&by_bytes), &keyring());
    assert!(matches!(read, VerifyError::Statement(StatementError::Json(_))), "{read:?}");
    assert_eq!(SigningRequest::from_message(&by_characters), Err(SignError::NotAMessage));
}

/// The second: base64 that decodes to the same bytes and is written otherwise.
#[test]
fn base64_in_a_second_spelling_is_refused() {
    // `e30=` is `{}`; the two bits below the last letter are thrown away.
    for spelling in ["e31=", "e32=", "e33=", "e30", "e30==", "e30=\n", " e30=", "e3\r\n0="] {
        for (kind, mut document) in documents() {
            document["payload"] = json!(spelling);
            assert_eq!(parse(kind, &document), Err(EnvelopeError::PayloadEncoding), "{spelling:?}");
        }
    }
    for (kind, document) in documents() {
        let good = document["signatures"][0]["sig"].as_str().unwrap().to_owned();
        let last = char::from(good.as_bytes()[85] + 1);
        for spelling in [format!("{}{last}==", &good[..85]), good.replace('=', ""), format!("{good}\n")] {
            let mut document = document.clone();
            document["signatures"][0]["sig"] = json!(spelling);
            assert_eq!(parse(kind, &document), Err(EnvelopeError::SignatureEncoding { index: 0 }));
        }
    }
}

/// The third: an envelope with no signature, which meets every threshold that
/// nobody checks.
#[test]
fn an_envelope_with_no_signature_is_refused() {
    for (kind, mut document) in documents() {
        document["signatures"] = json!([]);
        assert_eq!(parse(kind, &document), Err(EnvelopeError::NoSignatures));
    }
    let none = with_envelope(&envelope(&payload(), &[]));
    assert_eq!(malformed(&none), PackageError::Envelope(EnvelopeError::NoSignatures));
}

/// The fourth: a threshold of 0, which everybody meets.
#[test]
fn a_threshold_of_zero_is_refused() {
    let error = RoleError::Threshold { threshold: 0, keys: 1 };
    assert_eq!(Role::new(vec![public(1)], 0), Err(error.clone()));
    let good = root_envelope(root_parts(1), &[11, 12]).payload().to_vec();
    let good: Value = serde_json::from_slice(&good).unwrap();
    for name in ["release", "index"] {
        let mut root = good.clone();
        root["roles"][name]["threshold"] = json!(0);
        let signed = signed_as(DocumentType::Root, root.to_string().as_bytes(), 11);
        let error = RootFormError::Role { role: name, error: error.clone() };
        assert_eq!(SignedRoot::open(signed), Err(SignedRootError::Form(error)));
    }
}

/// The fifth: one key's signature, copied until there are enough.
#[test]
fn a_signature_copied_is_counted_once() {
    for copies in [2, 16] {
        let copied = vec![signature(RELEASE_KEY, &payload()); copies];
        let error = EnvelopeError::DuplicateKey { keyid: keyid(RELEASE_KEY) };
        assert_eq!(malformed(&with_envelope(&envelope(&payload(), &copied))), error.into());
    }
    // The same under names of its own: two of three must sign.
    let two = rooted(RootParts { release: role(&[RELEASE_KEY, 3, 4], 2), index: None, ..root_parts(1) });
    let (_, copy) = signature(RELEASE_KEY, &payload());
    let strangers = (30..45).map(|seed| (keyid(seed), copy.clone()));
    let copied: Vec<_> = [signature(RELEASE_KEY, &payload())].into_iter().chain(strangers).collect();
    let error = distrust(&with_envelope(&envelope(&payload(), &copied)), &two);
    let publisher = crate::support::publisher();
    assert_eq!(error, VerifyError::TooFewSignatures { publisher, found: 1, needed: 2 });
}

/// The sixth: a `keyid` that leaves a trusted key out.
///
/// To DSSE it is a hint from outside, so a reader that leaves out a key because
/// of it can be made to miss a good signature. Here it is no hint: it is the
/// SHA-256 of the key, and part of the form. A signature under another name than
/// that of its key counts for nobody: not for the key that made it, nor for the
/// one that is named. So a name can take a signature away, as any other changed
/// byte can, and it never adds one; and a signed package has one spelling.
#[test]
fn a_signature_under_another_name_than_its_keys_counts_for_nobody() {
    let (_, good) = signature(RELEASE_KEY, &payload());
    let named = |names: &[u8]| {
        let entries: Vec<_> = names.iter().map(|&name| (keyid(name), good.clone())).collect();
        with_envelope(&envelope(&payload(), &entries))
    };
    assert_eq!(named(&[RELEASE_KEY]), signed());
    assert_eq!(envelope_of(&named(&[RELEASE_KEY])), envelope_of(&signed()));

    // A name that nobody here knows: as if it were not there.
    let unknown = distrust(&named(&[9]), &keyring());
    let (publisher, claimed_keys) = (crate::support::publisher(), vec![keyid(9)]);
    assert_eq!(unknown, VerifyError::UntrustedKey { publisher, claimed_keys });
    assert_eq!(accept(&named(&[9, RELEASE_KEY]), &keyring()).unwrap().key_ids(), [keyid(RELEASE_KEY)]);

    // The name of another trusted key: the envelope is refused, whoever else signed.
    let both = rooted(RootParts { release: role(&[RELEASE_KEY, 3], 1), index: None, ..root_parts(1) });
    for names in [&[3][..], &[3, RELEASE_KEY], &[RELEASE_KEY, 3]] {
        let error = VerifyError::InvalidSignature { keyid: keyid(3) };
        assert_eq!(distrust(&named(names), &both), error);
    }
}
