//! The directory of a witness: what is refused before anything is signed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use mpp_audit::Hash;
use mpp_witness::{Directory, DirectoryError, KeyFileError};

use crate::support::{ORIGIN, Served, begun, request, signer};

fn take(dir: &Path) -> Directory {
    Directory::take(dir).expect("nobody has it")
}

fn log(dir: &Path) -> PathBuf {
    dir.join("logs").join(Hash::of_payload(ORIGIN.as_bytes()).to_string())
}

fn refused(dir: &Path) -> DirectoryError {
    take(dir).open().expect_err("it is refused")
}

#[test]
fn a_directory_has_one_user_at_a_time() {
    let home = tempfile::tempdir().expect("a directory");
    let first = begun(home.path());
    let second = Directory::take(home.path());
    assert!(matches!(&second, Err(DirectoryError::Locked { path }) if path == home.path()), "{second:?}");
    let witness = first.open().expect("it is whole");
    assert!(matches!(Directory::take(home.path()), Err(DirectoryError::Locked { .. })));
    drop(witness);
    assert!(take(home.path()).open().is_ok());
}

#[test]
fn a_key_is_made_once_and_is_for_its_owner_alone() {
    let home = tempfile::tempdir().expect("a directory");
    assert!(matches!(refused(home.path()), DirectoryError::NoKey { .. }));
    let directory = begun(home.path());
    let again = directory.make_key("witness.example/w".parse().expect("a name"));
    assert!(matches!(again, Err(DirectoryError::KeyExists { .. })));
    drop(directory);
    let key = home.path().join("key");
    assert_eq!(fs::metadata(&key).expect("it is there").permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("it is ours");
    assert!(matches!(refused(home.path()), DirectoryError::Key { source: KeyFileError::Exposed, .. }));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("it is ours");
    fs::write(&key, "secret\n").expect("it is ours");
    assert!(matches!(refused(home.path()), DirectoryError::Key { source: KeyFileError::Form, .. }));
}

/// Whatever a full disk, a copy that was cut, or a person left: never a witness
/// that begins from nothing.
#[test]
fn a_memory_that_is_missing_or_cut_refuses_to_be_opened() {
    let home = tempfile::tempdir().expect("a directory");
    assert_eq!(Served::new(home.path()).post(request(0, 5)).status, 200);
    let state = log(home.path()).join("state");
    let whole = fs::read(&state).expect("it is there");
    for length in 0..whole.len() {
        fs::write(&state, &whole[..length]).expect("it is ours");
        let error = refused(home.path());
        assert!(matches!(&error, DirectoryError::Broken { path, .. } if *path == state), "{length}: {error}");
    }
    fs::remove_file(&state).expect("it is ours");
    assert!(matches!(refused(home.path()), DirectoryError::Forgotten { path } if path == state));
    fs::write(&state, &whole).expect("it is ours");
    assert!(take(home.path()).open().is_ok());
}

#[test]
fn the_memory_of_one_log_does_not_stand_in_for_another() {
    let home = tempfile::tempdir().expect("a directory");
    assert_eq!(Served::new(home.path()).post(request(0, 5)).status, 200);
    let state = log(home.path()).join("state");
    let other = fs::read_to_string(&state).expect("it is there").replacen(ORIGIN, "example.com/other", 1);
    fs::write(&state, other).expect("it is ours");
    let error = refused(home.path());
    assert_eq!(
        error.to_string(),
        format!("{} is not what was written: it is of the log example.com/other", state.display())
    );
    // Nor its directory.
    let elsewhere = home.path().join("logs").join(Hash::of_payload(b"elsewhere").to_string());
    fs::rename(log(home.path()), elsewhere).expect("it is ours");
    assert!(matches!(refused(home.path()), DirectoryError::Keys { source: None, .. }));
}

#[test]
fn a_broken_copy_is_named_and_nothing_rests_on_it() {
    let home = tempfile::tempdir().expect("a directory");
    assert_eq!(Served::new(home.path()).post(request(0, 5)).status, 200);
    let copy = log(home.path()).join("cosigned");
    fs::write(&copy, "").expect("it is ours");
    assert!(matches!(refused(home.path()), DirectoryError::Copy { path, .. } if path == copy));
    fs::remove_file(&copy).expect("it is ours");
    assert_eq!(Served::again(home.path()).post(request(0, 13)).body, "5\n");
}

#[test]
fn a_log_is_added_once_and_its_memory_stays_when_a_key_is_added() {
    let home = tempfile::tempdir().expect("a directory");
    assert_eq!(Served::new(home.path()).post(request(0, 5)).status, 200);
    let directory = take(home.path());
    let again = directory.add_log(signer(ORIGIN, 1).key());
    assert!(matches!(again, Err(DirectoryError::Followed { origin }) if origin.as_str() == ORIGIN));
    directory.add_log(signer(ORIGIN, 2).key()).expect("another key");
    assert_eq!(Served::start(directory).post(request(0, 13)).body, "5\n");
}

#[test]
fn keys_of_two_logs_in_one_file_are_refused() {
    let home = tempfile::tempdir().expect("a directory");
    drop(begun(home.path()));
    let both =
        [signer(ORIGIN, 1), signer("example.com/other", 2)].map(|signer| format!("{}\n", signer.key()));
    for wrong in [both.concat().as_str(), "", "\n", "key\n", both[0].trim_end()] {
        fs::write(log(home.path()).join("keys"), wrong).expect("it is ours");
        assert!(matches!(refused(home.path()), DirectoryError::Keys { .. }), "{wrong:?}");
    }
}

#[test]
fn a_log_whose_adding_was_interrupted_is_not_followed_and_can_be_added() {
    let home = tempfile::tempdir().expect("a directory");
    let directory = take(home.path());
    directory.make_key("witness.example/w".parse().expect("a name")).expect("there is none yet");
    let unfinished = log(home.path()).with_extension("new");
    fs::create_dir_all(&unfinished).expect("a directory");
    fs::write(unfinished.join("keys"), "half").expect("it is ours");
    assert_eq!(directory.open().expect("it is whole").logs().count(), 0);
    let directory = take(home.path());
    directory.add_log(signer(ORIGIN, 1).key()).expect("it is not followed yet");
    assert!(!unfinished.exists());
    assert_eq!(directory.open().expect("it is whole").logs().count(), 1);
}
