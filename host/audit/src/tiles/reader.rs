//! Hashes of the tree, read from its tiles.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::growth::width;
use super::hashes::{TileBytesError, TileHashes};
use super::tile::Tile;
use super::{TILE_HEIGHT, TILE_WIDTH, hashes_at};
use crate::Hash;
use crate::tree::{HashReader, Node};

/// The tiles of a log of a known size, as a [`HashReader`]. It asks for each tile
/// once, and only for tiles that a log of this size has.
#[derive(Debug)]
pub struct TileReader<F> {
    size: u64,
    fetch: F,
}

/// Why a hash could not be read from the tiles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileReadError<E> {
    /// The caller's: the log of this size has no such complete subtree.
    #[error("a log of {size} records has no complete subtree {} of height {}", node.index, node.level)]
    NoSuchNode {
        /// Records of the log.
        size: u64,
        /// The subtree asked for.
        node: Node,
    },
    /// The tile could not be fetched.
    #[error("{tile} could not be read: {source}")]
    Fetch {
        /// The tile.
        tile: Tile,
        /// Why.
        source: E,
    },
    /// The tile has another length than it should.
    #[error(transparent)]
    Bytes(#[from] TileBytesError),
}

impl<E, F: Fn(Tile) -> Result<Vec<u8>, E>> TileReader<F> {
    /// A reader of the log with `size` records; `fetch` reads the file of a tile.
    pub const fn new(size: u64, fetch: F) -> Self {
        Self { size, fetch }
    }

    /// The tile that a node of this log lies in.
    fn tile(&self, node: Node) -> Option<Tile> {
        // All its leaves are in the log.
        if node.index >= self.size.checked_shr(node.level.into())? {
            return None;
        }
        let level = node.level / TILE_HEIGHT;
        let first = node.index << (node.level % TILE_HEIGHT);
        let index = first / u64::from(TILE_WIDTH);
        Tile::new(level, index, width(index, hashes_at(level, self.size))).ok()
    }

    fn fetch(&self, tile: Tile) -> Result<TileHashes, TileReadError<E>> {
        let bytes = (self.fetch)(tile).map_err(|source| TileReadError::Fetch { tile, source })?;
        Ok(TileHashes::parse(tile, &bytes)?)
    }
}

impl<E, F: Fn(Tile) -> Result<Vec<u8>, E>> HashReader for TileReader<F> {
    type Error = TileReadError<E>;

    fn read(&self, nodes: &[Node]) -> Result<Vec<Hash>, TileReadError<E>> {
        let mut tiles: BTreeMap<Tile, TileHashes> = BTreeMap::new();
        let mut hashes = Vec::with_capacity(nodes.len());
        for &node in nodes {
            let absent = || TileReadError::NoSuchNode { size: self.size, node };
            let tile = self.tile(node).ok_or_else(absent)?;
            let read = match tiles.entry(tile) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => entry.insert(self.fetch(tile)?),
            };
            hashes.push(read.of_node(node).ok_or_else(absent)?);
        }
        Ok(hashes)
    }
}
