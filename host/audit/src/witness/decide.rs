//! What a witness decides.

use super::request::{AddCheckpoint, RequestError};
use crate::checkpoint::{CheckpointError, VerifiedCheckpoint, check_growth};
use crate::note::{Cosigner, KeyName, LogKey, SignatureLine};
use crate::tree::{ProofError, TreeHead};

/// A log that a witness follows: the keys it trusts, and the head it cosigned last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessedLog {
    /// At least one, all of one name: the log's origin.
    keys: Vec<LogKey>,
    head: TreeHead,
}

/// The keys are not those of one log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a log that is witnessed has at least one key, and all its keys have its name")]
pub struct NotOneLog;

/// Why a witness does not cosign. [`status`](Self::status) and
/// [`body`](Self::body) are what it answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a request.
    #[error(transparent)]
    Malformed(#[from] RequestError),
    /// The old size is beyond the new one.
    #[error("the request leads from {old} records back to {new}")]
    OldBeyondNew {
        /// The old size.
        old: u64,
        /// The size of the checkpoint.
        new: u64,
    },
    /// A log that this witness does not follow.
    #[error("this witness does not follow the log {origin}")]
    UnknownLog {
        /// Its origin.
        origin: KeyName,
    },
    /// Not signed by a trusted key of the log.
    #[error(transparent)]
    Untrusted(CheckpointError),
    /// The witness knows another size than the request begins with.
    #[error("the last checkpoint that this witness cosigned has {size} records")]
    Conflict {
        /// The one it knows.
        size: u64,
    },
    /// No records, and not the root of the empty tree.
    #[error("a log without records has the root hash of the empty tree, and this has another")]
    EmptyRoot,
    /// The checkpoint is not shown to continue the last one. Signed as it is, it
    /// may be evidence against the log, and is worth keeping.
    #[error("the checkpoint is not shown to continue the last one: {0}")]
    Inconsistent(#[source] ProofError),
}

impl Refusal {
    /// The HTTP status that the protocol gives it.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::OldBeyondNew { .. } => 400,
            Self::Untrusted(_) => 403,
            Self::UnknownLog { .. } => 404,
            Self::Conflict { .. } => 409,
            Self::EmptyRoot | Self::Inconsistent(_) => 422,
        }
    }

    /// The body of the answer: for a `Conflict` the size that the witness knows,
    /// of the content type [`SIZE_CONTENT_TYPE`](super::SIZE_CONTENT_TYPE), and
    /// otherwise words.
    pub fn body(&self) -> String {
        match self {
            Self::Conflict { size } => format!("{size}\n"),
            other => format!("{other}\n"),
        }
    }
}

impl WitnessedLog {
    /// A log with these keys, and the head that was cosigned last:
    /// [`TreeHead::EMPTY`] if none was.
    pub fn new(keys: Vec<LogKey>, head: TreeHead) -> Result<Self, NotOneLog> {
        let one = keys.first().is_some_and(|first| keys.iter().all(|key| key.name() == first.name()));
        if one { Ok(Self { keys, head }) } else { Err(NotOneLog) }
    }

    /// The keys that are trusted.
    pub fn keys(&self) -> &[LogKey] {
        &self.keys
    }

    /// The head that was cosigned last.
    pub const fn head(&self) -> &TreeHead {
        &self.head
    }

    /// Decides on a request, given the log that its checkpoint names, if the
    /// witness follows it. Nothing is signed, and nothing is stored.
    pub fn decide(log: Option<&Self>, request: &AddCheckpoint) -> Result<Step, Refusal> {
        let claimed = request.checkpoint().claimed();
        let unknown = || Refusal::UnknownLog { origin: claimed.origin().clone() };
        let log = log.ok_or_else(unknown)?;
        let checkpoint = request.checkpoint().verify(&log.keys).map_err(|error| match error {
            CheckpointError::UnknownLog { .. } => unknown(),
            CheckpointError::EmptyRoot => Refusal::EmptyRoot,
            error => Refusal::Untrusted(error),
        })?;
        let (old, new) = (request.old_size(), claimed.head().size);
        if old > new {
            return Err(Refusal::OldBeyondNew { old, new });
        }
        if old != log.head.size {
            return Err(Refusal::Conflict { size: log.head.size });
        }
        check_growth(&log.head, claimed.head(), request.proof()).map_err(Refusal::Inconsistent)?;
        let (from, to) = (log.head, *claimed.head());
        let advance = Advance { origin: claimed.origin().clone(), from, to };
        Ok(Step { advance, checkpoint })
    }
}

/// What changes in a witness's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advance {
    /// The log.
    pub origin: KeyName,
    /// The head it is decided from: what the memory must hold still.
    pub from: TreeHead,
    /// The head to remember.
    pub to: TreeHead,
}

/// A request that is good, as long as nothing was stored since.
#[derive(Debug)]
#[must_use]
pub struct Step {
    advance: Advance,
    checkpoint: VerifiedCheckpoint,
}

impl Step {
    /// What will change.
    pub const fn advance(&self) -> &Advance {
        &self.advance
    }

    /// Stores the new head. `store` compares what is remembered for the origin
    /// with `from` and sets it to `to`, both in one act, and returns when that is
    /// durable. Where something else is remembered by then, it fails, with
    /// [`Refusal::Conflict`] and the size it found.
    pub fn store<E>(self, store: impl FnOnce(&Advance) -> Result<(), E>) -> Result<Stored, E> {
        store(&self.advance)?;
        Ok(Stored { checkpoint: self.checkpoint })
    }
}

/// A checkpoint that a witness remembers, and may sign. Only [`Step::store`]
/// makes one.
#[derive(Debug)]
#[must_use]
pub struct Stored {
    checkpoint: VerifiedCheckpoint,
}

impl Stored {
    /// The checkpoint as the log sent it.
    pub const fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    /// Signs it at a time in seconds since 1970; the body of the answer is the
    /// line and a newline. `None` if the clock says 0, or more than 2⁶³−1.
    pub fn cosign(&self, cosigner: &Cosigner, seconds: u64) -> Option<SignatureLine> {
        cosigner.cosign(self.checkpoint.signed().note().text(), seconds)
    }
}
