//! What a reader keeps: one value for the keys of all epochs.

use super::MAX_EPOCHS;
use crate::Hash;
use crate::tree::{CompactTree, TreeHead};

/// Says which format follows, as the byte 0xff of a signed note asks for.
const FORMAT: &[u8] = b"mpp-audit/epochs/v1\n";

/// The keys of all epochs of a log in one value: how many there are, and the
/// root hash over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochKeys {
    epochs: u32,
    root: Hash,
}

impl EpochKeys {
    /// The keys of 32 bytes each (RFC 8032), one for each epoch, as the leaves of a
    /// tree: at least one, at most [`MAX_EPOCHS`].
    pub(super) fn of(tree: &CompactTree) -> Option<Self> {
        Self::new(tree.size().try_into().ok()?, tree.root())
    }

    fn new(epochs: u32, root: Hash) -> Option<Self> {
        (1..=MAX_EPOCHS).contains(&epochs).then_some(Self { epochs, root })
    }

    /// Reads what follows the algorithm in a vkey.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (epochs, root) = bytes.strip_prefix(FORMAT)?.split_first_chunk::<4>()?;
        Self::new(u32::from_be_bytes(*epochs), Hash::from_bytes(root.try_into().ok()?))
    }

    /// What follows the algorithm in a vkey.
    pub fn to_bytes(&self) -> Vec<u8> {
        [FORMAT, &self.epochs.to_be_bytes(), self.root.as_bytes()].concat()
    }

    /// How many epochs there are.
    pub const fn epochs(&self) -> u32 {
        self.epochs
    }

    /// The root hash over their keys.
    pub const fn root(&self) -> &Hash {
        &self.root
    }

    pub(super) fn head(&self) -> TreeHead {
        TreeHead { size: self.epochs.into(), root: self.root }
    }
}
