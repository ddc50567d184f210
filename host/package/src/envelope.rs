//! DSSE: the envelope around a signed statement.
//!
//! The signature covers the *pre-authentication encoding* of type and payload,
//! so that bytes signed as one kind of document cannot be shown as another.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::{
    json::{Json, JsonError, read_exactly},
    key::{KeyId, SIGNATURE_BYTES, Signature},
};

/// What an envelope holds. Its name is part of what is signed, so that a
/// signature on one kind of document counts for no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentType {
    /// A [`Statement`](crate::Statement) about a package.
    Package,
    /// A [`Root`](crate::Root): who signs for a publisher.
    Root,
    /// An [`Index`](crate::Index): which releases a publisher stands by.
    Index,
}

impl DocumentType {
    /// Every type of document that this crate signs and accepts.
    pub const ALL: [Self; 3] = [Self::Package, Self::Root, Self::Index];

    /// The `payloadType` of DSSE.
    pub const fn payload_type(self) -> &'static str {
        match self {
            Self::Package => "application/vnd.mpp.package.v1+json",
            Self::Root => "application/vnd.mpp.publisher-root.v1+json",
            Self::Index => "application/vnd.mpp.publisher-index.v1+json",
        }
    }

    /// Largest envelope of this type in bytes.
    pub const fn max_bytes(self) -> usize {
        match self {
            Self::Package | Self::Root => MAX_ENVELOPE_BYTES,
            Self::Index => MAX_INDEX_ENVELOPE_BYTES,
        }
    }
}

impl fmt::Display for DocumentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Package => "package statement",
            Self::Root => "publisher root",
            Self::Index => "publisher index",
        })
    }
}

/// Largest envelope of a statement or a root in bytes: sixteen signatures and
/// the longest names fit several times.
pub const MAX_ENVELOPE_BYTES: usize = 64 * 1024;

/// Largest envelope of an index in bytes: [`MAX_RELEASES`](crate::MAX_RELEASES)
/// releases of ordinary names fit.
pub const MAX_INDEX_ENVELOPE_BYTES: usize = 4 * 1024 * 1024;

/// Most signatures in one envelope: bounds the work before anything is trusted.
pub const MAX_SIGNATURES: usize = 16;

/// Why bytes are not an envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Over [`DocumentType::max_bytes`].
    #[error("the envelope is {found} bytes long, and at most {limit} are allowed")]
    TooLarge {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Not the JSON of an envelope.
    #[error("the envelope is not a DSSE JSON document: {0}")]
    Json(#[from] JsonError),
    /// Signed as something else.
    #[error("the envelope holds another type of document than `{}`", .expected.payload_type())]
    PayloadType {
        /// What it should hold.
        expected: DocumentType,
    },
    /// The payload is not canonical base64.
    #[error("the payload is not standard base64 with padding")]
    PayloadEncoding,
    /// No signature at all.
    #[error("the envelope holds no signature")]
    NoSignatures,
    /// Over [`MAX_SIGNATURES`].
    #[error("the envelope holds {found} signatures, and at most {MAX_SIGNATURES} are allowed")]
    TooManySignatures {
        /// Signatures found.
        found: usize,
    },
    /// A signature that is not canonical base64 of 64 bytes.
    #[error("signature {index} is not the base64 of 64 bytes")]
    SignatureEncoding {
        /// Its place, from 0.
        index: usize,
    },
    /// Two signatures that name the same key.
    #[error("two signatures name the key {keyid}")]
    DuplicateKey {
        /// The key both name.
        keyid: KeyId,
    },
}

/// The bytes that are signed: `DSSEv1`, then type and payload, each with its
/// length in bytes as a decimal number, separated by single spaces.
pub fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

/// An envelope that is well formed. Nothing in it is verified: the payload is
/// some bytes, and each signature is some bytes and the name of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    kind: DocumentType,
    payload: Vec<u8>,
    signatures: Vec<EnvelopeSignature>,
}

/// One signature and the key it claims to be by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvelopeSignature {
    /// Which key to try. A hint: see [`KeyId`].
    pub keyid: KeyId,
    /// The signature.
    pub signature: Signature,
}

/// The wire form.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct EnvelopeForm {
    payload: String,
    payload_type: String,
    signatures: Vec<SignatureForm>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignatureForm {
    keyid: KeyId,
    sig: String,
}

impl Envelope {
    /// Puts signatures around a payload: at least one, at most
    /// [`MAX_SIGNATURES`], each naming another key.
    pub(crate) fn new(
        kind: DocumentType,
        payload: Vec<u8>,
        signatures: Vec<EnvelopeSignature>,
    ) -> Result<Self, EnvelopeError> {
        check_signers(&signatures)?;
        Ok(Self { kind, payload, signatures })
    }

    /// Reads an envelope of one type from its JSON, strictly: no unknown or
    /// repeated keys, nothing after the document, one base64 per value.
    pub fn parse(kind: DocumentType, bytes: &[u8]) -> Result<Self, EnvelopeError> {
        check_size(kind, bytes)?;
        Self::from_form(kind, read_exactly(bytes)?)
    }

