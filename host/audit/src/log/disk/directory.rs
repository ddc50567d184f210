//! Making directories so that they stay.
//!
//! A directory is durable when the one above it is synced. A writer that is
//! interrupted between the two leaves one that looks as if it were. But nothing is
//! put into a directory before it is durable, other than the next one on the way:
//! so one with no more than that in it is made durable again.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::Path;

use super::{Deed, Disk, closed};
use crate::error::LogError;

impl Disk {
    /// Makes a directory and those that lead to it, durably and for its owner
    /// alone, unless it is there; refuses one that others can write to. One that an
    /// interrupted writer may have made just now is made durable all the same.
    pub(crate) fn directory(&self, path: &Path) -> Result<(), LogError> {
        let unsure = unsure(path);
        self.make_directory(path)?;
        for made in unsure.into_iter().rev() {
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
}

/// The directories on the way to this one that are not there or may not be durable,
/// this one first.
fn unsure(path: &Path) -> Vec<&Path> {
    let mut most = 0;
    let new = |it: &&Path| entries(it) <= std::mem::replace(&mut most, 1);
    path.ancestors().take_while(|it| !it.as_os_str().is_empty()).take_while(new).collect()
}

/// Whether a directory is not there, or has nothing in it.
pub(crate) fn is_unused(path: &Path) -> bool {
    entries(path) == 0
}

/// How many entries a directory has, of which two are enough to know. None if it is
/// not there; and one that cannot be read, or is in one that cannot, is not of our
/// making.
fn entries(path: &Path) -> usize {
    const MANY: usize = 2;
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Ok(entries) if fs::read_dir(above.unwrap_or(Path::new("."))).is_ok() => entries.take(MANY).count(),
        _ => MANY,
    }
}
