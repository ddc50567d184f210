//! Putting in order what an interrupted writer left, and saying so on record.
//!
//! First it is made sure that nothing else is wrong; up to there nothing changes.
//! Then what nobody was told of is cut off, and after that put on record, with the
//! payloads that are missing, and the calls of which nobody knows how they ended.
//! An interruption in between changes nothing of what will be on record: what was
//! cut off is kept in the file `torn` until it is, and the rest is seen again.

use std::path::Path;

use super::disk::{Disk, OpenFile};
use super::keeper::Kept;
use super::tail::Tail;
use crate::error::LogError;
use crate::packs::PayloadRef;
use crate::record::{Entry, Lost, Recovered, Torn};
use crate::{Hash, layout};

/// What was cut off and may not be on record. In its file: the bytes of payloads
/// as a number (8 bytes, big-endian), and the bytes of records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cut {
    payload_bytes: u64,
    bytes: Vec<u8>,
}

impl Cut {
    /// What an interrupted writer has cut off.
    pub(super) fn read(disk: &Disk, dir: &Path) -> Result<Option<Self>, LogError> {
        let path = layout::torn(dir);
        if !path.exists() {
            return Ok(None);
        }
        let bytes = disk.read(&path)?;
        let Some((number, bytes)) = bytes.split_first_chunk() else {
            return Err(LogError::Evidence { path, what: "it is not what a log keeps there".to_owned() });
        };
        Ok(Some(Self { payload_bytes: u64::from_be_bytes(*number), bytes: bytes.to_vec() }))
    }

    fn write(&self, disk: &Disk, dir: &Path) -> Result<(), LogError> {
        disk.replace(&layout::torn(dir), &[&self.payload_bytes.to_be_bytes(), self.bytes.as_slice()].concat())
    }

    fn record(&self) -> Torn {
        Torn {
            cut_bytes: self.bytes.len() as u64,
            cut_sha256: Hash::of_payload(&self.bytes),
            cut_payload_bytes: self.payload_bytes,
        }
    }
}

/// What has to be on record before the log goes on.
pub(super) struct ToRecord {
    cut: Option<Cut>,
    /// Whether the record of what was cut off is there.
    said: bool,
}

/// Cuts off an incomplete record, after keeping its bytes. `payload_bytes` are
/// about to be cut off the packs.
pub(super) fn cut(
    disk: &Disk,
    dir: &Path,
    file: &mut OpenFile,
    tail: &Tail,
    payload_bytes: u64,
) -> Result<ToRecord, LogError> {
    let before = Cut::read(disk, dir)?;
    let said = before.as_ref().map(Cut::record) == tail.torn;
    if tail.end.is_none() && payload_bytes == 0 {
        return Ok(ToRecord { cut: before, said });
    }
    // What is on record already is not said again.
    let mut cut = before.filter(|_| !said).unwrap_or_default();
    // Where the same is found again, it was kept and not cut off yet.
    cut.payload_bytes = cut.payload_bytes.max(payload_bytes);
    if let Some(end) = tail.end.as_ref().filter(|end| !cut.bytes.ends_with(&end.bytes)) {
        cut.bytes.extend_from_slice(&end.bytes);
    }
    cut.write(disk, dir)?;
    tail.end.as_ref().map_or(Ok(()), |end| file.cut(end.offset))?;
    Ok(ToRecord { cut: Some(cut), said: false })
}

impl ToRecord {
    /// Puts everything on record that is not: what was cut off, the payloads that
    /// are `lost`, and the calls that are `open`, with their identifiers.
    pub(super) fn record(
        self,
        kept: &Kept,
        lost: &[PayloadRef],
        open: Vec<(u64, String)>,
    ) -> Result<(), LogError> {
        let say = |entry| kept.enqueue(&entry, Vec::new());
        if let Some(cut) = self.cut.as_ref().filter(|_| !self.said) {
            say(Entry::Torn(cut.record()))?;
        }
        for of in lost {
            say(Entry::Lost(Lost { record: of.seq, field: of.field }))?;
        }
        for (intent, id) in open {
            say(Entry::Recovered(Recovered { intent, id }))?;
        }
        kept.commits.flush()?;
        if self.cut.is_none() {
            return Ok(());
        }
        kept.disk.remove(&layout::torn(&kept.dir))?;
        kept.disk.sync_directory(&kept.dir)
    }
}
