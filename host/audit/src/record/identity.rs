//! Which package a record is about, and what vouched for it.

use serde::{Deserialize, Serialize};

use super::strict;

/// Which package, by name and by content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageIdentity {
    /// The publisher's name, in reverse DNS form.
    pub publisher: String,
    /// The package's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Digest of the signed bytes, `sha256:…`.
    pub digest: String,
    /// Digest of the signature envelope, `sha256:…`; `None` where there was none.
    #[serde(deserialize_with = "strict::nullable")]
    pub envelope_digest: Option<String>,
    /// Ids of the keys whose signatures were found to hold.
    pub key_ids: Vec<String>,
    /// What was in force when the package was verified; `None` where it was
    /// not, and all of the above is a claim or was read from elsewhere.
    #[serde(deserialize_with = "strict::nullable")]
    pub trust: Option<TrustEvidence>,
}

/// What a package was verified against. It tells later which decisions were
/// made before a root was replaced or an index refreshed, and which after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustEvidence {
    /// The sequence number that the publisher signed into the package: a later
    /// release of it has a higher one.
    pub sequence: u64,
    /// Version of the publisher's root that was in force; `None` where keys are
    /// pinned without a root.
    #[serde(deserialize_with = "strict::nullable")]
    pub root_version: Option<u64>,
    /// Version of the publisher's index that was in force; `None` where the host
    /// has none.
    #[serde(deserialize_with = "strict::nullable")]
    pub index_version: Option<u64>,
    /// The word for what the publisher's root or index did not vouch for, where
    /// an approved package ran nevertheless: `root-expired`, `no-index`,
    /// `stale-index`, `unlisted`, `yanked`. `None` where nothing was amiss.
    #[serde(deserialize_with = "strict::nullable")]
    pub lapse: Option<String>,
}
