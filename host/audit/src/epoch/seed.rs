//! The secret of the current epoch, from which only later ones follow.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{EpochKeys, EpochSignature};
use crate::Hash;
use crate::note::{KeyName, LogKey, SignatureLine};
use crate::tree::{CompactTree, InclusionProof, Node, prove_inclusion};

const KEY: &str = "mpp-audit/epoch/key/v1\n";
const SEED: &str = "mpp-audit/epoch/seed/v1\n";

/// The secret of one epoch. Its memory is cleared when it is dropped, and its
/// `Debug` shows nothing.
pub struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    /// The seed of these bytes, which must come from a cryptographic random
    /// source, or from the seed before, and must stay secret.
    pub const fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// A first seed from the operating system's random bytes.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// The seed of the next epoch. Nothing leads back from it.
    #[must_use]
    pub fn next(&self) -> Self {
        Self(self.derive(SEED))
    }

    /// The secret key of this epoch.
    fn secret(&self) -> SigningKey {
        SigningKey::from_bytes(&self.derive(KEY))
    }

    fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let hash = Sha256::new().chain_update(purpose).chain_update(self.0.as_slice()).finalize();
        Zeroizing::new(hash.into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(secret)")
    }
}

/// The public keys of all epochs of one log, 32 bytes each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeys {
    keys: Vec<[u8; 32]>,
    log: EpochKeys,
    /// The complete subtrees over them, by level, from that of two keys on. Kept
    /// because hashing the keys is most of what opening a log takes.
    subtrees: Vec<Vec<Hash>>,
}

impl PublicKeys {
    /// The keys that follow from a first seed, for so many epochs (at least one,
    /// at most [`MAX_EPOCHS`](super::MAX_EPOCHS)). Takes some 20 µs for each.
    pub fn derive(first: &Seed, epochs: u32) -> Option<Self> {
        if epochs > super::MAX_EPOCHS {
            return None;
        }
        let seeds = std::iter::successors(Some(Seed(first.0.clone())), |seed| Some(seed.next()));
        let keys = seeds.take(epochs as usize).map(|seed| seed.secret().verifying_key().to_bytes());
        Self::of(keys.collect())
    }

    /// Reads the file of keys: 32 bytes each.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (keys, rest) = bytes.as_chunks::<32>();
        if rest.is_empty() { Self::of(keys.to_vec()) } else { None }
    }

    fn of(keys: Vec<[u8; 32]>) -> Option<Self> {
        let (mut tree, mut subtrees) = (CompactTree::new(), Vec::new());
        for key in &keys {
            tree.append_with(Hash::of_record(key), |node, hash| keep(&mut subtrees, node, hash));
        }
        Some(Self { log: EpochKeys::of(&tree)?, keys, subtrees })
    }

    /// The bytes of the file of keys.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.keys.concat()
    }

    /// The one key that a reader keeps.
    pub const fn log_key(&self) -> &EpochKeys {
        &self.log
    }

    /// What shows that the key of an epoch is one of them.
    fn path(&self, epoch: u32) -> Option<InclusionProof> {
        let reader = |nodes: &[Node]| nodes.iter().map(|node| self.node(*node).ok_or(())).collect();
        prove_inclusion(epoch.into(), self.keys.len() as u64, &reader).ok()
    }

    fn node(&self, node: Node) -> Option<Hash> {
        let index = usize::try_from(node.index).ok()?;
        match usize::from(node.level).checked_sub(1) {
            None => self.keys.get(index).map(|key| Hash::of_record(key)),
            Some(level) => self.subtrees.get(level)?.get(index).copied(),
        }
    }
}

/// Keeps a complete subtree. Those of a level come from left to right, and the first
/// of each level after the first of the level below it.
fn keep(subtrees: &mut Vec<Vec<Hash>>, node: Node, hash: Hash) {
    let Some(level) = usize::from(node.level).checked_sub(1) else { return };
    match subtrees.get_mut(level) {
        Some(level) => level.push(hash),
        None => subtrees.push(vec![hash]),
    }
}

/// Signs checkpoints in one epoch of a log.
#[derive(Debug)]
pub struct EpochSigner {
    seed: Seed,
    epoch: u32,
    key: LogKey,
    public: [u8; 32],
    path: InclusionProof,
}

impl EpochSigner {
    /// The signer of an epoch of the log of this name. `None` if the seed is not
    /// that of this epoch of these keys.
    pub fn new(name: KeyName, keys: &PublicKeys, epoch: u32, seed: Seed) -> Option<Self> {
        let public = seed.secret().verifying_key().to_bytes();
        if keys.keys.get(usize::try_from(epoch).ok()?) != Some(&public) {
            return None;
        }
        Some(Self { seed, epoch, key: LogKey::of_epochs(name, keys.log), public, path: keys.path(epoch)? })
    }

    /// The log's key, the same in all epochs.
    pub const fn key(&self) -> &LogKey {
        &self.key
    }

    /// The epoch.
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The seed of the next epoch.
    pub(crate) fn next_seed(&self) -> Seed {
        self.seed.next()
    }

    pub(crate) fn line(&self, text: &str) -> SignatureLine {
        let signature = EpochSignature {
            epoch: self.epoch,
            key: self.public,
            path: self.path.clone(),
            signature: self.seed.secret().sign(text.as_bytes()).to_bytes(),
        };
        SignatureLine::by(self.key.as_key(), signature.to_bytes())
    }
}
