//! A log opens only if it is whole, ours, and nobody else's at the moment.

use std::fs;
use std::path::Path;

use mpp_audit::{FaultKind, Log, LogError, SystemClock, verify_dir};

use crate::support::{at, call, file, home, lines, open, pinned, written};

fn refused(dir: &Path) -> LogError {
    Log::open(dir, SystemClock).expect_err("the log is refused")
}

/// The refusal of a log of these bytes, after checking that they were left alone.
fn refused_bytes(bytes: &[u8]) -> LogError {
    let home = home();
    fs::write(file(home.path()), bytes).expect("the log can be written");
    let error = refused(home.path());
    assert_eq!(fs::read(file(home.path())).expect("the log is there"), bytes);
    error
}

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
    let found: Vec<_> = fs::read_dir(&dir).expect("it is there").flatten().map(|e| e.file_name()).collect();
    assert_eq!(found.len(), 2, "only the log and its payloads: {found:?}");
}

#[cfg(unix)]
#[test]
fn directories_and_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = home();
    let dir = home.path().join("audit");
    let log = open(&dir);
    log.append(&call("count", &crate::support::long('x'))).expect("the event is recorded");
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o7777;
    assert_eq!(mode(&dir), 0o700);
    assert_eq!(mode(&dir.join("payloads")), 0o700);
    assert_eq!(mode(&file(&dir)), 0o600);
    for payload in fs::read_dir(dir.join("payloads")).expect("it is there").flatten() {
        assert_eq!(mode(&payload.path()), 0o600);
    }
}

#[cfg(unix)]
#[test]
fn a_log_that_others_can_change_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    for name in ["", "payloads", "log.jsonl"] {
        let home = home();
        drop(open(home.path()));
        let path = home.path().join(name);
        for bit in [0o020, 0o002] {
            let before = fs::metadata(&path).expect("it is there").permissions();
            let open_to_others = fs::Permissions::from_mode(before.mode() | bit);
            fs::set_permissions(&path, open_to_others).expect("it is ours");
            assert!(matches!(refused(home.path()), LogError::OpenToOthers { .. }), "{name} {bit:o}");
            fs::set_permissions(&path, before).expect("it is ours");
        }
        drop(open(home.path()));
    }
}

#[test]
fn a_second_writer_is_refused_until_the_first_is_gone() {
    let home = home();
    let first = open(home.path());
    assert!(matches!(refused(home.path()), LogError::Locked { .. }));
    first.append(&pinned("com.example")).expect("the first is not disturbed");
    drop(first);
    assert_eq!(open(home.path()).head().seq, 1);
}

#[test]
fn readers_do_not_keep_a_writer_out() {
    let home = home();
    drop(open(home.path()));
    let records = mpp_audit::Records::open(home.path()).expect("the log can be read");
    let log = open(home.path());
    log.append(&pinned("com.example")).expect("the event is recorded");
    assert_eq!(records.count(), 1, "what came later is not read");
}

#[test]
fn a_log_that_is_opened_again_continues_its_chain() {
    let home = home();
    let mut last = None;
    for n in 1..=3 {
        let log = Log::open(home.path(), at(1_000_000 - n)).expect("the log opens");
        last = Some(log.append(&pinned("com.example")).expect("the event is recorded"));
    }
    let last = last.expect("there were three");
    assert_eq!(last.seq, 3);
    let summary = verify_dir(home.path(), &[last]).expect("the log holds, whatever the clock did");
    assert_eq!((summary.records, summary.head), (4, last));
    assert!(summary.last < summary.first);
}

#[test]
fn a_torn_tail_is_refused_with_what_to_do() {
    let (log, _) = written(3);
    let last = lines(&log)[2].len();
    let whole = log.len() - last;
    for torn in [1, 2, last / 2, last - 2] {
        let error = refused_bytes(&log[..whole + torn]);
        let LogError::Torn { seq: 2, keep, .. } = error else { panic!("{error:?}") };
        assert_eq!(keep, whole as u64);
        let message = error.to_string();
        assert!(message.contains(&format!("truncate --size={whole} ")), "{message}");
    }
}

#[test]
fn a_tail_of_zeros_is_a_torn_tail() {
    let (mut log, _) = written(2);
    log.extend([0; 4096]);
    assert!(matches!(refused_bytes(&log), LogError::Torn { seq: 2, .. }));
}

#[test]
fn a_missing_newline_is_refused_with_what_to_do() {
    let (log, _) = written(3);
    let error = refused_bytes(&log[..log.len() - 1]);
    assert!(matches!(error, LogError::MissingNewline { seq: 2, .. }), "{error:?}");
    assert!(error.to_string().contains("printf '\\n' >> "), "{error}");
}

#[test]
fn a_broken_log_is_refused_and_left_alone() {
    let (log, _) = written(5);
    let broken = |lines: &[Vec<u8>]| match refused_bytes(&lines.concat()) {
        LogError::Broken { fault, .. } => (fault.seq, fault.kind),
        other => panic!("{other:?}"),
    };
    let mut gone = lines(&log);
    gone.remove(2);
    assert_eq!(broken(&gone), (2, FaultKind::Missing { found: 3 }));

    let mut changed = lines(&log);
    changed[2] = String::from_utf8_lossy(&changed[2]).replace("number 2", "number 9").into_bytes();
    assert_eq!(broken(&changed), (2, FaultKind::Changed));

    // The last record has no other to vouch for it, so it is read in full.
    let mut odd = lines(&log);
    odd[4] = String::from_utf8_lossy(&odd[4]).replace("\"agent\"", "\"angel\"").into_bytes();
    assert!(matches!(broken(&odd), (4, FaultKind::Malformed { .. })));

    assert_eq!(broken(&[]), (0, FaultKind::Empty));
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
