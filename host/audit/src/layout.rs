//! Names inside a log directory.

use std::path::{Path, PathBuf};

use crate::Hash;

/// The records.
pub(crate) fn log(dir: &Path) -> PathBuf {
    dir.join("log.jsonl")
}

/// The payload files.
pub(crate) fn payloads(dir: &Path) -> PathBuf {
    dir.join("payloads")
}

/// The file of one payload.
pub(crate) fn payload(dir: &Path, commit: &Hash) -> PathBuf {
    payloads(dir).join(commit.to_string())
}
