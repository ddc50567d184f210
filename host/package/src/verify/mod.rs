//! Where trust is made.

mod error;
mod judge;
mod manifest;
mod standing;
mod steps;

use std::time::SystemTime;

use self::judge::{Judgement, Subject};
pub use self::{
    error::VerifyError,
    manifest::VerifiedManifest,
    standing::{Lapse, Standing},
    steps::{Check, Passed},
};
use crate::{
    digest::Digest, key::KeyId, keyring::Keyring, manifest::Manifest, name::PublisherName, package::Package,
    statement::Statement,
};

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
        self.prove(package, now, &mut |_| {})
    }

    /// As [`Keyring::verify`], and says of each check that was passed what it
    /// found. The check that failed is the next one: [`VerifyError::check`].
    pub fn explain(
        &self,
        package: Package,
        now: SystemTime,
    ) -> (Vec<Passed>, Result<VerifiedPackage, VerifyError>) {
        let mut steps = Vec::new();
        let verdict = self.prove(package, now, &mut |passed| steps.push(passed));
        (steps, verdict)
    }

    fn prove(
        &self,
        package: Package,
        now: SystemTime,
        passed: &mut dyn FnMut(Passed),
    ) -> Result<VerifiedPackage, VerifyError> {
        let judgement = self.judge(Subject::Package(&package), now, passed)?;
        let Judgement { statement, envelope_digest, key_ids, standing } = judgement;
        Ok(VerifiedPackage { package, statement, envelope_digest, key_ids, standing })
    }
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
