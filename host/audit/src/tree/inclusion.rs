//! That one record is in a tree.

use super::{ProofError, TreeHead, inner};
use crate::Hash;

/// The hashes that lead from a leaf to the root, its sibling first (RFC 6962,
/// section 2.1.1). They mean nothing until they are [verified](Self::verify).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof(Vec<Hash>);

impl InclusionProof {
    /// Takes the hashes as they were read.
    pub const fn from_hashes(hashes: Vec<Hash>) -> Self {
        Self(hashes)
    }

    /// The hashes, the leaf's sibling first.
    pub fn hashes(&self) -> &[Hash] {
        &self.0
    }

    /// Holds the proof against a leaf and a tree (RFC 9162, section 2.1.3.2).
    /// Exactly the hashes that a tree of this size needs are accepted.
    pub fn verify(&self, index: u64, leaf: Hash, tree: &TreeHead) -> Result<(), ProofError> {
        let root = self.root(index, tree.size, leaf)?;
        if root == tree.root { Ok(()) } else { Err(ProofError::Root) }
    }

    /// The root that the proof leads to.
    fn root(&self, index: u64, size: u64, leaf: Hash) -> Result<Hash, ProofError> {
        if index >= size {
            return Err(ProofError::NoSuchLeaf { index, size });
        }
        // Where the path and the right border of the tree are, level by level.
        let (mut path, mut border) = (index, size - 1);
        let mut hash = leaf;
        for sibling in &self.0 {
            if border == 0 {
                return Err(ProofError::TooLong);
            }
            if path & 1 == 1 || path == border {
                hash = inner(sibling, &hash);
                // On the border a level without a left neighbour has no node of its own.
                while path & 1 == 0 && path != 0 {
                    (path, border) = (path >> 1, border >> 1);
                }
            } else {
                hash = inner(&hash, sibling);
            }
            (path, border) = (path >> 1, border >> 1);
        }
        if border == 0 { Ok(hash) } else { Err(ProofError::TooShort) }
    }
}
