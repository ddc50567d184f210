//! What is on the disk, and since when.
//!
//! After a power cut a file can have its name and not its contents, unless it
//! was synced in between; and it can have lost its name, unless its directory
//! was. No kill shows this, so it is read off the calls. Directories that a
//! command makes are not looked at.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::commands::COMMANDS;
use super::strace::Call;

/// What a command has changed, and the disk may not have yet.
#[derive(Debug, Default, PartialEq, Eq)]
struct Pending {
    /// Files that were written.
    contents: BTreeSet<PathBuf>,
    /// Directories in which a name was given or taken.
    names: BTreeSet<PathBuf>,
}

impl Pending {
    /// Follows one call. Returns whether a file got its name, or lost it.
    fn follow(&mut self, call: &Call) -> bool {
        match call.name.as_str() {
            "write" => self.contents.extend(call.file()),
            "fsync" | "fdatasync" => {
                let synced = call.file().expect("it is a file of the home");
                self.contents.remove(&synced);
                self.names.remove(&synced);
            }
            "rename" | "renameat" | "renameat2" | "link" | "linkat" | "unlink" | "unlinkat" => {
                // Neither the file itself, nor the record of what is done here.
                assert_eq!(self.contents, BTreeSet::new(), "not synced before {}", call.text);
                let path = call.last_path().expect("it has a path");
                // A tile that a wider one has taken over from may stay, as the
                // format of the log says.
                let outgrown = call.name.starts_with("unlink") && path.starts_with("data/audit/tile");
                if !outgrown {
                    self.names.insert(directory_of(&path));
                }
                return true;
            }
            _ => {}
        }
        false
    }
}

fn directory_of(file: &Path) -> PathBuf {
    let directory = file.parent().expect("a file is in a directory");
    if directory == Path::new("") { PathBuf::from(".") } else { directory.to_owned() }
}

#[test]
fn nothing_gets_its_name_before_it_and_its_record_are_on_the_disk() {
    for command in COMMANDS {
        let mut pending = Pending::default();
        let calls = command().calls;
        let named = calls.iter().filter(|call| pending.follow(call)).count();
        assert!(named > 0, "nothing was replaced: {calls:#?}");
        assert_eq!(pending, Pending::default(), "not synced at the end: {calls:#?}");
    }
}
