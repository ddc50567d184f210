//! The file of a proof.

use std::fmt;

use super::MAX_PROOF_BYTES;
use super::verify::{Unproven, check_inclusion};
use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::limits::MAX_RECORD_BYTES;
use crate::spelling::{base64, decimal, hashes, of_hash, to_base64};
use crate::tree::{InclusionProof, MAX_PROOF_HASHES};

/// What the file begins with.
const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// A record, and what shows it to be in a log. Nothing of it is to be believed
/// until it is [verified](Self::verify).
///
/// `Display` writes exactly the bytes that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordProof {
    pub(super) index: u64,
    pub(super) record: Vec<u8>,
    pub(super) inclusion: InclusionProof,
    pub(super) checkpoint: SignedCheckpoint,
}

/// Why bytes are not the file of a proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofFileError {
    /// Longer than any proof.
    #[error("a proof has at most {MAX_PROOF_BYTES} bytes, and this has {found}")]
    TooLong {
        /// Bytes found.
        found: usize,
    },
    /// Does not begin as a proof does, or has no empty line.
    #[error("not a proof: it does not begin with `{FIRST_LINE}`, or no checkpoint follows")]
    Form,
    /// No record, or too long a one.
    #[error(
        "the second line of a proof is `extra` and a record of at most {MAX_RECORD_BYTES} bytes in base64"
    )]
    Record,
    /// No number.
    #[error("the third line of a proof is `index` and the number of the record, in decimal")]
    Index,
    /// A line of the proof is no hash, or one too many.
    #[error("line {line} of the hashes is not one of at most {MAX_PROOF_HASHES} hashes in base64")]
    Hash {
        /// Which one, from 1.
        line: usize,
    },
    /// What follows is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl RecordProof {
    /// Puts a proof together: record `index` of the log, a line without its
    /// newline, under a checkpoint. What does not prove it is refused.
    pub fn new(
        index: u64,
        record: Vec<u8>,
        inclusion: InclusionProof,
        checkpoint: SignedCheckpoint,
    ) -> Result<Self, Unproven> {
        if record.len() > MAX_RECORD_BYTES {
            return Err(Unproven::RecordTooLong { found: record.len() });
        }
        let proof = Self { index, record, inclusion, checkpoint };
        check_inclusion(&proof).map(|()| proof)
    }

    /// Reads the file of a proof. Nothing may follow it.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofFileError> {
        if bytes.len() > MAX_PROOF_BYTES {
            return Err(ProofFileError::TooLong { found: bytes.len() });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ProofFileError::Form)?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofFileError::Form)?;
        let mut lines = head.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(ProofFileError::Form);
        }
        let record = lines.next().and_then(|line| base64(line.strip_prefix("extra ")?));
        let short = |record: &Vec<u8>| record.len() <= MAX_RECORD_BYTES;
        let record = record.filter(short).ok_or(ProofFileError::Record)?;
        let index = lines.next().and_then(|line| decimal(line.strip_prefix("index ")?));
        let index = index.ok_or(ProofFileError::Index)?;
        let hashes = hashes(lines).map_err(|line| ProofFileError::Hash { line })?;
        let checkpoint = SignedCheckpoint::parse(checkpoint.as_bytes())?;
        Ok(Self { index, record, inclusion: InclusionProof::from_hashes(hashes), checkpoint })
    }

    /// The number of the record that the file says to prove.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The checkpoint that the file holds. Its origin tells which keys to look for.
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }
}

impl fmt::Display for RecordProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}\nextra {}\nindex {}", to_base64(&self.record), self.index)?;
        self.inclusion.hashes().iter().try_for_each(|hash| writeln!(f, "{}", of_hash(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
