//! Whether the files that decide what is served are still the ones that were read.
//!
//! The commands of this program replace both files as a whole, so another file is
//! another number of a file. They are asked for by name, which works wherever
//! files do, over a network, too.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use crate::home::Home;

/// How often the files are looked at when nobody calls: a client learns of a new
/// tool before its user can ask for it. Two questions to the system each time.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// Which files there are. Equal stamps: nothing was changed in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamps {
    /// Of the list of installed packages.
    pub(super) installed: Stamp,
    /// Of the trust file.
    pub(super) trust: Stamp,
}

/// One file as the system knows it; `None` where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp(Option<Known>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    device: u64,
    number: u64,
    bytes: u64,
    /// Seconds and nanoseconds since 1970.
    modified: (i64, i64),
    /// As `modified`; nobody sets this one back.
    changed: (i64, i64),
}

impl Stamps {
    /// The files as they are. To be asked before they are read: then a change
    /// meanwhile is noticed the next time.
    pub(super) fn now(home: &Home) -> Self {
        Self { installed: Stamp::of(&home.installed_file()), trust: Stamp::of(&home.trust_file()) }
    }
}

impl Stamp {
    fn of(path: &Path) -> Self {
        // Whatever else is wrong with a file, reading it tells.
        Self(fs::metadata(path).ok().map(|file| Known {
            device: file.dev(),
            number: file.ino(),
            bytes: file.size(),
            modified: (file.mtime(), file.mtime_nsec()),
            changed: (file.ctime(), file.ctime_nsec()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_replaced_has_another_stamp_whatever_is_in_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("installed.json");
        let none = Stamp::of(&path);
        fs::write(&path, "same").unwrap();
        let first = Stamp::of(&path);
        assert_ne!(none, first);
        assert_eq!(first, Stamp::of(&path));
        let other = directory.path().join("other");
        fs::write(&other, "same").unwrap();
        fs::rename(&other, &path).unwrap();
        assert_ne!(first, Stamp::of(&path));
    }
}
