//! `mpp:tool/fs` and `mpp:tool/fs-write`: files below the granted directories.
//!
//! A directory is opened once, when the package is loaded; afterwards a path is
//! only ever resolved beneath that handle (`openat2` with `RESOLVE_BENEATH`, or
//! its equivalent), so neither a link nor a directory exchanged during the call
//! leads outside. Files are opened without blocking and only regular ones are
//! kept, so that no pipe or device can hold a call.

use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use cap_std::fs::{Dir, File, FileType, Metadata, OpenOptions, OpenOptionsExt};
use mpp_policy::{Denial, DenialReason, Grant, GuestPath, Permission};
use wasmtime::component::Resource;

use super::to_wire;
use crate::bindings::mpp::tool::fs::{self, Error};
use crate::bindings::mpp::tool::fs_write;
use crate::error::LoadError;
use crate::sandbox::Sandbox;

/// Bytes that one read returns at most, whatever the guest asks for: the host
/// allocates them before anything is read.
const MAX_READ: u32 = 1 << 20;

/// Bytes that one write takes at most; the contract says so.
const MAX_WRITE: usize = 1 << 20;

/// Names that one directory listing returns at most: the host holds them all
/// while it sorts them.
const MAX_ENTRIES: usize = 65_536;

/// The granted directories, open.
pub(crate) struct Filesystem {
    pub(crate) read: Vec<Directory>,
    pub(crate) write: Vec<Directory>,
}

/// One entry of the grant with its handle.
pub(crate) struct Directory {
    pub(crate) guest: GuestPath,
    pub(crate) handle: Dir,
}

/// An open file, behind a guest's `reader`.
pub struct Reader(File);

/// An open file, behind a guest's `writer`.
pub struct Writer(File);

impl Filesystem {
    /// Opens every granted directory.
    pub(crate) fn open(grant: &Grant, read: &[GuestPath], write: &[GuestPath]) -> Result<Self, LoadError> {
        let open = |entries: &[GuestPath]| -> Result<Vec<Directory>, LoadError> {
            entries.iter().map(|entry| Directory::open(grant, entry)).collect()
        };
        Ok(Self { read: open(read)?, write: open(write)? })
    }
}

impl Directory {
    fn open(grant: &Grant, guest: &GuestPath) -> Result<Self, LoadError> {
        let host = grant.host_path(guest);
        match open_directory(&host) {
            Ok(handle) => Ok(Self { guest: guest.clone(), handle }),
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
    /// Finds the handle and the path below it for what a guest asked to
    /// `permission` (read or write).
    fn locate(&self, permission: Permission, path: &str) -> Result<Located<'_>, Error> {
        self.journal.count(|counters| counters.host_calls += 1);
        let path = GuestPath::resolve(path).map_err(|_| Error::InvalidPath)?;
        let grant = &self.capabilities.grant;
        let (verdict, directories) = match permission {
            Permission::FilesystemWrite => (grant.write(&path), &self.capabilities.filesystem.write),
            _ => (grant.read(&path), &self.capabilities.filesystem.read),
        };
        let verdict = verdict.cloned();
        let entry = self.journal.check(permission, path.as_str(), verdict).map_err(denied)?;
        let directory = directories
            .iter()
            .find(|directory| directory.guest == entry)
            .ok_or_else(|| Error::Io("the granted directory is not open".to_owned()))?;
        let below = match entry.strip(&path) {
            Some("") | None => ".".to_owned(),
            Some(below) => below.to_owned(),
        };
        Ok(Located { sandbox: self, permission, path, directory: &directory.handle, below })
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

    /// Charges bytes about to be written against the limit of the call.
    pub(crate) fn charge_write(&self, bytes: u64) -> Result<(), u64> {
        let limit = self.limits.written_bytes;
        let mut allowed = false;
        self.journal.count(|counters| {
            let sum = counters.written_bytes.saturating_add(bytes);
            allowed = sum <= limit;
            if allowed {
                counters.written_bytes = sum;
            }
        });
        if allowed { Ok(()) } else { Err(limit) }
    }
}

/// A guest path with the handle it lies beneath.
struct Located<'a> {
    sandbox: &'a Sandbox,
    permission: Permission,
    path: GuestPath,
    directory: &'a Dir,
    below: String,
}

impl Located<'_> {
    /// Runs an operation beneath the handle and puts its error into the
    /// contract's words. A path that led outside is a denial, and recorded.
    fn run<T>(&self, operation: impl FnOnce(&Dir, &str) -> std::io::Result<T>) -> Result<T, Error> {
        operation(self.directory, &self.below).map_err(|error| self.explain(&error))
    }

