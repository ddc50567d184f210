//! The publisher index: which releases a publisher stands by.
//!
//! It is what makes a revocation known, and what makes its absence noticed: an
//! index ends, so that whoever keeps a newer one back is found out. No check of
//! a package asks the network.
//!
//! ```json
//! {"expires":"2026-12-22T08:00:00Z","issuedAt":"2026-11-22T08:00:00Z",
//!  "publisher":"com.example","releases":[
//!    {"digest":"sha256:HEX","name":"csv-report","publisher":"com.example",
//!     "reason":null,"since":null,"status":"active","version":"1.1.0"},
//!    {"digest":"sha256:HEX","name":"csv-report","publisher":"com.example",
//!     "reason":"leaks the file name","since":"2026-11-20T12:00:00Z",
//!     "status":"revoked","version":"1.0.0"}],
//!  "type":"mpp:publisher-index/v1","version":7}
//! ```

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::{
    digest::Digest,
    envelope::EnvelopeError,
    json::{Json, JsonError, read_exactly},
    name::{PackageName, PublisherName},
    statement::MAX_SEQUENCE,
    text::{self, TextError},
    timestamp::Timestamp,
};

/// The `type` of an index.
pub const INDEX_TYPE: &str = "mpp:publisher-index/v1";

/// Most releases of one index: a hundred packages with a hundred releases each.
pub const MAX_RELEASES: usize = 10_000;

/// Longest reason for a withdrawal, in bytes: two sentences.
pub const MAX_REASON_BYTES: usize = 512;

/// What an index says, before it is known to be one that can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexParts {
    /// Whose index it is.
    pub publisher: PublisherName,
    /// Rises with each index; at most [`MAX_SEQUENCE`].
    pub version: u64,
    /// When it was made.
    pub issued_at: Timestamp,
    /// The last second in which it counts.
    pub expires: Timestamp,
    /// The releases, in the order of publisher, name and version.
    pub releases: Vec<Release>,
}

/// One release in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The namespace it is published under.
    pub publisher: PublisherName,
    /// The name of the package.
    pub name: PackageName,
    /// Its version.
    pub version: Version,
    /// The digest of the unsigned package.
    pub digest: Digest,
    /// Whether the publisher stands by it.
    pub status: Status,
}

/// Whether a publisher stands by a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Active,
    /// It should not be taken any more; who has it may keep it.
    Yanked(Withdrawal),
    /// It must not run anywhere, from now on and for ever.
    Revoked(Withdrawal),
}

/// Why and since when a release is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// One line for the operator, at most [`MAX_REASON_BYTES`].
    pub reason: String,
    /// When the publisher withdrew it.
    pub since: Timestamp,
}

impl Status {
    /// The word for it in the document.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Yanked(_) => "yanked",
            Self::Revoked(_) => "revoked",
        }
    }

    fn withdrawal(&self) -> Option<&Withdrawal> {
        match self {
            Self::Active => None,
            Self::Yanked(withdrawal) | Self::Revoked(withdrawal) => Some(withdrawal),
        }
    }
}

impl Release {
    fn key(&self) -> (&PublisherName, &PackageName, &Version) {
        (&self.publisher, &self.name, &self.version)
    }
}

/// An index that is well formed. Everything it says is a claim until a
/// [`Keyring`](crate::Keyring) has taken it from its publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    parts: IndexParts,
    /// Where the release of each digest stands, for whoever asks about thousands.
    places: BTreeMap<Digest, usize>,
}

/// Why a document is no index. The publisher's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexFormError {
    /// Not the envelope of an index.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Not the JSON of an index.
    #[error("not the JSON of a publisher index: {0}")]
    Json(#[from] JsonError),
    /// Another type of document.
    #[error("not of the type `{INDEX_TYPE}`")]
    Type,
    /// Nought, or over [`MAX_SEQUENCE`].
    #[error("the version {found} is not between 1 and {MAX_SEQUENCE}")]
    Version {
        /// The version found.
        found: u64,
    },
    /// An end that is not after the beginning.
    #[error("it would end at {expires}, which is not after its issue at {issued_at}")]
    NeverValid {
        /// When it was issued.
        issued_at: Timestamp,
        /// When it ends.
        expires: Timestamp,
    },
    /// Over [`MAX_RELEASES`].
    #[error("{found} releases, and at most {MAX_RELEASES} are allowed")]
    TooManyReleases {
        /// Releases found.
        found: usize,
    },
    /// Releases that are not in the order of publisher, name and version, or
    /// one that stands there twice.
    #[error("the release `{publisher}/{name}` {version} is out of order, or stands there twice")]
    Order {
        /// Who publishes it.
        publisher: PublisherName,
        /// The package.
        name: PackageName,
        /// Its version.
        version: Version,
    },
    /// A release in a namespace that another publisher could own.
    #[error("the release `{namespace}/{name}` is neither under `{publisher}` nor below it")]
    ForeignRelease {
        /// The namespace of the release.
        namespace: PublisherName,
        /// The package.
        name: PackageName,
        /// Whose index it is.
        publisher: PublisherName,
    },
    /// Bytes that stand there as two releases.
    #[error("the digest {digest} stands there for two releases")]
    DuplicateDigest {
        /// The digest.
        digest: Digest,
    },
    /// A status that is none, or one whose reason or time is missing or too much.
    #[error(
        "the status `{word}` cannot be: it is `active` without reason and time, or `yanked` or `revoked` with both"
    )]
    Status {
        /// The word found, cut.
        word: String,
    },
    /// A reason that cannot be shown.
    #[error("a reason {0}")]
    Reason(#[from] TextError),
}

