//! What is in a tile.

use super::TILE_HEIGHT;
use super::tile::Tile;
use crate::Hash;
use crate::tree::{CompactTree, Node};

/// A tile and its hashes, as many as it is wide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileHashes {
    tile: Tile,
    hashes: Vec<Hash>,
}

/// The bytes are not as long as the tile is wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{tile} has {} bytes, and these are {found}", usize::from(tile.width()) * 32)]
pub struct TileBytesError {
    /// The tile.
    pub tile: Tile,
    /// How many bytes there were.
    pub found: usize,
}

impl TileHashes {
    /// Reads the file of a tile. Whether the hashes are right shows when a tree
    /// made of them is held against a checkpoint.
    pub fn parse(tile: Tile, bytes: &[u8]) -> Result<Self, TileBytesError> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        if hashes.len() != usize::from(tile.width()) || !rest.is_empty() {
            return Err(TileBytesError { tile, found: bytes.len() });
        }
        Ok(Self { tile, hashes: hashes.iter().copied().map(Hash::from_bytes).collect() })
    }

    /// As many hashes as the tile is wide: the caller's care.
    pub(super) fn of(tile: Tile, hashes: Vec<Hash>) -> Self {
        Self { tile, hashes }
    }

    /// The bytes of its file.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
    }

    /// Which tile.
    pub const fn tile(&self) -> Tile {
        self.tile
    }

    /// Its hashes, from left to right.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The hash of a complete subtree that lies within this tile, if it does.
    pub(super) fn of_node(&self, node: Node) -> Option<Hash> {
        let height = node.level.checked_sub(self.tile.level() * TILE_HEIGHT)?;
        let first = node.index.checked_shl(height.into())?;
        let start = usize::try_from(first.checked_sub(self.tile.index() * 256)?).ok()?;
        let hashes = self.hashes.get(start..start.checked_add(1 << height)?)?;
        Some(root(hashes))
    }
}

/// The root over hashes that stand side by side.
pub(super) fn root(hashes: &[Hash]) -> Hash {
    let mut tree = CompactTree::new();
    hashes.iter().for_each(|hash| tree.append(*hash));
    tree.root()
}
