//! What a trusted key has signed, and is not what it should be.

use mpp_package::{StatementError, StatementField, VerifyError};

use crate::{
    envelopes::{envelope, keyid, payload, raw_signature, signature},
    support::{Refusal, accept, distrust, keyring, unsigned, with_envelope},
};

/// The pinned key signs these bytes as a statement.
fn signed_payload(payload: &[u8]) -> VerifyError {
    distrust(&with_envelope(&envelope(payload, &[signature(1, payload)])), &keyring())
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
    let size = format!("\"size\":{}", unsigned().len());
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
