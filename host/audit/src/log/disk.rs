//! Every file operation of the writer, in one place.
//!
//! Files and directories are their owner's alone. Each operation passes a
//! [`Gate`] first, so that tests can make every single one of them fail.

mod directory;
mod file;

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::LogError;
use crate::layout;

pub(crate) use directory::is_unused;
pub(crate) use file::OpenFile;

/// What the writer is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    MakeDirectory,
    Open,
    Look,
    Read,
    /// So many bytes.
    Write(usize),
    Sync,
    Cut,
    Rename,
    Remove,
}

/// Lets operations pass. Outside of tests all of them do.
pub(crate) trait Gate: Send + Sync {
    /// Asked before each operation. On an error it fails, and a write has
    /// written so many bytes by then.
    fn pass(&self, deed: Deed, path: &Path) -> Result<(), (io::Error, usize)> {
        let _ = (deed, path);
        Ok(())
    }

    /// Sees what was read before anybody else does.
    fn read(&self, path: &Path, bytes: &mut [u8]) {
        let _ = (path, bytes);
    }
}

/// The gate that is always open.
pub(crate) struct Open;

impl Gate for Open {}

/// The file system, behind a gate.
#[derive(Clone)]
pub(crate) struct Disk(Arc<dyn Gate>);

impl Disk {
    pub(crate) fn new(gate: impl Gate + 'static) -> Self {
        Self(Arc::new(gate))
    }

    fn pass(&self, deed: Deed, path: &Path) -> io::Result<()> {
        self.0.pass(deed, path).map_err(|(error, _)| error)
    }

    /// Opens a file to read it and to append to it; refuses what is no regular
    /// file, and what others can write to.
    pub(crate) fn append(&self, path: &Path) -> Result<OpenFile, LogError> {
        self.open(path, OpenOptions::new().read(true).append(true))
    }

    /// As [`append`](Self::append), to write over what is in it.
    pub(crate) fn edit(&self, path: &Path) -> Result<OpenFile, LogError> {
        self.open(path, OpenOptions::new().read(true).write(true))
    }

    fn open(&self, path: &Path, options: &OpenOptions) -> Result<OpenFile, LogError> {
        let obstructed = || LogError::Obstructed { path: path.to_owned(), expected: "regular file" };
        // Before opening: opening a pipe or a device can have effects.
        let look = self.pass(Deed::Look, path).and_then(|()| fs::symlink_metadata(path));
        if !look.map_err(LogError::io("look at", path))?.is_file() {
            return Err(obstructed());
        }
        let open = self.pass(Deed::Open, path).and_then(|()| options.open(path));
        let file = open.map_err(LogError::io("open", path))?;
        let metadata = file.metadata().map_err(LogError::io("look at", path))?;
        if !metadata.is_file() {
            return Err(obstructed());
        }
        closed(path, &metadata)?;
        Ok(OpenFile { file, path: path.to_owned(), disk: self.clone() })
    }

    /// Makes a file to append to, for its owner alone. Fails if anything is there.
    pub(crate) fn create_new(&self, path: &Path) -> Result<OpenFile, LogError> {
        self.make(path, OpenOptions::new().append(true).create_new(true))
    }

    /// Makes a file, for its owner alone; one that is there is emptied.
    pub(crate) fn create(&self, path: &Path) -> Result<OpenFile, LogError> {
        self.make(path, OpenOptions::new().write(true).create(true).truncate(true))
    }

    fn make(&self, path: &Path, options: &mut OpenOptions) -> Result<OpenFile, LogError> {
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
        let open = self.pass(Deed::Open, path).and_then(|()| options.open(path));
        let file = open.map_err(LogError::io("create", path))?;
        Ok(OpenFile { file, path: path.to_owned(), disk: self.clone() })
    }

    /// Opens a file to write over what is in it.
    pub(crate) fn overwrite(&self, path: &Path) -> Result<OpenFile, LogError> {
        let open = self.pass(Deed::Open, path).and_then(|()| OpenOptions::new().write(true).open(path));
        let file = open.map_err(LogError::io("open", path))?;
        Ok(OpenFile { file, path: path.to_owned(), disk: self.clone() })
    }

