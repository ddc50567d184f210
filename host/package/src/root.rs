//! The publisher root: who signs for a publisher.
//!
//! A root is to a publisher what the root of The Update Framework is to a
//! repository (TUF specification 1.0, sections 5.3 and 6.1): it names the keys,
//! and its own successor is accepted only with the signatures of both.
//!
//! ```json
//! {"expires":"2027-11-22T08:00:00Z","issuedAt":"2026-11-22T08:00:00Z",
//!  "location":"https://example.com/mpp/","namespaces":["com.example"],
//!  "publisher":"com.example","roles":{
//!    "index":{"keys":["ed25519:BASE64"],"threshold":1},
//!    "release":{"keys":["ed25519:BASE64"],"threshold":1},
//!    "root":{"keys":["ed25519:BASE64","ed25519:BASE64"],"threshold":2}},
//!  "type":"mpp:publisher-root/v1","version":1}
//! ```

use serde::{Deserialize, Serialize};

use crate::{
    digest::Digest,
    envelope::{DocumentType, Envelope, EnvelopeError},
    json::{Json, JsonError, read_exactly},
    key::KeyId,
    location::Location,
    name::PublisherName,
    role::{Role, RoleError, RoleForm, SignatureError},
    statement::MAX_SEQUENCE,
    timestamp::Timestamp,
};

/// The `type` of a root.
pub const ROOT_TYPE: &str = "mpp:publisher-root/v1";

/// Most namespaces of one root: the divisions of a large company.
pub const MAX_NAMESPACES: usize = 64;

/// What a root says, before it is known to be a root that can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootParts {
    /// Whose root it is.
    pub publisher: PublisherName,
    /// 1, and one more with each change; at most [`MAX_SEQUENCE`].
    pub version: u64,
    /// When it was made.
    pub issued_at: Timestamp,
    /// The last second in which it counts.
    pub expires: Timestamp,
    /// The names under which its release keys sign packages: the publisher's
    /// own, and any below it, each spelled out.
    pub namespaces: Vec<PublisherName>,
    /// Where newer documents are found; `None`: they come by hand.
    pub location: Option<Location>,
    /// Who signs the next root.
    pub root: Role,
    /// Who signs packages.
    pub release: Role,
    /// Who signs the index; `None`: this publisher keeps none.
    pub index: Option<Role>,
}

/// A root that is well formed. Everything it says is a claim until a
/// [`Keyring`](crate::Keyring) has pinned it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    parts: RootParts,
}

/// Why a document is no root. The publisher's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RootFormError {
    /// Not the envelope of a root.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Not the JSON of a root.
    #[error("not the JSON of a publisher root: {0}")]
    Json(#[from] JsonError),
    /// Another type of document.
    #[error("not of the type `{ROOT_TYPE}`")]
    Type,
    /// Nought, or over [`MAX_SEQUENCE`].
    #[error("the version {found} is not between 1 and {MAX_SEQUENCE}")]
    Version {
        /// The version found.
        found: u64,
    },
    /// A role that cannot be.
    #[error("the role `{role}` {error}")]
    Role {
        /// Its name.
        role: &'static str,
        /// What is wrong with it.
        error: RoleError,
    },
    /// An end that is not after the beginning.
    #[error("it would end at {expires}, which is not after its issue at {issued_at}")]
    NeverValid {
        /// When it was issued.
        issued_at: Timestamp,
        /// When it ends.
        expires: Timestamp,
    },
    /// A namespace that another publisher could own.
    #[error("the namespace `{namespace}` is neither `{publisher}` nor below it")]
    ForeignNamespace {
        /// The namespace.
        namespace: PublisherName,
        /// Whose root it is.
        publisher: PublisherName,
    },
    /// A namespace that stands there twice.
    #[error("the namespace `{namespace}` stands there twice")]
    DuplicateNamespace {
        /// The namespace.
        namespace: PublisherName,
    },
    /// The publisher's own name is missing.
    #[error("the publisher's own name `{publisher}` is not among the namespaces")]
    NotOwnNamespace {
        /// Whose root it is.
        publisher: PublisherName,
    },
    /// Over [`MAX_NAMESPACES`].
    #[error("{found} namespaces, and at most {MAX_NAMESPACES} are allowed")]
    TooManyNamespaces {
        /// Namespaces found.
        found: usize,
    },
}

/// The wire form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RootForm {
    #[serde(rename = "type")]
    kind: String,
    publisher: PublisherName,
    version: u64,
    issued_at: Timestamp,
    expires: Timestamp,
    namespaces: Vec<PublisherName>,
    location: Option<Location>,
    roles: RolesForm,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RolesForm {
    root: RoleForm,
    release: RoleForm,
    index: Option<RoleForm>,
}

impl Root {
    /// Makes a root of what it says.
    pub fn new(parts: RootParts) -> Result<Self, RootFormError> {
        check(&parts)?;
        Ok(Self { parts })
    }

