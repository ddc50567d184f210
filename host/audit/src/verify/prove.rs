//! Proves that one record is in a log, and checks such a proof.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::whole::named_key;
use super::{FaultKind, ReadError, files};
use crate::checkpoint::{CheckpointError, SignedCheckpoint, VerifiedCheckpoint};
use crate::layout;
use crate::limits::MAX_RECORD_BYTES;
use crate::note::LogKey;
use crate::policy::{Accepted, Policy};
use crate::proof::{ProofFileError, RecordProof, Unproven};
use crate::record::{Envelope, Record};
use crate::tiles::{Tile, TileReader};
use crate::tree::prove_inclusion;

/// Why no proof could be made.
#[derive(Debug, thiserror::Error)]
pub enum ProveFailure {
    /// The caller's: the record is not there, or no checkpoint covers it yet.
    #[error("no checkpoint covers record {seq}: the newest covers {signed} records, the first of them is 0")]
    NotSigned {
        /// The record asked for.
        seq: u64,
        /// Records of the newest checkpoint.
        signed: u64,
    },
    /// The log's: something in it is not what was written, so that a proof would
    /// not hold. [`verify_log`](crate::verify_log) says where.
    #[error("the log does not prove record {seq}: {why}")]
    Broken {
        /// The record asked for.
        seq: u64,
        /// What was seen.
        why: String,
    },
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<io::Error> for ProveFailure {
    fn from(error: io::Error) -> Self {
        Self::Read(error.into())
    }
}

/// Makes the proof that record `seq` is in the log in a directory, in O(log n).
/// The checkpoint in it is of the record's own epoch: the one that most witnesses
/// have cosigned, or the newest if none has.
pub fn prove(dir: &Path, seq: u64) -> Result<RecordProof, ProveFailure> {
    let broken = |why: String| ProveFailure::Broken { seq, why };
    let key = named_key(dir)?;
    let newest = verified(files::newest(dir)?, &key).map_err(broken)?;
    let signed = newest.checkpoint().head().size;
    if seq >= signed {
        return Err(ProveFailure::NotSigned { seq, signed });
    }
    let line = line(dir, seq)?.ok_or_else(|| broken("`offsets` does not lead to it".to_owned()))?;
    let envelope = Envelope::parse(&line).map_err(|kind| broken(kind.to_string()))?;
    let checkpoint = match witnessed(dir, seq, envelope.epoch)?.map_err(broken)? {
        Some(signed) => verified(Ok(signed), &key).map_err(broken)?,
        None if newest.epoch() == Some(envelope.epoch) => newest,
        None => verified(files::closing(dir, envelope.epoch)?, &key).map_err(broken)?,
    };
    let size = checkpoint.checkpoint().head().size;
    let reader = TileReader::new(size, |tile: Tile| files::read_tile(dir, tile));
    let inclusion = prove_inclusion(seq, size, &reader).map_err(|error| broken(error.to_string()))?;
    let proof = RecordProof::new(seq, line, inclusion, checkpoint.signed().clone());
    proof.map_err(|error| broken(error.to_string()))
}

/// The checkpoint of an epoch that most witnesses have cosigned, the newest of
/// several, if one covers the record.
fn witnessed(dir: &Path, seq: u64, epoch: u32) -> io::Result<Result<Option<SignedCheckpoint>, String>> {
    let kept = super::published::witnessed(dir, epoch)?;
    Ok(kept.map(|kept| {
        let covering = kept.into_iter().filter(|signed| signed.claimed().head().size > seq);
        covering.max_by_key(|signed| signed.note().signatures().len())
    }))
}

fn verified(signed: Result<SignedCheckpoint, String>, key: &LogKey) -> Result<VerifiedCheckpoint, String> {
    signed?.verify(std::slice::from_ref(key)).map_err(|error: CheckpointError| error.to_string())
}

/// The line of a record without its newline, found by the index. `None` if the
/// index leads nowhere.
pub(super) fn line(dir: &Path, seq: u64) -> io::Result<Option<Vec<u8>>> {
    let Some((start, end)) = ends(dir, seq)? else { return Ok(None) };
    let length = end.checked_sub(start).filter(|length| (1..=MAX_RECORD_BYTES as u64 + 1).contains(length));
    let Some(length) = length else { return Ok(None) };
    let mut line = vec![0; length as usize];
    let mut file = File::open(layout::log(dir))?;
    file.seek(SeekFrom::Start(start))?;
    match file.read_exact(&mut line) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
        Ok(()) => Ok((line.pop() == Some(b'\n')).then_some(line)),
    }
}

/// Where the line of a record begins and ends, if the index says so.
pub(super) fn ends(dir: &Path, seq: u64) -> io::Result<Option<(u64, u64)>> {
    let mut file = File::open(layout::offsets(dir))?;
    let mut pair = [0; 16];
    let read = match seq.checked_sub(1) {
        None => file.read_exact(&mut pair[8..]),
        Some(before) => {
            file.seek(SeekFrom::Start(before.saturating_mul(8)))?;
            file.read_exact(&mut pair)
        }
    };
    match read {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let (halves, _) = pair.as_chunks::<8>();
    Ok(Some((u64::from_be_bytes(halves[0]), u64::from_be_bytes(halves[1]))))
}

/// Why the file of a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofRefused {
    /// Not the file of a proof.
    #[error(transparent)]
    File(#[from] ProofFileError),
    /// It does not hold.
    #[error(transparent)]
    Unproven(#[from] Unproven),
    /// What it proves is no record.
    #[error("what is proven is no record: {0}")]
    Record(#[source] FaultKind),
    /// The record names another number than its place.
    #[error("the record at place {index} says that it is record {found}")]
    Misplaced {
        /// Its place.
        index: u64,
        /// The number it names.
        found: u64,
    },
    /// The checkpoint was signed in another epoch than the record's: with a key
    /// that was not there yet, or one that should have been destroyed.
    #[error("the record is of epoch {record}, and its checkpoint was signed in another")]
    WrongEpoch {
        /// The epoch that the record names.
        record: u32,
    },
}

/// A record that is proven to be in a log. Only [`check_proof`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proven {
    /// The record.
    pub record: Record,
    /// The checkpoint that vouches for it, and who has seen that.
    pub accepted: Accepted,
}

/// Checks the file of a proof. Needs the log's key in a [`Policy`], and neither
/// the log nor a network.
pub fn check_proof(bytes: &[u8], policy: &Policy) -> Result<Proven, ProofRefused> {
    let proven = RecordProof::parse(bytes)?.verify(policy)?;
    let record = Record::decode(proven.line()).map_err(ProofRefused::Record)?;
    let index = proven.index();
    if record.seq != index {
        return Err(ProofRefused::Misplaced { index, found: record.seq });
    }
    let accepted = proven.accepted().clone();
    if accepted.checkpoint().epoch() != Some(record.epoch) {
        return Err(ProofRefused::WrongEpoch { record: record.epoch });
    }
    Ok(Proven { record, accepted })
}
