//! What a publisher signs: an in-toto Statement v1 about one package.

use std::fmt;

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::{
    digest::Digest,
    json::{Json, JsonError, read_exactly},
    name::{PackageName, PublisherName},
    outline::Outline,
    package::Package,
    sign::SignOptions,
    timestamp::Timestamp,
};

/// The type of document, as in-toto names it.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// The type of what is said about the package.
pub const PREDICATE_TYPE: &str = "mpp:package/v1";

/// Largest sequence number: the largest integer that every JSON reader keeps
/// exact (RFC 8259, section 6).
pub const MAX_SEQUENCE: u64 = (1 << 53) - 1;

/// What a publisher says about one package by signing it.
///
/// Of a [`VerifiedPackage`](crate::VerifiedPackage) it is both signed and true
/// of the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    publisher: PublisherName,
    name: PackageName,
    version: Version,
    sequence: u64,
    size: u64,
    digest: Digest,
    manifest_digest: Digest,
    issued_at: Timestamp,
    not_after: Option<Timestamp>,
}

/// Why signed bytes are not a statement about a package. The publisher's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Not the JSON of a statement.
    #[error("the signed statement is not the JSON of one: {0}")]
    Json(#[from] JsonError),
    /// Another type of document.
    #[error("the signed document is not an in-toto Statement v1 about an MPP package")]
    Type,
    /// None, or several subjects.
    #[error("the signed statement has {found} subjects, and must have exactly one")]
    Subjects {
        /// Subjects found.
        found: usize,
    },
    /// A subject named otherwise than its predicate says.
    #[error("the subject of the signed statement is not named `{expected}`")]
    SubjectName {
        /// The name that follows from the predicate.
        expected: String,
    },
    /// A digest that is none.
    #[error("a digest in the signed statement is not 64 lower-case hexadecimal digits")]
    Digest,
    /// Over [`MAX_SEQUENCE`].
    #[error("the sequence number {found} is above {MAX_SEQUENCE}, the largest allowed")]
    Sequence {
        /// The number found.
        found: u64,
    },
    /// An end that is not after the beginning.
    #[error("the signature would end at {not_after}, which is not after its issue at {issued_at}")]
    NeverValid {
        /// When it was issued.
        issued_at: Timestamp,
        /// When it ends.
        not_after: Timestamp,
    },
}

/// A part of a statement that can contradict the package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementField {
    /// SHA-256 of the unsigned package.
    Digest,
    /// Length of the unsigned package.
    Size,
    /// SHA-256 of the manifest.
    ManifestDigest,
    /// Who publishes.
    Publisher,
    /// The name of the package.
    Name,
    /// The version of the package.
    Version,
}

impl fmt::Display for StatementField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Digest => "digest",
            Self::Size => "size",
            Self::ManifestDigest => "manifest digest",
            Self::Publisher => "publisher",
            Self::Name => "name",
            Self::Version => "version",
        })
    }
}