    /// Makes a file of these bytes, or puts it in the place of another: whole and
    /// durable, or not at all.
    pub(crate) fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), LogError> {
        self.replace_all([(path.to_owned(), bytes)])
    }

    /// As [`replace`](Self::replace), for files that say nothing of each other: all of them are
    /// durable when this returns, with one sync for each directory they are in.
    pub(crate) fn replace_all(
        &self,
        files: impl IntoIterator<Item = (PathBuf, impl AsRef<[u8]>)>,
    ) -> Result<(), LogError> {
        let mut directories = BTreeSet::new();
        for (path, bytes) in files {
            let unfinished = layout::unfinished(&path);
            let mut file = self.create(&unfinished)?;
            let written = file.write(bytes.as_ref()).and_then(|()| file.sync_all());
            written.map_err(LogError::io("write", &unfinished))?;
            self.rename_unsynced(&unfinished, &path)?;
            directories.extend(path.parent().map(Path::to_owned));
        }
        directories.iter().try_for_each(|directory| self.sync_directory(directory))
    }

    /// Gives a file another name, durably.
    pub(crate) fn rename(&self, from: &Path, to: &Path) -> Result<(), LogError> {
        self.rename_unsynced(from, to)?;
        to.parent().map_or(Ok(()), |directory| self.sync_directory(directory))
    }

    fn rename_unsynced(&self, from: &Path, to: &Path) -> Result<(), LogError> {
        let renamed = self.pass(Deed::Rename, to).and_then(|()| fs::rename(from, to));
        renamed.map_err(LogError::io("rename a file to", to))
    }

    /// Removes a file, if it is there.
    pub(crate) fn remove(&self, path: &Path) -> Result<(), LogError> {
        match self.pass(Deed::Remove, path).and_then(|()| fs::remove_file(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(LogError::io("remove", path)(error)),
            _ => Ok(()),
        }
    }

    /// Makes what was created, renamed or removed in a directory durable.
    pub(crate) fn sync_directory(&self, path: &Path) -> Result<(), LogError> {
        let sync = self.pass(Deed::Sync, path);
        #[cfg(unix)]
        let sync = sync.and_then(|()| File::open(path)?.sync_all());
        sync.map_err(LogError::io("sync", path))
    }

    /// A whole file. [`LogError::Missing`] if there is none.
    pub(crate) fn read(&self, path: &Path) -> Result<Vec<u8>, LogError> {
        let mut bytes = self.pass(Deed::Read, path).and_then(|()| fs::read(path)).map_err(absent(path))?;
        self.0.read(path, &mut bytes);
        Ok(bytes)
    }

    /// The bytes of a file from an offset on, as many as the buffer holds.
    pub(crate) fn read_at(&self, path: &Path, offset: u64, bytes: &mut [u8]) -> Result<(), LogError> {
        let read = self.pass(Deed::Read, path).and_then(|()| {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(offset))?;
            file.read_exact(bytes)
        });
        read.map_err(absent(path))?;
        self.0.read(path, bytes);
        Ok(())
    }

    /// Writes a part of a file again where it is, the same bytes, so that the next
    /// sync says something about it. After a sync that failed, Linux takes what it
    /// could not write for written: it is read from memory as if it were on the disk,
    /// and no later sync writes it.
    pub(crate) fn rewrite(&self, path: &Path, part: Range<u64>) -> Result<(), LogError> {
        /// Held in memory at once.
        const PIECE: u64 = 1 << 20;
        if part.is_empty() {
            return Ok(());
        }
        let mut file = self.edit(path)?;
        for offset in part.clone().step_by(PIECE as usize) {
            let mut piece = vec![0; PIECE.min(part.end - offset) as usize];
            self.read_at(path, offset, &mut piece)?;
            file.write_at(offset, &piece).map_err(LogError::io("write", path))?;
        }
        Ok(())
    }

    /// Length of a file. [`LogError::Missing`] if there is none.
    pub(crate) fn length(&self, path: &Path) -> Result<u64, LogError> {
        let look = self.pass(Deed::Look, path).and_then(|()| fs::metadata(path));
        look.map(|metadata| metadata.len()).map_err(absent(path))
    }
}

fn absent(path: &Path) -> impl FnOnce(io::Error) -> LogError {
    move |error| match error.kind() {
        io::ErrorKind::NotFound => LogError::Missing { path: path.to_owned() },
        _ => LogError::io("read", path)(error),
    }
}

#[cfg(unix)]
fn closed(path: &Path, metadata: &Metadata) -> Result<(), LogError> {
    /// Write permission for the group and for everyone.
    const OTHERS_WRITE: u32 = 0o022;
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777;
    if mode & OTHERS_WRITE == 0 {
        Ok(())
    } else {
        Err(LogError::OpenToOthers { path: path.to_owned(), mode })
    }
}

#[cfg(not(unix))]
fn closed(_: &Path, _: &Metadata) -> Result<(), LogError> {
    Ok(())
}
