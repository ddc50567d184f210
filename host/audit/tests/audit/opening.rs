//! A log opens only if it is whole, ours, and nobody else's at the moment.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use mpp_audit::{
    Entry, Expected, FaultKind, Filter, Hash, Log, LogError, SystemClock, Torn, show, verify_dir, verify_log,
};
use tempfile::TempDir;

use crate::support::{at, call, crashed, event, everything, file, home, lines, open, open_quiet, pinned};

fn refused(dir: &Path) -> LogError {
    Log::open(dir, SystemClock).expect_err("the log is refused")
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

#[cfg(unix)]
#[test]
fn a_log_that_others_can_change_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    for name in ["", "payloads", "log.jsonl", "checkpoints", "offsets"] {
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

/// A log of five records, of which the first three are signed: what a crash left.
fn interrupted() -> TempDir {
    let home = home();
    let log = open_quiet(home.path());
    for n in 1..5 {
        log.append(&event("count", &format!("input number {n}"))).expect("the event is recorded");
        if n == 2 {
            log.checkpoint().map(drop).expect("it is signed");
        }
    }
    crashed(home.path())
}

/// The refusal of a log whose records are replaced by these bytes, after checking
/// that everything was left alone.
fn refused_bytes(home: &TempDir, bytes: &[u8]) -> LogError {
    fs::write(file(home.path()), bytes).expect("the log can be written");
    let before = everything(home.path());
    let error = refused(home.path());
    assert_eq!(everything(home.path()), before);
    error
}

#[test]
fn what_is_not_signed_is_read_and_continued() {
    let home = interrupted();
    let log = open(home.path());
    assert_eq!(log.head().seq, 4);
    log.append(&pinned("com.example")).expect("the event is recorded");
    drop(log);
    let verified = verify_log(home.path(), &Expected::default()).expect("the log holds");
    assert_eq!((verified.summary.records, verified.signed.size, verified.checkpoints), (6, 6, 3));
}

/// L3: at every byte.
#[test]
fn l03_a_tail_torn_after_what_is_signed_is_cut_off_and_that_is_on_record() {
    let home = interrupted();
    let log = fs::read(file(home.path())).expect("it is there");
    let lines = lines(&log);
    let (third, fourth) = (lines[..3].concat().len(), lines[..4].concat().len());
    for length in (third..log.len()).step_by(7).chain([fourth - 1, fourth + 1, log.len() - 1]) {
        let copied = crashed(home.path());
        fs::write(file(copied.path()), &log[..length]).expect("it can be written");
        let opened = open_quiet(copied.path());
        let whole = if length >= fourth { fourth } else { third };
        let kept = if length >= fourth { 4 } else { 3 };
        assert_eq!(opened.head().seq, kept - 1 + u64::from(length > whole), "{length} bytes");
        drop(opened);
        let shown = show(copied.path(), &Filter::default()).expect("it can be read");
        let torn = shown.records.get(kept as usize).map(|record| record.entry.clone());
        let cut = &log[whole..length];
        let (cut_bytes, cut_sha256) = (cut.len() as u64, Hash::of_payload(cut));
        let expected = Torn { cut_bytes, cut_sha256, cut_payload_bytes: 0 };
        assert_eq!(torn, (length > whole).then_some(Entry::Torn(expected)), "{length} bytes");
        verify_log(copied.path(), &Expected::default()).map(drop).expect("the log holds");
        assert!(!copied.path().join("torn").exists());
    }
}

/// L3: at every byte.
#[test]
fn l03_a_log_shorter_than_its_checkpoint_is_refused_and_left_alone() {
    let home = interrupted();
    let log = fs::read(file(home.path())).expect("it is there");
    let lines = lines(&log);
    let (header, signed) = (lines[0].len(), lines[..3].concat().len());
    for length in (header..signed).step_by(5).chain([signed - 1]) {
        let error = refused_bytes(&home, &log[..length]);
        let LogError::CutOff { records: 3, expected, found, .. } = error else { panic!("{error:?}") };
        assert_eq!((expected, found), (signed as u64, length as u64));
    }
    for length in [0, 1, header - 1] {
        let error = refused_bytes(&home, &log[..length]);
        assert!(matches!(error, LogError::Broken { .. } | LogError::CutOff { .. }), "{error:?}");
    }
}

/// L11: a sector that never reached the disk is a hole of zeros.
#[test]
fn l11_a_hole_of_zeros_in_what_is_not_signed_is_cut_off_with_what_follows() {
    for from in [0, 1, 100] {
        let home = interrupted();
        let mut log = fs::read(file(home.path())).expect("it is there");
        let lines = lines(&log);
        let whole = lines[..3].concat().len();
        log[whole + from..whole + 300].fill(0);
        fs::write(file(home.path()), &log).expect("it can be written");
        let opened = open_quiet(home.path());
        assert_eq!(opened.head().seq, 3);
        drop(opened);
        let shown = show(home.path(), &Filter::default()).expect("it can be read");
        let Entry::Torn(torn) = &shown.records[3].entry else { panic!("{shown:?}") };
        assert_eq!(torn.cut_bytes, (log.len() - whole) as u64);
    }
    let home = interrupted();
    let mut log = fs::read(file(home.path())).expect("it is there");
    log.extend(vec![0; 1 << 20]);
    fs::write(file(home.path()), &log).expect("it can be written");
    assert_eq!(open_quiet(home.path()).head().seq, 5);
}

#[test]
fn a_broken_log_is_refused_and_left_alone() {
    let home = interrupted();
    let log = fs::read(file(home.path())).expect("it is there");
    let broken = |lines: &[Vec<u8>]| match refused_bytes(&home, &lines.concat()) {
        LogError::Broken { fault, .. } => (fault.seq, fault.kind),
        other => panic!("{other:?}"),
    };
    let mut gone = lines(&log);
    gone.remove(3);
    assert_eq!(broken(&gone), (3, FaultKind::Missing { found: 4 }));

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
fn a_log_of_the_older_format_is_refused_and_left_alone() {
    let home = home();
    let header = r#"{"v":1,"seq":0,"prev":"0000000000000000000000000000000000000000000000000000000000000000","ts":"2026-11-22T08:00:00.000000000Z","kind":"header","body":{"format":"mpp-audit/1","log":"00112233445566778899aabbccddeeff","writer":"mpp-audit 0.1.0"}}"#;
    fs::write(file(home.path()), format!("{header}\n")).expect("a log");
    let before = everything(home.path());
    assert!(matches!(refused(home.path()), LogError::OlderFormat { found: 1, .. }));
    assert_eq!(everything(home.path()), before);
}

#[test]
fn a_part_of_the_log_that_is_gone_is_named_and_nothing_is_begun_anew() {
    let parts = ["log.jsonl", "checkpoint", "checkpoints", "offsets", "epochs/keys", "epochs/secret"];
    for part in parts.into_iter().chain(["tile/0/000.p/3"]) {
        let home = interrupted();
        fs::remove_file(home.path().join(part)).expect("it was there");
        let before = everything(home.path());
        let error = refused(home.path());
        assert!(error.to_string().contains(part) || error.to_string().contains("tile"), "{error}");
        assert!(matches!(error, LogError::Missing { .. } | LogError::Evidence { .. } | LogError::Io { .. }));
        assert_eq!(everything(home.path()), before, "{part}");
    }
}

/// L1, at opening: what vouches for the rest is looked at bit by bit.
#[test]
fn l01_a_flipped_bit_in_the_evidence_is_refused_and_left_alone() {
    for part in ["checkpoint", "epochs/keys", "tile/0/000.p/3", "epochs/secret"] {
        let home = interrupted();
        let good = fs::read(home.path().join(part)).expect("it is there");
        for place in (0..good.len()).step_by(11) {
            // When the epoch began is no evidence.
            if part == "epochs/secret" && (4..12).contains(&place) {
                continue;
            }
            let mut bad = good.clone();
            bad[place] ^= 4;
            fs::write(home.path().join(part), &bad).expect("it can be written");
            let before = everything(home.path());
            let error = refused(home.path());
            assert!(matches!(error, LogError::Evidence { .. }), "byte {place} of {part}: {error:?}");
            assert_eq!(everything(home.path()), before);
        }
    }
}

#[test]
fn an_old_state_of_the_newest_checkpoint_alone_is_refused() {
    let home = home();
    let log = open_quiet(home.path());
    let old = fs::read(home.path().join("checkpoint")).expect("it is there");
    for _ in 0..3 {
        log.append(&pinned("com.example")).expect("the event is recorded");
        log.checkpoint().map(drop).expect("it is signed");
    }
    drop(log);
    fs::write(home.path().join("checkpoint"), old).expect("it can be written");
    assert!(matches!(refused(home.path()), LogError::Evidence { .. }));
}

#[test]
fn another_history_of_the_same_size_is_refused() {
    let (one, two) = (home(), home());
    for home in [&one, &two] {
        let log = open_quiet(home.path());
        log.append(&pinned("com.example")).expect("the event is recorded");
    }
    fs::copy(file(two.path()), file(one.path())).expect("it can be copied");
    let error = refused(one.path());
    assert!(matches!(error, LogError::Evidence { .. }), "{error:?}");
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
fn a_log_with_records_is_not_taken_for_an_interrupted_beginning() {
    let home = interrupted();
    fs::remove_file(file(home.path())).expect("it is there");
    fs::write(home.path().join("beginning"), "").expect("it can be written");
    assert!(matches!(refused(home.path()), LogError::Missing { .. }));
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
