//! That a log only grew.

use super::{ProofError, TreeHead, inner};
use crate::Hash;

/// The hashes that show a tree to be the beginning of another (RFC 6962,
/// section 2.1.2). They mean nothing until they are [verified](Self::verify).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyProof(Vec<Hash>);

impl ConsistencyProof {
    /// Takes the hashes as they were read.
    pub const fn from_hashes(hashes: Vec<Hash>) -> Self {
        Self(hashes)
    }

    /// The hashes, in the order of RFC 6962.
    pub fn hashes(&self) -> &[Hash] {
        &self.0
    }

    /// Holds the proof against two trees (RFC 9162, section 2.1.4.2). Exactly
    /// the hashes that trees of these sizes need are accepted: none for two
    /// trees of one size, which must then be the same.
    ///
    /// From the empty tree there is nothing to prove, and asking for it is an
    /// error, so that nobody takes "nothing was checked" for "it holds".
    pub fn verify(&self, old: &TreeHead, new: &TreeHead) -> Result<(), ProofError> {
        if old.size > new.size {
            return Err(ProofError::Shrunk { old: old.size, new: new.size });
        }
        if old.size == 0 {
            return Err(ProofError::FromEmpty);
        }
        let (old_root, new_root) =
            if old.size == new.size { self.unchanged(old)? } else { self.roots(old, new.size)? };
        if old_root != old.root {
            return Err(ProofError::OldRoot);
        }
        if new_root == new.root { Ok(()) } else { Err(ProofError::Root) }
    }

    fn unchanged(&self, old: &TreeHead) -> Result<(Hash, Hash), ProofError> {
        if self.0.is_empty() { Ok((old.root, old.root)) } else { Err(ProofError::TooLong) }
    }

    /// The two roots that the proof leads to.
    fn roots(&self, old: &TreeHead, new_size: u64) -> Result<(Hash, Hash), ProofError> {
        // Where the last leaf of the old tree and the right border of the new
        // one are, level by level, beginning with the largest complete subtree
        // that ends with the old tree.
        let level = old.size.trailing_zeros();
        let (mut path, mut border) = ((old.size - 1) >> level, (new_size - 1) >> level);
        // An old tree that is one complete subtree is known without the proof.
        let (first, rest) = match (old.size.is_power_of_two(), self.0.split_first()) {
            (true, _) => (old.root, self.0.as_slice()),
            (false, Some((first, rest))) => (*first, rest),
            (false, None) => return Err(ProofError::TooShort),
        };
        let (mut old_hash, mut new_hash) = (first, first);
        for sibling in rest {
            if border == 0 {
                return Err(ProofError::TooLong);
            }
            if path & 1 == 1 || path == border {
                old_hash = inner(sibling, &old_hash);
                new_hash = inner(sibling, &new_hash);
                while path & 1 == 0 && path != 0 {
                    (path, border) = (path >> 1, border >> 1);
                }
            } else {
                new_hash = inner(&new_hash, sibling);
            }
            (path, border) = (path >> 1, border >> 1);
        }
        if border == 0 { Ok((old_hash, new_hash)) } else { Err(ProofError::TooShort) }
    }
}
