//! What a publisher makes: roots, indexes, releases.

use std::fs;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use mpp_host::package::{
    Digest, DocumentType, Envelope, Index, IndexParts, Manifest, ManifestParts, Package, PublisherName,
    Release, Role, Root, RootParts, SignOptions, SigningKey, SigningRequest, Status, Timestamp, Version,
    Withdrawal, add_signature, pack, sign,
};

use crate::cli::PUBLISHER;

/// The keys, by the seeds that they are made of: who signs roots, releases and
/// indexes, each alone, and somebody who has no say.
pub const ROOT: u8 = 1;
pub const RELEASE: u8 = 2;
pub const INDEX: u8 = 3;
pub const THIEF: u8 = 9;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

/// The fingerprint of a key.
pub fn id(seed: u8) -> String {
    key(seed).public_key().id().to_string()
}

/// Keys of which any one may sign.
pub fn role(seeds: &[u8]) -> Role {
    let keys = seeds.iter().map(|&seed| key(seed).public_key()).collect();
    Role::new(keys, 1).expect("a role")
}

pub fn name(publisher: &str) -> PublisherName {
    publisher.parse().expect("a publisher's name")
}

/// A time from now on, or before.
pub fn in_days(days: i64) -> Timestamp {
    let distance = DAY * u32::try_from(days.unsigned_abs()).expect("a few days");
    // One moment for all of them: a document that is made twice is the same.
    static NOW: LazyLock<SystemTime> = LazyLock::new(SystemTime::now);
    let now = *NOW;
    Timestamp::at(if days < 0 { now - distance } else { now + distance }).expect("the clock is set")
}

/// A root of `com.example`, issued a hundred days ago, for another year.
pub fn root(version: u64) -> RootParts {
    RootParts {
        publisher: name("com.example"),
        version,
        issued_at: in_days(-100),
        expires: in_days(365),
        namespaces: vec![name("com.example")],
        location: None,
        root: role(&[ROOT]),
        release: role(&[RELEASE]),
        index: Some(role(&[INDEX])),
    }
}

/// The root in an envelope with the signatures of these keys.
pub fn sign_root(parts: RootParts, seeds: &[u8]) -> Vec<u8> {
    signed(SigningRequest::root(Root::new(parts).expect("a root")).expect("it can be written"), seeds)
}

/// The SHA-256 that a person compares.
pub fn fingerprint(root: &[u8]) -> Digest {
    let envelope = Envelope::parse(DocumentType::Root, root).expect("an envelope");
    Digest::of(envelope.payload())
}

/// An index of `com.example`, issued ten days ago, for thirty more.
pub fn index(version: u64, releases: Vec<Release>) -> IndexParts {
    IndexParts {
        publisher: name("com.example"),
        version,
        issued_at: in_days(-10),
        expires: in_days(30),
        releases,
    }
}

/// The index in an envelope with the signatures of these keys.
pub fn sign_index(parts: IndexParts, seeds: &[u8]) -> Vec<u8> {
    signed(SigningRequest::index(Index::new(parts).expect("an index")).expect("it can be written"), seeds)
}

fn signed(request: SigningRequest, seeds: &[u8]) -> Vec<u8> {
    let (first, others) = seeds.split_first().expect("somebody signs");
    let envelope = request.sign(&key(*first)).expect("it can be signed");
    let envelope = others.iter().fold(envelope, |envelope, &seed| {
        add_signature(envelope, &key(seed)).expect("it can be signed by another key")
    });
    envelope.to_json().expect("it can be written")
}

/// `text-stats` 1.N.0 by `com.example`, signed as its release N.
pub fn release(number: u64) -> Vec<u8> {
    release_by(RELEASE, number, None)
}

/// As [`release`], signed by this key, for as long as is said.
pub fn release_by(seed: u8, number: u64, not_after: Option<Timestamp>) -> Vec<u8> {
    let options = SignOptions { sequence: number, issued_at: in_days(-20), not_after };
    sign(&unsigned(number), &key(seed), &options).expect("it can be signed")
}

/// As [`release`], without a signature.
pub fn unsigned(number: u64) -> Vec<u8> {
    let package = fs::read(PUBLISHER.text_stats()).expect("it is there");
    let package = Package::parse(package).expect("it is a package");
    let parts =
        ManifestParts { version: Version::new(1, number, 0), ..package.manifest().clone().into_parts() };
    let manifest = Manifest::new(parts).expect("a manifest");
    pack(package.unsigned_bytes(), &manifest).expect("it can be packed")
}

/// The release as an index lists it.
pub fn listed(package: &[u8]) -> Release {
    listed_as(package, Status::Active)
}

pub fn listed_as(package: &[u8], status: Status) -> Release {
    let package = Package::parse(package).expect("it is a package");
    let manifest = package.manifest();
    Release {
        publisher: manifest.publisher().clone(),
        name: manifest.name().clone(),
        version: manifest.version().clone(),
        digest: package.digest(),
        status,
    }
}

pub fn yanked() -> Status {
    Status::Yanked(Withdrawal { reason: "counts wrong".to_owned(), since: in_days(-11) })
}

pub fn revoked() -> Status {
    Status::Revoked(Withdrawal { reason: "leaks the text".to_owned(), since: in_days(-11) })
}
