//! `mpp:tool/fs` and `mpp:tool/fs-write`: files below the granted directories.
//!
//! A directory is opened once, when the package is loaded; afterwards a path is
//! only ever resolved beneath that handle (`openat2` with `RESOLVE_BENEATH`, or
//! its equivalent), so neither a link nor a directory exchanged during the call
//! leads outside. Files are opened without blocking and only regular ones are
//! kept, so that no pipe or device can hold a call. What reading may have to wait
//! for, it waits for in another thread ([`at_once`]).

pub(crate) mod at_once;
mod reading;
mod writing;

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use cap_std::fs::{Dir, File, FileType, Metadata, OpenOptions, OpenOptionsExt};
use mpp_policy::{Denial, DenialReason, Grant, GuestPath, Permission};

pub use reading::Reader;
pub use writing::Writer;

use self::at_once::Storage;
use super::to_wire;
use crate::bindings::mpp::tool::fs::{self, Error};
use crate::effects::{Behind, Durable};
use crate::error::LoadError;
use crate::journal::Journal;
use crate::sandbox::Sandbox;

/// The granted directories as they are opened, while the package is loaded.
pub(crate) struct Directories {
    pub(crate) read: Vec<Arc<Directory>>,
    pub(crate) write: Vec<Arc<Directory>>,
}

/// The granted directories, as calls of the package reach them.
pub(crate) struct Filesystem {
    read: Vec<Arc<Directory>>,
    write: Behind<Vec<Arc<Directory>>>,
}

/// One entry of the grant with its handle.
pub(crate) struct Directory {
    pub(crate) guest: GuestPath,
    pub(crate) handle: Dir,
    pub(crate) storage: Storage,
}

impl Directories {
    /// Opens every granted directory.
    pub(crate) fn open(grant: &Grant, read: &[GuestPath], write: &[GuestPath]) -> Result<Self, LoadError> {
        let open = |entries: &[GuestPath]| -> Result<Vec<Arc<Directory>>, LoadError> {
            entries.iter().map(|entry| Directory::open(grant, entry).map(Arc::new)).collect()
        };
        Ok(Self { read: open(read)?, write: open(write)? })
    }
}

impl From<Directories> for Filesystem {
    fn from(Directories { read, write }: Directories) -> Self {
        Self { read, write: Behind::the_gate(write) }
    }
}

impl Directory {
    fn open(grant: &Grant, guest: &GuestPath) -> Result<Self, LoadError> {
        let host = grant.host_path(guest);
        match open_directory(&host) {
            Ok(handle) => Ok(Self { guest: guest.clone(), storage: Storage::of(&handle), handle }),
            Err(error) => Err(LoadError::Directory { guest: guest.clone(), why: explain(&error), host }),
        }
    }
}

/// Opens a directory by name, refusing a symbolic link as its last part: in a
/// directory that others can write to, such as `/tmp`, a link is how they would
/// choose what the tool sees.
fn open_directory(path: &Path) -> std::io::Result<Dir> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let handle = rustix::fs::open(path, flags, Mode::empty())?;
    Ok(Dir::from_std_file(std::fs::File::from(handle)))
}

fn explain(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => {
            "it does not exist; create it, or map the path to another directory".to_owned()
        }
        ErrorKind::NotADirectory => {
            "it is not a directory (a symbolic link is not followed); map the path to a real one".to_owned()
        }
        _ => error.to_string(),
    }
}

impl Sandbox {
    /// Finds the handle and the path below it for what a guest asked to read.
    fn to_read(&self, path: &str) -> Result<Located, Error> {
        let path = self.path(path)?;
        let entry = self.capabilities.grant.read(&path);
        self.locate(Permission::FilesystemRead, path, entry, &self.capabilities.filesystem.read)
    }

    /// As [`Sandbox::to_read`], for what a guest asked to write.
    fn to_write(&self, durable: &Durable, path: &str) -> Result<Located, Error> {
        let path = self.path(path)?;
        let entry = self.capabilities.grant.write(&path);
        let directories = self.capabilities.filesystem.write.get(durable);
        self.locate(Permission::FilesystemWrite, path, entry, directories)
    }

    fn path(&self, path: &str) -> Result<GuestPath, Error> {
        self.journal.count(|counters| counters.host_calls += 1);
        GuestPath::resolve(path).map_err(|_| Error::InvalidPath)
    }

