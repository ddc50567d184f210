//! Making proofs from stored hashes.

use super::node::{Node, cover, split};
use super::{ConsistencyProof, InclusionProof, ProofError, fold};
use crate::Hash;

/// Where the hashes of complete subtrees are kept. Any
/// `Fn(&[Node]) -> Result<Vec<Hash>, E>` is one.
pub trait HashReader {
    /// Why hashes could not be read.
    type Error;

    /// The hashes of these nodes, in their order. One call asks for all that a
    /// proof needs, so that what lies side by side is read once.
    fn read(&self, nodes: &[Node]) -> Result<Vec<Hash>, Self::Error>;
}

impl<E, F: Fn(&[Node]) -> Result<Vec<Hash>, E>> HashReader for F {
    type Error = E;

    fn read(&self, nodes: &[Node]) -> Result<Vec<Hash>, E> {
        self(nodes)
    }
}

/// Why a proof could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProveError<E> {
    /// The caller's: such a proof does not exist.
    #[error(transparent)]
    Impossible(ProofError),
    /// The reader's: it answered with another number of hashes than was asked.
    #[error("{asked} hashes were asked for, and {found} came")]
    Count {
        /// Nodes asked for.
        asked: usize,
        /// Hashes that came.
        found: usize,
    },
    /// The reader's: hashes could not be read.
    #[error("the hashes of the tree could not be read: {0}")]
    Reader(E),
}

/// Proves that leaf `index` is in the tree of `size` leaves. Whether the stored
/// hashes are right shows when the proof is verified.
pub fn prove_inclusion<R: HashReader>(
    index: u64,
    size: u64,
    reader: &R,
) -> Result<InclusionProof, ProveError<R::Error>> {
    if index >= size {
        return Err(ProveError::Impossible(ProofError::NoSuchLeaf { index, size }));
    }
    let (mut from, mut to) = (0, size);
    let mut siblings = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            siblings.push((middle, to));
            to = middle;
        } else {
            siblings.push((from, middle));
            from = middle;
        }
    }
    hash_upwards(&siblings, reader).map(InclusionProof::from_hashes)
}

/// Proves that the tree of `old` leaves is the beginning of the one of `new`.
pub fn prove_consistency<R: HashReader>(
    old: u64,
    new: u64,
    reader: &R,
) -> Result<ConsistencyProof, ProveError<R::Error>> {
    if old > new {
        return Err(ProveError::Impossible(ProofError::Shrunk { old, new }));
    }
    if old == 0 {
        return Err(ProveError::Impossible(ProofError::FromEmpty));
    }
    let (mut from, mut to) = (0, new);
    let mut subtrees = Vec::new();
    while old < to {
        let middle = from + split(to - from);
        if old <= middle {
            subtrees.push((middle, to));
            to = middle;
        } else {
            subtrees.push((from, middle));
            from = middle;
        }
    }
    // What begins with the first leaf is the old tree, which its reader knows.
    if from > 0 {
        subtrees.push((from, to));
    }
    hash_upwards(&subtrees, reader).map(ConsistencyProof::from_hashes)
}

/// The hashes of these subtrees, given from the root downwards, from the bottom
/// upwards. Those at the right border are not complete, and so not stored; they
/// are put together from complete ones.
fn hash_upwards<R: HashReader>(
    subtrees: &[(u64, u64)],
    reader: &R,
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    let covers: Vec<Vec<Node>> = subtrees.iter().rev().map(|&(from, to)| cover(from, to).collect()).collect();
    let hashes = read(&covers.concat(), reader)?;
    let mut rest = hashes.as_slice();
    let folded = covers.iter().filter_map(|nodes| {
        let (these, others) = rest.split_at(nodes.len());
        rest = others;
        fold(these)
    });
    Ok(folded.collect())
}

/// Exactly as many hashes as nodes.
pub(super) fn read<R: HashReader>(nodes: &[Node], reader: &R) -> Result<Vec<Hash>, ProveError<R::Error>> {
    let hashes = reader.read(nodes).map_err(ProveError::Reader)?;
    if hashes.len() == nodes.len() {
        Ok(hashes)
    } else {
        Err(ProveError::Count { asked: nodes.len(), found: hashes.len() })
    }
}
