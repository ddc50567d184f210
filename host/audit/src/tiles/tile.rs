//! Which tile, and its name.

use std::fmt;
use std::str::FromStr;

use super::{MAX_TILE_LEVEL, TILE_WIDTH, hashes_at};
use crate::spelling::decimal;

/// One tile of hashes: its level, its place in the level, and its width.
///
/// In text, its path below the log's prefix: `tile/<level>/<index>`, with
/// `.p/<width>` after it if it is partial. The index is written in groups of
/// three digits, all but the last after an `x`: 1234067 is `x001/x234/067`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    level: u8,
    place: Place,
}

/// One bundle of entries, which a log serves beside its tiles of level 0. In
/// text: `tile/entries/<index>`, and `.p/<width>` as for a [`Tile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bundle {
    place: Place,
}

/// What tiles and bundles have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Place {
    index: u64,
    width: u16,
}

/// No such tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// The text is not the path of a tile in its one spelling.
    #[error("not the path of a tile: write tile/0/x001/234, or tile/0/x001/234.p/17 for a partial one")]
    Path,
    /// Higher than a tree of 2⁶⁴ leaves.
    #[error("tiles have levels from 0 to {MAX_TILE_LEVEL}, not {level}")]
    Level {
        /// The level asked for.
        level: u64,
    },
    /// Nothing, or more than a tile holds.
    #[error("a tile is 1 to {TILE_WIDTH} wide, not {width}")]
    Width {
        /// The width asked for.
        width: u64,
    },
    /// It would hold leaves beyond the last that a tree can have.
    #[error("no tree is so large that it has tile {index} of level {level}")]
    Index {
        /// The level.
        level: u8,
        /// The index asked for.
        index: u64,
    },
}

impl Tile {
    /// Tile `index` of a level, `width` hashes wide (256 for a full one).
    pub fn new(level: u8, index: u64, width: u16) -> Result<Self, TileError> {
        if level > MAX_TILE_LEVEL {
            return Err(TileError::Level { level: level.into() });
        }
        Ok(Self { level, place: Place::new(level, index, width)? })
    }

    /// From 0, that of the leaves, to [`MAX_TILE_LEVEL`].
    pub const fn level(&self) -> u8 {
        self.level
    }

    /// Place in the level, from 0.
    pub const fn index(&self) -> u64 {
        self.place.index
    }

    /// Number of hashes, from 1 to 256.
    pub const fn width(&self) -> u16 {
        self.place.width
    }

    /// Whether it may still grow, and so will have another name.
    pub const fn is_partial(&self) -> bool {
        self.place.is_partial()
    }

    /// The bundle with the entries of this tile, if it is one of level 0.
    pub const fn bundle(&self) -> Option<Bundle> {
        if self.level == 0 { Some(Bundle { place: self.place }) } else { None }
    }
}

impl Bundle {
    /// Bundle `index`, with `width` entries (256 for a full one).
    pub fn new(index: u64, width: u16) -> Result<Self, TileError> {
        Ok(Self { place: Place::new(0, index, width)? })
    }

    /// Place among the bundles, from 0.
    pub const fn index(&self) -> u64 {
        self.place.index
    }

    /// Number of entries, from 1 to 256.
    pub const fn width(&self) -> u16 {
        self.place.width
    }

    /// The numbers of its entries.
    pub const fn records(&self) -> std::ops::Range<u64> {
        let first = self.place.index * TILE_WIDTH as u64;
        first..first + self.place.width as u64
    }
}

impl Place {
    fn new(level: u8, index: u64, width: u16) -> Result<Self, TileError> {
        if width == 0 || width > TILE_WIDTH {
            return Err(TileError::Width { width: width.into() });
        }
        let end = u128::from(index) * u128::from(TILE_WIDTH) + u128::from(width);
        if end > u128::from(hashes_at(level, u64::MAX)) {
            return Err(TileError::Index { level, index });
        }
        Ok(Self { index, width })
    }

    const fn is_partial(&self) -> bool {
        self.width < TILE_WIDTH
    }

    /// Reads what stands after the level.
    fn parse(level: u8, text: &str) -> Result<Self, TileError> {
        let (groups, width) = match text.split_once(".p/") {
            None => (text, TILE_WIDTH),
            Some((groups, width)) => (groups, partial_width(width)?),
        };
        Self::new(level, index(groups).ok_or(TileError::Path)?, width)
    }
}

fn partial_width(text: &str) -> Result<u16, TileError> {
    let width = decimal(text).ok_or(TileError::Path)?;
    // A tile 256 wide is full, and has no such suffix.
    u16::try_from(width).ok().filter(|width| *width < TILE_WIDTH).ok_or(TileError::Width { width })
}

/// Reads `x001/x234/067`.
fn index(groups: &str) -> Option<u64> {
    let mut digits = String::new();
    let mut rest = groups;
    while let Some(group) = rest.strip_prefix('x') {
        let (group, others) = group.split_once('/')?;
        digits.push_str(three_digits(group)?);
        rest = others;
    }
    // A group of zeros in front would be a second name for the same tile.
    if digits.starts_with("000") {
        return None;
    }
    digits.push_str(three_digits(rest)?);
    digits.parse().ok()
}

fn three_digits(text: &str) -> Option<&str> {
    (text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.index.to_string();
        let padded = format!("{}{digits}", &"00"[..(3 - digits.len() % 3) % 3]);
        for group in (0..padded.len() - 3).step_by(3) {
            write!(f, "x{}/", &padded[group..group + 3])?;
        }
        f.write_str(&padded[padded.len() - 3..])?;
        if self.is_partial() { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/{}", self.level, self.place)
    }
}

impl fmt::Display for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/entries/{}", self.place)
    }
}

impl FromStr for Tile {
    type Err = TileError;

    fn from_str(text: &str) -> Result<Self, TileError> {
        let (level, place) =
            text.strip_prefix("tile/").and_then(|rest| rest.split_once('/')).ok_or(TileError::Path)?;
        let level = decimal(level).ok_or(TileError::Path)?;
        let small = u8::try_from(level).ok().filter(|level| *level <= MAX_TILE_LEVEL);
        let level = small.ok_or(TileError::Level { level })?;
        Ok(Self { level, place: Place::parse(level, place)? })
    }
}

impl FromStr for Bundle {
    type Err = TileError;

    fn from_str(text: &str) -> Result<Self, TileError> {
        let place = text.strip_prefix("tile/entries/").ok_or(TileError::Path)?;
        Ok(Self { place: Place::parse(0, place)? })
    }
}
