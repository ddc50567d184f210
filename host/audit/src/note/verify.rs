//! Which of the keys known here signed a note.

use super::error::NoteError;
use super::key::VerifierKey;
use super::line::Said;
use super::text::Note;

/// A key that did sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified<'k> {
    /// The key.
    pub key: &'k VerifierKey,
    /// When it says it signed, in seconds since 1970; only cosignatures do.
    pub time: Option<u64>,
    /// In which epoch of the log it signed; only keys of epochs do.
    pub epoch: Option<u32>,
}

impl Note {
    /// The known keys that signed this note, at least one. Lines that name no
    /// known key are ignored; a line that does, and is not by it, refuses the note.
    pub fn verify<'k>(
        &self,
        known: impl IntoIterator<Item = &'k VerifierKey>,
    ) -> Result<Vec<Verified<'k>>, NoteError> {
        let found = self.verify_any(known)?;
        if found.is_empty() { Err(NoteError::Unsigned) } else { Ok(found) }
    }

    /// As [`verify`](Self::verify), and no known key having signed is no error.
    pub(crate) fn verify_any<'k>(
        &self,
        known: impl IntoIterator<Item = &'k VerifierKey>,
    ) -> Result<Vec<Verified<'k>>, NoteError> {
        let found = known.into_iter().filter_map(|key| self.verify_one(key).transpose());
        found.collect()
    }

    fn verify_one<'k>(&self, key: &'k VerifierKey) -> Result<Option<Verified<'k>>, NoteError> {
        let mut lines = self.signatures().iter().filter(|line| line.names(key));
        match (lines.next(), lines.next()) {
            (None, _) => Ok(None),
            (Some(line), None) => {
                let Said { time, epoch } = line.verify(key, self.text())?;
                Ok(Some(Verified { key, time, epoch }))
            }
            (Some(_), Some(_)) => Err(NoteError::Twice { name: key.name().clone(), id: key.id() }),
        }
    }
}
