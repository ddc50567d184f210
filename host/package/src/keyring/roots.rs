//! Publishers with a root: pinning one, and following it.

use std::time::SystemTime;

use super::{Authority, Keyring, RootTrust};
use crate::{
    digest::Digest,
    envelope::Envelope,
    name::PublisherName,
    role::SignatureError,
    root::{RootParts, SignedRoot, SignedRootError},
    timestamp::Timestamp,
};

/// Most roots followed in one step: two a year for a generation, and a bound on
/// the work that one command can cause.
pub const MAX_ROOT_CHAIN: usize = 64;

/// Why a root was neither pinned nor followed. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RootError {
    /// Not a root that agrees with itself. The publisher's fault, or an attack.
    #[error(transparent)]
    Document(#[from] SignedRootError),
    /// The keys of the root that is trusted now did not sign its successor.
    #[error(
        "the root offered is not signed by the root keys of version {version}, which is trusted: {error}"
    )]
    NotByPredecessor {
        /// The version that is trusted.
        version: u64,
        /// What is missing.
        error: SignatureError,
    },
    /// A version is skipped, or an older one is offered.
    #[error("version {found} was offered, and only version {expected} can come next")]
    NotNext {
        /// The one version that can follow.
        expected: u64,
        /// The version offered.
        found: u64,
    },
    /// The root of another publisher.
    #[error("this is the root of `{found}`, not of `{expected}`")]
    OtherPublisher {
        /// Whose root is wanted.
        expected: PublisherName,
        /// Whose it is.
        found: PublisherName,
    },
    /// The last root of the chain has ended. It does not matter whether those
    /// before it have.
    #[error("version {version} ended at {expires}: ask the publisher for a newer one")]
    Expired {
        /// The version offered.
        version: u64,
        /// The last second in which it counted.
        expires: Timestamp,
    },
    /// A root is pinned for this publisher already.
    #[error(
        "a root of `{publisher}` is pinned already, version {version}: a newer one is followed with `mpp trust update`"
    )]
    AlreadyPinned {
        /// The publisher.
        publisher: PublisherName,
        /// The version that is pinned.
        version: u64,
    },
    /// No root is pinned for this publisher.
    #[error("no root of `{publisher}` is pinned here: `mpp trust add` pins one")]
    NotPinned {
        /// The publisher.
        publisher: PublisherName,
    },
    /// Someone else is trusted for one of the root's names.
    #[error("the root claims the name `{namespace}`, for which `{by}` is trusted here")]
    NamespaceTaken {
        /// The name.
        namespace: PublisherName,
        /// Who is trusted for it.
        by: PublisherName,
    },
    /// Over [`MAX_ROOT_CHAIN`].
    #[error("{found} roots at once, and at most {MAX_ROOT_CHAIN} are followed")]
    ChainTooLong {
        /// Roots offered.
        found: usize,
    },
}

impl RootError {
    /// The one word for this refusal in machine-readable output.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Document(SignedRootError::Form(_)) => "malformed-root",
            Self::Document(SignedRootError::Signatures(_)) | Self::NotByPredecessor { .. } => {
                "root-not-signed"
            }
            Self::NotNext { .. } => "root-not-next",
            Self::OtherPublisher { .. } => "root-of-another",
            Self::Expired { .. } => "root-expired",
            Self::AlreadyPinned { .. } => "root-pinned",
            Self::NotPinned { .. } => "no-root",
            Self::NamespaceTaken { .. } => "namespace-taken",
            Self::ChainTooLong { .. } => "root-chain-too-long",
        }
    }
}

/// What a step along the roots of a publisher changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootUpdate {
    /// The version before.
    pub from: u64,
    /// The version now; the same where nothing changed.
    pub to: u64,
    /// The fingerprint of the version now.
    pub digest: Digest,
    /// Whether the index that is held was signed by keys that no longer sign
    /// it: a new one is needed before anything new is accepted.
    pub index_superseded: bool,
}

