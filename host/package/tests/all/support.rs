//! A small package, and the people around it.

use std::time::{Duration, SystemTime};

use mpp_package::{
    Keyring, Manifest, ManifestParts, Package, PackageError, PackageName, PublisherName, Schema, SignOptions,
    SigningKey, Timestamp, ToolEntry, ToolName, VerifiedPackage, VerifyError, Version, pack, sign,
};
use mpp_policy::{LimitsRequest, Permissions};

/// A component with one custom section of its own: all that this crate looks at.
pub const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0\x00\x06\x04noteX";

/// When everything here happens.
pub fn now() -> SystemTime {
    time("2026-11-22T08:00:00Z").to_system_time()
}

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn later(seconds: u64) -> SystemTime {
    now() + Duration::from_secs(seconds)
}

pub fn publisher() -> PublisherName {
    PublisherName::parse("com.example").unwrap()
}

/// The key that the operator has pinned for [`publisher`].
pub fn key() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

/// A key that nobody trusts.
pub fn stranger() -> SigningKey {
    SigningKey::from_seed(&[2; 32])
}

pub fn keyring() -> Keyring {
    pinned(&[("com.example", &key())])
}

pub fn pinned(keys: &[(&str, &SigningKey)]) -> Keyring {
    let mut keyring = Keyring::empty();
    for (publisher, key) in keys {
        let publisher = PublisherName::parse(publisher).unwrap();
        keyring.pin(&publisher, key.public_key()).unwrap();
    }
    keyring
}

pub fn tool(name: &str) -> ToolEntry {
    ToolEntry {
        name: ToolName::parse(name).unwrap(),
        title: None,
        description: "Says hello.".to_owned(),
        input_schema: Schema::parse(r#"{"type":"object"}"#).unwrap(),
        output_schema: None,
    }
}

pub fn parts() -> ManifestParts {
    ManifestParts {
        publisher: publisher(),
        name: PackageName::parse("hello").unwrap(),
        version: Version::new(1, 0, 0),
        description: "Says hello.".to_owned(),
        permissions: Permissions::none(),
        limits: LimitsRequest::NONE,
        tools: vec![tool("hello")],
        icons: vec![],
    }
}

pub fn manifest() -> Manifest {
    Manifest::new(parts()).unwrap()
}

/// The unsigned package P.
pub fn unsigned() -> Vec<u8> {
    pack(COMPONENT, &manifest()).unwrap()
}

pub fn options() -> SignOptions {
    SignOptions { sequence: 1, issued_at: time("2026-11-22T08:00:00Z"), not_after: None }
}

pub fn signed() -> Vec<u8> {
    signed_by(&key(), &unsigned())
}

pub fn signed_by(key: &SigningKey, package: &[u8]) -> Vec<u8> {
    sign(package, key, &options()).unwrap()
}

/// Either way in which a package can be refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    Malformed(PackageError),
    Untrusted(VerifyError),
}

/// The way every package goes: parse, then verify.
pub fn accept(bytes: &[u8], keyring: &Keyring) -> Result<VerifiedPackage, Refusal> {
    let package = Package::parse(bytes).map_err(Refusal::Malformed)?;
    keyring.verify(package, now()).map_err(Refusal::Untrusted)
}

/// Why a package that parses is not trusted.
pub fn distrust(bytes: &[u8], keyring: &Keyring) -> VerifyError {
    keyring.verify(Package::parse(bytes).unwrap(), now()).expect_err("the package was accepted")
}

/// Why bytes do not parse.
pub fn malformed(bytes: &[u8]) -> PackageError {
    Package::parse(bytes).expect_err("the package was parsed")
}

/// A custom section, made without the code under test.
pub fn section(name: &str, contents: &[u8]) -> Vec<u8> {
    let body = [&leb(name.len())[..], name.as_bytes(), contents].concat();
    [&[0][..], &leb(body.len()), &body].concat()
}

pub fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = vec![];
    while number > 0x7f {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// The envelope's bytes of a signed package.
pub fn envelope_of(signed: &[u8]) -> Vec<u8> {
    let package = Package::parse(signed).unwrap();
    package.envelope().unwrap().to_json().unwrap()
}

/// P with these bytes as its signature section.
pub fn with_envelope(envelope: &[u8]) -> Vec<u8> {
    [unsigned(), section("mpp:signature", envelope)].concat()
}

/// The envelope of [`signed`] with a text replaced.
pub fn envelope_with(from: &str, to: &str) -> Vec<u8> {
    let envelope = String::from_utf8(envelope_of(&signed())).unwrap();
    assert!(envelope.contains(from), "{from} is not in {envelope}");
    envelope.replace(from, to).into_bytes()
}
