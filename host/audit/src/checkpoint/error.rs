//! Why a checkpoint was refused.

use super::MAX_TREE_SIZE;
use crate::note::{KeyName, KeyNameError, NoteError};

/// Why bytes are not a checkpoint, or a checkpoint is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not a note, or not one that a trusted key signed.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Fewer than three lines.
    #[error("a checkpoint has three lines: origin, size and root hash; this has fewer")]
    TooFewLines,
    /// Lines after the third.
    #[error("a checkpoint has no lines after the root hash; nobody could tell what they mean")]
    Extension,
    /// The origin cannot be the name of a key.
    #[error("the origin of the checkpoint: {0}")]
    Origin(#[source] KeyNameError),
    /// Not a size.
    #[error("the second line of a checkpoint is the number of records, decimal and at most {MAX_TREE_SIZE}")]
    Size,
    /// Not a hash.
    #[error("the third line of a checkpoint is the root hash, 44 characters of base64")]
    Root,
    /// Of another log than any that is trusted here.
    #[error("this is a checkpoint of {found}, a log that is not trusted here")]
    UnknownLog {
        /// The origin it names.
        found: KeyName,
    },
    /// The signer's key has another name.
    #[error("a key of {signer} does not sign checkpoints of {origin}")]
    Signer {
        /// Name of the key.
        signer: KeyName,
        /// Origin of the checkpoint.
        origin: KeyName,
    },
    /// A log without records whose root is not that of the empty tree.
    #[error(
        "the checkpoint of a log without records has the root hash of the empty tree, and this has another"
    )]
    EmptyRoot,
}