    /// Reads the payload of an envelope.
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, RootFormError> {
        let RootForm { kind, publisher, version, issued_at, expires, namespaces, location, roles } =
            read_exactly(payload)?;
        if kind != ROOT_TYPE {
            return Err(RootFormError::Type);
        }
        let RolesForm { root, release, index } = roles;
        let role = |role, form: RoleForm| form.read().map_err(|error| RootFormError::Role { role, error });
        Self::new(RootParts {
            publisher,
            version,
            issued_at,
            expires,
            namespaces,
            location,
            root: role("root", root)?,
            release: role("release", release)?,
            index: index.map(|form| role("index", form)).transpose()?,
        })
    }

    /// The canonical JSON: the payload to sign.
    pub(crate) fn to_json(&self) -> Result<Vec<u8>, JsonError> {
        let RootParts { publisher, version, issued_at, expires, namespaces, location, root, release, index } =
            &self.parts;
        let form = RootForm {
            kind: ROOT_TYPE.to_owned(),
            publisher: publisher.clone(),
            version: *version,
            issued_at: *issued_at,
            expires: *expires,
            namespaces: namespaces.clone(),
            location: location.clone(),
            roles: RolesForm {
                root: RoleForm::of(root),
                release: RoleForm::of(release),
                index: index.as_ref().map(RoleForm::of),
            },
        };
        Ok(Json::from_serialize(&form)?.to_string().into_bytes())
    }

    /// What it says.
    pub fn parts(&self) -> &RootParts {
        &self.parts
    }

    /// Whether its release keys sign packages under this name.
    pub fn covers(&self, publisher: &PublisherName) -> bool {
        self.parts.namespaces.contains(publisher)
    }
}

fn check(parts: &RootParts) -> Result<(), RootFormError> {
    if !(1..=MAX_SEQUENCE).contains(&parts.version) {
        return Err(RootFormError::Version { found: parts.version });
    }
    if parts.expires <= parts.issued_at {
        let RootParts { issued_at, expires, .. } = *parts;
        return Err(RootFormError::NeverValid { issued_at, expires });
    }
    check_namespaces(&parts.publisher, &parts.namespaces)
}

/// Names that only this publisher can own, each once. There is no wildcard and
/// no delegation, so that no name is covered which nobody reads here.
fn check_namespaces(publisher: &PublisherName, namespaces: &[PublisherName]) -> Result<(), RootFormError> {
    if namespaces.len() > MAX_NAMESPACES {
        return Err(RootFormError::TooManyNamespaces { found: namespaces.len() });
    }
    for (index, namespace) in namespaces.iter().enumerate() {
        let namespace = namespace.clone();
        if !namespace.is_within(publisher) {
            return Err(RootFormError::ForeignNamespace { namespace, publisher: publisher.clone() });
        }
        if namespaces[..index].contains(&namespace) {
            return Err(RootFormError::DuplicateNamespace { namespace });
        }
    }
    if namespaces.contains(publisher) {
        Ok(())
    } else {
        Err(RootFormError::NotOwnNamespace { publisher: publisher.clone() })
    }
}

/// A root that as many of its own root keys have signed as it asks for. It
/// agrees with itself; whether it speaks for the publisher is for a person to
/// say, by its digest, or for the root before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRoot {
    root: Root,
    envelope: Envelope,
}

/// Why an envelope is no signed root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignedRootError {
    /// Not a root.
    #[error(transparent)]
    Form(#[from] RootFormError),
    /// Not signed by its own root keys.
    #[error("the root does not have the signatures of its own root keys: {0}")]
    Signatures(SignatureError),
}

impl From<EnvelopeError> for SignedRootError {
    fn from(error: EnvelopeError) -> Self {
        Self::Form(error.into())
    }
}

impl SignedRoot {
    /// Reads the JSON of an envelope with a root in it.
    pub fn parse(bytes: &[u8]) -> Result<Self, SignedRootError> {
        Self::open(Envelope::parse(DocumentType::Root, bytes)?)
    }

    /// Takes the root out of its envelope, and holds the signatures against the
    /// keys that it names itself.
    pub fn open(envelope: Envelope) -> Result<Self, SignedRootError> {
        let signed = Self::trusted(envelope)?;
        signed.root.parts.root.signers(&signed.envelope).map_err(SignedRootError::Signatures)?;
        Ok(signed)
    }

    /// As [`SignedRoot::open`], from the operator's own trust file: whoever can
    /// write that can pin any root, so its signatures are not checked anew each
    /// time it is read.
    pub(crate) fn trusted(envelope: Envelope) -> Result<Self, RootFormError> {
        envelope.must_hold(DocumentType::Root)?;
        Ok(Self { root: Root::parse(envelope.payload())?, envelope })
    }

    /// What it says.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// The envelope it came in.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The fingerprint of this version: the SHA-256 of the signed bytes. Who
    /// adds a signature does not change it.
    pub fn digest(&self) -> Digest {
        Digest::of(self.envelope.payload())
    }

    /// The keys that the envelope names, trusted or not.
    pub fn claimed_keys(&self) -> Vec<KeyId> {
        self.envelope.claimed_keys()
    }
}
