//! What a configuration said before it was changed: `NAME.mpp-backup-TIME` beside
//! it, for the same readers. Beside the link, where it is one: there somebody
//! looks for it, and no version control picks it up. None is ever overwritten
//! or removed here.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;

use super::{Configuration, Found, demand_own, directory_of, synced, trouble, written};
use crate::exit::{Failure, Outcome};
use crate::{durable, packages};

/// What is between the name of the file and the time.
const MARK: &str = ".mpp-backup-";

/// Most backups of one second. Whoever makes more is a loop.
const MAX_OF_A_SECOND: u32 = 99;

/// Most backups that are read to find what was there.
const MAX_READ: usize = 64;

impl Configuration {
    /// Keeps what was read. `None` where there was no file.
    pub(in super::super) fn keep(&self) -> Outcome<Option<PathBuf>> {
        let Some(found) = &self.found else { return Ok(None) };
        let time: String = packages::now()?.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
        for number in 1..=MAX_OF_A_SECOND {
            let mut name = self.prefix();
            name.push(if number == 1 { time.clone() } else { format!("{time}-{number:02}") });
            let path = self.path.with_file_name(name);
            let placed = written(&found.text, &path, Some(&found.metadata))
                .and_then(|file| file.persist_noclobber(&path).map_err(|error| error.error));
            match placed {
                Ok(_) => return synced(&path).map(|()| Some(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(trouble("write", &path, &error)),
            }
        }
        Err(Failure::host(format!("there are too many backups of {}", self.path.display()))
            .because("this second has all that it can have")
            .next("remove those that you do not need"))
    }

    /// What it said before, the newest first. `None` stands for a backup that
    /// cannot be read or that others can write: nothing to go back to.
    pub(in super::super) fn kept(&self) -> Outcome<Vec<Option<String>>> {
        let prefix = self.prefix();
        let is_kept = |path: &PathBuf| {
            path.file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(prefix.as_encoded_bytes()))
        };
        let mut paths: Vec<PathBuf> =
            durable::files_in(directory_of(&self.path))?.into_iter().filter(is_kept).collect();
        // The time sorts as text does.
        paths.sort_unstable_by(|one, other| other.cmp(one));
        let read = |path: PathBuf| {
            let found = Found::at(&path).ok()?;
            demand_own(&path, &found.metadata).ok().map(|()| found.text)
        };
        Ok(paths.into_iter().take(MAX_READ).map(read).collect())
    }

    fn prefix(&self) -> OsString {
        let mut name = self.path.file_name().unwrap_or(OsStr::new("")).to_owned();
        name.push(MARK);
        name
    }
}
