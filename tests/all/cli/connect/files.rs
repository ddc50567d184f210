//! What becomes of the file itself: its mode, its owner, links, backups, and
//! disks that are full.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::people::{CLIENTS, Person, beside};
use crate::cli::{Ended, text};

const FILE: &str = ".cursor/mcp.json";
const BEFORE: &str = CLIENTS[3].text;

/// Somebody without the superuser's rights.
const NOBODY: u32 = 65_534;

pub(super) fn mode(path: &Path) -> u32 {
    path.metadata().unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode()
        & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
}

#[test]
fn the_file_and_its_backup_keep_the_mode() {
    let person = Person::with_clients();
    for wanted in [0o600, 0o640, 0o644, 0o755, 0o400] {
        set_mode(&person.path(FILE), wanted);
        person.run(["connect", "cursor", "--yes"]).done();
        let backup = person.backups(FILE).pop().expect("there is a backup");
        assert_eq!((mode(&person.path(FILE)), mode(&backup)), (wanted, wanted));
        person.run(["connect", "cursor", "--remove", "--yes"]).done();
        assert_eq!(mode(&person.path(FILE)), wanted);
    }
}

/// As when it is run by `sudo`, which keeps `HOME`. Only the superuser can give a
/// file to somebody else, so for others there is nothing to see.
#[test]
fn the_file_and_its_backup_keep_the_owner() {
    let person = Person::with_clients();
    if chown(person.path(FILE), Some(NOBODY), Some(NOBODY)).is_err() {
        return;
    }
    person.run(["connect", "cursor", "--yes"]).done();
    for path in [person.path(FILE), person.backups(FILE).remove(0)] {
        let metadata = path.metadata().expect("it is there");
        assert_eq!((metadata.uid(), metadata.gid()), (NOBODY, NOBODY), "{}", path.display());
    }
}

#[test]
fn a_backup_is_what_was_there_and_none_is_ever_overwritten() {
    let person = Person::with_clients();
    for _ in 0..3 {
        person.run(["connect", "cursor", "--yes"]).done();
        person.run(["connect", "cursor", "--remove", "--yes"]).done();
    }
    let backups = person.backups(FILE);
    assert_eq!(backups.len(), 6);
    assert_eq!(person.beside(FILE), backups, "nothing else is left behind");
    let texts = backups.iter().map(|path| fs::read_to_string(path).expect("it is text"));
    assert_eq!(texts.filter(|text| text == BEFORE).count(), 3);
}

#[test]
fn a_link_stays_and_the_file_that_it_leads_to_is_written() {
    let person = Person::with_clients();
    let real = person.write("dotfiles/cursor/mcp.json", BEFORE);
    let link = person.path(FILE);
    fs::remove_file(&link).expect("it is ours");
    symlink("../dotfiles/cursor/mcp.json", &link).expect("a link can be made");
    person.run(["connect", "cursor", "--yes"]).done();
    assert_eq!(fs::read_link(&link).expect("it is a link"), Path::new("../dotfiles/cursor/mcp.json"));
    assert!(!real.is_symlink() && fs::read_to_string(&real).expect("it is text").contains("--agent"));
    assert_eq!((beside(&real).len(), person.backups(FILE).len()), (0, 1), "the backup is beside the link");
    person.run(["connect", "cursor", "--remove", "--yes"]).done();
    assert_eq!(fs::read_to_string(&real).expect("it is text"), BEFORE);
    assert!(link.is_symlink());
}

#[test]
fn several_at_once_are_all_heard() {
    let person = Person::with_clients();
    let names: Vec<String> = (0..8).map(|number| format!("server-{number}")).collect();
    let start = |name: &String| {
        let mut command = person.mpp(["connect", "cursor", "--yes", "--name", name]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command can be started")
    };
    let children: Vec<_> = names.iter().map(start).collect();
    for child in children {
        Ended::of(child.wait_with_output().expect("the command ends")).done();
    }
    let value: serde_json::Value = serde_json::from_str(&person.read(FILE)).expect("it is JSON");
    let servers: BTreeSet<&String> = value["mcpServers"].as_object().expect("a table").keys().collect();
    assert!(names.iter().all(|name| servers.contains(name)), "{servers:?}");
    assert_eq!((servers.len(), person.backups(FILE).len()), (9, 8));
}

/// No file may grow here, which stands for a disk that is full.
#[test]
fn a_full_disk_leaves_the_file_as_it_was_and_nothing_beside_it() {
    let person = Person::with_clients();
    let mut command = Command::new("bash");
    command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""]);
    command.arg(env!("CARGO_BIN_EXE_mpp-under-test")).args(["connect", "cursor", "--yes"]);
    command.env("MPP_HOME", person.0.home.path()).env("HOME", person.path(""));
    let ended = Ended::of(command.output().expect("a shell can be started"));
    ended.failed(1, &["error: cannot write", FILE, "make room"]);
    assert_eq!((person.read(FILE).as_str(), person.beside(FILE).len()), (BEFORE, 0));
}

#[test]
fn a_directory_that_cannot_be_written_leaves_the_file_as_it_was() {
    let person = Person::with_clients();
    set_mode(&person.path(".cursor"), 0o555);
    let mut command = person.mpp(["connect", "cursor", "--yes"]);
    // The superuser writes everywhere.
    let paths = [person.0.path(""), person.path(""), person.path(".cursor"), person.path(FILE)];
    if paths.iter().all(|path| chown(path, Some(NOBODY), Some(NOBODY)).is_ok()) {
        command.uid(NOBODY).gid(NOBODY);
    }
    let ended = Ended::of(command.output().expect("the command can be started"));
    set_mode(&person.path(".cursor"), 0o755);
    ended.failed(1, &["error: cannot write", FILE, "Permission denied", "--print"]);
    assert_eq!((person.read(FILE).as_str(), person.beside(FILE).len()), (BEFORE, 0));
}

#[test]
fn a_backup_that_others_can_write_is_nothing_to_go_back_to() {
    let person = Person::with_clients();
    let file = ".codeium/windsurf/mcp_config.json";
    person.run(["connect", "windsurf", "--yes"]).done();
    let backup = person.backups(file).remove(0);
    set_mode(&backup, 0o666);
    person.run(["connect", "windsurf", "--remove", "--yes"]).done();
    assert_ne!(person.read(file), fs::read_to_string(&backup).expect("it is text"));
    assert!(!person.read(file).contains("mpp"), "{}", text(&person.path(file)));
}

#[test]
fn of_several_backups_the_newest_is_what_was_there() {
    let person = Person::with_clients();
    let file = ".codeium/windsurf/mcp_config.json";
    for time in ["20200101T000000Z", "20200101T000000Z-02"] {
        person.write(&format!("{file}.mpp-backup-{time}"), "{\n}\n");
    }
    person.run(["connect", "windsurf", "--yes"]).done();
    person.run(["connect", "windsurf", "--remove", "--yes"]).done();
    assert_eq!(person.read(file), CLIENTS[7].text);
}
