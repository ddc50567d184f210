//! Every file operation of the writer, in one place.
//!
//! Files and directories are their owner's alone. Each operation passes a
//! [`Gate`] first, so that tests can make every single one of them fail.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::LogError;
use crate::layout;

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

    /// Makes a directory and those that lead to it, durably and for its owner
    /// alone, unless it is there; refuses one that others can write to.
    pub(crate) fn directory(&self, path: &Path) -> Result<(), LogError> {
        let absent: Vec<_> =
            path.ancestors().take_while(|it| !it.as_os_str().is_empty() && !it.exists()).collect();
        self.make_directory(path)?;
        for made in absent.into_iter().rev() {
            let above = made.parent().filter(|above| !above.as_os_str().is_empty());
            self.sync_directory(above.unwrap_or(Path::new(".")))?;
        }
        Ok(())
    }

    fn make_directory(&self, path: &Path) -> Result<(), LogError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        if let Err(error) = self.pass(Deed::MakeDirectory, path).and_then(|()| builder.create(path)) {
            if path.exists() && !path.is_dir() {
                return Err(LogError::Obstructed { path: path.to_owned(), expected: "directory" });
            }
            return Err(LogError::io("create the directory", path)(error));
        }
        let metadata = fs::metadata(path).map_err(LogError::io("look at", path))?;
        closed(path, &metadata)
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
        let unfinished = layout::unfinished(path);
        let mut file = self.create(&unfinished)?;
        file.write(bytes).and_then(|()| file.sync_all()).map_err(LogError::io("write", &unfinished))?;
        self.rename(&unfinished, path)
    }

    /// Gives a file another name, durably.
    pub(crate) fn rename(&self, from: &Path, to: &Path) -> Result<(), LogError> {
        let renamed = self.pass(Deed::Rename, to).and_then(|()| fs::rename(from, to));
        renamed.map_err(LogError::io("rename a file to", to))?;
        to.parent().map_or(Ok(()), |directory| self.sync_directory(directory))
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

/// A file that is being written.
pub(crate) struct OpenFile {
    file: File,
    path: PathBuf,
    disk: Disk,
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
