//! Changing files. Needs `permissions.filesystem.write`, which does not imply
//! reading.
//!
//! ```no_run
//! use std::io::{BufWriter, Write};
//!
//! # fn main() -> mpp_guest::Result<()> {
//! mpp_guest::fs_write::write("/out/report.md", "# Report\n")?;
//!
//! let mut table = BufWriter::new(mpp_guest::fs_write::create("/out/table.csv")?);
//! writeln!(table, "month,sum")?;
//! table.flush()?;
//! # Ok(())
//! # }
//! ```
//!
//! Every function fails with an [`Error`] that names the path; [`ErrorKind`]
//! says why.

use std::io::{self, Write};

use crate::bindings::mpp::tool::fs_write as wit;
use crate::host_only::host_only;

pub use crate::fs_error::{Error, ErrorKind};

/// What one host call takes at most: 1 MiB.
const LARGEST_WRITE: usize = 1 << 20;

/// Makes `contents` the whole contents of a file, new or not.
pub fn write(path: impl AsRef<str>, contents: impl AsRef<[u8]>) -> Result<(), Error> {
    create(path)?.put(contents.as_ref())
}

/// Opens an empty file; an existing one loses its contents.
pub fn create(path: impl AsRef<str>) -> Result<Writer, Error> {
    open(path.as_ref(), wit::Mode::Replace)
}

/// Opens an empty file, and fails if anything is at the path.
pub fn create_new(path: impl AsRef<str>) -> Result<Writer, Error> {
    open(path.as_ref(), wit::Mode::CreateNew)
}

/// Opens a file to write at its end; an absent file is created.
pub fn append(path: impl AsRef<str>) -> Result<Writer, Error> {
    open(path.as_ref(), wit::Mode::Append)
}

/// Makes a directory; its parent must exist.
pub fn create_dir(path: impl AsRef<str>) -> Result<(), Error> {
    host_only("fs_write");
    let path = path.as_ref();
    wit::create_directory(path).map_err(|error| Error::new(path, error))
}

/// Makes a directory and the parents it lacks. It is no error if it is there.
pub fn create_dir_all(path: impl AsRef<str>) -> Result<(), Error> {
    let path = path.as_ref().trim_end_matches('/');
    match create_dir(path) {
        Err(error) if matches!(error.kind(), ErrorKind::AlreadyExists) => Ok(()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound) => match path.rsplit_once('/') {
            Some((parent, _)) if !parent.is_empty() => {
                create_dir_all(parent)?;
                create_dir(path)
            }
            _ => Err(error),
        },
        result => result,
    }
}

/// Removes a file or a symbolic link.
pub fn remove_file(path: impl AsRef<str>) -> Result<(), Error> {
    host_only("fs_write");
    let path = path.as_ref();
    wit::remove_file(path).map_err(|error| Error::new(path, error))
}

/// Removes an empty directory.
pub fn remove_dir(path: impl AsRef<str>) -> Result<(), Error> {
    host_only("fs_write");
    let path = path.as_ref();
    wit::remove_directory(path).map_err(|error| Error::new(path, error))
}

/// Moves a file or directory. Both paths must be covered by
/// `filesystem.write`. An existing file at `to` is replaced.
pub fn rename(from: impl AsRef<str>, to: impl AsRef<str>) -> Result<(), Error> {
    host_only("fs_write");
    let from = from.as_ref();
    wit::rename(from, to.as_ref()).map_err(|error| Error::new(from, error))
}

/// An open file, written from start to end. Dropping it closes it.
///
/// Every write is a host call: wrap it in [`std::io::BufWriter`] for many small
/// ones, and flush that at the end, because errors while dropping are lost.
#[derive(Debug)]
pub struct Writer {
    path: String,
    file: wit::Writer,
}

impl Writer {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        for chunk in bytes.chunks(LARGEST_WRITE) {
            self.file.write(chunk).map_err(|error| Error::new(&self.path, error))?;
        }
        Ok(())
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(LARGEST_WRITE);
        self.put(&bytes[..count])?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        // The host has every byte already.
        Ok(())
    }
}

fn open(path: &str, mode: wit::Mode) -> Result<Writer, Error> {
    host_only("fs_write");
    match wit::open(path, mode) {
        Ok(file) => Ok(Writer { path: path.to_owned(), file }),
        Err(error) => Err(Error::new(path, error)),
    }
}
