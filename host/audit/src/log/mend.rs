//! Putting in order what an interrupted writer left, and saying so on record.
//!
//! By then it is known that nothing else is wrong; up to here nothing changed. What nobody was told of is cut off, and after that put on record, with the
//! payloads that are missing, and the calls of which nobody knows how they ended.
//! An interruption in between changes nothing of what will be on record: what was
//! cut off is kept in the file `torn` until it is, and the rest is seen again.

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::Settings;
use super::commit::Commits;
use super::disk::{Disk, OpenFile};
use super::keeper::Kept;
use super::resume::Resumed;
use super::tail::Tail;
use crate::error::LogError;
use crate::packs::{PayloadRef, erase};
use crate::record::{Entry, Lost, Recovered, Torn};
use crate::{Clock, Hash, layout};

/// What was cut off and may not be on record. In its file: the bytes of payloads
/// as a number (8 bytes, big-endian), and the bytes of records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Cut {
    payload_bytes: u64,
    bytes: Vec<u8>,
}

impl Cut {
    /// What an interrupted writer has cut off.
    fn read(disk: &Disk, dir: &Path) -> Result<Option<Self>, LogError> {
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
struct ToRecord {
    cut: Option<Cut>,
    /// Whether the record of what was cut off is there.
    said: bool,
    /// Payloads that are missing.
    lost: Vec<PayloadRef>,
    /// Calls that are open, and their identifiers.
    open: Vec<(u64, String)>,
}

impl Resumed {
    /// Puts in order what an interrupted writer left, and on record what has to be.
    /// Nothing is signed before that.
    pub(super) fn mend(
        self,
        disk: Disk,
        dir: &Path,
        mut file: OpenFile,
        clock: Box<dyn Clock>,
        settings: Settings,
    ) -> Result<Kept, LogError> {
        let Self { header: _, evidence, tail, packs, open, ids } = self;
        let path = layout::log(dir);
        // A writer whose sync failed may have been here, and no sync since would tell.
        let unsigned: u64 = tail.leaves.iter().map(|leaf| leaf.bytes).sum();
        disk.rewrite(&path, evidence.end..evidence.end + unsigned)?;
        let (cut, said) = cut(&disk, dir, &mut file, &tail, packs.cut_bytes())?;
        // What was read becomes durable before anything is chained to it. What a
        // checkpoint covers is already, or it would not have been signed.
        if unsigned > 0 || cut.is_some() {
            file.sync_all().map_err(LogError::io("sync", &path))?;
        }
        let to_record = ToRecord { cut, said, lost: packs.lost().to_vec(), open: ids };
        let packs = packs.mend()?;
        tail.erased.iter().try_for_each(|of| erase(&disk, dir, *of).map(drop))?;
        let ended = tail.last_of(evidence.epoch());
        let (file, packs, epoch) = (Box::new(file), Box::new(packs), evidence.epoch().max(tail.last.epoch));
        let commits =
            Arc::new(Commits::new(file, packs, tail.last.receipt, epoch, tail.leaves, open.count()));
        let (evidence, dir) = (Mutex::new(evidence), dir.to_owned());
        let kept = Kept { disk, dir, commits, evidence, clock, settings };
        // All of it is looked for in what no checkpoint covers, so none comes before.
        to_record.record(&kept)?;
        tail.retention.map_or(Ok(()), |(seq, before)| kept.finish_retention(seq, before))?;
        ended.map_or(Ok(()), |last| kept.end_epoch_at(last))?;
        Ok(kept)
    }
}

/// Cuts off an incomplete record, after keeping its bytes. `payload_bytes` are
/// about to be cut off the packs. Returns what is to be put on record, and
/// whether it is there already.
fn cut(
    disk: &Disk,
    dir: &Path,
    file: &mut OpenFile,
    tail: &Tail,
    payload_bytes: u64,
) -> Result<(Option<Cut>, bool), LogError> {
    let before = Cut::read(disk, dir)?;
    let said = before.as_ref().map(Cut::record) == tail.torn;
    if tail.end.is_none() && payload_bytes == 0 {
        return Ok((before, said));
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
    Ok((Some(cut), false))
}

impl ToRecord {
    /// Puts on record what is not yet.
    fn record(self, kept: &Kept) -> Result<(), LogError> {
        let say = |entry| kept.enqueue(&entry, Vec::new());
        if let Some(cut) = self.cut.as_ref().filter(|_| !self.said) {
            say(Entry::Torn(cut.record()))?;
        }
        for of in self.lost {
            say(Entry::Lost(Lost { record: of.seq, field: of.field }))?;
        }
        for (intent, id) in self.open {
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
