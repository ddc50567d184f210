//! A writer that was interrupted, and the next one too: between two steps of
//! putting things in order, or on the word of a file that nothing signs.

use std::sync::Mutex;

use super::*;
use crate::packs::{Found, PackReader, PayloadRef};
use crate::record::{Field, Hold, HoldAction, Retention};
use disk::Deed;

/// A copy as a reader finds it who comes right now.
fn as_it_is(dir: &Path) -> TempDir {
    let copy = home();
    failing::copy(dir, copy.path());
    copy
}

/// Opens a copy of a log with each operation failing in turn, then again, and shows
/// what is there then.
fn opened_twice(prepared: &Path, show: impl Fn(&Path, &str)) {
    for mode in [Mode::Once, Mode::Killed, Mode::PowerLoss, Mode::Full] {
        for nth in 1.. {
            let dir = as_it_is(prepared);
            let gate = Failing::new(nth, mode, dir.path());
            let seen = gate.seen();
            let opened = open(dir.path(), gate).map(drop);
            let when = format!("{mode:?} at operation {nth}, {}", seen.failed());
            let after_power_loss = seen.after_power_loss();
            for dir in after_power_loss.iter().chain([&dir]) {
                drop(open(dir.path(), disk::Open).unwrap_or_else(|error| panic!("{when}: {error}")));
                show(dir.path(), &when);
            }
            if opened.is_ok() && !seen.has_failed() {
                assert!(nth > 20, "{nth} operations are too few to be all");
                break;
            }
        }
    }
}

/// What a writer leaves that lost its power while a batch had records of two epochs:
/// their lines, and not the last of the payloads.
fn between_epochs() -> TempDir {
    let dir = home();
    let log = Arc::new(open(dir.path(), disk::Open).expect("the log opens"));
    let _call = log.begin(new_call("lost")).expect("it begins");
    log.kept.commits.next_epoch().expect("the epoch ends");
    log.append(&event("com.example")).expect("it is recorded");
    let copy = as_it_is(dir.path());
    let pack = fs::OpenOptions::new().write(true).open(copy.path().join("payloads/0")).expect("it is there");
    pack.set_len(10).expect("it can be cut");
    copy
}

#[test]
fn a_payload_lost_in_an_epoch_that_ended_is_put_on_record_before_that_is_signed() {
    opened_twice(between_epochs().path(), |dir, when| {
        let account = Account::of(dir, when);
        let lost: Vec<String> = account.lost.iter().map(ToString::to_string).collect();
        assert_eq!((lost, account.open()), (vec!["input of record 1".to_owned()], vec![]), "{when}");
        let verified = verify_log(dir, &Expected { bodies: Bodies::Skipped, ..Expected::default() });
        assert!(verified.expect("it holds").epochs >= 2, "{when}");
    });
}

fn found(dir: &Path, seq: u64) -> Found {
    let record = calls::records(dir).swap_remove(seq as usize);
    let bound = record.entry.payload(Field::Input).expect("it has an input");
    let mut packs = PackReader::open(dir, seq).expect("they can be read");
    packs.check(PayloadRef { seq, field: Field::Input }, &bound).expect("they can be read")
}

#[test]
fn a_retention_that_is_interrupted_is_finished_when_the_log_is_opened() {
    let hold =
        |action| Hold { action, id: Some("held".to_owned()), basis: "a dispute".to_owned(), actor: None };
    let prepared = home();
    let log = Arc::new(open(prepared.path(), disk::Open).expect("the log opens"));
    for id in ["held", "old", "new"] {
        log.begin(new_call(id)).and_then(|call| call.end(ended())).expect("it is recorded");
    }
    log.hold(&hold(HoldAction::Place)).expect("it is held");
    drop(log);
    for mode in [Mode::Once, Mode::Killed, Mode::Full] {
        for nth in 1.. {
            let dir = as_it_is(prepared.path());
            let gate = Failing::new(0, mode, dir.path());
            let seen = gate.seen();
            let log = open(dir.path(), gate).expect("the log opens");
            seen.arm(nth);
            let retention = Retention { before: 5, basis: "30 days".to_owned(), actor: None };
            let done = log.retain(&retention);
            drop(log);
            let when = format!("{mode:?} at operation {nth}, {}", seen.failed());
            let log = open(dir.path(), disk::Open).unwrap_or_else(|error| panic!("{when}: {error}"));
            drop(log);
            let on_record =
                calls::records(dir.path()).iter().any(|record| record.entry.kind() == "retention");
            assert!(on_record || done.is_err(), "{when}");
            let old = if on_record { Found::Erased } else { Found::Kept };
            let all = [1, 3, 5].map(|seq| found(dir.path(), seq));
            assert_eq!(all, [Found::Kept, old, Found::Kept], "{when}");
            if done.is_ok() && !seen.has_failed() {
                assert!(nth > 5, "{nth} operations are too few to be all");
                break;
            }
        }
    }
}

