//! The same story with keys, signatures and bytes.

use std::time::{Duration, SystemTime};

use mpp_package::{
    Digest, Envelope, Index, IndexParts, KeyId, Keyring, Package, PublicKey, Role, Root, RootParts,
    SignOptions, SigningRequest, Status, Timestamp, embed,
};

use super::naive::{self, Hour, Keys, Signed, Signers};
use crate::{
    publisher::{public, release, signed_with, unsigned_version, withdrawal},
    support::{later, parts, publisher, time},
};

/// The seeds of the keys behind the bits, the root's, the release's and the index's.
pub const ROOT_SEEDS: [u8; 3] = [11, 12, 13];
pub const RELEASE_SEEDS: [u8; 3] = [1, 3, 4];
pub const INDEX_SEEDS: [u8; 2] = [21, 22];

/// Signs where nobody else does: an envelope has a signature at least.
const STRANGER: u8 = 9;

pub fn at(hour: Hour) -> SystemTime {
    later(hour * 3600)
}

pub fn hours(hours: Hour) -> Duration {
    Duration::from_secs(hours * 3600)
}

fn stamp(hour: Hour) -> Timestamp {
    Timestamp::at(at(hour)).unwrap()
}

fn seeds(keys: Keys, of: &[u8]) -> Vec<u8> {
    (0..of.len()).filter(|bit| keys & 1 << bit != 0).map(|bit| of[bit]).collect()
}

/// The bits of the keys of this role among those of `of`.
pub fn bits(keyids: &[KeyId], of: &[u8]) -> Keys {
    let bit = |(bit, seed): (usize, &u8)| u8::from(keyids.contains(&public(*seed).id())) << bit;
    of.iter().enumerate().map(bit).sum()
}

fn role(role: naive::Role, of: &[u8]) -> Role {
    let keys = seeds(role.keys, of).into_iter().map(public).collect();
    Role::new(keys, role.threshold.into()).unwrap()
}

/// The signatures that hold, and behind them those that do not.
fn sign(request: SigningRequest, signers: Signers, of: &[u8]) -> Envelope {
    let kind = request.kind();
    let envelope = match seeds(signers.good, of) {
        none if none.is_empty() => signed_with(request, &[STRANGER]),
        seeds => signed_with(request, &seeds),
    };
    let mut form: serde_json::Value = serde_json::from_slice(&envelope.to_json().unwrap()).unwrap();
    let signatures = form["signatures"].as_array_mut().unwrap();
    let borrowed = signatures[0]["sig"].clone();
    for seed in seeds(signers.named, of) {
        signatures.push(serde_json::json!({ "keyid": public(seed).id(), "sig": borrowed }));
    }
    Envelope::parse(kind, form.to_string().as_bytes()).unwrap()
}

pub fn root((root, signers): Signed<naive::Root>) -> Envelope {
    let parts = RootParts {
        publisher: publisher(),
        version: root.version,
        issued_at: stamp(root.issued),
        expires: stamp(root.expires),
        namespaces: vec![publisher()],
        location: None,
        root: role(root.root, &ROOT_SEEDS),
        release: role(root.release, &RELEASE_SEEDS),
        index: root.index.map(|index| role(index, &INDEX_SEEDS)),
    };
    sign(SigningRequest::root(Root::new(parts).unwrap()).unwrap(), signers, &ROOT_SEEDS)
}

pub fn unsigned(number: usize) -> Vec<u8> {
    unsigned_version(number as u64 + 1)
}

pub fn index((index, signers): Signed<naive::Index>) -> Envelope {
    let status = |status| match status {
        naive::Status::Absent => None,
        naive::Status::Active => Some(Status::Active),
        naive::Status::Yanked => Some(Status::Yanked(withdrawal())),
        naive::Status::Revoked => Some(Status::Revoked(withdrawal())),
    };
    let listed = |(number, found)| status(found).map(|status| release(&unsigned(number), status));
    let parts = IndexParts {
        publisher: publisher(),
        version: index.version,
        issued_at: stamp(index.issued),
        expires: stamp(index.expires),
        releases: index.releases.into_iter().enumerate().filter_map(listed).collect(),
    };
    sign(SigningRequest::index(Index::new(parts).unwrap()).unwrap(), signers, &INDEX_SEEDS)
}

pub fn package((package, signers): Signed<naive::Package>) -> Package {
    let unsigned = Package::parse(unsigned(package.release)).unwrap();
    let options = SignOptions {
        sequence: package.sequence,
        issued_at: time("2026-11-01T00:00:00Z"),
        not_after: package.not_after.map(stamp),
    };
    let request = SigningRequest::new(&unsigned, &options).unwrap();
    let envelope = sign(request, signers, &RELEASE_SEEDS);
    Package::parse(embed(&unsigned, &envelope).unwrap()).unwrap()
}

/// What can be seen of a keyring, in the words of the model.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen {
    pub pinned: Keys,
    pub root: Option<u64>,
    pub index: Option<(u64, bool)>,
    pub memory: Option<naive::Memory>,
}

pub fn seen(keyring: &Keyring) -> Seen {
    let trust = keyring.root_trust(&publisher());
    let number = |package: &Digest| {
        (0..naive::RELEASES).find(|&number| Digest::of(&unsigned(number)) == *package).unwrap()
    };
    let name = parts().name;
    let pinned: Vec<_> = keyring.keys(&publisher()).iter().map(PublicKey::id).collect();
    Seen {
        pinned: bits(&pinned, &RELEASE_SEEDS),
        root: trust.map(|trust| trust.version()),
        index: trust.and_then(|trust| trust.index()).map(|held| (held.version(), held.is_superseded())),
        memory: keyring.accepted(&publisher(), &name).map(|accepted| naive::Memory {
            sequence: accepted.sequence,
            release: accepted.digest.as_ref().map(number),
            signers: bits(&accepted.signers, &RELEASE_SEEDS),
        }),
    }
}
