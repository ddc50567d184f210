//! A log begins where there is none, and nowhere else.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use mpp_audit::{LogError, verify_dir};

use crate::opening::refused;
use crate::support::{call, file, home, open, open_quiet};

#[test]
fn a_new_log_begins_with_its_header_and_an_identity_of_its_own() {
    let (one, two) = (home(), home());
    let (first, second) = (open(one.path()), open(two.path()));
    assert_ne!(first.id(), second.id());
    assert_eq!(first.head().seq, 0);
    let summary = verify_dir(one.path(), &[first.head()]).expect("the log holds");
    assert_eq!(summary.log, first.id());
}

#[test]
fn a_missing_directory_is_made_with_those_above_it() {
    let home = home();
    let dir = home.path().join("state/audit");
    drop(open(&dir));
    let entries = fs::read_dir(&dir).expect("it is there").flatten();
    let mut found: Vec<_> = entries.map(|entry| entry.file_name().into_string().expect("a name")).collect();
    found.sort();
    assert_eq!(
        found,
        ["checkpoint", "checkpoints", "epochs", "log.jsonl", "offsets", "open", "payloads", "tile"]
    );
}

#[cfg(unix)]
#[test]
fn directories_and_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = home();
    let dir = home.path().join("audit");
    let log = Arc::new(open(&dir));
    call(&log, 1);
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o7777;
    assert_eq!(mode(&dir), 0o700);
    assert_eq!(mode(&dir.join("payloads")), 0o700);
    assert_eq!(mode(&dir.join("epochs")), 0o700);
    for name in ["log.jsonl", "checkpoint", "checkpoints", "offsets", "epochs/keys", "epochs/secret"] {
        assert_eq!(mode(&dir.join(name)), 0o600, "{name}");
    }
    for payload in fs::read_dir(dir.join("payloads")).expect("it is there").flatten() {
        assert_eq!(mode(&payload.path()), 0o600);
    }
}

#[test]
fn a_beginning_that_was_interrupted_is_begun_anew() {
    let home = home();
    drop(open_quiet(home.path()));
    fs::remove_file(file(home.path())).expect("it is there");
    fs::write(home.path().join("beginning"), "").expect("it can be written");
    let log = open_quiet(home.path());
    assert_eq!(log.head().seq, 0);
    assert!(!home.path().join("beginning").exists());
}

#[test]
fn what_is_no_log_is_not_opened() {
    let home = home();
    fs::create_dir(file(home.path())).expect("a directory in its place");
    assert!(matches!(refused(home.path()), LogError::Obstructed { expected: "regular file", .. }));

    let inside = home.path().join("a file");
    fs::write(&inside, "").expect("a file");
    assert!(matches!(refused(&inside), LogError::Obstructed { expected: "directory", .. }));
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_the_log_is_not_followed() {
    let (home, elsewhere) = (crate::support::home(), crate::support::home());
    drop(open(elsewhere.path()));
    std::os::unix::fs::symlink(file(elsewhere.path()), file(home.path())).expect("a link");
    assert!(matches!(refused(home.path()), LogError::Obstructed { .. }));
}
