//! Holding a proof against a policy.

use super::file::RecordProof;
use crate::Hash;
use crate::limits::MAX_RECORD_BYTES;
use crate::policy::{Accepted, Policy, RefusedCheckpoint};
use crate::tree::{MAX_PROOF_HASHES, ProofError};

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// No log that is believed vouches for the checkpoint, or too few witnesses.
    #[error(transparent)]
    Checkpoint(#[from] RefusedCheckpoint),
    /// The checkpoint does not cover this record.
    #[error("the record is not in the log as this checkpoint knows it: {0}")]
    Inclusion(#[from] ProofError),
    /// The log is larger than the file format can serve.
    #[error("the proof has {found} hashes, and the format allows {MAX_PROOF_HASHES}")]
    TooManyHashes {
        /// Hashes of the proof.
        found: usize,
    },
    /// Not a record of this log.
    #[error("a record has at most {MAX_RECORD_BYTES} bytes, and this has {found}")]
    RecordTooLong {
        /// Its bytes.
        found: usize,
    },
}

/// A record that is in a log, by the word of a checkpoint that a policy accepts.
/// Only [`RecordProof::verify`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenRecord {
    index: u64,
    line: Vec<u8>,
    accepted: Accepted,
}

impl RecordProof {
    /// Believes the proof if the policy accepts its checkpoint and the record is
    /// at its place in the tree.
    pub fn verify(self, policy: &Policy) -> Result<ProvenRecord, Unproven> {
        let accepted = policy.accept(&self.checkpoint)?;
        check_inclusion(&self)?;
        Ok(ProvenRecord { index: self.index, line: self.record, accepted })
    }
}

/// Whether the record is in the tree that the checkpoint claims.
pub(super) fn check_inclusion(proof: &RecordProof) -> Result<(), Unproven> {
    let found = proof.inclusion.hashes().len();
    if found > MAX_PROOF_HASHES {
        return Err(Unproven::TooManyHashes { found });
    }
    let leaf = Hash::of_record(&proof.record);
    Ok(proof.inclusion.verify(proof.index, leaf, proof.checkpoint.claimed().head())?)
}

impl ProvenRecord {
    /// Its place in the log. A record says the same of itself (`seq`).
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The record as it stands in the log, without its newline.
    pub fn line(&self) -> &[u8] {
        &self.line
    }

    /// The checkpoint that vouches for it, and who has seen that.
    pub const fn accepted(&self) -> &Accepted {
        &self.accepted
    }
}