#[test]
fn what_was_held_when_a_retention_was_put_on_record_stays_though_the_hold_was_lifted_since() {
    let hold =
        |action| Hold { action, id: Some("held".to_owned()), basis: "a dispute".to_owned(), actor: None };
    let dir = home();
    let log = Arc::new(open(dir.path(), disk::Open).expect("the log opens"));
    log.begin(new_call("held")).and_then(|call| call.end(ended())).expect("it is recorded");
    log.hold(&hold(HoldAction::Place)).expect("it is held");
    log.retain(&Retention { before: 9, basis: "30 days".to_owned(), actor: None })
        .expect("they are destroyed");
    log.hold(&hold(HoldAction::Lift)).expect("it is lifted");
    let copy = as_it_is(dir.path());
    drop(open(copy.path(), disk::Open).expect("the log opens"));
    assert_eq!(found(copy.path(), 1), Found::Kept);
}

/// Writes down what is synced and what is renamed.
#[derive(Clone, Default)]
struct Order(Arc<Mutex<Vec<(Deed, std::path::PathBuf)>>>);

impl disk::Gate for Order {
    fn pass(&self, deed: Deed, path: &Path) -> Result<(), (std::io::Error, usize)> {
        if matches!(deed, Deed::Sync | Deed::Rename | Deed::MakeDirectory) {
            self.0.lock().expect("no test panics here").push((deed, path.to_owned()));
        }
        Ok(())
    }
}

impl Order {
    /// When this was done first.
    fn first(&self, deed: Deed, path: &Path) -> Option<usize> {
        let deeds = self.0.lock().expect("no test panics here");
        deeds.iter().position(|(found, at)| (*found, at.as_path()) == (deed, path))
    }
}

#[test]
fn a_checkpoint_found_in_the_list_only_is_durable_there_before_it_is_published() {
    let dir = home();
    let log = open(dir.path(), disk::Open).expect("the log opens");
    let before = fs::read(dir.path().join("checkpoint")).expect("it is there");
    log.append(&event("com.example")).expect("it is recorded");
    log.checkpoint().map(drop).expect("it is signed");
    // In its second epoch, and its old secret is gone: as if it had been killed before.
    let copy = as_it_is(dir.path());
    fs::write(copy.path().join("checkpoint"), before).expect("it can be written");
    let order = Order::default();
    drop(open(copy.path(), order.clone()).expect("the log opens"));
    let synced = order.first(Deed::Sync, &copy.path().join("checkpoints"));
    let published = order.first(Deed::Rename, &copy.path().join("checkpoint"));
    assert!(synced.is_some() && synced < published, "{synced:?} {published:?}");
}

#[test]
fn a_new_directory_is_durable_in_the_one_above_before_the_log_begins() {
    let home = home();
    let (above, dir) = (home.path().join("a"), home.path().join("a/b"));
    let order = Order::default();
    drop(open(&dir, order.clone()).expect("the log opens"));
    let begun = order.first(Deed::Rename, &dir.join("log.jsonl"));
    for directory in [home.path(), &above] {
        let synced = order.first(Deed::Sync, directory);
        assert!(synced.is_some() && synced < begun, "{}", directory.display());
    }
}