/// The wire form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatementForm {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<SubjectForm>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: PredicateForm,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectForm {
    name: String,
    digest: DigestForm,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DigestForm {
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct PredicateForm {
    publisher: PublisherName,
    name: PackageName,
    version: Version,
    sequence: u64,
    size: u64,
    manifest_digest: DigestForm,
    issued_at: Timestamp,
    not_after: Option<Timestamp>,
}

impl Statement {
    /// States what `package` is.
    pub(crate) fn about(package: &Package, options: &SignOptions) -> Result<Self, StatementError> {
        let SignOptions { sequence, issued_at, not_after } = *options;
        let manifest = package.manifest();
        let statement = Self {
            publisher: manifest.publisher().clone(),
            name: manifest.name().clone(),
            version: manifest.version().clone(),
            sequence,
            size: package.outline().unsigned_size(),
            digest: package.digest(),
            manifest_digest: package.manifest_digest(),
            issued_at,
            not_after,
        };
        statement.check()?;
        Ok(statement)
    }

    /// Reads a statement. Called on bytes whose signature holds, and on no others.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, StatementError> {
        let StatementForm { kind, subject, predicate_type, predicate } = read_exactly(bytes)?;
        if kind != STATEMENT_TYPE || predicate_type != PREDICATE_TYPE {
            return Err(StatementError::Type);
        }
        let [subject] = <[SubjectForm; 1]>::try_from(subject)
            .map_err(|subjects| StatementError::Subjects { found: subjects.len() })?;
        let statement = Self {
            publisher: predicate.publisher,
            name: predicate.name,
            version: predicate.version,
            sequence: predicate.sequence,
            size: predicate.size,
            digest: subject.digest.read()?,
            manifest_digest: predicate.manifest_digest.read()?,
            issued_at: predicate.issued_at,
            not_after: predicate.not_after,
        };
        statement.check()?;
        let expected = statement.subject_name();
        if subject.name == expected { Ok(statement) } else { Err(StatementError::SubjectName { expected }) }
    }

    /// The canonical JSON: the payload to sign.
    pub(crate) fn to_json(&self) -> Result<Vec<u8>, StatementError> {
        let subject = SubjectForm { name: self.subject_name(), digest: DigestForm::of(self.digest) };
        let form = StatementForm {
            kind: STATEMENT_TYPE.to_owned(),
            subject: vec![subject],
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate: PredicateForm {
                publisher: self.publisher.clone(),
                name: self.name.clone(),
                version: self.version.clone(),
                sequence: self.sequence,
                size: self.size,
                manifest_digest: DigestForm::of(self.manifest_digest),
                issued_at: self.issued_at,
                not_after: self.not_after,
            },
        };
        Ok(Json::from_serialize(&form)?.to_string().into_bytes())
    }

    /// The first field that is not true of `package`.
    pub(crate) fn contradiction(&self, package: &Package) -> Option<StatementField> {
        if self.digest != package.digest() {
            return Some(StatementField::Digest);
        }
        self.outline_contradiction(package.outline())
    }

    /// The first field that is not true of a package, as far as its outline
    /// tells: all but the digest of its bytes.
    pub(crate) fn outline_contradiction(&self, outline: &Outline) -> Option<StatementField> {
        let manifest = outline.manifest();
        let holds = [
            (StatementField::Size, self.size == outline.unsigned_size()),
            (StatementField::ManifestDigest, self.manifest_digest == outline.manifest_digest()),
            (StatementField::Publisher, self.publisher == *manifest.publisher()),
            (StatementField::Name, self.name == *manifest.name()),
            (StatementField::Version, self.version == *manifest.version()),
        ];
        holds.into_iter().find(|(_, holds)| !holds).map(|(field, _)| field)
    }

    /// A package URL: `pkg:mpp/com.example/csv-report@1.0.0`.
    fn subject_name(&self) -> String {
        format!("pkg:mpp/{}/{}@{}", self.publisher, self.name, self.version)
    }

    fn check(&self) -> Result<(), StatementError> {
        if self.sequence > MAX_SEQUENCE {
            return Err(StatementError::Sequence { found: self.sequence });
        }
        match self.not_after {
            Some(not_after) if not_after <= self.issued_at => {
                Err(StatementError::NeverValid { issued_at: self.issued_at, not_after })
            }
            _ => Ok(()),
        }
    }

    /// Who publishes.
    pub fn publisher(&self) -> &PublisherName {
        &self.publisher
    }

    /// The name of the package.
    pub fn name(&self) -> &PackageName {
        &self.name
    }

    /// The version of the package.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Rises with every signed release of the package, so that an older one can
    /// be told from a newer one.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Bytes of the unsigned package.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// SHA-256 of the unsigned package.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// SHA-256 of the manifest.
    pub fn manifest_digest(&self) -> Digest {
        self.manifest_digest
    }

    /// When the publisher says to have signed.
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// The last second in which the signature counts; `None`: no end.
    pub fn not_after(&self) -> Option<Timestamp> {
        self.not_after
    }
}

impl DigestForm {
    fn of(digest: Digest) -> Self {
        Self { sha256: digest.to_hex() }
    }

    fn read(&self) -> Result<Digest, StatementError> {
        Digest::from_hex(&self.sha256).ok_or(StatementError::Digest)
    }
}
