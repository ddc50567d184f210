//! A manifest that its publisher has signed: enough to list tools, and not enough
//! to run one.

use std::{sync::Arc, time::SystemTime};

use super::{
    Standing, VerifyError,
    judge::{Judgement, Subject},
};
use crate::{
    digest::Digest, key::KeyId, keyring::Keyring, manifest::Manifest, name::PublisherName, outline::Outline,
    statement::Statement,
};

/// A manifest that its publisher has signed and stands by, as the operator's
/// keyring has it.
///
/// Proven is what the publisher has signed: one statement with the digest of this
/// manifest, which was compared, and the digest of a package, which was not.
///
/// It is *no* proof of the component beside which the manifest was found: that
/// was never read, and can be any bytes. So it is good for a list of tools, and
/// nothing that runs takes it. To run one, read the file whole and let
/// [`Keyring::verify`] make a [`VerifiedPackage`](super::VerifiedPackage) of it.
/// Only that compares both digests with the bytes, of which the manifest is a part.
///
/// Nor is it proof that the package of [`VerifiedManifest::digest`] has this
/// manifest: a publisher can sign two statements about one digest, with another
/// manifest in each, and then both are accepted here, and one at most there. What
/// was shown is what runs only if the digest of the manifest is the same, too:
/// [`Statement::manifest_digest`].
///
/// [`Keyring::verify_manifest`] is its only maker. A literal does not compile:
///
/// ```compile_fail,E0451
/// # use std::sync::Arc;
/// # use mpp_package::{KeyId, Manifest, Standing, Statement};
/// # fn forge(manifest: Arc<Manifest>, statement: Statement, key_ids: Vec<KeyId>, standing: Standing) {
/// let forged = mpp_package::VerifiedManifest { manifest, statement, key_ids, standing };
/// # }
/// ```
///
/// nor does turning an [`Outline`] into one, or one into a package:
///
/// ```compile_fail,E0277
/// # fn forge(outline: mpp_package::Outline) {
/// let forged: mpp_package::VerifiedManifest = outline.into();
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # fn forge(manifest: mpp_package::VerifiedManifest) {
/// let forged: mpp_package::VerifiedPackage = manifest.into();
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct VerifiedManifest {
    manifest: Arc<Manifest>,
    statement: Statement,
    key_ids: Vec<KeyId>,
    standing: Standing,
}

impl Keyring {
    /// Decides whether the manifest of `outline` is by its publisher and may be
    /// shown, and is the only maker of a [`VerifiedManifest`]. The checks of
    /// [`Keyring::verify`], by the same judge, but for one: that the bytes of the
    /// package have the digest that is signed. Their number is compared, and the
    /// digest of the manifest.
    ///
    /// So whatever is refused here is refused there, too.
    pub fn verify_manifest(
        &self,
        outline: Outline,
        now: SystemTime,
    ) -> Result<VerifiedManifest, VerifyError> {
        let judgement = self.judge(Subject::Outline(&outline), now, &mut |_| {})?;
        let Judgement { statement, envelope_digest: _, key_ids, standing } = judgement;
        Ok(VerifiedManifest { manifest: outline.into_manifest(), statement, key_ids, standing })
    }
}

impl VerifiedManifest {
    /// The manifest, which the publisher has signed.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Who published it.
    pub fn publisher(&self) -> &PublisherName {
        self.manifest.publisher()
    }

    /// The digest of the package that the publisher signed with this manifest.
    /// Whether the file has these bytes is not known, nor whether these bytes have
    /// this manifest.
    pub fn digest(&self) -> Digest {
        self.statement.digest()
    }

    /// What the publisher has signed about the package.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The trusted keys that signed, at least one, in the order of the envelope.
    pub fn key_ids(&self) -> &[KeyId] {
        &self.key_ids
    }

    /// By which root and index of the publisher it was judged.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }
}
