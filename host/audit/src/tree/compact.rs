//! The tree as its writer holds it.

use super::node::{Node, cover};
use super::{EMPTY_ROOT, HashReader, ProveError, TreeHead, fold, inner};
use crate::Hash;

/// A tree that can grow: its size, and the roots of the complete subtrees that
/// it consists of, one for each bit of the size (a *compact range* from 0).
///
/// An append costs one hash on average and at most 64; the tree takes at most
/// 2 KiB however many leaves it has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompactTree {
    size: u64,
    /// From left to right, and so from large to small.
    peaks: Vec<Hash>,
}

/// The number of hashes does not fit the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tree of {size} records consists of {} complete subtrees, not of {found}", size.count_ones())]
pub struct WrongPeaks {
    /// Leaves of the tree.
    pub size: u64,
    /// Hashes given.
    pub found: usize,
}

impl CompactTree {
    /// The tree without leaves.
    pub const fn new() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// The tree of these complete subtrees, from large to small.
    pub fn from_peaks(size: u64, peaks: Vec<Hash>) -> Result<Self, WrongPeaks> {
        if peaks.len() == size.count_ones() as usize {
            Ok(Self { size, peaks })
        } else {
            Err(WrongPeaks { size, found: peaks.len() })
        }
    }

    /// As [`from_peaks`](Self::from_peaks), for a caller who holds the peaks in
    /// the shape of the size.
    pub(crate) const fn of(size: u64, peaks: Vec<Hash>) -> Self {
        Self { size, peaks }
    }

    /// The tree of this size from its stored hashes. Whether they are the right
    /// ones shows when its [`head`](Self::head) is held against a checkpoint.
    pub fn read<R: HashReader>(size: u64, reader: &R) -> Result<Self, ProveError<R::Error>> {
        let nodes: Vec<Node> = cover(0, size).collect();
        Ok(Self { size, peaks: super::prove::read(&nodes, reader)? })
    }

    /// Adds a leaf.
    pub fn append(&mut self, leaf: Hash) {
        self.append_with(leaf, |_, _| ());
    }

    /// Adds a leaf, and names every complete subtree that it completes, the leaf
    /// first: what is stored, so that proofs can be made later.
    ///
    /// A tree of 2⁶⁴−1 leaves, which no log lives to see, stays as it is.
    pub fn append_with(&mut self, leaf: Hash, mut complete: impl FnMut(Node, Hash)) {
        let Some(size) = self.size.checked_add(1) else { return };
        let mut node = Node::leaf(self.size);
        let mut hash = leaf;
        complete(node, hash);
        // Each low bit that is set is a subtree waiting for its right neighbour.
        while self.size >> node.level & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = inner(&left, &hash);
            node = Node { level: node.level + 1, index: node.index / 2 };
            complete(node, hash);
        }
        self.peaks.push(hash);
        self.size = size;
    }

    /// Number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The complete subtrees, from large to small: with the size, all that
    /// [`from_peaks`](Self::from_peaks) needs to go on.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// The root hash.
    pub fn root(&self) -> Hash {
        fold(&self.peaks).unwrap_or(EMPTY_ROOT)
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size, root: self.root() }
    }
}
