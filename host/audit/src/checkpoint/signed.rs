//! A checkpoint and who signed it.

use std::fmt;

use super::{Checkpoint, CheckpointError};
use crate::note::{LogKey, Note, SignatureLine, WitnessKey};

/// A checkpoint with its signatures, none of them verified.
///
/// `Display` writes exactly the bytes that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    note: Note,
    checkpoint: Checkpoint,
}

impl SignedCheckpoint {
    /// Reads a checkpoint. Nothing may follow it.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        Self::of(Note::parse(bytes)?)
    }

    pub(super) fn of(note: Note) -> Result<Self, CheckpointError> {
        let checkpoint = note.text().parse()?;
        Ok(Self { note, checkpoint })
    }

    /// What it says of itself. Nothing but a hint until it is verified: it tells
    /// which keys to look for.
    pub const fn claimed(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note it is.
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// Believes it if one of these keys signed it that belong to its origin, and
    /// each of them that is named in it did. Keys of other logs count for nothing.
    pub fn verify(&self, trusted: &[LogKey]) -> Result<VerifiedCheckpoint, CheckpointError> {
        let origin = self.checkpoint.origin();
        let keys: Vec<&LogKey> = trusted.iter().filter(|key| key.name() == origin).collect();
        if keys.is_empty() {
            return Err(CheckpointError::UnknownLog { found: origin.clone() });
        }
        let signed_by = self.note.verify(keys.iter().map(|key| key.as_key()))?;
        self.checkpoint.check_empty()?;
        let signed = |key: &&&LogKey| signed_by.iter().any(|by| by.key == key.as_key());
        let keys = keys.iter().filter(signed).map(|key| (*key).clone()).collect();
        let epoch = signed_by.iter().find_map(|by| by.epoch);
        Ok(VerifiedCheckpoint { signed: self.clone(), keys, epoch })
    }

    /// Takes over what witnesses answered: every line that a known witness made
    /// over this checkpoint. Lines of others are ignored; a line that names a
    /// known witness and is not by it is an error, and nothing is taken over.
    pub fn add_cosignatures(
        &mut self,
        lines: Vec<SignatureLine>,
        known: &[WitnessKey],
    ) -> Result<(), CheckpointError> {
        let mut note = self.note.clone();
        for line in lines {
            let Some(key) = known.iter().find(|key| line.names(key.as_key())) else { continue };
            line.verify(key.as_key(), note.text())?;
            note.put(line)?;
        }
        self.note = note;
        Ok(())
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.note, f)
    }
}

/// A checkpoint that a trusted key of its log signed. Only
/// [`SignedCheckpoint::verify`] makes one.
///
/// ```compile_fail
/// use mpp_audit::checkpoint::{SignedCheckpoint, VerifiedCheckpoint};
/// fn believe(signed: SignedCheckpoint) -> VerifiedCheckpoint {
///     VerifiedCheckpoint { signed, keys: vec![], epoch: None }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedCheckpoint {
    signed: SignedCheckpoint,
    /// At least one.
    keys: Vec<LogKey>,
    epoch: Option<u32>,
}

impl VerifiedCheckpoint {
    /// What it says.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.signed.checkpoint
    }

    /// The trusted keys that signed it.
    pub fn keys(&self) -> &[LogKey] {
        &self.keys
    }

    /// The epoch in which it was signed, if the log has a key for each.
    pub const fn epoch(&self) -> Option<u32> {
        self.epoch
    }

    /// The checkpoint as it was read, with all its signatures.
    pub const fn signed(&self) -> &SignedCheckpoint {
        &self.signed
    }
}
