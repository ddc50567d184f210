//! The index of a publisher: taking a newer one.

use std::time::SystemTime;

use super::{Authority, HeldIndex, Keyring};
use crate::{
    digest::Digest,
    envelope::{DocumentType, Envelope},
    index::{Index, IndexFormError},
    name::{PackageName, PublisherName},
    role::SignatureError,
    timestamp::Timestamp,
};

/// Why an index was not taken. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// No root is pinned for this publisher, so nobody can sign its index.
    #[error("no root of `{publisher}` is pinned here: `mpp trust add` pins one")]
    NotPinned {
        /// The publisher.
        publisher: PublisherName,
    },
    /// The publisher's root has nobody to sign an index.
    #[error("`{publisher}` keeps no index: its root names no keys for one")]
    NoIndexRole {
        /// The publisher.
        publisher: PublisherName,
    },
    /// Not signed by the keys that the root names for it.
    #[error("the index is not signed by the index keys of `{publisher}`: {error}")]
    Signatures {
        /// The publisher.
        publisher: PublisherName,
        /// What is missing.
        error: SignatureError,
    },
    /// Signed, and no index. The publisher's fault.
    #[error(transparent)]
    Form(#[from] IndexFormError),
    /// The index of another publisher.
    #[error("this is the index of `{found}`, not of `{expected}`")]
    OtherPublisher {
        /// Whose index is wanted.
        expected: PublisherName,
        /// Whose it is.
        found: PublisherName,
    },
    /// Not newer than the one that is held.
    #[error("version {found} was offered, and version {held} is held already: an older index is never taken")]
    NotNewer {
        /// The version that is held.
        held: u64,
        /// The version offered.
        found: u64,
    },
    /// The one offered has ended.
    #[error("version {version} ended at {expires}: ask the publisher for a newer one")]
    Expired {
        /// The version offered.
        version: u64,
        /// The last second in which it counted.
        expires: Timestamp,
    },
    /// A release that was revoked is not, any more.
    #[error(
        "version {version} takes back that `{namespace}/{name}` with the digest {digest} is revoked; a revocation is for ever"
    )]
    Unrevoked {
        /// The version offered.
        version: u64,
        /// The namespace of the release.
        namespace: PublisherName,
        /// The package.
        name: PackageName,
        /// Its digest.
        digest: Digest,
    },
}

impl IndexError {
    /// The one word for this refusal in machine-readable output.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotPinned { .. } => "no-root",
            Self::NoIndexRole { .. } => "no-index-role",
            Self::Signatures { .. } => "index-not-signed",
            Self::Form(_) => "malformed-index",
            Self::OtherPublisher { .. } => "index-of-another",
            Self::NotNewer { .. } => "index-not-newer",
            Self::Expired { .. } => "index-expired",
            Self::Unrevoked { .. } => "index-unrevokes",
        }
    }
}

/// What taking an index changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// The version before; `None`: there was none that counted.
    pub from: Option<u64>,
    /// The version now.
    pub to: u64,
    /// The SHA-256 of the signed bytes.
    pub digest: Digest,
    /// Whether this very index was held already.
    pub unchanged: bool,
}

impl Keyring {
    /// Takes an index of `publisher` that is newer than the one held. It must be
    /// signed by the index keys of the pinned root, and must not have ended at
    /// `now`; what was revoked stays revoked. Its version is remembered with it,
    /// so that it takes a rotation of the index keys, and nothing else, to accept
    /// a lower one.
    pub fn refresh(
        &mut self,
        publisher: &PublisherName,
        envelope: Envelope,
        now: SystemTime,
    ) -> Result<Refreshed, IndexError> {
        let Some(Authority::Root(trust)) = self.authorities.get_mut(publisher) else {
            return Err(IndexError::NotPinned { publisher: publisher.clone() });
        };
        let root = trust.signed.root();
        let Some(role) = &root.parts().index else {
            return Err(IndexError::NoIndexRole { publisher: publisher.clone() });
        };
        role.signers(&envelope)
            .map_err(|error| IndexError::Signatures { publisher: publisher.clone(), error })?;
        let offered = HeldIndex::open(envelope)?;
        let parts = offered.index.parts();
        if parts.publisher != *publisher {
            let found = parts.publisher.clone();
            return Err(IndexError::OtherPublisher { expected: publisher.clone(), found });
        }
        let held = trust.index.as_ref().filter(|held| !held.superseded);
        let refreshed = Refreshed {
            from: held.map(HeldIndex::version),
            to: offered.version(),
            digest: Digest::of(offered.envelope.payload()),
            unchanged: held.is_some_and(|held| held.envelope.payload() == offered.envelope.payload()),
        };
        if !refreshed.unchanged {
            check_succession(held, &offered)?;
        }
        if parts.expires.has_passed(now) {
            return Err(IndexError::Expired { version: parts.version, expires: parts.expires });
        }
        // What is held stays with the signatures it came with: who carries it here
        // again could have taken some off.
        if !refreshed.unchanged {
            trust.index = Some(offered);
        }
        Ok(refreshed)
    }
}

/// A newer index has a higher version, and takes no revocation back.
fn check_succession(held: Option<&HeldIndex>, offered: &HeldIndex) -> Result<(), IndexError> {
    let Some(held) = held else { return Ok(()) };
    if offered.version() <= held.version() {
        return Err(IndexError::NotNewer { held: held.version(), found: offered.version() });
    }
    match held.index.revoked_but_not_in(&offered.index) {
        Some(release) => Err(IndexError::Unrevoked {
            version: offered.version(),
            namespace: release.publisher.clone(),
            name: release.name.clone(),
            digest: release.digest,
        }),
        None => Ok(()),
    }
}

impl HeldIndex {
    /// Takes the index out of its envelope. The signatures are for the caller.
    pub(super) fn open(envelope: Envelope) -> Result<Self, IndexFormError> {
        envelope.must_hold(DocumentType::Index)?;
        let index = Index::parse(envelope.payload())?;
        Ok(Self { index, envelope, superseded: false })
    }
}
