//! What a log asks of a witness.

use std::fmt;

use super::MAX_REQUEST_BYTES;
use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::spelling::{decimal, hashes, of_hash};
use crate::tree::{ConsistencyProof, MAX_PROOF_HASHES};

/// The body of an `add-checkpoint` request, nothing in it verified.
///
/// `Display` writes exactly the bytes that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    old_size: u64,
    proof: ConsistencyProof,
    checkpoint: SignedCheckpoint,
}

/// Why bytes are not a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Longer than any request.
    #[error("a request has at most {MAX_REQUEST_BYTES} bytes, and this has {found}")]
    TooLong {
        /// Bytes found.
        found: usize,
    },
    /// No empty line, or no UTF-8 before it.
    #[error("a request is an `old` line, a proof, an empty line and a checkpoint; this is not")]
    Form,
    /// The first line is not `old <size>`.
    #[error("the first line of a request is `old` and the size that the witness knows, in decimal")]
    Old,
    /// A line of the proof is no hash, or one too many.
    #[error("line {line} of the proof is not one of at most {MAX_PROOF_HASHES} hashes in base64")]
    Proof {
        /// Which one, from 1.
        line: usize,
    },
    /// What follows is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl AddCheckpoint {
    /// A request to cosign a checkpoint, with the proof that it continues the one
    /// of `old_size` records. From 0 the proof is empty.
    pub fn new(
        old_size: u64,
        proof: ConsistencyProof,
        checkpoint: SignedCheckpoint,
    ) -> Result<Self, RequestError> {
        if proof.hashes().len() > MAX_PROOF_HASHES {
            return Err(RequestError::Proof { line: MAX_PROOF_HASHES + 1 });
        }
        Ok(Self { old_size, proof, checkpoint })
    }

    /// Reads the body of a request. Nothing may follow it.
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestError> {
        if bytes.len() > MAX_REQUEST_BYTES {
            return Err(RequestError::TooLong { found: bytes.len() });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| RequestError::Form)?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(RequestError::Form)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let old_size = old.and_then(decimal).ok_or(RequestError::Old)?;
        let proof = hashes(lines).map_err(|line| RequestError::Proof { line })?;
        let checkpoint = SignedCheckpoint::parse(checkpoint.as_bytes())?;
        Ok(Self { old_size, proof: ConsistencyProof::from_hashes(proof), checkpoint })
    }

    /// The size that the log believes the witness to know.
    pub const fn old_size(&self) -> u64 {
        self.old_size
    }

    /// The proof from that size on.
    pub const fn proof(&self) -> &ConsistencyProof {
        &self.proof
    }

    /// The checkpoint to be cosigned. Its origin tells a witness which of its logs
    /// the request is for.
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        self.proof.hashes().iter().try_for_each(|hash| writeln!(f, "{}", of_hash(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
