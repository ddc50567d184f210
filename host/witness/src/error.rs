//! Why the directory of a witness cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use mpp_audit::note::{KeyError, KeyName};

/// Why a directory cannot be used, or was not changed. Told apart by whose move
/// it is: most are the owner's of the witness.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Another process uses it.
    #[error("another process uses the witness in {}", path.display())]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// There is no key yet.
    #[error("there is no witness in {}: it has no key", path.display())]
    NoKey {
        /// The directory.
        path: PathBuf,
    },
    /// There is a key already, and it is never replaced.
    #[error("{} has a key already", path.display())]
    KeyExists {
        /// The directory.
        path: PathBuf,
    },
    /// The file of the key is none.
    #[error("{}: {source}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: KeyFileError,
    },
    /// The log is followed with this key already.
    #[error("the log {origin} is followed with this key already")]
    Followed {
        /// Its origin.
        origin: KeyName,
    },
    /// The keys of a log are not what was written.
    #[error("{}: these are not the keys of one log{}", path.display(), said(source))]
    Keys {
        /// The file.
        path: PathBuf,
        /// What is wrong with one of them.
        source: Option<KeyError>,
    },
    /// What is remembered of a log is missing. Without it the witness could sign
    /// what contradicts what it has signed.
    #[error("{} is missing: the witness would not know what it has signed", path.display())]
    Forgotten {
        /// The file.
        path: PathBuf,
    },
    /// What is remembered of a log is not what was written.
    #[error("{} is not what was written: {why}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The copy of a checkpoint that is served is not what was written. Nothing
    /// rests on it: once it is removed, the next signature makes another.
    #[error("{} is not what was written: {why}; nothing rests on it, and it can be removed", path.display())]
    Copy {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The file system.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What came of it.
        source: io::Error,
    },
}

fn said(source: &Option<KeyError>) -> String {
    source.as_ref().map_or(String::new(), |error| format!(": {error}"))
}

impl DirectoryError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}

/// Why a file is not the key of a witness.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not one line of the form.
    #[error("the key of a witness is one line: PRIVATE+KEY+<name>+<id>+<base64>")]
    Form,
    /// Its id is not that of the key.
    #[error("the id in the key is not that of the key")]
    Id,
    /// Others can read it.
    #[error("others on this machine can read it; if it is still secret: chmod 600")]
    Exposed,
    /// No key could be made.
    #[error(transparent)]
    Key(#[from] KeyError),
}
