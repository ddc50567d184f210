//! A client's configuration on disk.
//!
//! The file belongs to the client and to the user, so:
//!
//! - a link is followed, and the file that it leads to is written: configurations
//!   often lie in a directory of their own, under version control;
//! - the new text takes the old one's place in one step, with its mode and owner,
//!   and only if the file still says what was read;
//! - what was there is kept beside it first, as `NAME.mpp-backup-TIME`;
//! - a file or directory that others can write is refused: what is put there
//!   would be started by the client, but it would not be the user who says what.

mod kept;

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::durable;
use crate::exit::{Failure, Outcome};

/// Longest configuration. Some clients keep what was said in theirs, too.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// A configuration as it was read.
#[derive(Debug)]
pub(super) struct Configuration {
    /// As the client names it.
    path: PathBuf,
    /// Where a link leads.
    real: PathBuf,
    /// None where there is no file.
    found: Option<Found>,
}

#[derive(Debug)]
struct Found {
    text: String,
    metadata: Metadata,
}

impl Configuration {
    pub(super) fn read(path: &Path) -> Outcome<Self> {
        let path = path.to_owned();
        let real = match path.canonicalize() {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return if path.is_symlink() {
                    Err(Failure::usage(format!("{} is a link that leads to no file", path.display()))
                        .next("make that file, or remove the link"))
                } else {
                    Ok(Self { real: path.clone(), path, found: None })
                };
            }
            Err(error) => return Err(trouble("read", &path, &error)),
        };
        let found = Found::at(&real)?;
        Ok(Self { path, real, found: Some(found) })
    }

    /// The file as the client names it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What it says; nothing where there is no file.
    pub(super) fn text(&self) -> &str {
        self.found.as_ref().map_or("", |found| &found.text)
    }

    /// What it says, where there is a file.
    pub(super) fn found(&self) -> Option<&str> {
        self.found.as_ref().map(|found| found.text.as_str())
    }

    /// Nobody but the user decides what will be in the file.
    pub(super) fn demand_own(&self) -> Outcome {
        if let Some(found) = &self.found {
            demand_own(&self.real, &found.metadata)?;
        }
        let directory = directory_of(&self.real);
        match fs::metadata(directory) {
            Ok(metadata) => demand_own(directory, &metadata),
            // It will be made.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(trouble("read", directory, &error)),
        }
    }

    /// Puts another text in the place of what was read.
    pub(super) fn replace(&self, text: &str) -> Outcome {
        let like = self.found.as_ref().map(|found| &found.metadata);
        let written =
            written(text, &self.real, like).map_err(|error| trouble("write", &self.real, &error))?;
        self.demand_unchanged()?;
        // Between the line above and the next, and only there, a change by
        // another program would be lost; it would still be in no backup.
        let placed = match self.found {
            Some(_) => written.persist(&self.real),
            None => written.persist_noclobber(&self.real),
        };
        placed.map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => self.changed(),
            _ => trouble("write", &self.real, &error.error),
        })?;
        synced(&self.real)
    }

    /// Removes the file, if it is what was read.
    pub(super) fn remove(&self) -> Outcome {
        self.demand_unchanged()?;
        fs::remove_file(&self.real).map_err(|error| trouble("remove", &self.real, &error))?;
        synced(&self.real)
    }

    /// The file still says what was read.
    pub(super) fn demand_unchanged(&self) -> Outcome {
        let now = Self::read(&self.path)?;
        if now.real == self.real && now.found() == self.found() { Ok(()) } else { Err(self.changed()) }
    }

    fn changed(&self) -> Failure {
        Failure::host(format!("{} was changed meanwhile", self.path.display()))
            .because("another program has written it; perhaps the client, which is running")
            .next("nothing was changed here; run the same command again")
    }
}

impl Found {
    fn at(real: &Path) -> Outcome<Self> {
        let metadata = fs::metadata(real).map_err(|error| trouble("read", real, &error))?;
        // Before it is opened: a pipe would wait for whoever writes to it.
        if !metadata.is_file() {
            return Err(Failure::usage(format!("{} is not a file", real.display())));
        }
        let bytes = durable::read_named(real, MAX_FILE_BYTES)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            Failure::usage(format!("{} is not UTF-8", real.display())).because(error.utf8_error())
        })?;
        Ok(Self { text, metadata })
    }
}

/// Refuses what others than its owner can write. The group that is the owner's
/// alone has the owner's number, where there are such groups.
fn demand_own(path: &Path, metadata: &Metadata) -> Outcome {
    let mode = metadata.mode();
    // In such a directory, others can make files, and not replace those of the owner.
    let sticky = metadata.is_dir() && mode & 0o1000 != 0;
    let group = mode & 0o020 != 0 && metadata.gid() != metadata.uid();
    if sticky || !(group || mode & 0o002 != 0) {
        return Ok(());
    }
    Err(Failure::usage(format!("{} can be written by others", path.display()))
        .because("whoever writes there says which programs the client starts")
        .next(format!("chmod go-w '{}'", path.display())))
}

/// A finished file with the text, which has no name yet that counts, where `path`
/// will be. It has the owner and the mode of another.
fn written(text: &str, path: &Path, like: Option<&Metadata>) -> io::Result<tempfile::NamedTempFile> {
    // For its owner alone until it is as the other: some hold keys.
    let mut file = tempfile::Builder::new()
        .prefix(".mpp-")
        .permissions(fs::Permissions::from_mode(0o600))
        .tempfile_in(directory_of(path))?;
    file.write_all(text.as_bytes())?;
    if let Some(metadata) = like {
        alike(file.as_file(), metadata)?;
    }
    file.as_file().sync_all()?;
    Ok(file)
}

/// Gives a new file the owner and the mode of another.
fn alike(file: &File, before: &Metadata) -> io::Result<()> {
    let made = file.metadata()?;
    if (made.uid(), made.gid()) != (before.uid(), before.gid()) {
        std::os::unix::fs::fchown(file, Some(before.uid()), Some(before.gid()))?;
    }
    file.set_permissions(fs::Permissions::from_mode(before.mode() & 0o7777))
}

/// The name of a file is on disk.
fn synced(file: &Path) -> Outcome {
    let directory = directory_of(file);
    File::open(directory)
        .and_then(|opened| opened.sync_all())
        .map_err(|error| trouble("write", directory, &error))
}

/// The paths here are absolute.
fn directory_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

fn trouble(doing: &str, path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::host(format!("cannot {doing} {}", path.display())).because(error);
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            failure.next("make room on that disk, then run the same command again")
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => failure.next(
            "check who owns it; if another program makes it, put there what the same command shows with --print",
        ),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A configuration that was read, and another program that wrote it since.
    fn changed_since() -> (tempfile::TempDir, Configuration) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mcp.json");
        fs::write(&path, "{}").unwrap();
        let file = Configuration::read(&path).unwrap();
        fs::write(&path, "{\"mine\": 1}").unwrap();
        (directory, file)
    }

    #[test]
    fn what_another_program_wrote_is_neither_replaced_nor_removed() {
        let (directory, file) = changed_since();
        for failure in [file.replace("{\"new\": 1}").unwrap_err(), file.remove().unwrap_err()] {
            assert!(failure.what().ends_with("was changed meanwhile"), "{}", failure.what());
            assert_eq!(fs::read_to_string(file.path()).unwrap(), "{\"mine\": 1}");
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