    fn explain(&self, error: &std::io::Error) -> Error {
        if !leads_outside(error) {
            return from_io(error);
        }
        let denial = Denial::new(self.permission, self.path.as_str(), DenialReason::LeavesBoundary);
        let refused: Result<(), Denial> = Err(denial);
        match self.sandbox.journal.check(self.permission, self.path.as_str(), refused) {
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

/// Opens without waiting for the other end of a pipe, and keeps regular files
/// only.
fn open_regular(located: &Located<'_>, options: &mut OpenOptions) -> Result<File, Error> {
    // Before anything is made or emptied by opening it.
    located.sandbox.check_file_slot()?;
    options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    let file = located.run(|directory, below| directory.open_with(below, options))?;
    let metadata = file.metadata().map_err(|error| from_io(&error))?;
    match kind(metadata.file_type()) {
        fs::Kind::File => Ok(file),
        fs::Kind::Directory => Err(Error::IsADirectory),
        fs::Kind::Symlink | fs::Kind::Other => Err(Error::Unsupported),
    }
}

impl fs::Host for Sandbox {
    fn open(&mut self, path: String) -> wasmtime::Result<Result<Resource<Reader>, Error>> {
        let opened = self
            .locate(Permission::FilesystemRead, &path)
            .and_then(|located| open_regular(&located, OpenOptions::new().read(true)));
        match opened.and_then(|file| self.take_file_slot().map(|()| file)) {
            Ok(file) => Ok(Ok(self.table.push(Reader(file))?)),
            Err(error) => Ok(Err(error)),
        }
    }

    fn stat(&mut self, path: String) -> wasmtime::Result<Result<fs::Metadata, Error>> {
        Ok(self.locate(Permission::FilesystemRead, &path).and_then(|located| {
            let metadata: Metadata = located.run(|directory, below| directory.metadata(below))?;
            let kind = kind(metadata.file_type());
            let size = if kind == fs::Kind::File { metadata.len() } else { 0 };
            Ok(fs::Metadata { kind, size })
        }))
    }

    fn read_directory(&mut self, path: String) -> wasmtime::Result<Result<Vec<fs::Entry>, Error>> {
        Ok(self.locate(Permission::FilesystemRead, &path).and_then(|located| located.run(list)?))
    }
}

/// Lists a directory in byte order, so that the answer does not depend on the
/// file system's own order.
fn list(directory: &Dir, below: &str) -> std::io::Result<Result<Vec<fs::Entry>, Error>> {
    let mut entries = Vec::new();
    for entry in directory.read_dir(below)? {
        let entry = entry?;
        if entries.len() == MAX_ENTRIES {
            return Ok(Err(Error::Limit(format!(
                "a directory of more than {MAX_ENTRIES} names is not listed"
            ))));
        }
        if let Ok(name) = entry.file_name().into_string() {
            entries.push(fs::Entry { name, kind: kind(entry.file_type()?) });
        }
    }
    entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(Ok(entries))
}

impl fs::HostReader for Sandbox {
    fn read(&mut self, reader: Resource<Reader>, max: u32) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        let Reader(file) = self.table.get_mut(&reader)?;
        let mut bytes = vec![0; max.min(MAX_READ) as usize];
        let read = match file.read(&mut bytes) {
            Ok(read) => read,
            Err(error) => return Ok(Err(from_io(&error))),
        };
        bytes.truncate(read);
        self.journal.count(|counters| {
            counters.host_calls += 1;
            counters.read_bytes += read as u64;
        });
        Ok(Ok(bytes))
    }

    fn drop(&mut self, reader: Resource<Reader>) -> wasmtime::Result<()> {
        self.table.delete(reader)?;
        self.open_files = self.open_files.saturating_sub(1);
        Ok(())
    }
}

impl fs_write::Host for Sandbox {
    fn open(
        &mut self,
        path: String,
        mode: fs_write::Mode,
    ) -> wasmtime::Result<Result<Resource<Writer>, Error>> {
        let mut options = OpenOptions::new();
        match mode {
            fs_write::Mode::CreateNew => options.write(true).create_new(true),
            // Truncated after the check that it is a regular file.
            fs_write::Mode::Replace => options.write(true).create(true),
            fs_write::Mode::Append => options.append(true).create(true),
        };
        let opened = self.locate(Permission::FilesystemWrite, &path).and_then(|located| {
            let file = open_regular(&located, &mut options)?;
            if mode == fs_write::Mode::Replace {
                file.set_len(0).map_err(|error| from_io(&error))?;
            }
            Ok(file)
        });
        match opened.and_then(|file| self.take_file_slot().map(|()| file)) {
            Ok(file) => Ok(Ok(self.table.push(Writer(file))?)),
            Err(error) => Ok(Err(error)),
        }
    }

    fn create_directory(&mut self, path: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(self
            .locate(Permission::FilesystemWrite, &path)
            .and_then(|located| located.run(|directory, below| directory.create_dir(below))))
    }

    fn remove_file(&mut self, path: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(self
            .locate(Permission::FilesystemWrite, &path)
            .and_then(|located| located.run(|directory, below| directory.remove_file(below))))
    }

    fn remove_directory(&mut self, path: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(self
            .locate(Permission::FilesystemWrite, &path)
            .and_then(|located| located.run(|directory, below| directory.remove_dir(below))))
    }

    fn rename(&mut self, from: String, to: String) -> wasmtime::Result<Result<(), Error>> {
        let located = self.locate(Permission::FilesystemWrite, &from).and_then(|from| {
            let to = self.locate(Permission::FilesystemWrite, &to)?;
            Ok((from, to))
        });
        Ok(located.and_then(|(from, to)| {
            from.run(|directory, below| directory.rename(below, to.directory, &to.below))
        }))
    }
}

impl fs_write::HostWriter for Sandbox {
    fn write(&mut self, writer: Resource<Writer>, bytes: Vec<u8>) -> wasmtime::Result<Result<(), Error>> {
        self.journal.count(|counters| counters.host_calls += 1);
        if bytes.len() > MAX_WRITE {
            return Ok(Err(Error::Limit(format!("one write takes at most {MAX_WRITE} bytes"))));
        }
        if let Err(limit) = self.charge_write(bytes.len() as u64) {
            return Ok(Err(Error::Limit(format!("a call writes at most {limit} bytes"))));
        }
        let Writer(file) = self.table.get_mut(&writer)?;
        Ok(file.write_all(&bytes).map_err(|error| from_io(&error)))
    }

    fn drop(&mut self, writer: Resource<Writer>) -> wasmtime::Result<()> {
        self.table.delete(writer)?;
        self.open_files = self.open_files.saturating_sub(1);
        Ok(())
    }
}
