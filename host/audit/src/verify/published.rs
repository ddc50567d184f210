//! A log as others are told of it: its signed checkpoints, and the proofs that
//! each of them continues the one before.

use std::io;
use std::path::{Path, PathBuf};

use super::ReadError;
use super::files::{self, Notes};
use super::whole::named_key;
use crate::checkpoint::{CheckpointError, SignedCheckpoint, VerifiedCheckpoint, check_growth};
use crate::note::{LogKey, WitnessKey};
use crate::policy::{Accepted, Policy};
use crate::tiles::{Tile, TileReader};
use crate::tree::{CompactTree, ConsistencyProof, TreeHead, prove_consistency};

/// A log directory, read for its witnesses. Its writer may be at work.
#[derive(Debug, Clone)]
pub struct Published {
    dir: PathBuf,
    key: LogKey,
}

/// Why a log cannot be shown to a witness.
#[derive(Debug, thiserror::Error)]
pub enum NotPublished {
    /// The log is that of another key.
    #[error("the log is that of the key {found}, not of the expected one")]
    AnotherLog {
        /// The key it names.
        found: String,
    },
    /// Its checkpoints or tiles are not what was written.
    /// [`verify_log`](crate::verify_log) says where.
    #[error("the log does not hold: {why}")]
    Broken {
        /// What was seen.
        why: String,
    },
    /// It could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<io::Error> for NotPublished {
    fn from(error: io::Error) -> Self {
        Self::Read(error.into())
    }
}

fn broken(why: impl ToString) -> NotPublished {
    NotPublished::Broken { why: why.to_string() }
}

/// That a tree is the beginning of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Growth {
    /// The smaller tree, as this log knows it.
    pub old: TreeHead,
    /// The proof, which holds. Empty from the tree without records.
    pub proof: ConsistencyProof,
}

impl Published {
    /// The log in a directory: the one of this key, or of the key it names.
    pub fn open(dir: &Path, key: Option<&LogKey>) -> Result<Self, NotPublished> {
        let found = named_key(dir)?;
        if key.is_some_and(|key| *key != found) {
            return Err(NotPublished::AnotherLog { found: found.to_string() });
        }
        Ok(Self { dir: dir.to_owned(), key: found })
    }

    /// Its key.
    pub const fn key(&self) -> &LogKey {
        &self.key
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The newest checkpoint.
    pub fn newest(&self) -> Result<VerifiedCheckpoint, NotPublished> {
        self.verified(files::newest(&self.dir)?)
    }

    /// What a witness should see that knows so many records: the last checkpoint
    /// of each epoch that ended since, in their order, and the newest one. The
    /// former vouch for the records of their epochs for good, the latter always
    /// comes, even if nothing came since.
    pub fn since(&self, size: u64) -> Result<Vec<VerifiedCheckpoint>, NotPublished> {
        let newest = self.newest()?;
        let mut found = Vec::new();
        for epoch in (0..newest.epoch().unwrap_or(0)).rev() {
            let closing = self.verified(files::closing(&self.dir, epoch)?)?;
            if closing.checkpoint().head().size <= size {
                break;
            }
            found.push(closing);
        }
        found.reverse();
        found.push(newest);
        Ok(found)
    }

    /// Proves that the tree of so many records is the beginning of a checkpoint
    /// of this log, in O(log n). What the tiles cannot prove is refused here, and
    /// not only by whoever is shown it.
    pub fn growth(&self, old: u64, new: &VerifiedCheckpoint) -> Result<Growth, NotPublished> {
        let new = new.checkpoint().head();
        if old == 0 {
            return Ok(Growth { old: TreeHead::EMPTY, proof: ConsistencyProof::from_hashes(vec![]) });
        }
        let reader = TileReader::new(new.size, |tile: Tile| files::read_tile(&self.dir, tile));
        let proof = prove_consistency(old, new.size, &reader).map_err(broken)?;
        let old = CompactTree::read(old, &reader).map_err(broken)?.head();
        check_growth(&old, new, &proof).map_err(broken)?;
        Ok(Growth { old, proof })
    }

    /// The checkpoint of just so many records, if the log ever signed one.
    /// Reads all of them.
    pub fn of_size(&self, size: u64) -> Result<Option<VerifiedCheckpoint>, NotPublished> {
        let mut notes = Notes::open(&self.dir)?;
        loop {
            let note = notes.next()?;
            if note.is_empty() {
                return Ok(None);
            }
            // What an interrupted writer left at the end is no checkpoint.
            let Ok(signed) = SignedCheckpoint::parse(&note) else { return Ok(None) };
            if signed.claimed().head().size == size {
                return self.verified(Ok(signed)).map(Some);
            }
        }
    }

    /// The checkpoints of an epoch that witnesses have cosigned, as
    /// [`keep`](crate::witness::keep) left them, from the smallest to the largest.
    pub fn witnessed(&self, epoch: u32) -> Result<Vec<VerifiedCheckpoint>, NotPublished> {
        let kept = witnessed(&self.dir, epoch)?.map_err(broken)?;
        kept.into_iter().map(|signed| self.verified(Ok(signed))).collect()
    }

    /// How many records the newest checkpoint covers that this witness is known
    /// to have cosigned: 0 if there is none.
    pub fn known_to(&self, witness: &WitnessKey) -> Result<u64, NotPublished> {
        let by = |kept: &VerifiedCheckpoint| kept.signed().note().verify([witness.as_key()]).is_ok();
        let mut found = self.newest_first()?;
        found.retain(by);
        Ok(found.first().map_or(0, |kept| kept.checkpoint().head().size))
    }

    /// The newest checkpoint that a policy accepts by its witnesses, if the log
    /// has one and continues it.
    pub fn accepted(&self, policy: &Policy) -> Result<Option<Accepted>, NotPublished> {
        let newest = self.newest()?;
        for kept in self.newest_first()? {
            let head = *kept.checkpoint().head();
            let Ok(accepted) = policy.accept(kept.signed()) else { continue };
            if head.size > newest.checkpoint().head().size || self.growth(head.size, &newest)?.old != head {
                let why = format!(
                    "it does not continue the checkpoint of {} records, which was witnessed",
                    head.size
                );
                return Err(broken(why));
            }
            return Ok(Some(accepted));
        }
        Ok(None)
    }

    fn newest_first(&self) -> Result<Vec<VerifiedCheckpoint>, NotPublished> {
        let mut found = Vec::new();
        for epoch in (0..=self.newest()?.epoch().unwrap_or(0)).rev() {
            found.extend(self.witnessed(epoch)?.into_iter().rev());
        }
        Ok(found)
    }

    fn verified(&self, signed: Result<SignedCheckpoint, String>) -> Result<VerifiedCheckpoint, NotPublished> {
        let signed = signed.map_err(broken)?;
        signed.verify(std::slice::from_ref(&self.key)).map_err(|error: CheckpointError| broken(error))
    }
}

/// What is kept of an epoch, its signatures not verified. Nothing if there is no file.
pub(crate) fn witnessed(dir: &Path, epoch: u32) -> io::Result<Result<Vec<SignedCheckpoint>, String>> {
    let mut notes = match Notes::of_witnessed(dir, epoch) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ok(Vec::new())),
        notes => notes?,
    };
    let mut found = Vec::new();
    loop {
        let note = notes.next()?;
        if note.is_empty() {
            return Ok(Ok(found));
        }
        match SignedCheckpoint::parse(&note) {
            Ok(signed) => found.push(signed),
            Err(error) => return Ok(Err(format!("`witnessed/{epoch}`: {error}"))),
        }
    }
}
