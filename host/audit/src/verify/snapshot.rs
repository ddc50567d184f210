//! The log file as long as it was when opened.

use std::fs::{File, TryLockError};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::{Fault, FaultKind};
use crate::layout;

/// Read at once: many records, most of which are short.
const BUFFER_BYTES: usize = 256 * 1024;

/// The log file as long as it was when opened.
pub(super) struct Snapshot {
    pub(super) log: BufReader<io::Take<File>>,
    pub(super) tail: Tail,
}

impl Snapshot {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        Self::open_at(dir, 0)
    }

    /// What begins at an offset.
    pub(super) fn open_at(dir: &Path, offset: u64) -> io::Result<Self> {
        let mut file = File::open(layout::log(dir))?;
        let length = file.metadata()?.len();
        let tail = Tail { file: file.try_clone()?, length };
        file.seek(SeekFrom::Start(offset))?;
        let rest = file.take(length.saturating_sub(offset));
        Ok(Self { log: BufReader::with_capacity(BUFFER_BYTES, rest), tail })
    }
}

/// Tells a log that is being written from one that is broken.
pub(super) struct Tail {
    file: File,
    length: u64,
}

impl Tail {
    /// Whether `fault` is only how the end of a log looks to someone who reads
    /// while its writer writes.
    pub(super) fn excuses(&self, fault: &Fault) -> io::Result<bool> {
        let unfinished = matches!(fault.kind, FaultKind::Torn | FaultKind::MissingNewline);
        Ok(unfinished && self.is_at_work()?)
    }

    /// Whether a writer holds the lock, or has gone on since.
    pub(super) fn is_at_work(&self) -> io::Result<bool> {
        Ok(self.has_grown()? || self.is_locked()?)
    }

    /// Whether there is more now.
    pub(super) fn has_grown(&self) -> io::Result<bool> {
        Ok(self.file.metadata()?.len() > self.length)
    }

    fn is_locked(&self) -> io::Result<bool> {
        match self.file.try_lock_shared() {
            Ok(()) => self.file.unlock().map(|()| false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
