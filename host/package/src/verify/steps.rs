//! The checks by name, and what each found, in words for a person.

use std::fmt;

use super::Lapse;
use crate::{
    index::IndexParts,
    key::KeyId,
    keyring::{Authority, RootTrust},
    name::PublisherName,
    root::RootParts,
    statement::Statement,
};

/// One check of [`Keyring::verify`](crate::Keyring::verify), in the order in
/// which they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// The package carries a signature.
    Signed,
    /// Somebody is trusted to sign as the publisher it claims. The claim selects
    /// which keys to try; trust comes from the keys alone.
    Publisher,
    /// Every signature that names a trusted key holds over the payload, by the
    /// strict rules of [`PublicKey::verify`](crate::PublicKey::verify), and there
    /// are as many as must be. Signatures that name other keys are not looked at.
    Signatures,
    /// Only now the payload is read: a statement about a package.
    Statement,
    /// Everything it states is true of these bytes: digest, size, digest of the
    /// manifest, publisher, name, version. Where only the manifest is verified, the
    /// digest of the package is taken as it is signed.
    Contents,
    /// The signature has not ended.
    Time,
    /// The publisher's index, however old, neither revokes these bytes nor
    /// knows other bytes by this version.
    Revocation,
    /// The publisher's root has not ended.
    Root,
    /// The publisher's index is there and recent, if it keeps one.
    Index,
    /// The index lists these bytes as active.
    Listed,
    /// No newer release was accepted here before.
    Sequence,
}

impl Check {
    /// Every check in its order.
    pub const ALL: [Self; 11] = [
        Self::Signed,
        Self::Publisher,
        Self::Signatures,
        Self::Statement,
        Self::Contents,
        Self::Time,
        Self::Revocation,
        Self::Root,
        Self::Index,
        Self::Listed,
        Self::Sequence,
    ];

    /// The word for it in machine-readable output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Publisher => "publisher",
            Self::Signatures => "signatures",
            Self::Statement => "statement",
            Self::Contents => "contents",
            Self::Time => "time",
            Self::Revocation => "revocation",
            Self::Root => "root",
            Self::Index => "index",
            Self::Listed => "listed",
            Self::Sequence => "sequence",
        }
    }
}

impl fmt::Display for Check {
    /// Says what is checked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signed => "it is signed",
            Self::Publisher => "its publisher is trusted here",
            Self::Signatures => "the trusted keys have signed",
            Self::Statement => "what is signed is about a package",
            Self::Contents => "about this very package",
            Self::Time => "the signature has not ended",
            Self::Revocation => "it is not revoked",
            Self::Root => "the publisher's root has not ended",
            Self::Index => "the publisher's index is recent",
            Self::Listed => "the index lists it as active",
            Self::Sequence => "no newer release was accepted here",
        })
    }
}

/// A check that was passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Which.
    pub check: Check,
    /// What it found, one line for a person.
    pub found: String,
    /// It did not hold, and was let pass: see [`Standing::lapse`](super::Standing::lapse).
    pub excused: bool,
}

impl Passed {
    pub(super) fn because(check: Check, found: impl Into<String>) -> Self {
        Self { check, found: found.into(), excused: false }
    }

    pub(super) fn excused(check: Check, lapse: &Lapse) -> Self {
        let found = format!("{lapse}; it was accepted before, and may go on running");
        Self { check, found, excused: true }
    }
}

pub(super) const KEEPS_NO_INDEX: &str = "there is none to look in";
pub(super) const LISTED: &str = "active";

pub(super) fn signatures(count: usize) -> String {
    match count {
        1 => "1 signature".to_owned(),
        count => format!("{count} signatures"),
    }
}

pub(super) fn authority(publisher: &PublisherName, by: &PublisherName, authority: &Authority) -> String {
    match authority {
        Authority::Keys(keys) if keys.len() == 1 => format!("{publisher}, 1 pinned key"),
        Authority::Keys(keys) => format!("{publisher}, {} pinned keys", keys.len()),
        Authority::Root(trust) if by == publisher => format!("{publisher}, root version {}", trust.version()),
        Authority::Root(trust) => format!("{publisher}, by root version {} of {by}", trust.version()),
    }
}

pub(super) fn signers(keys: &[KeyId], authority: &Authority) -> String {
    let (_, threshold) = authority.release_keys();
    let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
    format!("{} of the {threshold} needed: {}", keys.len(), keys.join(", "))
}

pub(super) fn statement(statement: &Statement) -> String {
    format!("{} {} by {}", statement.name(), statement.version(), statement.publisher())
}

pub(super) fn ends(statement: &Statement) -> String {
    statement.not_after().map_or_else(|| "it has no end".to_owned(), |end| format!("it counts until {end}"))
}

pub(super) fn not_revoked(trust: &RootTrust) -> String {
    match trust.index() {
        Some(held) => format!("index version {} does not revoke it", held.version()),
        None => KEEPS_NO_INDEX.to_owned(),
    }
}

pub(super) fn root(parts: &RootParts) -> String {
    format!("version {} counts until {}", parts.version, parts.expires)
}

pub(super) fn index(parts: &IndexParts) -> String {
    format!("version {} of {} counts until {}", parts.version, parts.issued_at, parts.expires)
}

pub(super) fn sequence(statement: &Statement) -> String {
    format!("release {}", statement.sequence())
}
