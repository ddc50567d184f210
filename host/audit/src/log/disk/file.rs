//! A file that is open for writing.

use std::fs::{self, File, Metadata};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use super::{Deed, Disk};
use crate::error::LogError;

/// A file that is being written.
pub(crate) struct OpenFile {
    pub(super) file: File,
    pub(super) path: PathBuf,
    pub(super) disk: Disk,
}

impl OpenFile {
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Writes all of it.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Err((error, written)) = self.disk.0.pass(Deed::Write(bytes.len()), &self.path) {
            self.file.write_all(&bytes[..written.min(bytes.len())])?;
            return Err(error);
        }
        self.file.write_all(bytes)
    }

    /// Writes all of it over what is there at an offset. Not for a file that is
    /// open to be appended to.
    pub(crate) fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset))?;
        self.write(bytes)
    }

    /// Returns when the bytes are durable, and the length.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.disk.pass(Deed::Sync, &self.path)?;
        self.file.sync_data()
    }

    /// Returns when all of the file is durable.
    pub(crate) fn sync_all(&mut self) -> io::Result<()> {
        self.disk.pass(Deed::Sync, &self.path)?;
        self.file.sync_all()
    }

    /// Cuts the file, durably.
    pub(crate) fn cut(&mut self, length: u64) -> Result<(), LogError> {
        let cut = self.disk.pass(Deed::Cut, &self.path).and_then(|()| self.file.set_len(length));
        cut.and_then(|()| self.sync_all()).map_err(LogError::io("cut", &self.path))
    }

    /// Appends, durably.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), LogError> {
        self.write(bytes).and_then(|()| self.sync()).map_err(LogError::io("write", &self.path))
    }

    /// Writes zeros over so many bytes at the beginning, durably.
    pub(crate) fn clear(&mut self, bytes: usize) -> Result<(), LogError> {
        let rewound = self.file.seek(SeekFrom::Start(0)).map(drop);
        rewound
            .and_then(|()| self.write(&vec![0; bytes]))
            .and_then(|()| self.sync())
            .map_err(LogError::io("clear", &self.path))
    }

    /// Fails if the path leads to another file by now, or to none.
    pub(crate) fn check_in_place(&self) -> io::Result<()> {
        self.disk.pass(Deed::Look, &self.path)?;
        if same(&self.file.metadata()?, &fs::symlink_metadata(&self.path)?) {
            Ok(())
        } else {
            Err(io::Error::other("another file has taken its place"))
        }
    }
}

#[cfg(unix)]
fn same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// An open file can be neither renamed nor removed here.
#[cfg(not(unix))]
fn same(_: &Metadata, _: &Metadata) -> bool {
    true
}
