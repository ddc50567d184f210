//! Whom and what this host trusts changed.

use serde::{Deserialize, Serialize};

use super::strict;

/// The trust store changed.
///
/// Each action has one kind of [`TrustSubject`], and all but
/// [`TrustAction::SetPolicy`] have a publisher. A change that says otherwise is
/// neither written nor read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustChange {
    /// What was done.
    pub action: TrustAction,
    /// For which publisher; `None` for what holds for all of them.
    #[serde(deserialize_with = "strict::nullable")]
    pub publisher: Option<String>,
    /// With what.
    pub subject: TrustSubject,
    /// The version that was in force before, of a root that was updated or an
    /// index that was refreshed; `None` where there was none.
    #[serde(deserialize_with = "strict::nullable")]
    pub replaced_version: Option<u64>,
    /// Who did it, as far as known.
    #[serde(deserialize_with = "strict::nullable")]
    pub actor: Option<String>,
}

/// What can be done to the trust store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustAction {
    /// A key was pinned to a publisher.
    Pin,
    /// A key was taken from a publisher.
    Unpin,
    /// A publisher's root was pinned.
    PinRoot,
    /// A publisher's root was taken away.
    UnpinRoot,
    /// A publisher's root was replaced by its successor.
    UpdateRoot,
    /// A publisher's index was taken, or replaced by a newer one.
    RefreshIndex,
    /// The highest sequence seen of a package was forgotten, so that an older
    /// release of it counts again.
    ForgetSequence,
    /// The operator's policy on freshness was set.
    SetPolicy,
}

/// What a change of trust is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum TrustSubject {
    /// A key.
    Key {
        /// Its id, `sha256:…`.
        id: String,
    },
    /// A publisher's root document.
    Root {
        /// Its version.
        version: u64,
        /// Digest of the signed bytes, `sha256:…`.
        digest: String,
    },
    /// A publisher's index document.
    Index {
        /// Its version.
        version: u64,
        /// Digest of the signed bytes, `sha256:…`.
        digest: String,
    },
    /// A package, in all its releases.
    Package {
        /// Its name; the publisher is that of the change.
        name: String,
    },
    /// The policy in force from then on.
    Policy(TrustPolicy),
}

/// What the operator asks of a publisher's index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustPolicy {
    /// The greatest age of an index that still vouches for packages, seconds;
    /// `None` where any age will do.
    #[serde(deserialize_with = "strict::nullable")]
    pub max_index_age_s: Option<u64>,
    /// What becomes of a package whose index is older than that, in the word of
    /// the policy.
    pub stale_index: String,
}

impl TrustChange {
    /// Whether the action, the publisher and the subject go together.
    pub(crate) fn makes_sense(&self) -> bool {
        use TrustAction::{
            ForgetSequence, Pin, PinRoot, RefreshIndex, SetPolicy, Unpin, UnpinRoot, UpdateRoot,
        };
        let named = self.publisher.is_some();
        match (self.action, &self.subject) {
            (Pin | Unpin, TrustSubject::Key { .. })
            | (PinRoot | UnpinRoot | UpdateRoot, TrustSubject::Root { .. })
            | (RefreshIndex, TrustSubject::Index { .. })
            | (ForgetSequence, TrustSubject::Package { .. }) => named,
            (SetPolicy, TrustSubject::Policy(_)) => true,
            _ => false,
        }
    }
}
