//! Names inside a log directory.

use std::path::{Path, PathBuf};

use crate::tiles::Tile;

/// The records.
pub(crate) fn log(dir: &Path) -> PathBuf {
    dir.join("log.jsonl")
}

/// The payload files.
pub(crate) fn payloads(dir: &Path) -> PathBuf {
    dir.join("payloads")
}

/// The newest checkpoint.
pub(crate) fn checkpoint(dir: &Path) -> PathBuf {
    dir.join("checkpoint")
}

/// All checkpoints, one after the other.
pub(crate) fn checkpoints(dir: &Path) -> PathBuf {
    dir.join("checkpoints")
}

/// Where each line ends.
pub(crate) fn offsets(dir: &Path) -> PathBuf {
    dir.join("offsets")
}

/// A tile of hashes.
pub(crate) fn tile(dir: &Path, tile: Tile) -> PathBuf {
    dir.join(tile.to_string())
}

/// The calls that are open.
pub(crate) fn open(dir: &Path) -> PathBuf {
    dir.join("open")
}

/// What belongs to the epochs.
pub(crate) fn epochs(dir: &Path) -> PathBuf {
    dir.join("epochs")
}

/// The public keys of all epochs.
pub(crate) fn keys(dir: &Path) -> PathBuf {
    epochs(dir).join("keys")
}

/// The secret of the current epoch.
pub(crate) fn secret(dir: &Path) -> PathBuf {
    epochs(dir).join("secret")
}

/// The last checkpoint of an epoch that ended.
pub(crate) fn closed(dir: &Path, epoch: u32) -> PathBuf {
    epochs(dir).join(epoch.to_string())
}

/// What witnesses have cosigned.
pub(crate) fn witnessed(dir: &Path) -> PathBuf {
    dir.join("witnessed")
}

/// Checkpoints of one epoch, with the signatures of witnesses.
pub(crate) fn witnessed_in(dir: &Path, epoch: u32) -> PathBuf {
    witnessed(dir).join(epoch.to_string())
}

/// There while a log is being begun.
pub(crate) fn beginning(dir: &Path) -> PathBuf {
    dir.join("beginning")
}

/// An incomplete record that is being cut off the end of the log.
pub(crate) fn torn(dir: &Path) -> PathBuf {
    dir.join("torn")
}

/// Where the writer takes what other processes of its user put on record.
#[cfg(unix)]
pub(crate) const SOCKET: &str = "socket";

/// The name of a file until it is whole and durable, and is given its own.
pub(crate) fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}
