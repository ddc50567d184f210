//! Where trust is made.

use std::time::SystemTime;

use crate::{
    digest::Digest,
    envelope::Envelope,
    key::{InvalidSignature, KeyId, PublicKey},
    keyring::Keyring,
    manifest::Manifest,
    name::PublisherName,
    package::Package,
    statement::{Statement, StatementError, StatementField},
    timestamp::Timestamp,
};

/// How many pinned keys of the publisher must have signed.
const THRESHOLD: usize = 1;

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
            Self::Expired { .. } => "expired",
        }
    }
}

/// A package that a trusted key of its publisher has signed: the proof, and
/// the bytes it is a proof of.
///
/// [`Keyring::verify`] is its only maker. A literal does not compile:
///
/// ```compile_fail,E0451
/// # use mpp_package::{Digest, KeyId, Package, Statement};
/// # fn forge(package: Package, statement: Statement, envelope_digest: Digest, key_ids: Vec<KeyId>) {
/// let forged = mpp_package::VerifiedPackage { package, statement, envelope_digest, key_ids };
/// # }
/// ```
///
/// nor does turning a [`Package`] into one:
///
/// ```compile_fail,E0277
/// # fn forge(package: mpp_package::Package) {
/// let forged: mpp_package::VerifiedPackage = package.into();
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct VerifiedPackage {
    package: Package,
    statement: Statement,
    envelope_digest: Digest,
    key_ids: Vec<KeyId>,
}

impl Keyring {
    /// Decides whether `package` is by its publisher, and is the only maker of
    /// a [`VerifiedPackage`]. In this order:
    ///
    /// 1. The package is signed.
    /// 2. The publisher it claims has pinned keys. The claim selects which keys
    ///    to try; trust comes from the key alone.
    /// 3. Each signature that names one of these keys holds over the payload,
    ///    by the strict rules of [`PublicKey::verify`], and there is at least
    ///    one. Signatures that name other keys are not looked at.
    /// 4. Only now the payload is read: a statement about a package.
    /// 5. Everything it states is true of these bytes: digest, size, digest of
    ///    the manifest, publisher, name, version.
    /// 6. It has not ended at `now`.
    ///
    /// There is no switch that leaves out a step.
    pub fn verify(&self, package: Package, now: SystemTime) -> Result<VerifiedPackage, VerifyError> {
        let publisher = package.manifest().publisher().clone();
        let Some(sealed) = package.envelope.clone() else {
            return Err(VerifyError::Unsigned { publisher });
        };
        let key_ids = self.signers(&publisher, &sealed.envelope)?;
        let statement = Statement::parse(sealed.envelope.payload())?;
        if let Some(field) = statement.contradiction(&package) {
            return Err(VerifyError::StatementMismatch { field });
        }
        check_time(&statement, now)?;
        Ok(VerifiedPackage { package, statement, envelope_digest: sealed.digest, key_ids })
    }

    /// The pinned keys of `publisher` that signed, each once.
    fn signers(&self, publisher: &PublisherName, envelope: &Envelope) -> Result<Vec<KeyId>, VerifyError> {
        let pinned = self.keys(publisher);
        let claimed = || envelope.signatures().iter().map(|entry| entry.keyid).collect();
        if pinned.is_empty() {
            let publisher = publisher.clone();
            return Err(VerifyError::UntrustedPublisher { publisher, claimed_keys: claimed() });
        }
        let signers = valid_signers(pinned, envelope)?;
        if signers.len() < THRESHOLD {
            let publisher = publisher.clone();
            return Err(VerifyError::UntrustedKey { publisher, claimed_keys: claimed() });
        }
        Ok(signers)
    }
}

/// Holds each signature that names a pinned key against that key. One that
/// fails refuses the whole envelope, for it is damaged or forged. The names in
/// an envelope differ from each other, so that no key is counted twice.
fn valid_signers(pinned: &[PublicKey], envelope: &Envelope) -> Result<Vec<KeyId>, VerifyError> {
    let message = envelope.message();
    let mut signers = Vec::new();
    for entry in envelope.signatures() {
        let Some(key) = pinned.iter().find(|key| key.id() == entry.keyid) else {
            continue;
        };
        let keyid = key.id();
        key.verify(&message, &entry.signature)
            .map_err(|InvalidSignature| VerifyError::InvalidSignature { keyid })?;
        signers.push(keyid);
    }
    Ok(signers)
}

fn check_time(statement: &Statement, now: SystemTime) -> Result<(), VerifyError> {
    match statement.not_after() {
        // The last second counts to its end.
        Some(not_after) if now >= not_after.to_system_time() + ONE_SECOND => {
            Err(VerifyError::Expired { not_after })
        }
        _ => Ok(()),
    }
}

const ONE_SECOND: std::time::Duration = std::time::Duration::from_secs(1);

impl VerifiedPackage {
    /// The manifest, which the publisher has signed.
    pub fn manifest(&self) -> &Manifest {
        self.package.manifest()
    }

    /// What is to be compiled: the very bytes whose digest is signed.
    pub fn component_bytes(&self) -> &[u8] {
        self.package.unsigned_bytes()
    }

    /// The digest of [`VerifiedPackage::component_bytes`].
    pub fn digest(&self) -> Digest {
        self.package.digest()
    }

    /// What the publisher has signed about the package.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Who published it.
    pub fn publisher(&self) -> &PublisherName {
        self.manifest().publisher()
    }

    /// The trusted keys that signed, at least one, in the order of the envelope.
    pub fn key_ids(&self) -> &[KeyId] {
        &self.key_ids
    }

    /// The digest of the envelope's bytes.
    pub fn envelope_digest(&self) -> Digest {
        self.envelope_digest
    }

    /// The package as it was taken apart, with the whole file.
    pub fn package(&self) -> &Package {
        &self.package
    }
}
