//! Files that are either the old one or the new one, also after a power cut.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::exit::{Failure, Outcome, file_trouble};

/// Who may read a file that [`write`] makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// The owner alone: keys, grants.
    Owner,
    /// Whoever the umask of the process lets read.
    Anyone,
}

/// Replaces the file at `path` by `bytes` in one step: a reader sees all of the
/// old contents or all of the new. When this returns, the new contents are on
/// disk. Missing directories are made for the same readers.
pub fn write(path: &Path, bytes: &[u8], readers: Readers) -> Outcome {
    let directory = directory_of(path);
    make_directory(directory, readers)?;
    replace(directory, path, bytes, readers).map_err(|error| file_trouble("write", path, &error))
}

/// Makes a file that must not be there yet, as durable as [`write`] does.
pub fn create(path: &Path, bytes: &[u8], readers: Readers) -> Outcome {
    let directory = directory_of(path);
    make_directory(directory, readers)?;
    let made = temporary(directory, bytes, readers)
        .and_then(|file| file.persist_noclobber(path).map_err(|error| error.error))
        .and_then(|_| sync_directory(directory));
    made.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::usage(format!("{} exists already", path.display()))
            .next("name another file, or move that one away first"),
        _ => file_trouble("write", path, &error),
    })
}

/// Removes a file for good. One that is not there is no failure.
pub fn remove(path: &Path) -> Outcome {
    match fs::remove_file(path) {
        Ok(()) => sync_directory(directory_of(path)).map_err(|error| file_trouble("remove", path, &error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(file_trouble("remove", path, &error)),
    }
}

/// Reads a file of at most `limit` bytes; `None` where there is none.
pub fn read_if_there(path: &Path, limit: u64) -> Outcome<Option<Vec<u8>>> {
    match read_limited(path, limit) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file_trouble("read", path, &error)),
    }
}

/// Reads a file that the command line names, of at most `limit` bytes. A file
/// that is not there is a mistake of usage.
pub fn read_named(path: &Path, limit: u64) -> Outcome<Vec<u8>> {
    read_limited(path, limit).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::usage(format!("there is no file {}", path.display())),
        io::ErrorKind::IsADirectory => {
            Failure::usage(format!("{} is a directory, not a file", path.display()))
        }
        io::ErrorKind::FileTooLarge => {
            Failure::usage(format!("{} is larger than {limit} bytes", path.display()))
        }
        _ => file_trouble("read", path, &error),
    })
}

/// Keeps other processes of this command out while a file is read, changed and
/// written back. Released when dropped, and by the system when the process ends.
#[derive(Debug)]
#[must_use]
pub struct Lock(#[expect(dead_code, reason = "the lock lasts as long as the open file")] File);

impl Lock {
    /// Takes the lock, and waits for whoever has it.
    pub fn take(path: &Path) -> Outcome<Self> {
        make_directory(directory_of(path), Readers::Owner)?;
        let trouble = |error: io::Error| file_trouble("lock", path, &error);
        let file = File::options().create(true).append(true).open(path).map_err(trouble)?;
        file.lock().map_err(trouble)?;
        Ok(Self(file))
    }
}

fn read_limited(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let (file, most) = (File::open(path)?, limit.saturating_add(1));
    // Room for what it holds now, or it would be read in pieces and copied each time.
    let expected = file.metadata()?.len().min(most);
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default());
    file.take(most).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {limit} bytes")));
    }
    Ok(bytes)
}

fn replace(directory: &Path, path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    temporary(directory, bytes, readers)?.persist(path).map_err(|error| error.error)?;
    sync_directory(directory)
}

/// A finished and synced file under a name that nobody looks for. It is removed
/// again unless it is given its name.
fn temporary(directory: &Path, bytes: &[u8], readers: Readers) -> io::Result<tempfile::NamedTempFile> {
    let mut file =
        tempfile::Builder::new().prefix(".mpp-").permissions(mode(readers)).tempfile_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(unix)]
fn mode(readers: Readers) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(match readers {
        Readers::Owner => 0o600,
        Readers::Anyone => 0o666, // less the umask
    })
}

/// Makes a directory, and those above it, where they are not there. When this
/// returns, their names are on disk.
pub fn make_directory(directory: &Path, readers: Readers) -> Outcome {
    if directory.is_dir() {
        return Ok(());
    }
    let above = directory_of(directory);
    make_directory(above, readers)?;
    match make_one(directory, readers).and_then(|()| sync_directory(above)) {
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && directory.is_dir() => Ok(()),
        made => made.map_err(|error| file_trouble("make the directory", directory, &error)),
    }
}

fn make_one(directory: &Path, readers: Readers) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let mode = match readers {
        Readers::Owner => 0o700,
        Readers::Anyone => 0o777, // less the umask
    };
    fs::DirBuilder::new().mode(mode).create(directory)
}

/// The files in a directory, whatever their names; none where it is not there.
pub fn files_in(directory: &Path) -> Outcome<Vec<PathBuf>> {
    let listed = fs::read_dir(directory).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()
    });
    match listed {
        Ok(paths) => Ok(paths.into_iter().filter(|path| !path.is_dir()).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(file_trouble("list", directory, &error)),
    }
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// The directory of a file; a bare name lies in the working directory.
fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_written_file_replaces_the_old_one_and_leaves_nothing_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/er/file");
        write(&path, b"old", Readers::Owner).unwrap();
        write(&path, b"new", Readers::Owner).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_file_as_it_was() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        // A directory in the way: the last step, the rename, cannot succeed.
        fs::create_dir(&path).unwrap();
        let failure = write(&path, b"new", Readers::Owner).unwrap_err();
        assert_eq!(failure.blame().status(), 1);
        assert!(path.is_dir());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn create_refuses_to_replace() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key.pem");
        create(&path, b"first", Readers::Owner).unwrap();
        assert_eq!(create(&path, b"second", Readers::Owner).unwrap_err().blame().status(), 2);
        assert_eq!(fs::read(&path).unwrap(), b"first");
    }

    #[test]
    fn a_file_over_the_limit_is_refused_and_one_at_the_limit_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, b"12345").unwrap();
        assert_eq!(read_named(&path, 5).unwrap(), b"12345");
        assert_eq!(read_named(&path, 4).unwrap_err().blame().status(), 2);
    }

    #[test]
    fn a_named_file_that_is_not_there_is_a_mistake_of_usage() {
        assert_eq!(read_named(Path::new("/nonexistent/file"), 1).unwrap_err().blame().status(), 2);
        assert_eq!(read_if_there(Path::new("/nonexistent/file"), 1).unwrap(), None);
    }
}