    pub(crate) fn from_form(kind: DocumentType, form: EnvelopeForm) -> Result<Self, EnvelopeError> {
        let EnvelopeForm { payload, payload_type, signatures } = form;
        if payload_type != kind.payload_type() {
            return Err(EnvelopeError::PayloadType { expected: kind });
        }
        if signatures.len() > MAX_SIGNATURES {
            return Err(EnvelopeError::TooManySignatures { found: signatures.len() });
        }
        let payload = STANDARD.decode(payload).map_err(|_| EnvelopeError::PayloadEncoding)?;
        let signatures = signatures.into_iter().enumerate().map(read_signature);
        Self::new(kind, payload, signatures.collect::<Result<_, _>>()?)
    }

    /// Writes the envelope as canonical JSON. One that would be too large to be
    /// read is not written.
    pub fn to_json(&self) -> Result<Vec<u8>, EnvelopeError> {
        let json = Json::from_serialize(&self.to_form())?.to_string().into_bytes();
        check_size(self.kind, &json)?;
        Ok(json)
    }

    pub(crate) fn to_form(&self) -> EnvelopeForm {
        let signatures = self.signatures.iter().map(|entry| SignatureForm {
            keyid: entry.keyid,
            sig: STANDARD.encode(entry.signature.as_bytes()),
        });
        EnvelopeForm {
            payload: STANDARD.encode(&self.payload),
            payload_type: self.kind.payload_type().to_owned(),
            signatures: signatures.collect(),
        }
    }

    /// What it holds.
    pub fn kind(&self) -> DocumentType {
        self.kind
    }

    /// Refuses one that holds another type of document.
    pub(crate) fn must_hold(&self, expected: DocumentType) -> Result<(), EnvelopeError> {
        if self.kind == expected { Ok(()) } else { Err(EnvelopeError::PayloadType { expected }) }
    }

    /// The signed bytes, as they stand in the envelope. Unverified.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The signatures in the order of the envelope. Unverified.
    pub fn signatures(&self) -> &[EnvelopeSignature] {
        &self.signatures
    }

    /// What every signature of this envelope is a signature over.
    pub(crate) fn message(&self) -> Vec<u8> {
        pre_authentication_encoding(self.kind.payload_type(), &self.payload)
    }

    /// The names of the keys that the envelope claims to be signed by.
    pub(crate) fn claimed_keys(&self) -> Vec<KeyId> {
        self.signatures.iter().map(|entry| entry.keyid).collect()
    }

    /// This envelope with one signature more, by a key that has not signed yet.
    pub(crate) fn with(self, entry: EnvelopeSignature) -> Result<Self, EnvelopeError> {
        let Self { kind, payload, mut signatures } = self;
        signatures.push(entry);
        Self::new(kind, payload, signatures)
    }
}

fn check_size(kind: DocumentType, bytes: &[u8]) -> Result<(), EnvelopeError> {
    let (found, limit) = (bytes.len(), kind.max_bytes());
    if found > limit { Err(EnvelopeError::TooLarge { found, limit }) } else { Ok(()) }
}

fn read_signature((index, form): (usize, SignatureForm)) -> Result<EnvelopeSignature, EnvelopeError> {
    let SignatureForm { keyid, sig } = form;
    let bytes = STANDARD.decode(sig).map_err(|_| EnvelopeError::SignatureEncoding { index })?;
    let bytes: [u8; SIGNATURE_BYTES] =
        bytes.as_slice().try_into().map_err(|_| EnvelopeError::SignatureEncoding { index })?;
    Ok(EnvelopeSignature { keyid, signature: Signature::from_bytes(bytes) })
}

