//! The text of a checkpoint.

use std::fmt;
use std::str::FromStr;

use super::{CheckpointError, MAX_TREE_SIZE, SignedCheckpoint};
use crate::epoch::EpochSigner;
use crate::note::{KeyName, LogKey, LogSigner, Note};
use crate::spelling::{decimal, hash, of_hash};
use crate::tree::TreeHead;

/// What a checkpoint says. Who says it is another matter: see [`SignedCheckpoint`].
///
/// In text three lines, each with its newline; one value, one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: KeyName,
    head: TreeHead,
}

impl Checkpoint {
    /// What a log of this name and head says of itself.
    pub fn new(origin: KeyName, head: TreeHead) -> Result<Self, CheckpointError> {
        if head.size > MAX_TREE_SIZE {
            return Err(CheckpointError::Size);
        }
        Ok(Self { origin, head })
    }

    /// The log's name.
    pub const fn origin(&self) -> &KeyName {
        &self.origin
    }

    /// Its size and root.
    pub const fn head(&self) -> &TreeHead {
        &self.head
    }

    /// Signs it with a key of this log. Whoever signs must have signed nothing
    /// that is not the beginning of this tree.
    pub fn sign(&self, signer: &LogSigner) -> Result<SignedCheckpoint, CheckpointError> {
        self.check_signer(signer.key())?;
        SignedCheckpoint::of(signer.sign(self.to_string())?)
    }

    /// As [`sign`](Self::sign), with the key of the log's current epoch.
    pub fn sign_in_epoch(&self, signer: &EpochSigner) -> Result<SignedCheckpoint, CheckpointError> {
        self.check_signer(signer.key())?;
        let text = self.to_string();
        let line = signer.line(&text);
        SignedCheckpoint::of(Note::new(text, line)?)
    }

    fn check_signer(&self, key: &LogKey) -> Result<(), CheckpointError> {
        if *key.name() == self.origin {
            return Ok(());
        }
        Err(CheckpointError::Signer { signer: key.name().clone(), origin: self.origin.clone() })
    }

    /// Whether the root can be that of a tree of this size.
    pub(super) fn check_empty(&self) -> Result<(), CheckpointError> {
        if self.head.size == 0 && self.head != TreeHead::EMPTY {
            Err(CheckpointError::EmptyRoot)
        } else {
            Ok(())
        }
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.head.size, of_hash(&self.head.root))
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.split_terminator('\n');
        let mut line = || lines.next().ok_or(CheckpointError::TooFewLines);
        let (origin, size, root) = (line()?, line()?, line()?);
        if lines.next().is_some() {
            return Err(CheckpointError::Extension);
        }
        // A last line without its newline is one that was cut.
        if !text.ends_with('\n') {
            return Err(CheckpointError::TooFewLines);
        }
        let origin = origin.parse().map_err(CheckpointError::Origin)?;
        let size = decimal(size).ok_or(CheckpointError::Size)?;
        let root = hash(root).ok_or(CheckpointError::Root)?;
        Self::new(origin, TreeHead { size, root })
    }
}
