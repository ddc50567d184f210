//! Destroying payloads in place.
//!
//! First zeros over salt and payload, durably; then the state that says so. A
//! reader who sees the state can rely on it, whatever was interrupted. What the
//! file system or the disk keep elsewhere (snapshots, journals of data, worn
//! cells of flash) is beyond what a program can overwrite.

use std::path::Path;

use super::entry::{PayloadRef, SALT, STATE, State};
use super::path;
use super::walk::{Entry, PackError, Walk};
use crate::error::LogError;
use crate::log::disk::{Disk, OpenFile};

/// Zeros that are written at once.
static PIECE: [u8; 64 * 1024] = [0; 64 * 1024];

/// What an erasure found to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Erased {
    /// It destroyed the payload.
    Now,
    /// The payload was erased before.
    Before,
    /// There was no payload.
    Missing,
}

/// Destroys a payload and its salt. The record of it is durable by then. Done
/// again, it finishes what was interrupted.
pub(crate) fn erase(disk: &Disk, dir: &Path, of: PayloadRef) -> Result<Erased, LogError> {
    let path = path(dir, of.pack());
    let Some(entry) = find(dir, of).map_err(|error| unreadable(&path, error))? else {
        return Ok(Erased::Missing);
    };
    let mut file = disk.edit(&path)?;
    let mut step = || {
        if entry.head.state == State::Erased {
            // Nobody knows whether that is durable.
            return file.sync().map(|()| Erased::Before);
        }
        clear(&mut file, &entry)?;
        file.sync()?;
        close(&mut file, &entry)?;
        file.sync().map(|()| Erased::Now)
    };
    step().map_err(LogError::io("erase a payload in", &path))
}

/// Writes zeros over salt and payload.
pub(super) fn clear(file: &mut OpenFile, entry: &Entry) -> std::io::Result<()> {
    zeros(file, entry.offset + SALT as u64, entry.end())
}

/// Says that an entry is erased, once that is durable.
pub(super) fn close(file: &mut OpenFile, entry: &Entry) -> std::io::Result<()> {
    file.write_at(entry.offset + STATE as u64, &[State::Erased as u8])
}

/// Writes zeros from an offset up to another.
pub(super) fn zeros(file: &mut OpenFile, from: u64, to: u64) -> std::io::Result<()> {
    let mut at = from;
    while at < to {
        let piece = PIECE.len().min((to - at) as usize);
        file.write_at(at, &PIECE[..piece])?;
        at += piece as u64;
    }
    Ok(())
}

/// The entry of a payload.
fn find(dir: &Path, of: PayloadRef) -> Result<Option<Entry>, PackError> {
    let Some(mut walk) = Walk::open(dir, of.pack())? else { return Ok(None) };
    while let Some(entry) = walk.next()? {
        if entry.head.of >= of {
            return Ok((entry.head.of == of).then_some(entry));
        }
    }
    Ok(None)
}

/// A pack could not be read while it is being worked on.
pub(super) fn unreadable(path: &Path, error: PackError) -> LogError {
    match error {
        PackError::Io(error) => LogError::io("read", path)(error),
        PackError::Fault(fault) => LogError::Evidence {
            path: path.to_owned(),
            what: format!("byte {}: {}", fault.offset, fault.kind),
        },
    }
}
