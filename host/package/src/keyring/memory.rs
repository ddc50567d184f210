//! What was accepted before, so that nothing older is.

use std::collections::BTreeMap;

use super::Keyring;
use crate::{
    digest::Digest,
    key::KeyId,
    name::{PackageName, PublisherName},
    role::Role,
    verify::VerifiedPackage,
};

/// Most packages that a keyring remembers: a bound on its file, far above what
/// is installed anywhere.
pub const MAX_REMEMBERED: usize = 100_000;

/// What is remembered of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The highest sequence number accepted.
    pub sequence: u64,
    /// The package accepted with it; `None` once it was withdrawn here.
    pub digest: Option<Digest>,
    /// The trusted keys that had signed it.
    pub signers: Vec<KeyId>,
}

pub(super) type Memory = BTreeMap<(PublisherName, PackageName), Accepted>;

impl Keyring {
    /// What is remembered of a package.
    pub fn accepted(&self, publisher: &PublisherName, name: &PackageName) -> Option<&Accepted> {
        self.memory.get(&(publisher.clone(), name.clone()))
    }

    /// Everything that is remembered, in the order of the names.
    pub fn all_accepted(&self) -> impl Iterator<Item = (&PublisherName, &PackageName, &Accepted)> {
        self.memory.iter().map(|((publisher, name), accepted)| (publisher, name, accepted))
    }

    /// Remembers that this package was accepted: from now on no older release of
    /// it is, and it may go on running while its publisher's documents are out
    /// of date. Says whether anything changed.
    ///
    /// Called once every check has passed and a person has agreed, and not
    /// before: an attacker must not be able to raise the number with a package
    /// that is refused.
    ///
    /// A sequence number below the highest changes nothing: neither that of a
    /// package which was verified before a newer one was accepted, nor that of
    /// the same bytes signed anew. The highest stays with the keys that signed it.
    pub fn accept(&mut self, package: &VerifiedPackage) -> Result<bool, MemoryFull> {
        let name = (package.publisher().clone(), package.manifest().name().clone());
        let before = self.memory.get(&name);
        if before.is_none() && self.memory.len() == MAX_REMEMBERED {
            return Err(MemoryFull);
        }
        let sequence = package.statement().sequence();
        if before.is_some_and(|before| sequence < before.sequence) {
            return Ok(false);
        }
        let accepted =
            Accepted { sequence, digest: Some(package.digest()), signers: package.key_ids().to_vec() };
        if before == Some(&accepted) {
            return Ok(false);
        }
        self.memory.insert(name, accepted);
        Ok(true)
    }

    /// The package was removed here: it is no longer one that was accepted, and
    /// its sequence number stays. Says whether anything changed.
    pub fn withdraw(&mut self, publisher: &PublisherName, name: &PackageName) -> bool {
        let accepted = self.memory.get_mut(&(publisher.clone(), name.clone()));
        accepted.and_then(|accepted| accepted.digest.take()).is_some()
    }

    /// Forgets a package, so that an older release of it can be accepted: the
    /// operator's decision, for a release that turned out to be worse. Returns
    /// what was remembered.
    pub fn forget(&mut self, publisher: &PublisherName, name: &PackageName) -> Option<Accepted> {
        self.memory.remove(&(publisher.clone(), name.clone()))
    }

    /// Forgets what only keys that no longer sign have vouched for. A thief of a
    /// release key can sign the highest number there is; once the key is gone
    /// from the root, so is the number.
    pub(super) fn forget_releases_not_by(&mut self, release: &Role, covers: impl Fn(&PublisherName) -> bool) {
        self.memory
            .retain(|(publisher, _), accepted| !covers(publisher) || release.is_met_by(&accepted.signers));
    }

    pub(super) fn forget_publisher(&mut self, covers: impl Fn(&PublisherName) -> bool) {
        self.memory.retain(|(publisher, _), _| !covers(publisher));
    }
}

/// The keyring remembers [`MAX_REMEMBERED`] packages already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {MAX_REMEMBERED} packages were accepted here: remove publishers that you no longer use")]
pub struct MemoryFull;
