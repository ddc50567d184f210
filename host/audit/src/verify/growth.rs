//! Verifies that a log has only grown since an old checkpoint.

use std::io;
use std::path::Path;

use super::prove::{ends, line};
use super::snapshot::Snapshot;
use super::whole::named_key;
use super::{Fault, FaultKind, Place, ReadError, Walk, files};
use crate::Receipt;
use crate::checkpoint::{CheckpointError, SignedCheckpoint, VerifiedCheckpoint};
use crate::note::LogKey;
use crate::record::Record;
use crate::tiles::{Tile, TileReader};
use crate::tree::{CompactTree, TreeHead, prove_consistency};

/// Why a log is not shown to have only grown.
#[derive(Debug, thiserror::Error)]
pub enum NotGrown {
    /// The caller's: the old checkpoint is not one of this log.
    #[error("the old checkpoint: {0}")]
    Old(#[source] CheckpointError),
    /// The log does not continue the old checkpoint: records that it covered
    /// were changed or cut off, or tiles were. With the old checkpoint, the
    /// newest one is what to show to somebody else.
    #[error("the log does not continue the checkpoint of {size} records: {why}")]
    Forked {
        /// Records of the old checkpoint.
        size: u64,
        /// What was seen.
        why: String,
    },
    /// What came since does not hold, or could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<io::Error> for NotGrown {
    fn from(error: io::Error) -> Self {
        Self::Read(error.into())
    }
}

/// A log that has only grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Grown {
    /// What the old checkpoint said.
    pub old: TreeHead,
    /// What the newest one says.
    pub new: TreeHead,
    /// Where the last record stands; it may not be signed yet.
    pub head: Receipt,
}

/// Verifies that the log in a directory begins with what an old checkpoint
/// covers, by a proof in O(log n), and every record that came since. What came
/// before is not read: the old checkpoint vouches for it.
///
/// With `key`, the log must be the one of this key; without, that of the key it
/// names itself.
pub fn verify_growth(dir: &Path, old: &SignedCheckpoint, key: Option<&LogKey>) -> Result<Grown, NotGrown> {
    let named = named_key(dir)?;
    let key = key.unwrap_or(&named);
    let old = old.verify(std::slice::from_ref(key)).map_err(NotGrown::Old)?;
    let size = old.checkpoint().head().size;
    let forked = |why: String| NotGrown::Forked { size, why };
    let newest = files::newest(dir)?.map_err(forked)?;
    let newest = newest.verify(std::slice::from_ref(key)).map_err(|error| forked(error.to_string()))?;
    let tree = continue_from(dir, &old, &newest).map_err(forked)?;
    let head = read_on(dir, tree, &newest)?;
    Ok(Grown { old: *old.checkpoint().head(), new: *newest.checkpoint().head(), head })
}

/// Proves the old tree to be the beginning of the new one.
fn continue_from(
    dir: &Path,
    old: &VerifiedCheckpoint,
    newest: &VerifiedCheckpoint,
) -> Result<CompactTree, String> {
    let (old, new) = (old.checkpoint().head(), newest.checkpoint().head());
    if new.size < old.size {
        return Err(format!("its newest checkpoint covers {} records", new.size));
    }
    let reader = TileReader::new(new.size, |tile: Tile| files::read_tile(dir, tile));
    let proof = prove_consistency(old.size, new.size, &reader).map_err(|error| error.to_string())?;
    proof.verify(old, new).map_err(|error| error.to_string())?;
    let tree = CompactTree::read(old.size, &reader).map_err(|error| error.to_string())?;
    if tree.head() == *old { Ok(tree) } else { Err("its tiles lead to another root".to_owned()) }
}

/// Reads every record after the tree's last one.
fn read_on(dir: &Path, mut tree: CompactTree, newest: &VerifiedCheckpoint) -> Result<Receipt, NotGrown> {
    let new = newest.checkpoint().head();
    let last = tree.size() - 1;
    let size = tree.size();
    let forked = |why: &str| NotGrown::Forked { size, why: why.to_owned() };
    let offsets = ends(dir, last)?.ok_or_else(|| forked("`offsets` does not lead to its last record"))?;
    let bytes = line(dir, last)?.ok_or_else(|| forked("`offsets` does not lead to its last record"))?;
    let record = Record::decode(&bytes).map_err(|kind| forked(&kind.to_string()))?;
    let (offset, end) = offsets;
    let place = Place { receipt: record.receipt(), epoch: record.epoch, number: last + 1, offset };
    let Snapshot { log, tail } = Snapshot::open_at(dir, end)?;

    let mut head = place.receipt;
    for link in Walk::after(place, end, log) {
        match link {
            Ok(link) => {
                head = link.receipt;
                Record::decode(&link.line).map_err(|kind| ReadError::from(link.fault(kind)))?;
                tree.append(head.hash);
                if tree.size() == new.size && tree.head() != *new {
                    let why = "its root is that of other records".to_owned();
                    let kind = FaultKind::Checkpoint { file: "checkpoint", size: new.size, why };
                    return Err(ReadError::from(link.fault(kind)).into());
                }
            }
            Err(ReadError::Fault(fault)) if tail.excuses(&fault)? => break,
            Err(error) => return Err(error.into()),
        }
    }
    if tree.size() < new.size {
        let kind = FaultKind::CutOffBefore { size: new.size };
        let seq = tree.size();
        return Err(ReadError::from(Fault { seq, line: seq + 1, offset: end, kind }).into());
    }
    Ok(head)
}
