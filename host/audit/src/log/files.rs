//! Files and directories that only their owner can change.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::path::Path;

use crate::error::LogError;

/// Makes a directory, for its owner alone, unless it is there; refuses one that
/// others can write to.
pub(crate) fn directory(path: &Path) -> Result<(), LogError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    if let Err(error) = builder.create(path) {
        if path.exists() {
            return Err(LogError::Obstructed { path: path.to_owned(), expected: "directory" });
        }
        return Err(LogError::io("create the directory", path)(error));
    }
    let metadata = fs::metadata(path).map_err(LogError::io("look at", path))?;
    closed(path, &metadata)
}

/// Makes a new file, for its owner alone.
pub(crate) fn create(path: &Path) -> Result<File, LogError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(LogError::io("create", path))
}

/// Opens a file to read it and to append to it; refuses what is no regular
/// file, and what others can write to.
pub(crate) fn append(path: &Path) -> Result<File, LogError> {
    let obstructed = || LogError::Obstructed { path: path.to_owned(), expected: "regular file" };
    // Before opening: opening a pipe or a device can have effects.
    let metadata = fs::symlink_metadata(path).map_err(LogError::io("look at", path))?;
    if !metadata.is_file() {
        return Err(obstructed());
    }
    let file = OpenOptions::new().read(true).append(true).open(path).map_err(LogError::io("open", path))?;
    let metadata = file.metadata().map_err(LogError::io("look at", path))?;
    if !metadata.is_file() {
        return Err(obstructed());
    }
    closed(path, &metadata)?;
    Ok(file)
}

/// Makes what was created, renamed or removed in a directory durable.
pub(crate) fn sync_directory(path: &Path) -> Result<(), LogError> {
    #[cfg(unix)]
    File::open(path).and_then(|dir| dir.sync_all()).map_err(LogError::io("sync", path))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
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