/// Each key signs once, so that the number of signatures that hold is the
/// number of keys that signed.
fn check_signers(signatures: &[EnvelopeSignature]) -> Result<(), EnvelopeError> {
    if signatures.is_empty() {
        return Err(EnvelopeError::NoSignatures);
    }
    if signatures.len() > MAX_SIGNATURES {
        return Err(EnvelopeError::TooManySignatures { found: signatures.len() });
    }
    for (index, entry) in signatures.iter().enumerate() {
        if signatures[..index].iter().any(|earlier| earlier.keyid == entry.keyid) {
            return Err(EnvelopeError::DuplicateKey { keyid: entry.keyid });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::signing_key::SigningKey;

    fn entry(seed: u8) -> EnvelopeSignature {
        let key = SigningKey::from_seed(&[seed; 32]);
        EnvelopeSignature { keyid: key.public_key().id(), signature: key.sign(b"x") }
    }

    fn json() -> String {
        let envelope = Envelope::new(DocumentType::Package, b"{}".to_vec(), vec![entry(1)]).unwrap();
        String::from_utf8(envelope.to_json().unwrap()).unwrap()
    }

    fn parse(text: &str) -> Result<Envelope, EnvelopeError> {
        Envelope::parse(DocumentType::Package, text.as_bytes())
    }

    fn refused_as_json(text: &str, because: &str) {
        match parse(text) {
            Err(EnvelopeError::Json(error)) if error.to_string().contains(because) => {}
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn the_encoding_is_that_of_the_dsse_specification() {
        assert_eq!(
            pre_authentication_encoding("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }

    #[test]
    fn lengths_count_bytes_and_not_characters() {
        assert_eq!(pre_authentication_encoding("é", "日本".as_bytes()), "DSSEv1 2 é 6 日本".as_bytes());
    }

    #[test]
    fn an_envelope_reads_back() {
        let envelope =
            Envelope::new(DocumentType::Package, b"payload".to_vec(), vec![entry(1), entry(2)]).unwrap();
        assert_eq!(Envelope::parse(DocumentType::Package, &envelope.to_json().unwrap()), Ok(envelope));
    }

    #[test]
    fn an_unknown_payload_type_is_refused() {
        let other = json().replace("mpp.package.v1", "mpp.publisher-index.v1");
        assert_eq!(parse(&other), Err(EnvelopeError::PayloadType { expected: DocumentType::Package }));
    }

    #[test]
    fn a_base64_of_another_spelling_is_refused() {
        // `e30=` is `{}`: without padding, with stray bits, with white space, in the URL alphabet.
        for payload in ["e30", "e31=", "e30==", "e3 0=", "e30=\\n", "e3-_"] {
            let other = json().replace("\"e30=\"", &format!("\"{payload}\""));
            assert_eq!(parse(&other), Err(EnvelopeError::PayloadEncoding), "{payload}");
        }
    }

    #[test]
    fn a_signature_of_63_or_65_bytes_is_refused() {
        let good = STANDARD.encode(entry(1).signature.as_bytes());
        for length in [0, 63, 65] {
            let other = json().replace(&good, &STANDARD.encode(vec![0; length]));
            assert_eq!(parse(&other), Err(EnvelopeError::SignatureEncoding { index: 0 }), "{length}");
        }
        let stray = good.replace("==", "=");
        assert_eq!(parse(&json().replace(&good, &stray)), Err(EnvelopeError::SignatureEncoding { index: 0 }));
    }

    #[test]
    fn a_repeated_key_is_refused() {
        let repeated = json().replacen('{', "{\"payload\":\"e30=\",", 1);
        refused_as_json(&repeated, "duplicate field `payload`");
        let escaped = json().replacen('{', "{\"p\\u0061yload\":\"e30=\",", 1);
        refused_as_json(&escaped, "duplicate field `payload`");
    }

    #[test]
    fn an_unknown_or_missing_key_is_refused() {
        refused_as_json(&json().replacen('{', "{\"extra\":1,", 1), "unknown field `extra`");
        refused_as_json(&json().replace("\"keyid\"", "\"kid\""), "unknown field `kid`");
        refused_as_json("{}", "missing field `payload`");
    }

    #[test]
    fn a_list_of_values_is_no_envelope() {
        let good = parse(&json()).unwrap();
        let form = serde_json::from_slice::<serde_json::Value>(&good.to_json().unwrap()).unwrap();
        let list = serde_json::json!([form["payload"], form["payloadType"], form["signatures"]]);
        refused_as_json(&list.to_string(), "written as an object");
    }

    #[test]
    fn anything_after_the_document_is_refused() {
        refused_as_json(&(json() + "{}"), "trailing characters");
        refused_as_json(&(json() + "\0"), "trailing characters");
    }

    #[test]
    fn an_envelope_without_signatures_is_refused() {
        let text = json();
        let start = text.find("[{").unwrap();
        assert_eq!(parse(&(text[..start].to_owned() + "[]}")), Err(EnvelopeError::NoSignatures));
    }

    #[test]
    fn one_key_signs_once() {
        let error =
            Envelope::new(DocumentType::Package, vec![], vec![entry(1), entry(2), entry(1)]).unwrap_err();
        assert_eq!(error, EnvelopeError::DuplicateKey { keyid: entry(1).keyid });
    }

    #[test]
    fn the_seventeenth_signature_is_refused() {
        let entries = |count| (0..count).map(entry).collect::<Vec<_>>();
        assert!(Envelope::new(DocumentType::Package, vec![], entries(16)).is_ok());
        let error = Envelope::new(DocumentType::Package, vec![], entries(17)).unwrap_err();
        assert_eq!(error, EnvelopeError::TooManySignatures { found: 17 });
    }

    #[test]
    fn a_hundred_thousand_signatures_are_refused_by_size() {
        let text = json();
        let start = text.find("[{").unwrap() + 1;
        let one = &text[start..text.len() - 2];
        let many = format!("{}{}]}}", &text[..start], vec![one; 100_000].join(","));
        assert_eq!(
            parse(&many),
            Err(EnvelopeError::TooLarge { found: many.len(), limit: MAX_ENVELOPE_BYTES })
        );
    }

    #[test]
    fn a_key_name_has_one_spelling() {
        let keyid = entry(1).keyid.to_string();
        refused_as_json(&json().replace(&keyid, &keyid.to_uppercase()), "not a key fingerprint");
        refused_as_json(&json().replace(&keyid, &keyid[1..]), "not a key fingerprint");
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(Envelope::parse(DocumentType::Package, &bytes).is_err());
        }
    }
}
