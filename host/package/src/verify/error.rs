//! Why a package is not trusted.

use super::{Check, Lapse};
use crate::{
    digest::Digest,
    key::KeyId,
    name::PublisherName,
    statement::{StatementError, StatementField},
    timestamp::Timestamp,
};

/// Why a well-formed package is not trusted. Each is a different situation for
/// the operator, and none of them has a way around it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// No signature at all, whether it was never signed or the signature was
    /// taken off.
    #[error("the package is not signed: sign it with `mpp sign`, or get the signed one from `{publisher}`")]
    Unsigned {
        /// Who the package claims to be by.
        publisher: PublisherName,
    },
    /// The operator trusts no key of this publisher.
    #[error(
        "the publisher `{publisher}` is not trusted here: get its key from a source you trust, and add it with `mpp trust add`"
    )]
    UntrustedPublisher {
        /// Who the package claims to be by.
        publisher: PublisherName,
        /// The keys that the envelope names; hints to compare, not to add.
        claimed_keys: Vec<KeyId>,
    },
    /// The operator trusts keys of this publisher, and none of them signed.
    #[error(
        "no trusted key of `{publisher}` has signed this package: somebody else did, or the publisher has a new key; ask the publisher"
    )]
    UntrustedKey {
        /// Who the package claims to be by.
        publisher: PublisherName,
        /// The keys that the envelope names; hints to compare, not to add.
        claimed_keys: Vec<KeyId>,
    },
    /// Some trusted keys of the publisher signed, and fewer than must.
    #[error(
        "{found} of the trusted keys of `{publisher}` signed this package, and {needed} must: get it from the publisher when all have"
    )]
    TooFewSignatures {
        /// Who the package claims to be by.
        publisher: PublisherName,
        /// Trusted keys that signed.
        found: usize,
        /// Keys that must.
        needed: usize,
    },
    /// The envelope names a trusted key, and that key did not sign these bytes.
    #[error("the signature by the key {keyid} does not hold: the package or its signature has been changed")]
    InvalidSignature {
        /// The trusted key.
        keyid: KeyId,
    },
    /// The signature holds over something that is no statement about a package.
    #[error("the signature holds, and what is signed cannot be used: {0}")]
    Statement(#[from] StatementError),
    /// The signature holds over a statement about another package.
    #[error(
        "the signature was made for other bytes: its {field} is not that of this package, which was changed after it was signed, or carries another one's signature"
    )]
    StatementMismatch {
        /// The first field that differs.
        field: StatementField,
    },
    /// The signature counted until a time that has passed.
    #[error("the signature ended at {not_after}: get a package that is signed anew")]
    Expired {
        /// The last second in which it counted.
        not_after: Timestamp,
    },
    /// The publisher has revoked these bytes.
    #[error("the publisher revoked this release at {since}: {reason}")]
    Revoked {
        /// The publisher's reason.
        reason: String,
        /// When it was revoked.
        since: Timestamp,
    },
    /// The publisher's index knows this version as other bytes.
    #[error("the publisher's index has {indexed} for this version, and this package is {found}")]
    NotAsIndexed {
        /// The digest in the index.
        indexed: Digest,
        /// The digest of the package.
        found: Digest,
    },
    /// The publisher signed it, and does not vouch for it at this time.
    #[error("the publisher does not vouch for it now: {0}")]
    NotVouchedFor(Lapse),
    /// Older than a release that was accepted here.
    #[error(
        "this is release {found}, and release {accepted} was accepted here before: an older one may bring back what the newer one mended"
    )]
    RolledBack {
        /// The sequence number of the package.
        found: u64,
        /// The highest that was accepted.
        accepted: u64,
    },
}

impl VerifyError {
    /// The one word for this refusal in machine-readable output.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unsigned { .. } => "unsigned",
            Self::UntrustedPublisher { .. } => "untrusted-publisher",
            Self::UntrustedKey { .. } => "untrusted-key",
            Self::InvalidSignature { .. } => "invalid-signature",
            Self::Statement(_) => "invalid-statement",
            Self::StatementMismatch { .. } => "statement-mismatch",
            Self::TooFewSignatures { .. } => "too-few-signatures",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
            Self::NotAsIndexed { .. } => "not-as-indexed",
            Self::NotVouchedFor(lapse) => lapse.code(),
            Self::RolledBack { .. } => "rolled-back",
        }
    }

    /// The check that failed.
    pub const fn check(&self) -> Check {
        match self {
            Self::Unsigned { .. } => Check::Signed,
            Self::UntrustedPublisher { .. } => Check::Publisher,
            Self::UntrustedKey { .. } | Self::TooFewSignatures { .. } | Self::InvalidSignature { .. } => {
                Check::Signatures
            }
            Self::Statement(_) => Check::Statement,
            Self::StatementMismatch { .. } => Check::Contents,
            Self::Expired { .. } => Check::Time,
            Self::Revoked { .. } | Self::NotAsIndexed { .. } => Check::Revocation,
            Self::NotVouchedFor(lapse) => lapse.check(),
            Self::RolledBack { .. } => Check::Sequence,
        }
    }
}
