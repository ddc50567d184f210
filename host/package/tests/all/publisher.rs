//! A publisher with a root: its people, its documents, and an operator who has
//! pinned it.

use mpp_package::{
    Envelope, Index, IndexParts, Keyring, Manifest, ManifestParts, Package, PublicKey, PublisherName,
    Release, Role, Root, RootParts, SignOptions, SignedRoot, SigningKey, SigningRequest, Status, VerifyError,
    Version, Withdrawal, add_signature, embed, pack,
};

use crate::support::{COMPONENT, now, options, parts, publisher, time, unsigned};

/// Three of the publisher's people keep these, two of them make a root.
pub const ROOT_KEYS: [u8; 3] = [11, 12, 13];

/// The release key: the one of [`crate::support::key`].
pub const RELEASE_KEY: u8 = 1;

/// The index key.
pub const INDEX_KEY: u8 = 21;

pub fn secret(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

pub fn public(seed: u8) -> PublicKey {
    secret(seed).public_key()
}

pub fn role(seeds: &[u8], threshold: u64) -> Role {
    Role::new(seeds.iter().map(|&seed| public(seed)).collect(), threshold).unwrap()
}

pub fn name(text: &str) -> PublisherName {
    PublisherName::parse(text).unwrap()
}

/// What a version of the root says; tests change what they are about.
pub fn root_parts(version: u64) -> RootParts {
    RootParts {
        publisher: publisher(),
        version,
        issued_at: time("2026-11-22T08:00:00Z"),
        expires: time("2027-11-22T08:00:00Z"),
        namespaces: vec![publisher()],
        location: None,
        root: role(&ROOT_KEYS, 2),
        release: role(&[RELEASE_KEY], 1),
        index: Some(role(&[INDEX_KEY], 1)),
    }
}

/// What an index says, a month long.
pub fn index_parts(version: u64, releases: Vec<Release>) -> IndexParts {
    IndexParts {
        publisher: publisher(),
        version,
        issued_at: time("2026-11-22T08:00:00Z"),
        expires: time("2026-12-22T08:00:00Z"),
        releases,
    }
}

pub fn withdrawal() -> Withdrawal {
    Withdrawal { reason: "leaks the file name".to_owned(), since: time("2026-11-21T08:00:00Z") }
}

/// How an index lists these bytes.
pub fn release(package: &[u8], status: Status) -> Release {
    let package = Package::parse(package).unwrap();
    let manifest = package.manifest();
    Release {
        publisher: manifest.publisher().clone(),
        name: manifest.name().clone(),
        version: manifest.version().clone(),
        digest: package.digest(),
        status,
    }
}

/// What is signed with each of these keys.
pub fn signed_with(request: SigningRequest, seeds: &[u8]) -> Envelope {
    let (first, others) = seeds.split_first().unwrap();
    let envelope = request.sign(&secret(*first)).unwrap();
    others.iter().fold(envelope, |envelope, &seed| add_signature(envelope, &secret(seed)).unwrap())
}

pub fn root_envelope(parts: RootParts, seeds: &[u8]) -> Envelope {
    signed_with(SigningRequest::root(Root::new(parts).unwrap()).unwrap(), seeds)
}

pub fn signed_root(parts: RootParts, seeds: &[u8]) -> SignedRoot {
    SignedRoot::open(root_envelope(parts, seeds)).unwrap()
}

pub fn index_envelope(parts: IndexParts, seeds: &[u8]) -> Envelope {
    signed_with(SigningRequest::index(Index::new(parts).unwrap()).unwrap(), seeds)
}

/// A package, signed with each of these keys.
pub fn package_signed_with(unsigned: &[u8], options: &SignOptions, seeds: &[u8]) -> Package {
    let package = Package::parse(unsigned).unwrap();
    let request = SigningRequest::new(&package, options).unwrap();
    Package::parse(embed(&package, &signed_with(request, seeds)).unwrap()).unwrap()
}

/// An operator who has pinned this root.
pub fn rooted(parts: RootParts) -> Keyring {
    let mut keyring = Keyring::empty();
    let seeds = ROOT_KEYS;
    assert_eq!(keyring.pin_root(signed_root(parts, &seeds), now()), Ok(true));
    keyring
}

/// An operator who has the first root, and an index with these releases.
pub fn indexed(releases: Vec<Release>) -> Keyring {
    let mut keyring = rooted(root_parts(1));
    keyring.refresh(&publisher(), index_envelope(index_parts(1, releases), &[INDEX_KEY]), now()).unwrap();
    keyring
}

/// The one release of most tests, in the eyes of its publisher.
pub fn listed(status: Status) -> Keyring {
    indexed(vec![release(&unsigned(), status)])
}

/// The one release of most tests, signed.
pub fn hello() -> Package {
    package_signed_with(&unsigned(), &options(), &[RELEASE_KEY])
}

/// The unsigned package of another version: other bytes.
pub fn unsigned_version(major: u64) -> Vec<u8> {
    let parts = ManifestParts { version: Version::new(major, 0, 0), ..parts() };
    pack(COMPONENT, &Manifest::new(parts).unwrap()).unwrap()
}

/// A version, signed with each of these keys.
pub fn version(major: u64, sequence: u64, seeds: &[u8]) -> Package {
    package_signed_with(&unsigned_version(major), &SignOptions { sequence, ..options() }, seeds)
}

/// Verifies now and accepts.
pub fn accept_into(keyring: &mut Keyring, package: Package) -> Result<bool, VerifyError> {
    let verified = keyring.verify(package, now())?;
    Ok(keyring.accept(&verified).unwrap())
}
