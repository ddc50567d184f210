//! How the bad files are made.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::Signer as _;
use mpp_package::{
    KeyId, MAX_PACKAGE_BYTES, MAX_SECTIONS, Manifest, ManifestParts, Package, Schema, SigningKey, ToolEntry,
    pack, pre_authentication_encoding,
};

use crate::support::{
    COMPONENT, envelope_of, leb, manifest, parts, section, signed, tool, unsigned, with_envelope,
};

pub const PACKAGE: &str = "application/vnd.mpp.package.v1+json";
pub const INDEX: &str = "application/vnd.mpp.publisher-index.v1+json";

/// The largest payload that fits an envelope with sixteen signatures.
pub static LARGEST_PAYLOAD: [u8; 46_000] = [b'['; 46_000];

pub fn with_manifest(json: &[u8]) -> Vec<u8> {
    [COMPONENT, &section("mpp:manifest", json)].concat()
}

pub fn listed(item: &str, count: usize) -> Vec<u8> {
    format!("[{}]", vec![item; count].join(",")).into_bytes()
}

pub fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// A manifest in order, but for these icons.
pub fn with_icons(items: &str) -> Vec<u8> {
    let json = text(manifest().to_json().unwrap());
    with_manifest(json.replacen("\"limits\"", &format!("\"icons\":[{items}],\"limits\""), 1).as_bytes())
}

/// A package in order, and with this list in the schema of each of its tools.
pub fn with_schemas(tools: usize, list: Vec<u8>) -> Vec<u8> {
    let schema = format!(r#"{{"enum":{},"type":"object"}}"#, text(list));
    let schema = Schema::parse(&schema).unwrap();
    let tool = |n| ToolEntry { input_schema: schema.clone(), ..tool(&format!("t{n}")) };
    let manifest = Manifest::new(ManifestParts { tools: (0..tools).map(tool).collect(), ..parts() });
    pack(COMPONENT, &manifest.unwrap()).unwrap()
}

pub fn keys() -> String {
    (0..99_999).map(|key| format!("\"{key:05}\":0")).collect::<Vec<_>>().join(",")
}

/// A file that is one custom section and nothing but its name, of so many bytes.
pub fn named(prefix: &[u8], length: usize, end: u8) -> Vec<u8> {
    let prefix_of_name = leb(length);
    let letters = "é".repeat((length - prefix.len() - 1) / "é".len());
    let filler = vec![b'e'; length - prefix.len() - 1 - letters.len()];
    let name = [prefix, letters.as_bytes(), &filler, &[end]].concat();
    [COMPONENT, &[0], &leb(prefix_of_name.len() + length), &prefix_of_name, &name].concat()
}

/// A file of the largest size, its sections in order and as many as there may be.
pub fn sections_far_apart() -> Vec<u8> {
    let length = (MAX_PACKAGE_BYTES - COMPONENT.len()) / MAX_SECTIONS - 3;
    let section = [&[1][..], &leb(length), &vec![0; length]].concat();
    // The component has one.
    [COMPONENT, &section.repeat(MAX_SECTIONS - 1)].concat()
}

/// A file of custom sections, each with a name that begins in what was read for
/// its header and ends behind it.
pub fn long_names() -> Vec<u8> {
    let section = section(&"x".repeat(20_000), b"");
    [COMPONENT, &section.repeat((MAX_PACKAGE_BYTES - COMPONENT.len()) / section.len())].concat()
}

/// A package with the signature of another, and zeros between the two up to the limit.
pub fn largest_package() -> Vec<u8> {
    let signature = section("mpp:signature", &envelope_of(&signed()));
    let mut file = unsigned();
    let length = MAX_PACKAGE_BYTES - file.len() - 1 - 4 - signature.len();
    file.extend([&[0][..], &leb(length), &[0]].concat());
    file.resize(MAX_PACKAGE_BYTES - signature.len(), 0);
    file.extend(signature);
    file
}

/// What the pinned keys sign in [`signed`].
pub fn payload() -> String {
    let package = Package::parse(signed()).unwrap();
    text(package.envelope().unwrap().payload().to_vec())
}

/// The name of the key of this seed, and what it signs about a payload.
pub fn signature(seed: u8, payload: &[u8]) -> (KeyId, String) {
    let message = pre_authentication_encoding(PACKAGE, payload);
    let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
    (keyid(seed), STANDARD.encode(key.sign(&message).to_bytes()))
}

pub fn keyid(seed: u8) -> KeyId {
    SigningKey::from_seed(&[seed; 32]).public_key().id()
}

/// A package with this envelope.
pub fn sealed(payload: &[u8], signatures: &[(KeyId, String)]) -> Vec<u8> {
    with_envelope(&envelope(PACKAGE, payload, signatures))
}

pub fn envelope(payload_type: &str, payload: &[u8], signatures: &[(KeyId, String)]) -> Vec<u8> {
    let signatures = signatures.iter().map(|(keyid, sig)| format!(r#"{{"keyid":"{keyid}","sig":"{sig}"}}"#));
    let signatures = signatures.collect::<Vec<_>>().join(",");
    let payload = STANDARD.encode(payload);
    let json =
        format!(r#"{{"payload":"{payload}","payloadType":"{payload_type}","signatures":[{signatures}]}}"#);
    json.into_bytes()
}
