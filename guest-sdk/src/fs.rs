//! Reading files. Needs `permissions.filesystem.read`.
//!
//! Paths are absolute and `/`-separated, as in the manifest: they name the
//! tool's view, which the operator may map elsewhere.
//!
//! ```no_run
//! use std::io::BufRead;
//!
//! # fn main() -> mpp_guest::Result<()> {
//! let table = mpp_guest::fs::read_to_string("/data/table.csv")?;
//!
//! for line in mpp_guest::fs::open("/data/large.log")?.lines() {
//!     let line = line?;
//!     // ...
//! #   drop(line);
//! }
//! # drop(table);
//! # Ok(())
//! # }
//! ```
//!
//! Every function fails with an [`Error`] that names the path; [`ErrorKind`]
//! says why.
//!
//! On `wasm32-wasip2` `std::fs` works as well, under the same permission. What
//! this module adds is that a denial says which permission was missing.

use std::io::{self, BufRead, Read};

use crate::bindings::mpp::tool::fs as wit;
use crate::host_only::host_only;

pub use crate::fs_error::{Error, ErrorKind};

/// What one host call returns at most: 1 MiB.
const LARGEST_READ: usize = 1 << 20;

/// What a reader fetches when it is asked for less: enough to make host calls
/// rare, little enough to stay out of the way of a small tool's memory.
const BUFFER: usize = 64 << 10;

/// The whole contents of a file.
pub fn read(path: impl AsRef<str>) -> Result<Vec<u8>, Error> {
    let path = path.as_ref();
    let mut reader = open(path)?;
    let mut contents = reader.fetch(LARGEST_READ)?;
    loop {
        let next = reader.fetch(LARGEST_READ)?;
        if next.is_empty() {
            return Ok(contents);
        }
        contents.extend_from_slice(&next);
    }
}

/// The whole contents of a text file; [`ErrorKind::NotUtf8`] if it is none.
pub fn read_to_string(path: impl AsRef<str>) -> Result<String, Error> {
    let path = path.as_ref();
    String::from_utf8(read(path)?).map_err(|_| Error::new(path, ErrorKind::NotUtf8))
}

/// Opens a regular file for reading. Dropping the reader closes it.
pub fn open(path: impl AsRef<str>) -> Result<Reader, Error> {
    host_only("fs");
    let path = path.as_ref();
    match wit::open(path) {
        Ok(file) => Ok(Reader { path: path.to_owned(), file, buffer: Vec::new(), used: 0 }),
        Err(error) => Err(Error::new(path, error)),
    }
}

/// What is at a path; links inside the boundary are followed.
pub fn metadata(path: impl AsRef<str>) -> Result<Metadata, Error> {
    host_only("fs");
    let path = path.as_ref();
    match wit::stat(path) {
        Ok(wit::Metadata { kind, size }) => Ok(Metadata { kind: kind.into(), size }),
        Err(error) => Err(Error::new(path, error)),
    }
}

/// Whether anything is at a path. A denial is an error, not a no.
pub fn exists(path: impl AsRef<str>) -> Result<bool, Error> {
    match metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The names in a directory, sorted in byte order. Names that are not UTF-8 are
/// left out; a directory of more than 65,536 names is an error.
pub fn read_dir(path: impl AsRef<str>) -> Result<Vec<Entry>, Error> {
    host_only("fs");
    let path = path.as_ref();
    match wit::read_directory(path) {
        Ok(entries) => Ok(entries.into_iter().map(Entry::from).collect()),
        Err(error) => Err(Error::new(path, error)),
    }
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// Anything else.
    Other,
}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The last part of its path.
    pub name: String,
    /// What it is, links not followed.
    pub kind: Kind,
}

/// Facts about a file or directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// What it is.
    pub kind: Kind,
    /// Size of a file in bytes; 0 for anything else.
    pub size: u64,
}

/// An open file, read from start to end.
///
/// It has a buffer of its own: wrapping it in [`std::io::BufReader`] gains
/// nothing.
#[derive(Debug)]
pub struct Reader {
    path: String,
    file: wit::Reader,
    buffer: Vec<u8>,
    used: usize,
}

impl Reader {
    /// The next bytes from the host, none at the end only.
    fn fetch(&mut self, most: usize) -> Result<Vec<u8>, Error> {
        let most = most.min(LARGEST_READ) as u32;
        self.file.read(most).map_err(|error| Error::new(&self.path, error))
    }
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.used == self.buffer.len() && into.len() >= BUFFER {
            let bytes = self.fetch(into.len())?;
            into[..bytes.len()].copy_from_slice(&bytes);
            return Ok(bytes.len());
        }
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Reader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used == self.buffer.len() {
            // Before the next bytes come, so that they get the same place: it is in the
            // processor's cache.
            self.buffer = Vec::new();
            self.used = 0;
            self.buffer = self.fetch(BUFFER)?;
        }
        Ok(&self.buffer[self.used..])
    }

    fn consume(&mut self, count: usize) {
        self.used = self.buffer.len().min(self.used + count);
    }
}

impl From<wit::Kind> for Kind {
    fn from(kind: wit::Kind) -> Self {
        match kind {
            wit::Kind::File => Self::File,
            wit::Kind::Directory => Self::Directory,
            wit::Kind::Symlink => Self::Symlink,
            wit::Kind::Other => Self::Other,
        }
    }
}

impl From<wit::Entry> for Entry {
    fn from(wit::Entry { name, kind }: wit::Entry) -> Self {
        Self { name, kind: kind.into() }
    }
}
