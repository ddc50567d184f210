//! Where trust is made.

mod error;
mod standing;
mod steps;

use std::time::SystemTime;

pub use self::{
    error::VerifyError,
    standing::{Lapse, Standing},
    steps::{Check, Passed},
};
use crate::{
    digest::Digest,
    envelope::Envelope,
    key::KeyId,
    keyring::{Authority, Keyring},
    manifest::Manifest,
    name::PublisherName,
    package::Package,
    role::{self, SignatureError},
    statement::Statement,
};

/// How many keys must sign where the operator pinned keys and no root.
const PINNED_THRESHOLD: usize = 1;

/// A package that its publisher has signed, by the keys that the operator
/// trusts: the proof, and the bytes it is a proof of.
///
/// [`Keyring::verify`] is its only maker. A literal does not compile:
///
/// ```compile_fail,E0451
/// # use mpp_package::{Digest, KeyId, Package, Standing, Statement};
/// # fn forge(package: Package, statement: Statement, envelope_digest: Digest, key_ids: Vec<KeyId>,
/// #     standing: Standing) {
/// let forged = mpp_package::VerifiedPackage { package, statement, envelope_digest, key_ids, standing };
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
    standing: Standing,
}

impl Keyring {
    /// Decides whether `package` is by its publisher and may be used, and is the
    /// only maker of a [`VerifiedPackage`]. The checks of [`Check`] in their
    /// order; there is no switch that leaves out one.
    ///
    /// A package that was [accepted](Keyring::accept) before, by its digest, and
    /// that its publisher does not vouch for at this time (but has not revoked)
    /// is judged by the operator's [`TrustPolicy`](crate::TrustPolicy); every
    /// other one is refused then.
    pub fn verify(&self, package: Package, now: SystemTime) -> Result<VerifiedPackage, VerifyError> {
        self.judge(package, now, &mut |_, _| {})
    }

    /// As [`Keyring::verify`], and says of each check that was passed what it
    /// found. The check that failed is the next one: [`VerifyError::check`].
    pub fn explain(
        &self,
        package: Package,
        now: SystemTime,
    ) -> (Vec<Passed>, Result<VerifiedPackage, VerifyError>) {
        let mut steps = Vec::new();
        let verdict = self.judge(package, now, &mut |check, found| steps.push(Passed { check, found }));
        (steps, verdict)
    }

    fn judge(
        &self,
        package: Package,
        now: SystemTime,
        passed: &mut dyn FnMut(Check, String),
    ) -> Result<VerifiedPackage, VerifyError> {
        let publisher = package.manifest().publisher();
        let Some(sealed) = package.envelope.clone() else {
            return Err(VerifyError::Unsigned { publisher: publisher.clone() });
        };
        passed(Check::Signed, steps::signatures(sealed.envelope.signatures().len()));

        let Some((by, authority)) = self.authority(publisher) else {
            let claimed_keys = sealed.envelope.claimed_keys();
            return Err(VerifyError::UntrustedPublisher { publisher: publisher.clone(), claimed_keys });
        };
        passed(Check::Publisher, steps::authority(publisher, by, authority));

        let key_ids = signers(publisher, authority, &sealed.envelope)?;
        passed(Check::Signatures, steps::signers(&key_ids, authority));

        let statement = Statement::parse(sealed.envelope.payload())?;
        passed(Check::Statement, steps::statement(&statement));

        if let Some(field) = statement.contradiction(&package) {
            return Err(VerifyError::StatementMismatch { field });
        }
        passed(Check::Contents, package.digest().to_string());

        let time = authority.time(now);
        if let Some(not_after) = statement.not_after()
            && not_after.has_passed(time)
        {
            return Err(VerifyError::Expired { not_after });
        }
        passed(Check::Time, steps::ends(&statement));

        let standing = self.standing(by, authority, &package, time, passed)?;
        self.check_sequence(&package, &statement)?;
        passed(Check::Sequence, steps::sequence(&statement));
        Ok(VerifiedPackage { package, statement, envelope_digest: sealed.digest, key_ids, standing })
    }

    /// No release older than the newest one that was accepted here. The very
    /// package that was accepted is never too old.
    fn check_sequence(&self, package: &Package, statement: &Statement) -> Result<(), VerifyError> {
        let found = statement.sequence();
        match self.accepted(statement.publisher(), statement.name()) {
            Some(accepted) if found < accepted.sequence && accepted.digest != Some(package.digest()) => {
                Err(VerifyError::RolledBack { found, accepted: accepted.sequence })
            }
            _ => Ok(()),
        }
    }
}

impl Authority {
    /// The time by which what this publisher signed is judged.
    fn time(&self, now: SystemTime) -> SystemTime {
        match self {
            Self::Keys(_) => now,
            Self::Root(trust) => trust.time(now),
        }
    }

    /// The keys that sign packages, and how many of them must.
    fn release_keys(&self) -> (&[crate::PublicKey], usize) {
        match self {
            Self::Keys(keys) => (keys, PINNED_THRESHOLD),
            Self::Root(trust) => {
                let release = &trust.root().parts().release;
                (release.keys(), release.threshold())
            }
        }
    }
}

/// The trusted keys that signed, each once, enough of them.
fn signers(
    publisher: &PublisherName,
    authority: &Authority,
    envelope: &Envelope,
) -> Result<Vec<KeyId>, VerifyError> {
    let (keys, threshold) = authority.release_keys();
    role::signers(keys, threshold, envelope).map_err(|error| match error {
        SignatureError::Invalid { keyid } => VerifyError::InvalidSignature { keyid },
        SignatureError::TooFew { found: 0, .. } => {
            VerifyError::UntrustedKey { publisher: publisher.clone(), claimed_keys: envelope.claimed_keys() }
        }
        SignatureError::TooFew { found, needed } => {
            VerifyError::TooFewSignatures { publisher: publisher.clone(), found, needed }
        }
    })
}

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

    /// By which root and index of the publisher it was judged.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The package as it was taken apart, with the whole file.
    pub fn package(&self) -> &Package {
        &self.package
    }
}
