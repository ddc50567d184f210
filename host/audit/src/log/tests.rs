//! The writer on a disk that fails at every single operation, in every way.

mod again;
mod calls;
pub(crate) mod failing;
mod interrupted;
mod later;
mod many;
mod operator;
mod order;

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::record::{TrustAction, TrustChange, TrustSubject};
use crate::{Bodies, Expected, FaultKind, ReadError, SystemClock, verify_log};

use calls::{Account, denied, ended, new_call};
use failing::{Failing, Mode};

/// A log that signs only when it is told to, and then changes its epoch.
fn settings() -> Settings {
    Settings {
        checkpoint_every: Duration::from_secs(3600),
        heartbeat_every: None,
        epoch_lasts: Duration::ZERO,
        epochs: 4,
        ..Settings::default()
    }
}

/// A directory in memory where there is one: a sync costs nothing there.
pub(crate) fn home() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory")
}

fn open(dir: &Path, gate: impl disk::Gate + 'static) -> Result<Log, LogError> {
    Log::open_on(Disk::new(gate), dir, Box::new(SystemClock), settings())
}

fn event(text: &str) -> Event {
    Event::TrustChange(TrustChange {
        action: TrustAction::Pin,
        publisher: Some(text.to_owned()),
        subject: TrustSubject::Key { id: "sha256:00".to_owned() },
        replaced_version: None,
        actor: None,
    })
}

/// What a host does with a log until something fails. What was acknowledged goes
/// to `kept`.
fn use_log(dir: &Path, gate: impl disk::Gate + 'static, kept: &mut Vec<Receipt>) -> Result<(), LogError> {
    let log = Arc::new(open(dir, gate)?);
    let result = (|| {
        for round in 0..3 {
            kept.push(log.append(&event("com.example"))?);
            let call = log.begin(new_call(&format!("call {round}")))?;
            call.denied(denied("/etc/passwd"))?;
            call.durable()?;
            kept.push(call.intent());
            // Nobody ends it.
            let open = log.begin(new_call(&format!("open {round}")))?;
            kept.push(call.end(ended())?);
            kept.push(open.intent());
            log.checkpoint().map(drop)?;
        }
        kept.push(log.append(&event("net.example"))?);
        log.begin(new_call("never durable")).map(drop)
    })();
    if result.is_err() {
        // Nothing is tried again: what follows is refused.
        assert!(matches!(log.append(&event("late.example")), Err(LogError::Poisoned { .. })));
        assert!(matches!(log.checkpoint(), Err(LogError::Poisoned { .. })));
        assert!(log.check().is_err());
    }
    result
}

/// The log opens, and has every record that was acknowledged.
fn holds(dir: &Path, kept: &[Receipt], when: &str) {
    let log = open(dir, disk::Open).unwrap_or_else(|error| panic!("{when}: {error}"));
    let more = log.append(&event("again.example")).expect("it goes on");
    drop(log);
    let all = [kept, &[more]].concat();
    let expected = Expected { receipts: &all, bodies: Bodies::Skipped, ..Expected::default() };
    let verified = verify_log(dir, &expected).unwrap_or_else(|error| panic!("{when}: {error}"));
    assert_eq!(verified.signed.size, verified.summary.records, "{when}");
    let account = Account::of(dir, when);
    account.has(kept, when);
    assert!(account.open().is_empty(), "{when}: {account:?}");
}

/// Fails the first operation, then the second, and so on until there are no more.
fn every_operation(mode: Mode) {
    for nth in 1.. {
        let dir = home();
        let gate = Failing::new(nth, mode, dir.path());
        let seen = gate.seen();
        let mut kept = Vec::new();
        let result = use_log(dir.path(), gate, &mut kept);
        let when = format!("{mode:?} at operation {nth}, {}", seen.failed());
        if let Some(lost) = seen.after_power_loss() {
            holds(lost.path(), &kept, &when);
        }
        holds(dir.path(), &kept, &when);
        if result.is_ok() && !seen.has_failed() {
            assert!(nth > 100, "{nth} operations are too few to be all");
            return;
        }
    }
}

#[test]
fn l10_an_operation_that_fails_once_loses_no_acknowledged_record() {
    every_operation(Mode::Once);
}

#[test]
fn l10_a_writer_that_is_killed_at_an_operation_loses_no_acknowledged_record() {
    every_operation(Mode::Killed);
}

#[test]
fn l11_power_that_is_lost_at_an_operation_loses_no_acknowledged_record() {
    every_operation(Mode::PowerLoss);
}

#[test]
fn l13_a_full_disk_that_takes_half_of_a_write_loses_no_acknowledged_record() {
    every_operation(Mode::Full);
}

#[test]
fn l12_a_sync_that_fails_once_is_not_tried_again() {
    let dir = home();
    let gate = Failing::syncs(dir.path());
    let seen = gate.seen();
    let log = open(dir.path(), gate).expect("the log opens");
    seen.arm(1);
    assert!(matches!(log.append(&event("com.example")), Err(LogError::Poisoned { .. })));
    let operations = seen.count();
    assert!(matches!(log.append(&event("com.example")), Err(LogError::Poisoned { .. })));
    drop(log);
    assert_eq!(seen.count(), operations, "the disk is left alone");
}

