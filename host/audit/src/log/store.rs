//! The payload files.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::disk::Disk;
use crate::error::LogError;
use crate::record::{Algorithm, Keep, Stored};
use crate::{Hash, layout};

/// Keeps payloads that are too long for a record, each in a file named by the
/// hash of its content.
pub(crate) struct Store {
    disk: Disk,
    dir: PathBuf,
    /// Numbers files that are being written, so that no two threads share one.
    next: AtomicU64,
}

impl Store {
    /// Opens the store in a log directory that this process has locked.
    pub(crate) fn open(disk: Disk, dir: &Path) -> Result<Self, LogError> {
        let payloads = layout::payloads(dir);
        disk.directory(&payloads)?;
        // Left by a writer that was interrupted; no record can name them.
        for entry in fs::read_dir(&payloads).map_err(LogError::io("list", &payloads))? {
            let path = entry.map_err(LogError::io("list", &payloads))?.path();
            if path.extension().is_some_and(|extension| extension == UNFINISHED) {
                disk.remove(&path)?;
            }
        }
        Ok(Self { disk, dir: dir.to_owned(), next: AtomicU64::new(0) })
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), LogError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let unfinished = layout::payloads(&self.dir).join(format!("{number}.{UNFINISHED}"));
        let mut file = self.disk.create(&unfinished)?;
        file.write(bytes).and_then(|()| file.sync_all()).map_err(LogError::io("write", &unfinished))?;
        self.disk.rename(&unfinished, path)
    }
}

/// Ends the name of a payload file until it is whole and durable.
const UNFINISHED: &str = "unfinished";

impl Keep for Store {
    type Error = LogError;

    fn keep(&self, bytes: &[u8]) -> Result<Stored, LogError> {
        let stored =
            Stored { bytes: bytes.len() as u64, alg: Algorithm::Sha256, commit: Hash::of_payload(bytes) };
        let path = layout::payload(&self.dir, &stored.commit);
        // A file of this name that holds something else was tampered with. It
        // is what the records before refer to, so it stays as it is.
        match holds(&path, bytes) {
            Ok(true) => {}
            Ok(false) => return Err(LogError::Tampered { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.write(&path, bytes)?,
            Err(error) => return Err(LogError::io("read", &path)(error)),
        }
        // Also where it was there: whoever put it there may not have got so far.
        self.disk.sync_directory(&layout::payloads(&self.dir))?;
        Ok(stored)
    }
}

fn holds(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let length = File::open(path)?.metadata()?.len();
    Ok(length == bytes.len() as u64 && fs::read(path)? == bytes)
}
