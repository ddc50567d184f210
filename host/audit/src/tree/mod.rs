//! # The Merkle tree over the records
//!
//! The tree of RFC 6962, section 2 (the same in RFC 9162): the leaf of a record
//! is `SHA-256(0x00 ‖ line)`, an inner node is `SHA-256(0x01 ‖ left ‖ right)`,
//! and a tree of *n* > 1 leaves splits after the largest power of two below *n*.
//! The root of the empty tree is `SHA-256("")`.
//!
//! What it gives beyond the chain of `prev`:
//!
//! - one record is shown to be in the log by ⌈log₂ n⌉ hashes ([`InclusionProof`]),
//! - an old tree is shown to be the beginning of a new one by about as many
//!   ([`ConsistencyProof`]).
//!
//! [`CompactTree`] grows by one leaf at a time and remembers O(log n) hashes.
//! Proofs are made from stored hashes of *complete* subtrees ([`Node`]), which a
//! [`HashReader`] fetches all at once; those never change once they are there.
//! Everything here holds for trees of up to 2⁶⁴−1 leaves.
//!
//! ```
//! use mpp_audit::Hash;
//! use mpp_audit::tree::{CompactTree, Node, prove_inclusion};
//!
//! let mut tree = CompactTree::new();
//! let mut stored = std::collections::HashMap::new();
//! for line in ["one", "two", "three"] {
//!     tree.append_with(Hash::of_record(line.as_bytes()), |node, hash| {
//!         stored.insert(node, hash);
//!     });
//! }
//! let reader = |nodes: &[Node]| nodes.iter().map(|n| stored.get(n).copied().ok_or(())).collect();
//! let proof = prove_inclusion(1, tree.size(), &reader).expect("all nodes are stored");
//! assert_eq!(proof.verify(1, Hash::of_record(b"two"), &tree.head()), Ok(()));
//! ```

mod compact;
mod consistency;
mod inclusion;
mod node;
mod prove;

use sha2::{Digest as _, Sha256};

use crate::Hash;

pub use compact::{CompactTree, WrongPeaks};
pub use consistency::ConsistencyProof;
pub use inclusion::InclusionProof;
pub use node::Node;
pub use prove::{HashReader, ProveError, prove_consistency, prove_inclusion};

/// Domain separation of inner nodes from leaves (RFC 6962, section 2.1).
const INNER: u8 = 0x01;

/// Most hashes in a proof that C2SP messages carry: enough for every log of up to
/// 2⁶² records.
pub const MAX_PROOF_HASHES: usize = 63;

/// SHA-256 of nothing: the root of the tree without leaves.
const EMPTY_ROOT: Hash = Hash::from_bytes([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, //
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// A tree in two values: how many leaves it has, and the hash over all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// Number of leaves.
    pub size: u64,
    /// Root hash.
    pub root: Hash,
}

impl TreeHead {
    /// The head of the tree without leaves.
    pub const EMPTY: Self = Self { size: 0, root: EMPTY_ROOT };
}

/// The hash of an inner node: `SHA-256(0x01 ‖ left ‖ right)`.
pub fn inner(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [INNER; 65];
    bytes[1..33].copy_from_slice(left.as_bytes());
    bytes[33..].copy_from_slice(right.as_bytes());
    Hash::from_bytes(Sha256::digest(bytes).into())
}

/// The root over subtrees of falling size that stand side by side: the hashes
/// of what [`node::cover`] lists. `None` of none.
fn fold(hashes: &[Hash]) -> Option<Hash> {
    let (last, rest) = hashes.split_last()?;
    Some(rest.iter().rev().fold(*last, |right, left| inner(left, &right)))
}

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is no such leaf in a tree of this size.
    #[error("a tree of {size} records has no record {index}")]
    NoSuchLeaf {
        /// The leaf.
        index: u64,
        /// Leaves of the tree.
        size: u64,
    },
    /// The newer tree is the smaller one.
    #[error("the newer tree has {new} records, fewer than the {old} of the older one")]
    Shrunk {
        /// Leaves of the older tree.
        old: u64,
        /// Leaves of the newer tree.
        new: u64,
    },
    /// Every tree begins with the empty one, so there is nothing to prove.
    #[error("a proof from the empty tree proves nothing")]
    FromEmpty,
    /// Fewer hashes than a tree of this shape needs.
    #[error("the proof has too few hashes")]
    TooShort,
    /// More hashes than a tree of this shape needs.
    #[error("the proof has too many hashes")]
    TooLong,
    /// The older tree is not the one that the proof begins with.
    #[error("the proof does not lead to the root of the older tree")]
    OldRoot,
    /// The proof leads to another tree.
    #[error("the proof does not lead to the root of the tree")]
    Root,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_root_is_the_hash_of_nothing() {
        assert_eq!(EMPTY_ROOT, Hash::of_payload(b""));
    }
}