/// A bit that flips between memory and disk, or on the way back.
struct Flip;

impl disk::Gate for Flip {
    fn read(&self, path: &Path, bytes: &mut [u8]) {
        if path.ends_with("log.jsonl") && bytes.windows(11).any(|window| window == b"com.flipped") {
            bytes[20] ^= 1;
        }
    }
}

#[test]
fn l21_a_bit_that_flipped_is_not_signed_and_stops_the_log() {
    let dir = home();
    let log = open(dir.path(), Flip).expect("the log opens");
    log.append(&event("com.example")).expect("it is recorded");
    let good = log.checkpoint().expect("it is signed");
    log.append(&event("com.flipped")).expect("it is recorded");
    let refused = log.checkpoint().expect_err("what is read is not what was written");
    assert!(matches!(refused, LogError::Evidence { .. }), "{refused:?}");
    assert!(log.check().is_err());
    drop(log);
    let newest = fs::read_to_string(dir.path().join("checkpoint")).expect("it is there");
    assert_eq!(newest, good.to_string());
}

#[cfg(unix)]
#[test]
fn l13_a_log_that_is_removed_or_renamed_under_its_writer_stops_it() {
    let remove = |path: &Path| fs::remove_file(path);
    let rename = |path: &Path| fs::rename(path, path.with_extension("old"));
    let replace = |path: &Path| {
        let other = path.with_extension("copy");
        fs::copy(path, &other).and_then(|_| fs::rename(other, path))
    };
    for deed in [remove as fn(&Path) -> _, rename, replace] {
        let dir = home();
        let log = open(dir.path(), disk::Open).expect("the log opens");
        deed(log.path()).expect("it can be done");
        let error = log.append(&event("com.example")).expect_err("nobody would find the record");
        assert!(matches!(error, LogError::Poisoned { .. }), "{error:?}");
        assert!(log.check().is_err());
    }
}

#[test]
fn a_line_being_written_is_no_fault_while_its_writer_lives() {
    let dir = home();
    let gate = Failing::writes(dir.path());
    let seen = gate.seen();
    let log = open(dir.path(), gate).expect("a new log opens");
    seen.arm(1);
    log.append(&event("com.example")).expect_err("there is no room");
    let verified = verify_log(dir.path(), &Expected::default()).expect("the log holds as far as it goes");
    assert!(verified.summary.unfinished);
    assert_eq!(verified.summary.records, 1);
    let shown = crate::show(dir.path(), &crate::Filter::default()).expect("the log can be read");
    assert_eq!((shown.records.len(), shown.fault), (1, None));

    drop(log);
    let fault = verify_log(dir.path(), &Expected::default()).expect_err("nobody is writing any more");
    assert!(matches!(fault, ReadError::Fault(crate::Fault { seq: 1, kind: FaultKind::Torn, .. })));
    holds(dir.path(), &[], "after a torn line");
}

#[test]
fn an_epoch_ends_with_a_checkpoint_and_its_secret_is_gone() {
    let dir = home();
    let log = open(dir.path(), disk::Open).expect("the log opens");
    let secrets: Vec<Vec<u8>> = (0..6)
        .map(|_| {
            log.append(&event("com.example")).expect("it is recorded");
            log.checkpoint().map(drop).expect("it is signed");
            fs::read(dir.path().join("epochs/secret")).expect("it is there")
        })
        .collect();
    let epochs: Vec<u8> = secrets.iter().map(|secret| secret[3]).collect();
    assert_eq!(epochs, [1, 2, 3, 3, 3, 3], "the last epoch does not end");
    for old in &secrets[..2] {
        let found =
            |path: &Path| fs::read(path).is_ok_and(|bytes| bytes.windows(32).any(|w| w == &old[12..]));
        for entry in fs::read_dir(dir.path().join("epochs")).expect("it is there").flatten() {
            assert!(!found(&entry.path()), "{entry:?} has an old secret");
        }
    }
    drop(log);
    let verified = verify_log(dir.path(), &Expected::default()).expect("it holds");
    assert_eq!((verified.epochs, verified.checkpoints), (4, 7));
}

#[test]
fn a_log_that_signs_when_it_is_closed_signs_all_of_it_then_and_nothing_before() {
    let home = home();
    let settings = Settings { signs: Signs::WhenClosed, checkpoint_every: Duration::ZERO, ..settings() };
    let log = Log::open_with(home.path(), SystemClock, settings).expect("the log opens");
    log.append(&event("one")).expect("it is recorded");
    log.append(&event("two")).expect("it is recorded");
    let signed = |dir: &Path| verify_log(dir, &Expected::default()).expect("the log holds").signed.size;
    assert_eq!(signed(home.path()), 1, "of the header only");
    drop(log);
    assert_eq!(signed(home.path()), 3);
}