    fn locate(
        &self,
        permission: Permission,
        path: GuestPath,
        entry: Result<&GuestPath, Denial>,
        directories: &[Arc<Directory>],
    ) -> Result<Located, Error> {
        let entry = self.journal.check(permission, path.as_str(), entry).map_err(denied)?;
        let directory = directories
            .iter()
            .find(|directory| directory.guest == *entry)
            .ok_or_else(|| Error::Io("the granted directory is not open".to_owned()))?;
        let below = match entry.strip(&path) {
            Some("") | None => ".".to_owned(),
            Some(below) => below.to_owned(),
        };
        let (journal, directory) = (self.journal.clone(), Arc::clone(directory));
        Ok(Located { journal, permission, path, directory, below })
    }

    pub(crate) fn take_file_slot(&mut self) -> Result<(), Error> {
        self.check_file_slot()?;
        self.open_files += 1;
        let open = u64::from(self.open_files);
        self.journal.count(|counters| counters.peak_open_files = counters.peak_open_files.max(open));
        Ok(())
    }

    fn check_file_slot(&self) -> Result<(), Error> {
        if self.open_files >= self.limits.open_files {
            return Err(Error::Limit(format!(
                "at most {} files may be open at once",
                self.limits.open_files
            )));
        }
        Ok(())
    }
}

/// A guest path with the handle it lies beneath.
struct Located {
    journal: Journal,
    permission: Permission,
    path: GuestPath,
    directory: Arc<Directory>,
    below: String,
}

impl Located {
    /// Runs an operation beneath the handle and puts its error into the
    /// contract's words. A path that led outside is a denial, and recorded.
    fn run<T>(&self, operation: impl FnOnce(&Dir, &str) -> std::io::Result<T>) -> Result<T, Error> {
        operation(&self.directory.handle, &self.below).map_err(|error| self.explain(&error))
    }

    /// The same, in a thread that may wait.
    async fn run_apart<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Dir, &str) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let (directory, below) = (Arc::clone(&self.directory), self.below.clone());
        let done = at_once::apart(move || operation(&directory.handle, &below)).await;
        done.map_err(|error| self.explain(&error))
    }

    fn explain(&self, error: &std::io::Error) -> Error {
        if !leads_outside(error) {
            return from_io(error);
        }
        let denial = Denial::new(self.permission, self.path.as_str(), DenialReason::LeavesBoundary);
        let refused: Result<(), Denial> = Err(denial);
        match self.journal.check(self.permission, self.path.as_str(), refused) {
            Err(denial) => denied(denial),
            Ok(()) => from_io(error),
        }
    }
}

/// Whether resolution stopped at the boundary: `EXDEV` is what `openat2` says,
/// and an error without a number is what the walker in user space says.
fn leads_outside(error: &std::io::Error) -> bool {
    match error.raw_os_error() {
        Some(code) => code == rustix::io::Errno::XDEV.raw_os_error(),
        None => error.kind() == ErrorKind::PermissionDenied,
    }
}

fn denied(denial: Denial) -> Error {
    Error::Denied(to_wire(denial))
}

fn from_io(error: &std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => Error::NotFound,
        ErrorKind::AlreadyExists => Error::AlreadyExists,
        ErrorKind::NotADirectory => Error::NotADirectory,
        ErrorKind::IsADirectory => Error::IsADirectory,
        ErrorKind::DirectoryNotEmpty => Error::NotEmpty,
        ErrorKind::InvalidInput | ErrorKind::InvalidFilename => Error::InvalidPath,
        _ => Error::Io(error.to_string()),
    }
}

fn kind(file_type: FileType) -> fs::Kind {
    if file_type.is_file() {
        fs::Kind::File
    } else if file_type.is_dir() {
        fs::Kind::Directory
    } else if file_type.is_symlink() {
        fs::Kind::Symlink
    } else {
        fs::Kind::Other
    }
}

/// Opens to write without waiting for the other end of a pipe, and keeps regular
/// files only.
fn open_regular(located: &Located, options: &mut OpenOptions) -> Result<File, Error> {
    options.custom_flags(NONBLOCK);
    let file = located.run(|directory, below| directory.open_with(below, options))?;
    regular(&file.metadata().map_err(|error| from_io(&error))?)?;
    Ok(file)
}

/// Opening a pipe does not wait for its other end.
const NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();

/// Refuses what is not a regular file.
fn regular(metadata: &Metadata) -> Result<(), Error> {
    match kind(metadata.file_type()) {
        fs::Kind::File => Ok(()),
        fs::Kind::Directory => Err(Error::IsADirectory),
        fs::Kind::Symlink | fs::Kind::Other => Err(Error::Unsupported),
    }
}
