//! The keys of a log, one after the other.

use super::error::EpochError;
use super::statement::SignedStatement;
use crate::checkpoint::{CheckpointError, SignedCheckpoint, VerifiedCheckpoint};
use crate::note::{LogKey, NoteError};

/// The epochs of a log from its first on, without gaps.
///
/// Every key in it but the first was named by the one before; the first is what
/// the reader pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epochs {
    /// At least one, in their order: epoch *n* is at place *n*.
    epochs: Vec<Epoch>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Epoch {
    /// Records before it.
    after: u64,
    key: LogKey,
}

impl Epochs {
    /// A log in its first epoch, under the key that the reader pins.
    pub fn begin(key: LogKey) -> Self {
        Self { epochs: vec![Epoch { after: 0, key }] }
    }

    /// Takes over the next key, from the statement in record `record`. See the
    /// [module](super) for what is demanded of it.
    pub fn extend(&mut self, statement: &SignedStatement, record: u64) -> Result<(), EpochError> {
        let (number, last) = self.last();
        let claimed = statement.claimed();
        if claimed.origin() != last.key.name() {
            return Err(EpochError::Origin { found: claimed.origin().clone() });
        }
        let unsigned = |source| EpochError::Unsigned { epoch: number, source };
        statement.note().verify([last.key.as_key()]).map_err(unsigned)?;
        if claimed.epoch() != number + 1 {
            return Err(EpochError::Gap { expected: number + 1, found: claimed.epoch() });
        }
        if claimed.after() <= last.after {
            return Err(EpochError::Backwards { began: last.after, ended: claimed.after() });
        }
        if claimed.after() - 1 != record {
            return Err(EpochError::Misplaced { after: claimed.after(), record });
        }
        if let Some(epoch) = self.epoch_of_key(claimed.key()) {
            return Err(EpochError::KeyAgain { epoch });
        }
        self.epochs.push(Epoch { after: claimed.after(), key: claimed.key().clone() });
        Ok(())
    }

    /// Believes a checkpoint from the key of its own epoch. One that another of
    /// the log's keys signed alone is refused as such.
    pub fn verify(&self, checkpoint: &SignedCheckpoint) -> Result<VerifiedCheckpoint, EpochError> {
        let size = checkpoint.claimed().head().size;
        let epoch = self.epoch_of_size(size);
        let own = &self.epochs[epoch as usize].key;
        let unsigned = CheckpointError::Note(NoteError::Unsigned);
        match checkpoint.verify(std::slice::from_ref(own)) {
            Err(error) if error == unsigned => {
                Err(self.signed_by_another(checkpoint, epoch).unwrap_or(unsigned.into()))
            }
            other => Ok(other?),
        }
    }

    /// The number of the current epoch.
    pub fn current(&self) -> u64 {
        self.last().0
    }

    /// The key of an epoch, if it has begun.
    pub fn key(&self, epoch: u64) -> Option<&LogKey> {
        self.epochs.get(usize::try_from(epoch).ok()?).map(|epoch| &epoch.key)
    }

    /// The epoch that a checkpoint of so many records belongs to.
    pub fn epoch_of_size(&self, size: u64) -> u64 {
        // The first epoch begins before all records, also before none at all.
        self.epochs.partition_point(|epoch| epoch.after < size).saturating_sub(1) as u64
    }

    /// Whether every epoch that ended has its last checkpoint among these, which
    /// [`verify`](Self::verify) believed: so that none was left out or cut off.
    pub fn check_closed<'c>(
        &self,
        checkpoints: impl IntoIterator<Item = &'c VerifiedCheckpoint>,
    ) -> Result<(), EpochError> {
        let mut closed = vec![false; self.epochs.len()];
        for checkpoint in checkpoints {
            let size = checkpoint.checkpoint().head().size;
            let epoch = self.epoch_of_size(size) as usize;
            let own = checkpoint.keys().contains(&self.epochs[epoch].key);
            closed[epoch] |= own && self.end(epoch) == Some(size);
        }
        let open = (0..).zip(&closed).find_map(|(epoch, closed)| {
            let size = self.end(epoch).filter(|_| !closed)?;
            Some(EpochError::Open { epoch: epoch as u64, size })
        });
        open.map_or(Ok(()), Err)
    }

    /// Records up to the end of an epoch, if it ended.
    fn end(&self, epoch: usize) -> Option<u64> {
        self.epochs.get(epoch + 1).map(|next| next.after)
    }

    fn last(&self) -> (u64, &Epoch) {
        let number = self.epochs.len() - 1;
        (number as u64, &self.epochs[number])
    }

    fn epoch_of_key(&self, key: &LogKey) -> Option<u64> {
        let bytes = key.as_key().as_bytes();
        self.epochs.iter().position(|epoch| epoch.key.as_key().as_bytes() == bytes).map(|place| place as u64)
    }

    fn signed_by_another(&self, checkpoint: &SignedCheckpoint, epoch: u64) -> Option<EpochError> {
        let size = checkpoint.claimed().head().size;
        let by = |other: &Epoch| checkpoint.note().verify([other.key.as_key()]).is_ok();
        let signed = self.epochs.iter().position(by)? as u64;
        Some(EpochError::WrongEpoch { size, epoch, signed })
    }
}
