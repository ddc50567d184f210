//! Why a file operation failed, for `fs` and `fs_write` alike.

use std::fmt;
use std::io;

use crate::Denial;
use crate::bindings::mpp::tool::fs as wit;

/// A file operation that failed, with the path it was about.
///
/// It becomes [`mpp_guest::Error`](crate::Error) with `?`, a denial staying a
/// denial, and [`std::io::Error`] where the traits of `std::io` ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    path: String,
    kind: ErrorKind,
}

/// Why a file operation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Outside the granted paths, or a link that leads outside them.
    Denied(Denial),
    /// There is nothing at this path.
    NotFound,
    /// Something is at this path already.
    AlreadyExists,
    /// A directory was expected.
    NotADirectory,
    /// A file was expected.
    IsADirectory,
    /// The directory is not empty.
    NotEmpty,
    /// Not an absolute path, longer than 4,096 bytes, or with a NUL.
    InvalidPath,
    /// Neither a regular file nor a directory (a device, a pipe, a socket).
    Unsupported,
    /// A limit of the call: files open at once, or bytes written. The text
    /// names it.
    Limit(String),
    /// The operating system's words. Not for programs to take apart.
    Io(String),
    /// A text was asked for and the file is none. Said by this crate, not by
    /// the host.
    NotUtf8,
}

impl Error {
    pub(crate) fn new(path: &str, kind: impl Into<ErrorKind>) -> Self {
        Self { path: path.to_owned(), kind: kind.into() }
    }

    /// The path, as the tool gave it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Why it failed.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Denied(denial) => Some(denial),
            _ => None,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(denial) => denial.fmt(f),
            Self::NotFound => f.write_str("there is nothing at this path"),
            Self::AlreadyExists => f.write_str("something is at this path already"),
            Self::NotADirectory => f.write_str("not a directory"),
            Self::IsADirectory => f.write_str("a directory, not a file"),
            Self::NotEmpty => f.write_str("the directory is not empty"),
            Self::InvalidPath => {
                f.write_str("not a path: it must be absolute, at most 4096 bytes, and without NUL")
            }
            Self::Unsupported => f.write_str("neither a regular file nor a directory"),
            Self::Limit(limit) => write!(f, "limit of the call: {limit}"),
            Self::Io(reason) => f.write_str(reason),
            Self::NotUtf8 => f.write_str("not UTF-8 text"),
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error.kind {
            ErrorKind::Denied(_) => io::ErrorKind::PermissionDenied,
            ErrorKind::NotFound => io::ErrorKind::NotFound,
            ErrorKind::AlreadyExists => io::ErrorKind::AlreadyExists,
            ErrorKind::NotADirectory => io::ErrorKind::NotADirectory,
            ErrorKind::IsADirectory => io::ErrorKind::IsADirectory,
            ErrorKind::NotEmpty => io::ErrorKind::DirectoryNotEmpty,
            ErrorKind::InvalidPath => io::ErrorKind::InvalidInput,
            ErrorKind::Unsupported => io::ErrorKind::Unsupported,
            ErrorKind::Limit(_) => io::ErrorKind::QuotaExceeded,
            ErrorKind::Io(_) => io::ErrorKind::Other,
            ErrorKind::NotUtf8 => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}

impl From<wit::Error> for ErrorKind {
    fn from(error: wit::Error) -> Self {
        match error {
            wit::Error::Denied(denial) => Self::Denied(denial.into()),
            wit::Error::NotFound => Self::NotFound,
            wit::Error::AlreadyExists => Self::AlreadyExists,
            wit::Error::NotADirectory => Self::NotADirectory,
            wit::Error::IsADirectory => Self::IsADirectory,
            wit::Error::NotEmpty => Self::NotEmpty,
            wit::Error::InvalidPath => Self::InvalidPath,
            wit::Error::Unsupported => Self::Unsupported,
            wit::Error::Limit(limit) => Self::Limit(limit),
            wit::Error::Io(reason) => Self::Io(reason),
        }
    }
}
