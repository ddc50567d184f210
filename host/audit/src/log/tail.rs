//! What follows the newest checkpoint, and how an incomplete end is cut off.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::commit::{Commits, Leaf};
use super::disk::{Disk, OpenFile};
use crate::error::LogError;
use crate::record::{Body, Entry, Record, Torn as TornRecord};
use crate::verify::{Fault, FaultKind, Place, ReadError, Walk};
use crate::{Hash, Timestamp, layout};

/// The records that no checkpoint covers.
pub(super) struct Tail {
    pub(super) leaves: Vec<Leaf>,
    /// The epoch of each of them.
    pub(super) epochs: Vec<u32>,
    /// The last record, signed or not.
    pub(super) last: Place,
    /// An incomplete record after it.
    torn: Option<Torn>,
    /// What an interrupted writer has cut off and may not have recorded.
    cut: Option<Vec<u8>>,
    /// What the last record says was cut off.
    recorded: Option<TornRecord>,
}

/// An incomplete record at the end.
struct Torn {
    /// Where it begins.
    offset: u64,
    bytes: Vec<u8>,
}

/// Reads the records after one that is signed, whose line ends at `end`.
pub(super) fn read_tail(
    disk: &Disk,
    dir: &Path,
    file: &OpenFile,
    signed: Place,
    end: u64,
) -> Result<Tail, LogError> {
    let path = layout::log(dir);
    let read = |offset| -> std::io::Result<BufReader<File>> {
        let mut file = file.file().try_clone()?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(BufReader::new(file))
    };
    let io = |error| LogError::io("read", &path)(error);
    let torn = layout::torn(dir);
    let cut = if torn.exists() { Some(disk.read(&torn)?) } else { None };
    let (leaves, epochs) = (Vec::new(), Vec::new());
    let mut tail = Tail { leaves, epochs, last: signed, torn: None, cut, recorded: None };
    let mut last = None;
    for link in Walk::after(signed, end, read(end).map_err(io)?) {
        match link {
            Ok(link) => {
                tail.leaves.push(Leaf { hash: link.receipt.hash, bytes: link.line.len() as u64 + 1 });
                tail.epochs.push(link.epoch);
                let (number, offset) = (link.number, link.offset);
                tail.last = Place { receipt: link.receipt, epoch: link.epoch, number, offset };
                last = Some(link);
            }
            Err(ReadError::Io(error)) => return Err(io(error)),
            Err(ReadError::Fault(fault)) => {
                let mut bytes = Vec::new();
                read(fault.offset).and_then(|mut rest| rest.read_to_end(&mut bytes)).map_err(io)?;
                if !is_torn(&fault, &bytes) {
                    return Err(LogError::Broken { path, fault });
                }
                tail.torn = Some(Torn { offset: fault.offset, bytes });
            }
        }
    }
    if let Some(link) = last {
        let record = Record::decode(&link.line);
        let broken = |kind| LogError::Broken { path: path.clone(), fault: link.fault(kind) };
        if let Entry::Torn(torn) = record.map_err(broken)?.entry {
            tail.recorded = Some(torn);
        }
    }
    Ok(tail)
}

/// Whether a fault is how the end of a log looks whose writer was interrupted:
/// the last line is not whole, or it has a hole of zeros, which a disk leaves
/// where it had not written yet when the power went. No record has a zero byte,
/// and nothing after a hole was acknowledged, since a sync would have filled it.
fn is_torn(fault: &Fault, rest: &[u8]) -> bool {
    let first = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    matches!(fault.kind, FaultKind::Torn | FaultKind::MissingNewline) || first.contains(&0)
}

impl Tail {
    /// The leaves up to the last record of an epoch.
    pub(super) fn leaves_of(&self, epoch: u32) -> &[Leaf] {
        let count = self.epochs.iter().take_while(|found| **found == epoch).count();
        &self.leaves[..count]
    }

    /// Cuts off an incomplete record, and keeps its bytes in a file until that is
    /// on record.
    pub(super) fn cut(&mut self, disk: &Disk, dir: &Path, file: &mut OpenFile) -> Result<(), LogError> {
        let Some(Torn { offset, bytes }) = self.torn.take() else { return Ok(()) };
        // Of what was cut off before, only the record may have been interrupted.
        let all = match self.cut.take() {
            Some(before) if before != bytes => [before, bytes].concat(),
            _ => bytes,
        };
        disk.replace(&layout::torn(dir), &all)?;
        self.cut = Some(all);
        file.cut(offset)
    }

    /// Puts on record what was cut off, unless it is.
    pub(super) fn record(
        &self,
        disk: &Disk,
        dir: &Path,
        commits: &Commits,
        now: Timestamp,
    ) -> Result<(), LogError> {
        let Some(bytes) = &self.cut else { return Ok(()) };
        let (cut_bytes, cut_sha256) = (bytes.len() as u64, Hash::of_payload(bytes));
        let torn = TornRecord { cut_bytes, cut_sha256, cut_payload_bytes: 0 };
        if self.recorded.as_ref() != Some(&torn) {
            let body = Body::of(&Entry::Torn(torn)).map_err(LogError::Unrecordable)?;
            commits.append(|place| body.at(&place.at(now)))?;
        }
        disk.remove(&layout::torn(dir))?;
        disk.sync_directory(dir)
    }
}