/// The wire form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct IndexForm {
    #[serde(rename = "type")]
    kind: String,
    publisher: PublisherName,
    version: u64,
    issued_at: Timestamp,
    expires: Timestamp,
    releases: Vec<ReleaseForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReleaseForm {
    publisher: PublisherName,
    name: PackageName,
    version: Version,
    digest: Digest,
    status: String,
    reason: Option<String>,
    since: Option<Timestamp>,
}

impl ReleaseForm {
    fn of(release: &Release) -> Self {
        let Release { publisher, name, version, digest, status } = release;
        Self {
            publisher: publisher.clone(),
            name: name.clone(),
            version: version.clone(),
            digest: *digest,
            status: status.word().to_owned(),
            reason: status.withdrawal().map(|withdrawal| withdrawal.reason.clone()),
            since: status.withdrawal().map(|withdrawal| withdrawal.since),
        }
    }

    fn read(self) -> Result<Release, IndexFormError> {
        let Self { publisher, name, version, digest, status, reason, since } = self;
        let status = match (status.as_str(), reason, since) {
            ("active", None, None) => Status::Active,
            ("yanked", Some(reason), Some(since)) => Status::Yanked(Withdrawal { reason, since }),
            ("revoked", Some(reason), Some(since)) => Status::Revoked(Withdrawal { reason, since }),
            (word, _, _) => return Err(IndexFormError::Status { word: text::message(word) }),
        };
        Ok(Release { publisher, name, version, digest, status })
    }
}

impl Index {
    /// Makes an index of what it says.
    pub fn new(parts: IndexParts) -> Result<Self, IndexFormError> {
        let places = check(&parts)?;
        Ok(Self { parts, places })
    }

    /// Reads the payload of an envelope. Called on bytes whose signatures hold,
    /// or that its own publisher is about to sign.
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, IndexFormError> {
        let IndexForm { kind, publisher, version, issued_at, expires, releases } = read_exactly(payload)?;
        if kind != INDEX_TYPE {
            return Err(IndexFormError::Type);
        }
        if releases.len() > MAX_RELEASES {
            return Err(IndexFormError::TooManyReleases { found: releases.len() });
        }
        let releases = releases.into_iter().map(ReleaseForm::read).collect::<Result<_, _>>()?;
        Self::new(IndexParts { publisher, version, issued_at, expires, releases })
    }

    /// The canonical JSON: the payload to sign.
    pub(crate) fn to_json(&self) -> Result<Vec<u8>, JsonError> {
        let IndexParts { publisher, version, issued_at, expires, releases } = &self.parts;
        let form = IndexForm {
            kind: INDEX_TYPE.to_owned(),
            publisher: publisher.clone(),
            version: *version,
            issued_at: *issued_at,
            expires: *expires,
            releases: releases.iter().map(ReleaseForm::of).collect(),
        };
        Ok(Json::from_serialize(&form)?.to_string().into_bytes())
    }

    /// What it says.
    pub fn parts(&self) -> &IndexParts {
        &self.parts
    }

    /// What it says about these bytes.
    pub fn release_of(&self, digest: Digest) -> Option<&Release> {
        self.places.get(&digest).and_then(|&place| self.parts.releases.get(place))
    }

    /// What it says about a version, whatever its bytes.
    pub fn release(
        &self,
        publisher: &PublisherName,
        name: &PackageName,
        version: &Version,
    ) -> Option<&Release> {
        let wanted = (publisher, name, version);
        let found = self.parts.releases.binary_search_by(|release| release.key().cmp(&wanted));
        found.ok().and_then(|place| self.parts.releases.get(place))
    }

    /// The first release that it revoked, and that `newer` does not: a
    /// revocation is for ever.
    pub(crate) fn revoked_but_not_in(&self, newer: &Self) -> Option<&Release> {
        let revoked = |release: &&Release| matches!(release.status, Status::Revoked(_));
        let still: BTreeSet<Digest> =
            newer.parts.releases.iter().filter(revoked).map(|release| release.digest).collect();
        self.parts.releases.iter().filter(revoked).find(|release| !still.contains(&release.digest))
    }
}

/// Says where each digest stands.
fn check(parts: &IndexParts) -> Result<BTreeMap<Digest, usize>, IndexFormError> {
    let IndexParts { publisher, version, issued_at, expires, releases } = parts;
    if !(1..=MAX_SEQUENCE).contains(version) {
        return Err(IndexFormError::Version { found: *version });
    }
    if expires <= issued_at {
        return Err(IndexFormError::NeverValid { issued_at: *issued_at, expires: *expires });
    }
    if releases.len() > MAX_RELEASES {
        return Err(IndexFormError::TooManyReleases { found: releases.len() });
    }
    let mut places = BTreeMap::new();
    for (index, release) in releases.iter().enumerate() {
        if index > 0 && releases[index - 1].key() >= release.key() {
            let Release { publisher, name, version, .. } = release.clone();
            return Err(IndexFormError::Order { publisher, name, version });
        }
        if !release.publisher.is_within(publisher) {
            let Release { publisher: namespace, name, .. } = release.clone();
            return Err(IndexFormError::ForeignRelease { namespace, name, publisher: publisher.clone() });
        }
        if places.insert(release.digest, index).is_some() {
            return Err(IndexFormError::DuplicateDigest { digest: release.digest });
        }
        if let Some(withdrawal) = release.status.withdrawal() {
            text::line(&withdrawal.reason, MAX_REASON_BYTES)?;
        }
    }
    Ok(places)
}
