//! L24: another program, written from the front page of this crate, in another
//! language, gives the same verdict. It needs a `python3`.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mpp_audit::{Expected, Log, Settings, SystemClock, verify_log};
use tempfile::TempDir;

use crate::support::{call, copy, everything, home, quiet};

/// What the second verifier prints, if the log holds.
fn second(dir: &Path) -> Result<String, String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/second_verifier.py");
    let output = Command::new("python3").arg(script).arg(dir).output().expect("there is a python3");
    let said = String::from_utf8(output.stdout).expect("it prints text");
    assert!(
        said.starts_with("ok ") || said.starts_with("bad: "),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    if output.status.success() { Ok(said) } else { Err(said) }
}

/// Asks both, and has them agree.
fn agree(dir: &Path, what: &str) -> bool {
    let first = verify_log(dir, &Expected::default());
    let second = second(dir);
    assert_eq!(first.is_ok(), second.is_ok(), "{what}: {first:?}, and {second:?}");
    if let (Ok(first), Ok(second)) = (&first, &second) {
        let root: String = first.signed.root.to_string();
        assert_eq!(*second, format!("ok {} {} {root}\n", first.summary.records, first.signed.size));
    }
    first.is_ok()
}

/// A log of 300 records: two tiles, a level above, three epochs.
fn long() -> TempDir {
    let home = home();
    let settings = Settings { epoch_lasts: Duration::ZERO, epochs: 3, ..quiet() };
    let log = Log::open_with(home.path(), SystemClock, settings).expect("the log opens");
    std::thread::scope(|scope| {
        for writer in 0..23 {
            let log = &log;
            scope.spawn(move || {
                for n in 0..13 {
                    log.append(&call("count", &format!("{writer}, {n}"))).expect("the event is recorded");
                    if n == 7 && writer % 6 == 0 {
                        log.checkpoint().map(drop).expect("it is signed");
                    }
                }
            });
        }
    });
    home
}

#[test]
fn l24_two_verifiers_agree_on_the_example() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/example");
    assert!(agree(Path::new(example), "the example"));
}

#[test]
fn l24_two_verifiers_agree_on_good_logs_and_on_bad_ones() {
    let good = long();
    assert!(agree(good.path(), "a long log"));
    for (path, bytes) in everything(good.path()) {
        let name = path.strip_prefix(good.path()).expect("it is within").to_owned();
        let half = bytes.len() / 2;
        let mut flipped = bytes.clone();
        flipped[half] ^= 1;
        let shorter = bytes[..bytes.len() - 1].to_vec();
        for (what, bad) in [("flipped", Some(flipped)), ("cut", Some(shorter)), ("removed", None)] {
            let copied = home();
            copy(good.path(), copied.path());
            match bad {
                Some(bad) => fs::write(copied.path().join(&name), bad).expect("it can be written"),
                None => fs::remove_file(copied.path().join(&name)).expect("it is there"),
            }
            let holds = agree(copied.path(), &format!("{} {what}", name.display()));
            assert_eq!(holds, name == Path::new("epochs/secret"), "{} {what}", name.display());
        }
    }
}

#[test]
fn l24_two_verifiers_agree_on_records_that_were_moved_or_cut_off() {
    let good = long();
    let log = fs::read(crate::support::file(good.path())).expect("it is there");
    let lines = crate::support::lines(&log);
    let mut deleted = lines.clone();
    deleted.remove(100);
    let mut swapped = lines.clone();
    swapped.swap(200, 201);
    let mut again = lines.clone();
    again.insert(50, lines[50].clone());
    let cut = lines[..250].to_vec();
    for bad in [deleted, swapped, again, cut] {
        fs::write(crate::support::file(good.path()), bad.concat()).expect("it can be written");
        assert!(!agree(good.path(), "moved records"));
    }
}
