//! Appending entries, for the leader of a group commit.

use std::io;
use std::path::{Path, PathBuf};

use super::entry::{Head, PayloadRef, State, Unkeepable, keepable};
use super::{PackEnd, path};
use crate::error::LogError;
use crate::layout;
use crate::log::disk::{Disk, OpenFile};
use crate::record::payload::Prepared;

/// Written at once: the entries of many small payloads. A longer payload is
/// written from where it is.
const BUFFER_BYTES: usize = 256 * 1024;

/// What stands before a payload.
fn head(of: PayloadRef, payload: &Prepared) -> Head {
    let (state, length) = match &payload.stored {
        Some(stored) => (State::Kept, stored.len() as u64),
        None => (State::SaltOnly, 0),
    };
    Head { of, state, length, salt: payload.salt.clone() }
}

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
    fn append(&mut self, payloads: &[(PayloadRef, &Prepared)]) -> io::Result<()> {
        let mut buffer = Vec::new();
        for (of, payload) in payloads {
            let stored = payload.stored.as_deref().unwrap_or_default();
            buffer.extend_from_slice(&head(*of, payload).encode());
            if buffer.len() + stored.len() <= BUFFER_BYTES {
                buffer.extend_from_slice(stored);
            } else {
                self.write(&buffer)?;
                self.write(stored)?;
                buffer.clear();
            }
        }
        if buffer.is_empty() { Ok(()) } else { self.write(&buffer) }
    }

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

    /// Writes these payloads, each with the number of its record. They are in the
    /// order of their records, and those of a record in the order of their fields.
    /// All of them are [`keepable`].
    ///
    /// None of them is durable before [`sync`](Self::sync); but a reader who sees
    /// a record must find its payloads, so write them first.
    pub(crate) fn append<'a>(
        &mut self,
        payloads: impl IntoIterator<Item = (u64, &'a Prepared)>,
    ) -> Result<(), LogError> {
        let named = |(seq, payload): (u64, &'a Prepared)| (PayloadRef { seq, field: payload.field }, payload);
        let payloads: Vec<_> = payloads.into_iter().map(named).collect();
        for payloads in payloads.chunk_by(|(one, _), (other, _)| one.pack() == other.pack()) {
            let Some((first, _)) = payloads.first() else { continue };
            let path = path(&self.dir, first.pack());
            self.check(payloads).map_err(LogError::io("write", &path))?;
            let written = self.pack(first.pack())?.append(payloads);
            written.map_err(LogError::io("write", &path))?;
        }
        Ok(())
    }

    /// Fails if a reader would not find them again.
    fn check(&mut self, payloads: &[(PayloadRef, &Prepared)]) -> io::Result<()> {
        for (of, payload) in payloads {
            keepable(payload.stored.as_ref().map_or(0, Vec::len) as u64).map_err(io::Error::other)?;
            if self.last.is_some_and(|last| last >= *of) {
                return Err(io::Error::other(Unkeepable::OutOfOrder(*of)));
            }
            self.last = Some(*of);
        }
        Ok(())
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
