//! Which tiles a growing log writes.

use super::tile::Tile;
use super::{MAX_TILE_LEVEL, TILE_WIDTH, hashes_at};

/// The tiles that a log of `new` records has and one of `old` has not, from the
/// lowest level to the highest and from left to right: those that became full,
/// and the partial one at the end of each level that grew. From 0 it is every
/// tile of the log. Nothing if the log did not grow.
pub fn growth(old: u64, new: u64) -> impl Iterator<Item = Tile> {
    (0..=MAX_TILE_LEVEL).flat_map(move |level| {
        let (old, new) = (hashes_at(level, old), hashes_at(level, new));
        let grown = if old < new { places(old, new) } else { 0..0 };
        grown.filter_map(move |index| Tile::new(level, index, width(index, new)).ok())
    })
}

/// The tiles of a level that hold the hashes from number `old` to number `new`.
fn places(old: u64, new: u64) -> std::ops::Range<u64> {
    old / u64::from(TILE_WIDTH)..new.div_ceil(u64::from(TILE_WIDTH))
}

/// How wide a tile is in a level of so many hashes.
pub(super) fn width(index: u64, hashes: u64) -> u16 {
    let before = index.saturating_mul(TILE_WIDTH.into());
    hashes.saturating_sub(before).min(TILE_WIDTH.into()) as u16
}
