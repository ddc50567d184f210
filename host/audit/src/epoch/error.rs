//! Why an epoch was refused.

use crate::checkpoint::{CheckpointError, MAX_TREE_SIZE};
use crate::note::{KeyError, KeyName, KeyNameError, NoteError};

/// Why bytes are not a statement about the next epoch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Not a note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Not five lines, or not these.
    #[error(
        "not a statement about a key: five lines are expected, `mpp-audit/epoch/v1`, the log's name, `epoch <number>`, `after <number>` and a key"
    )]
    Form,
    /// The name of the log cannot be one.
    #[error("the log of the statement: {0}")]
    Origin(#[source] KeyNameError),
    /// Epochs are counted from 0, and the first has no statement.
    #[error("the third line is `epoch` and its number, from 1")]
    Epoch,
    /// At least the record that holds the statement comes before.
    #[error("the fourth line is `after` and a number of records, from 1 to {MAX_TREE_SIZE}")]
    After,
    /// Not a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The key is one of another log.
    #[error("the key is one of {found}, not of {origin}")]
    Foreign {
        /// Name of the key.
        found: KeyName,
        /// The log.
        origin: KeyName,
    },
}

/// Why a key does not follow, or a checkpoint is not of its epoch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EpochError {
    /// The statement is of another log.
    #[error("the statement is about a key of {found}, another log")]
    Origin {
        /// The log it names.
        found: KeyName,
    },
    /// The key of the epoch before did not sign it.
    #[error("the key of epoch {epoch} did not sign the statement about the next one: {source}")]
    Unsigned {
        /// The epoch whose key should have.
        epoch: u64,
        /// What is wrong.
        source: NoteError,
    },
    /// Not the next number.
    #[error("epoch {expected} should follow, and the statement is about epoch {found}")]
    Gap {
        /// The next number.
        expected: u64,
        /// The number it names.
        found: u64,
    },
    /// The end of an epoch is not after its beginning.
    #[error("the epoch began after {began} records and cannot end after {ended}")]
    Backwards {
        /// Records before it.
        began: u64,
        /// Records up to its end.
        ended: u64,
    },
    /// The record that holds the statement stands elsewhere than it says.
    #[error("the statement ends the epoch after {after} records, and is record {record} itself")]
    Misplaced {
        /// What it says.
        after: u64,
        /// Where it is.
        record: u64,
    },
    /// A key that was used before.
    #[error("the key was used in epoch {epoch} already")]
    KeyAgain {
        /// When.
        epoch: u64,
    },
    /// A checkpoint is signed by the key of another epoch.
    #[error(
        "a checkpoint of {size} records belongs to epoch {epoch}, and the key of epoch {signed} signed it"
    )]
    WrongEpoch {
        /// Records of the checkpoint.
        size: u64,
        /// The epoch it belongs to.
        epoch: u64,
        /// The epoch whose key signed.
        signed: u64,
    },
    /// A checkpoint is not to be believed, whatever its epoch.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// An epoch ended without its last checkpoint.
    #[error("epoch {epoch} ended after {size} records, and its checkpoint of that size is missing")]
    Open {
        /// The epoch.
        epoch: u64,
        /// Its end.
        size: u64,
    },
}
