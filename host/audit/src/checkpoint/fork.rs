//! Two checkpoints of one log: does one follow the other, or do they accuse it?

use std::fmt;

use super::VerifiedCheckpoint;
use crate::tree::{ConsistencyProof, ProofError, TreeHead};

/// Why a checkpoint does not follow another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrowthError {
    /// They are of two logs.
    #[error("the two checkpoints are of two different logs")]
    Origin,
    /// The newer is not shown to continue the older.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl VerifiedCheckpoint {
    /// Whether this checkpoint is of the same log as an older one, and the proof
    /// shows that nothing but growth lies between them. From a log without
    /// records every log has grown, and the proof must be empty.
    pub fn follows(&self, older: &Self, proof: &ConsistencyProof) -> Result<(), GrowthError> {
        if self.checkpoint().origin() != older.checkpoint().origin() {
            return Err(GrowthError::Origin);
        }
        check_growth(older.checkpoint().head(), self.checkpoint().head(), proof).map_err(GrowthError::Proof)
    }
}

/// As [`ConsistencyProof::verify`]; from the empty tree the empty proof is enough.
pub(crate) fn check_growth(
    old: &TreeHead,
    new: &TreeHead,
    proof: &ConsistencyProof,
) -> Result<(), ProofError> {
    match (old.size, proof.hashes()) {
        (0, []) if new.size > 0 || new == old => Ok(()),
        (0, []) => Err(ProofError::Root),
        (0, _) => Err(ProofError::TooLong),
        _ => proof.verify(old, new),
    }
}

/// Two signed checkpoints of one log that cannot both be true: the same size,
/// and two roots. Whoever holds them can show to anybody who trusts the log's
/// key that its owner signed two histories. In text the two checkpoints, one
/// after the other, with an empty line between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    one: VerifiedCheckpoint,
    other: VerifiedCheckpoint,
}

impl Fork {
    /// The accusation, if there is one.
    pub fn between(one: &VerifiedCheckpoint, other: &VerifiedCheckpoint) -> Option<Self> {
        let (a, b) = (one.checkpoint(), other.checkpoint());
        let forked = a.origin() == b.origin() && a.head().size == b.head().size && a.head() != b.head();
        forked.then(|| Self { one: one.clone(), other: other.clone() })
    }

    /// The two checkpoints.
    pub const fn checkpoints(&self) -> [&VerifiedCheckpoint; 2] {
        [&self.one, &self.other]
    }
}

impl fmt::Display for Fork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.one.signed(), self.other.signed())
    }
}
