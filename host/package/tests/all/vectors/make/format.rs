//! The format once more, in as few words as it takes and without the code under
//! test: sections, canonical JSON, envelopes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub const PACKAGE_TYPE: &str = "application/vnd.mpp.package.v1+json";
pub const ROOT_TYPE: &str = "application/vnd.mpp.publisher-root.v1+json";
pub const INDEX_TYPE: &str = "application/vnd.mpp.publisher-index.v1+json";

/// What every component begins with.
pub const PREAMBLE: &[u8] = b"\0asm\x0d\0\x01\0";

/// A number in LEB128, in its shortest form.
pub fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = vec![];
    while number > 0x7f {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A custom section.
pub fn section(name: &str, contents: &[u8]) -> Vec<u8> {
    let body = [&leb(name.len())[..], name.as_bytes(), contents].concat();
    [&[0][..], &leb(body.len()), &body].concat()
}

/// The canonical text of JSON without numbers that are no integers, whatever
/// order `serde_json` keeps its keys in.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| *key);
            let members = members.iter().map(|(key, value)| format!("{}:{}", json!(key), canonical(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        value => value.to_string(),
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The key whose seed is 32 times this byte.
pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub fn public(seed: u8) -> [u8; 32] {
    key(seed).verifying_key().to_bytes()
}

/// A key as documents write it.
pub fn key_text(public: &[u8; 32]) -> String {
    format!("ed25519:{}", base64(public))
}

pub fn keyid(seed: u8) -> String {
    sha256(&public(seed))
}

/// What is signed of a payload.
pub fn encoding(kind: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

/// The signature of a key over anything.
pub fn sign(seed: u8, message: &[u8]) -> [u8; 64] {
    key(seed).sign(message).to_bytes()
}

/// An envelope whose parts need not belong together.
pub fn raw_envelope(kind: &str, payload: &[u8], signatures: &[(String, &[u8])]) -> String {
    let signatures: Vec<_> =
        signatures.iter().map(|(keyid, sig)| json!({ "keyid": keyid, "sig": base64(sig) })).collect();
    canonical(&json!({ "payload": base64(payload), "payloadType": kind, "signatures": signatures }))
}

/// An envelope that each of these keys has signed.
pub fn envelope(kind: &str, payload: &[u8], seeds: &[u8]) -> String {
    let message = encoding(kind, payload);
    let signatures: Vec<_> = seeds.iter().map(|&seed| (keyid(seed), sign(seed, &message))).collect();
    let signatures: Vec<_> = signatures.iter().map(|(keyid, sig)| (keyid.clone(), &sig[..])).collect();
    raw_envelope(kind, payload, &signatures)
}