#[test]
fn a_list_of_open_calls_with_one_that_has_ended_is_refused() {
    let dir = home();
    let log = Arc::new(open(dir.path(), disk::Open).expect("the log opens"));
    let call = log.begin(new_call("ended")).expect("it begins");
    call.end(ended()).expect("it ends");
    log.checkpoint().map(drop).expect("it is signed");
    let signed = as_it_is(dir.path());
    fs::write(signed.path().join("open"), "3\n1\n").expect("it can be written");
    match open(signed.path(), disk::Open) {
        Err(LogError::Evidence { what, .. }) => assert_eq!(what, "the call of record 1 has ended"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_call_that_is_listed_and_ended_after_the_checkpoint_is_not_ended_again() {
    let dir = home();
    let log = Arc::new(open(dir.path(), disk::Open).expect("the log opens"));
    let call = log.begin(new_call("ended")).expect("it begins");
    call.end(ended()).expect("it ends");
    let unsigned = as_it_is(dir.path());
    fs::write(unsigned.path().join("open"), "3\n1\n").expect("it can be written");
    drop(open(unsigned.path(), disk::Open).expect("the log opens"));
    let account = Account::of(unsigned.path(), "with a false list");
    assert_eq!(account.ended.values().collect::<Vec<_>>(), [&"outcome"]);
}

#[test]
fn what_was_cut_off_and_is_on_record_is_not_counted_again() {
    let dir = home();
    let log = open(dir.path(), disk::Open).expect("the log opens");
    let mut torn = log.path().to_owned();
    drop(log);
    let tear = |path: &Path, bytes: &[u8]| {
        let file = fs::OpenOptions::new().append(true).open(path);
        file.and_then(|mut file| std::io::Write::write_all(&mut file, bytes)).expect("it is there");
    };
    tear(&torn, b"half");
    let log = open(dir.path(), disk::Open).expect("the log opens");
    // Killed when that was on record, in the middle of the next record.
    let copy = as_it_is(dir.path());
    drop(log);
    fs::write(copy.path().join("torn"), b"\0\0\0\0\0\0\0\0half").expect("it can be written");
    torn = copy.path().join("log.jsonl");
    tear(&torn, b"more");
    drop(open(copy.path(), disk::Open).expect("the log opens"));
    let cut: Vec<u64> = calls::records(copy.path())
        .into_iter()
        .filter_map(|record| match record.entry {
            Entry::Torn(torn) => Some(torn.cut_bytes),
            _ => None,
        })
        .collect();
    assert_eq!(cut, [4, 4]);
}

/// A clock that stands where it is put.
#[derive(Clone)]
struct Standing(Arc<Mutex<std::time::SystemTime>>);

impl Clock for Standing {
    fn now(&self) -> std::time::SystemTime {
        *self.0.lock().expect("no test panics here")
    }
}

#[test]
fn an_epoch_that_began_by_a_clock_far_ahead_ends_when_the_clock_is_put_right() {
    let day = Duration::from_secs(24 * 60 * 60);
    let today = std::time::SystemTime::UNIX_EPOCH + 20_000 * day;
    let clock = Standing(Arc::new(Mutex::new(today)));
    let dir = home();
    let settings = Settings { epoch_lasts: day, ..settings() };
    let log = Log::open_on(Disk::new(disk::Open), dir.path(), Box::new(clock.clone()), settings);
    let log = log.expect("the log opens");
    let epoch_at = |now| {
        *clock.0.lock().expect("no test panics here") = now;
        log.append(&event("com.example")).expect("it is recorded");
        log.checkpoint().map(drop).expect("it is signed");
        fs::read(dir.path().join("epochs/secret")).expect("it is there")[3]
    };
    assert_eq!(epoch_at(today + 1000 * day), 1, "the clock jumps ahead");
    assert_eq!(epoch_at(today), 2, "and back");
    assert_eq!(epoch_at(today + day / 2), 2);
    assert_eq!(epoch_at(today + day), 3);
}

#[test]
fn a_signed_payload_that_was_changed_is_not_cut_off_with_what_follows() {
    let dir = home();
    let log = Arc::new(open(dir.path(), disk::Open).expect("the log opens"));
    let call = |id: &str| log.begin(new_call(id)).expect("it begins");
    let calls: Vec<Call> = ["one", "two", "three"]
        .into_iter()
        .map(|id| {
            let call = call(id);
            log.checkpoint().map(drop).expect("it is signed");
            call
        })
        .collect();
    calls[0].end(ended()).expect("it ends");
    // Killed when the list was made anew for a checkpoint, and that was not signed.
    let copy = as_it_is(dir.path());
    log.checkpoint().map(drop).expect("it is signed");
    fs::copy(dir.path().join("open"), copy.path().join("open")).expect("it can be copied");
    let pack = copy.path().join("payloads/0");
    let mut bytes = fs::read(&pack).expect("it is there");
    // The field of the first entry; and half an entry at the end.
    bytes[8] = 99;
    bytes.push(0);
    fs::write(&pack, &bytes).expect("it can be written");
    match open(copy.path(), disk::Open) {
        Err(LogError::Evidence { path, .. }) => assert_eq!(path, pack),
        other => panic!("{other:?}"),
    }
    assert_eq!(fs::read(&pack).expect("it is there"), bytes);
}