impl Keyring {
    /// Trusts a publisher's root. Whoever calls this has made sure of its digest.
    /// Keys that were pinned for the publisher give way to it; a root that is
    /// pinned already is followed with [`Keyring::update_root`] only. Says
    /// whether anything changed.
    pub fn pin_root(&mut self, signed: SignedRoot, now: SystemTime) -> Result<bool, RootError> {
        let publisher = signed.root().parts().publisher.clone();
        if let Some(held) = self.root_trust(&publisher) {
            if held.signed.digest() == signed.digest() {
                return Ok(false);
            }
            let version = held.version();
            return Err(RootError::AlreadyPinned { publisher, version });
        }
        check_expiry(&signed, now)?;
        self.check_namespaces(&signed)?;
        let trust = RootTrust { signed, index: None };
        self.authorities.insert(publisher, Authority::Root(Box::new(trust)));
        Ok(true)
    }

    /// Follows the root of `publisher` along `chain`, as The Update Framework does
    /// (specification 1.0, section 5.3): each root is the next version exactly,
    /// signed by the root keys of the one before and by its own; only the last one
    /// must not have ended at `now`. A root that is held already is passed over.
    ///
    /// All of the chain is followed, or none of it.
    ///
    /// Release keys that are gone take with them what only they have signed: see
    /// [`Keyring::accept`]. So a thief's numbers do not outlive the key.
    pub fn update_root(
        &mut self,
        publisher: &PublisherName,
        chain: Vec<Envelope>,
        now: SystemTime,
    ) -> Result<RootUpdate, RootError> {
        if chain.len() > MAX_ROOT_CHAIN {
            return Err(RootError::ChainTooLong { found: chain.len() });
        }
        let Some(held) = self.root_trust(publisher) else {
            return Err(RootError::NotPinned { publisher: publisher.clone() });
        };
        let from = held.version();
        let mut current = held.signed.clone();
        for envelope in chain {
            if envelope.payload() != current.envelope().payload() {
                current = successor(&current, envelope)?;
            }
        }
        check_expiry(&current, now)?;
        self.check_namespaces(&current)?;
        Ok(self.replace_root(publisher, from, current))
    }

    fn replace_root(&mut self, publisher: &PublisherName, from: u64, signed: SignedRoot) -> RootUpdate {
        let mut update = RootUpdate {
            from,
            to: signed.root().parts().version,
            digest: signed.digest(),
            index_superseded: false,
        };
        let root = signed.root().clone();
        if let Some(Authority::Root(trust)) = self.authorities.get_mut(publisher) {
            trust.signed = signed;
            if let Some(index) = &mut trust.index {
                index.superseded |= !index.is_signed_as(&root);
                update.index_superseded = index.superseded;
            }
        }
        // The root that is held already says nothing new about who signs.
        if update.to != from {
            self.forget_releases_not_by(&root.parts().release, |name| root.covers(name));
        }
        update
    }

    /// Nobody else is trusted for a name of this root.
    pub(super) fn check_namespaces(&self, signed: &SignedRoot) -> Result<(), RootError> {
        let RootParts { publisher, namespaces, .. } = signed.root().parts();
        for namespace in namespaces {
            match self.authority(namespace) {
                Some((by, _)) if by != publisher => {
                    return Err(RootError::NamespaceTaken { namespace: namespace.clone(), by: by.clone() });
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The root that follows `current`. The signatures of the keys that are trusted
/// are held against it before it is read.
fn successor(current: &SignedRoot, envelope: Envelope) -> Result<SignedRoot, RootError> {
    let RootParts { publisher, version, root, .. } = current.root().parts();
    root.signers(&envelope).map_err(|error| RootError::NotByPredecessor { version: *version, error })?;
    let next = SignedRoot::open(envelope)?;
    let RootParts { publisher: found_publisher, version: found, .. } = next.root().parts();
    if found_publisher != publisher {
        return Err(RootError::OtherPublisher {
            expected: publisher.clone(),
            found: found_publisher.clone(),
        });
    }
    let expected = version + 1;
    if *found != expected {
        return Err(RootError::NotNext { expected, found: *found });
    }
    Ok(next)
}

fn check_expiry(signed: &SignedRoot, now: SystemTime) -> Result<(), RootError> {
    let RootParts { version, expires, .. } = *signed.root().parts();
    if expires.has_passed(now) { Err(RootError::Expired { version, expires }) } else { Ok(()) }
}
