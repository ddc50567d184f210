//! # The tree in files
//!
//! The layout of [C2SP tlog-tiles](https://c2sp.org/tlog-tiles): the tree is cut
//! into [`Tile`]s of up to 256 hashes each. Tile *n* of level *l* holds, for *i*
//! from 0 to 255, the hash over the leaves `(256·n + i) · 256^l` up to, but not
//! including, `(256·n + i + 1) · 256^l`; so level 0 holds the leaves, and each
//! hash of a level above stands for one full tile below. What lies between two
//! levels is hashed anew when it is needed.
//!
//! A full tile never changes. The last tile of a level is *partial*: it has a
//! name of its own for each width (`tile/0/x001/234.p/17`), so no file ever
//! changes at all, and may be removed once the tile is full.
//!
//! - [`Edge`] is the writer's side: it holds the last tile of each level, and
//!   hands out every tile that becomes full.
//! - [`TileReader`] is the reader's side: it answers for any complete subtree,
//!   so that a proof for one record among 10⁷ takes five small reads.
//! - [`growth()`] names the tiles that a log of one size has and a smaller one has not.
//!
//! # Records are not stored twice
//!
//! tlog-tiles serves the leaves as *entry bundles*: 256 entries in a file, each
//! after its length in 16 bits. This log keeps its records as lines of text
//! instead, and does not keep bundles beside them: two copies could differ, and
//! then somebody would have to say which is the record. Nothing is lost. A line
//! without its newline *is* the entry, byte for byte; it is never longer than 16
//! bits can say ([`MAX_RECORD_BYTES`](crate::limits::MAX_RECORD_BYTES)); so
//! whoever serves the log to C2SP clients makes a [`bundle()`] of any 256 lines
//! when it is asked for. The specification allows both formats side by side.
//!
//! Nothing here touches a file: names and bytes come and go as values.

mod bundle;
mod edge;
mod growth;
mod hashes;
mod reader;
mod tile;

pub use bundle::{BundleError, bundle, entries};
pub use edge::{Edge, EdgeError};
pub use growth::growth;
pub use hashes::{TileBytesError, TileHashes};
pub use reader::{TileReadError, TileReader};
pub use tile::{Bundle, Tile, TileError};

/// Hashes in a full tile, and entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;

/// Levels of the tree in one tile: 256 = 2⁸.
const TILE_HEIGHT: u8 = 8;

/// The highest level there is. One more, and a single hash would stand for 2⁶⁴ leaves.
pub const MAX_TILE_LEVEL: u8 = 7;

/// Bytes of a full tile, the longest there is.
pub const MAX_TILE_BYTES: usize = TILE_WIDTH as usize * 32;

/// How many hashes of a tile level a tree of so many leaves has.
const fn hashes_at(level: u8, size: u64) -> u64 {
    size >> (TILE_HEIGHT * level)
}
