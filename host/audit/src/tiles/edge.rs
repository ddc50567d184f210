//! The right border of the tree, where it grows.

use super::growth::width;
use super::hashes::{TileBytesError, TileHashes, root};
use super::tile::Tile;
use super::{MAX_TILE_LEVEL, TILE_WIDTH, hashes_at};
use crate::Hash;
use crate::tree::{CompactTree, TreeHead};

/// The last tile of each level, as long as it is partial: at most 64 KiB, and
/// all that a writer needs to go on.
///
/// Two ways lead from here to a root, and they share no hash above the leaves:
/// this one, and a [`CompactTree`] that was given the same leaves. A writer that
/// compares the two before it signs does not sign a bit that flipped in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// Hashes of the partial tile, level by level; none where the last tile is full.
    levels: [Vec<Hash>; MAX_TILE_LEVEL as usize + 1],
}

/// Why an edge could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EdgeError<E> {
    /// A tile could not be fetched.
    #[error("{tile} could not be read: {source}")]
    Fetch {
        /// The tile.
        tile: Tile,
        /// Why.
        source: E,
    },
    /// A tile has another length than it should.
    #[error(transparent)]
    Bytes(#[from] TileBytesError),
    /// The tiles are those of another tree.
    #[error("the tiles at the end of the log do not lead to the root of its checkpoint ({} records)", expected.size)]
    Root {
        /// What they should have led to.
        expected: TreeHead,
    },
}

impl Edge {
    /// The edge of the log without records.
    pub fn new() -> Self {
        Self::default()
    }

    /// The edge of the log with this head, from at most eight partial tiles.
    /// `fetch` reads the file of a tile. What does not lead to the root is refused.
    pub fn read<E>(
        head: &TreeHead,
        fetch: impl Fn(Tile) -> Result<Vec<u8>, E>,
    ) -> Result<Self, EdgeError<E>> {
        let mut edge = Self { size: head.size, ..Self::new() };
        for tile in partial_tiles(head.size) {
            let bytes = fetch(tile).map_err(|source| EdgeError::Fetch { tile, source })?;
            let read = TileHashes::parse(tile, &bytes)?;
            edge.levels[usize::from(tile.level())] = read.hashes().to_vec();
        }
        if edge.head() == *head { Ok(edge) } else { Err(EdgeError::Root { expected: *head }) }
    }

    /// Adds a leaf, and gives back the tiles that it fills, which are final now:
    /// none for 255 leaves of 256.
    pub fn append(&mut self, leaf: Hash) -> Vec<TileHashes> {
        let mut full = Vec::new();
        let Some(size) = self.size.checked_add(1) else { return full };
        self.size = size;
        let mut hash = leaf;
        for (level, hashes) in (0..).zip(&mut self.levels) {
            hashes.push(hash);
            let last = (hashes_at(level, size) - 1) / u64::from(TILE_WIDTH);
            match Tile::new(level, last, TILE_WIDTH) {
                Ok(tile) if hashes.len() == usize::from(TILE_WIDTH) => {
                    hash = root(hashes);
                    full.push(TileHashes::of(tile, std::mem::take(hashes)));
                }
                _ => break,
            }
        }
        full
    }

    /// The partial tiles as they are now: what is written beside the full ones
    /// before a checkpoint of this size is.
    pub fn partial(&self) -> impl Iterator<Item = TileHashes> {
        let hashes = |tile: Tile| self.levels[usize::from(tile.level())].clone();
        partial_tiles(self.size).map(move |tile| TileHashes::of(tile, hashes(tile)))
    }

    /// Number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size, root: self.tree().root() }
    }

    /// The same tree, able to grow by itself.
    pub fn tree(&self) -> CompactTree {
        // The widths of the partial tiles are the bytes of the size, and each
        // gives as many peaks as it has bits.
        let highest_first = self.levels.iter().rev();
        CompactTree::of(self.size, highest_first.flat_map(|hashes| peaks(hashes)).collect())
    }
}

/// The roots of the complete subtrees that a partial tile consists of.
fn peaks(hashes: &[Hash]) -> Vec<Hash> {
    let mut tree = CompactTree::new();
    hashes.iter().for_each(|hash| tree.append(*hash));
    tree.peaks().to_vec()
}

/// The partial tiles of a log with so many records.
fn partial_tiles(size: u64) -> impl Iterator<Item = Tile> {
    (0..=MAX_TILE_LEVEL).filter_map(move |level| {
        let hashes = hashes_at(level, size);
        let index = hashes / u64::from(TILE_WIDTH);
        // A width of 0 is no tile.
        Tile::new(level, index, width(index, hashes)).ok()
    })
}
