//! The files beside the records, as a reader sees them while a writer may be at work.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use crate::checkpoint::SignedCheckpoint;
use crate::layout;
use crate::note::MAX_NOTE_BYTES;
use crate::tiles::{MAX_TILE_BYTES, TILE_WIDTH, Tile};

/// The beginning of a file, and never more than so many bytes.
pub(super) fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The bytes of a tile. A partial one may have been taken over by a wider one by
/// now, which begins with the same hashes.
pub(super) fn read_tile(dir: &Path, tile: Tile) -> io::Result<Vec<u8>> {
    let exact = read(&layout::tile(dir, tile), MAX_TILE_BYTES + 1);
    match exact {
        Err(error) if error.kind() == io::ErrorKind::NotFound && tile.is_partial() => {
            let mut bytes = read_wider(dir, tile)?.ok_or(error)?;
            bytes.truncate(usize::from(tile.width()) * 32);
            Ok(bytes)
        }
        other => other,
    }
}

fn read_wider(dir: &Path, tile: Tile) -> io::Result<Option<Vec<u8>>> {
    let at = |width| Tile::new(tile.level(), tile.index(), width).ok();
    if let Some(full) = at(TILE_WIDTH) {
        match read(&layout::tile(dir, full), MAX_TILE_BYTES + 1) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other.map(Some),
        }
    }
    let path = layout::tile(dir, tile);
    let Some(partial) = path.parent() else { return Ok(None) };
    let widths = match fs::read_dir(partial) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    for entry in widths {
        let width = entry?.file_name().to_str().and_then(|name| name.parse::<u16>().ok());
        if let Some(wider) = width.filter(|width| *width > tile.width()).and_then(at) {
            return read(&layout::tile(dir, wider), MAX_TILE_BYTES + 1).map(Some);
        }
    }
    Ok(None)
}

/// The newest checkpoint.
pub(super) fn newest(dir: &Path) -> io::Result<Result<SignedCheckpoint, String>> {
    let bytes = read(&layout::checkpoint(dir), MAX_NOTE_BYTES + 1)?;
    Ok(SignedCheckpoint::parse(&bytes).map_err(|error| error.to_string()))
}

/// The last checkpoint of an epoch that ended.
pub(super) fn closing(dir: &Path, epoch: u32) -> io::Result<Result<SignedCheckpoint, String>> {
    let bytes = read(&layout::closed(dir, epoch), MAX_NOTE_BYTES + 1)?;
    Ok(SignedCheckpoint::parse(&bytes).map_err(|error| error.to_string()))
}

/// Checkpoints that stand one after the other.
pub(super) struct Notes<R> {
    notes: R,
    /// The first line of the next note, if it has been read.
    next: Vec<u8>,
}

/// What every line of signatures begins with.
const MARK: &[u8] = "\u{2014} ".as_bytes();

impl Notes<BufReader<File>> {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        Self::of(&layout::checkpoints(dir))
    }

    /// Those of an epoch that witnesses have cosigned.
    pub(super) fn of_witnessed(dir: &Path, epoch: u32) -> io::Result<Self> {
        Self::of(&layout::witnessed_in(dir, epoch))
    }

    fn of(path: &Path) -> io::Result<Self> {
        Ok(Self { notes: BufReader::new(File::open(path)?), next: Vec::new() })
    }
}

impl<R: BufRead> Notes<R> {
    /// The bytes of the next note; empty at the end. A note ends before the first
    /// line after its signatures that is none.
    pub(super) fn next(&mut self) -> io::Result<Vec<u8>> {
        let mut note = std::mem::take(&mut self.next);
        let mut signed = false;
        loop {
            let start = note.len();
            let most = (MAX_NOTE_BYTES + 1).saturating_sub(start) as u64;
            (&mut self.notes).take(most).read_until(b'\n', &mut note)?;
            let line = &note[start..];
            if line.is_empty() {
                return Ok(note);
            }
            if line.starts_with(MARK) {
                signed = true;
            } else if signed {
                self.next = note.split_off(start);
                return Ok(note);
            }
        }
    }
}
