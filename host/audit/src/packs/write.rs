//! Appending entries, for the leader of a group commit.

use std::io;
use std::path::{Path, PathBuf};

use super::entry::{PayloadRef, Unkeepable};
use super::outgoing::{Outgoing, Piece};
use super::{PackEnd, path};
use crate::error::LogError;
use crate::layout;
use crate::log::disk::{Disk, OpenFile};

/// The end of the packs, open for writing. There is one, and whoever leads has it.
///
/// After an error it is not to be used again: nobody knows what the disk holds.
pub(crate) struct PackWriter {
    disk: Disk,
    dir: PathBuf,
    current: Option<Current>,
    /// The last payload since it was opened.
    last: Option<PayloadRef>,
}

/// The newest pack.
struct Current {
    file: OpenFile,
    pack: u64,
    end: u64,
    /// Whether something was written that no sync has made durable.
    dirty: bool,
}

impl Current {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.dirty = true;
        self.file.write(bytes)?;
        self.end += bytes.len() as u64;
        Ok(())
    }
}

impl PackWriter {
    /// Goes on with a pack that is whole and has so many bytes, or, if there is
    /// none, with the first one that is needed.
    pub(super) fn new(disk: &Disk, dir: &Path, current: Option<(OpenFile, u64, u64)>) -> Self {
        let current = current.map(|(file, pack, end)| Current { file, pack, end, dirty: false });
        Self { disk: disk.clone(), dir: dir.to_owned(), current, last: None }
    }

    /// Writes these payloads, or none of them.
    ///
    /// None of them is durable before [`sync`](Self::sync); but a reader who sees
    /// a record must find its payloads, so write them first.
    pub(crate) fn append(&mut self, payloads: &Outgoing) -> Result<(), LogError> {
        let pieces = payloads.pieces().map_err(|(of, why)| self.refuse(of, why))?;
        for Piece { first, last, bytes } in pieces {
            // A payload may begin in one piece and end in the next.
            if self.last.is_some_and(|last| last > *first) {
                return Err(self.refuse(*first, Unkeepable::OutOfOrder(*first)));
            }
            let path = path(&self.dir, first.pack());
            self.pack(first.pack())?.write(bytes).map_err(LogError::io("write", &path))?;
            self.last = Some(*last);
        }
        Ok(())
    }

    /// A reader would not find it again.
    fn refuse(&self, of: PayloadRef, why: Unkeepable) -> LogError {
        LogError::io("write", &path(&self.dir, of.pack()))(io::Error::other(why))
    }

    /// Returns when all that was written is durable, and where readers look for it.
    pub(crate) fn sync(&mut self) -> Result<(), LogError> {
        let Some(current) = self.current.as_mut().filter(|current| current.dirty) else { return Ok(()) };
        let path = path(&self.dir, current.pack);
        current.file.sync().map_err(LogError::io("sync", &path))?;
        current.file.check_in_place().map_err(LogError::io("find", &path))?;
        current.dirty = false;
        Ok(())
    }

    /// Where the packs end, for a log of so many records: all of them durable, and
    /// none beyond them written. Kept with a checkpoint, it says where to begin
    /// when the log is opened. `None` if there are no packs.
    pub(crate) fn end(&self, records: u64) -> Option<PackEnd> {
        self.current.as_ref().map(|current| PackEnd { records, pack: current.pack, offset: current.end })
    }

    /// The pack to write to: the current one, or a new one.
    fn pack(&mut self, pack: u64) -> Result<&mut Current, LogError> {
        let current = match self.current.take() {
            Some(current) if current.pack == pack => current,
            old => {
                // The rest of the old one: once in 65,536 records.
                self.current = old;
                self.sync()?;
                let file = self.disk.create_new(&path(&self.dir, pack))?;
                self.disk.sync_directory(&layout::payloads(&self.dir))?;
                Current { file, pack, end: 0, dirty: false }
            }
        };
        Ok(self.current.insert(current))
    }
}
