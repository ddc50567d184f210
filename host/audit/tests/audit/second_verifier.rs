//! L24: another program, written from `FORMAT.md` alone, in another language, gives
//! the same verdict. It needs a `python3`.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use mpp_audit::{Expected, Fault, Log, ReadError, Settings, SystemClock, Verified, verify_log};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::forge::Forge;
use crate::support::{call, copy, event, everything, home, quiet};

/// What the second verifier says of each log: its line if it holds, otherwise the
/// first bad record.
fn second<'a>(dirs: impl IntoIterator<Item = &'a Path>) -> Vec<Result<String, u64>> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/second_verifier");
    let output =
        Command::new("python3").args(["-B", script]).args(dirs).output().expect("there is a python3");
    let said = String::from_utf8(output.stdout).expect("it prints text");
    let verdict = |line: &str| {
        if line.starts_with("ok ") {
            return Ok(line.to_owned());
        }
        let bad = line.strip_prefix("bad ").and_then(|bad| bad.split_once(": "));
        Err(bad.and_then(|(seq, _)| seq.parse().ok()).unwrap_or_else(|| panic!("{line}")))
    };
    let verdicts: Vec<_> = said.lines().map(verdict).collect();
    assert!(!verdicts.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    verdicts
}

/// Asks both, and has them agree on the verdict and on the first bad record.
pub fn agree(dir: &Path, what: &str) -> Result<Verified, Fault> {
    agree_on(dir, &second([dir])[0], what)
}

fn agree_on(dir: &Path, second: &Result<String, u64>, what: &str) -> Result<Verified, Fault> {
    let first = match verify_log(dir, &Expected::default()) {
        Ok(verified) => Ok(verified),
        Err(ReadError::Fault(fault)) => Err(fault),
        Err(ReadError::Io(error)) => panic!("{what}: {error}"),
    };
    match (&first, second) {
        (Ok(first), Ok(second)) => {
            let root: String = first.signed.root.to_string();
            assert_eq!(*second, format!("ok {} {} {root}", first.summary.records, first.signed.size));
        }
        (Err(first), Err(seq)) => assert_eq!(first.seq, *seq, "{what}: {first}"),
        (first, second) => panic!("{what}: {first:?}, and {second:?}"),
    }
    first
}

/// A log of 313 records: two tiles, a level above, three epochs; 13 calls.
fn long() -> TempDir {
    let home = home();
    let settings = Settings { epoch_lasts: Duration::ZERO, epochs: 3, ..quiet() };
    let log = Arc::new(Log::open_with(home.path(), SystemClock, settings).expect("the log opens"));
    std::thread::scope(|scope| {
        for writer in 0..23 {
            let log = &log;
            scope.spawn(move || {
                for n in 0..13 {
                    if writer == 3 {
                        call(log, n);
                        continue;
                    }
                    log.append(&event("count", &format!("{writer}, {n}"))).expect("the event is recorded");
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
    agree(Path::new(example), "the example").map(drop).expect("it holds");
}

#[test]
fn l24_two_verifiers_agree_on_good_logs_and_on_bad_ones() {
    let good = long();
    agree(good.path(), "a long log").map(drop).expect("it holds");
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
            if !copied.path().join("log.jsonl").exists() {
                // Without records there is no first one that is bad.
                let gone = verify_log(copied.path(), &Expected::default());
                assert!(matches!(gone, Err(ReadError::Io(_))), "{gone:?}");
                continue;
            }
            let holds = agree(copied.path(), &format!("{} {what}", name.display())).is_ok();
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
        agree(good.path(), "moved records").map(drop).expect_err("they were moved");
    }
}

/// Bodies as they should be, and each of them in many ways as it should not.
fn bodies() -> Vec<(&'static str, String)> {
    const RECORDS: &str = include_str!("../../src/record/line/tests/records.jsonl");
    let mut bodies = Vec::new();
    for line in RECORDS.lines() {
        let record: Value = serde_json::from_str(line).expect("a record");
        let kind = Forge::KINDS.into_iter().find(|kind| record["kind"] == *kind);
        let Some(kind) = kind else { continue };
        let good = record["body"].as_object().expect("a body");
        bodies.push((kind, record["body"].to_string()));
        let mut change = |body: Map<String, Value>| bodies.push((kind, Value::Object(body).to_string()));
        for key in good.keys() {
            let mut without = good.clone();
            without.remove(key);
            change(without);
            for other in [json!(null), json!(-1), json!(1.5), json!("x"), json!([]), json!({}), json!(7)] {
                let mut changed = good.clone();
                changed.insert(key.clone(), other);
                change(changed);
            }
        }
        change(
            [good.clone(), Map::from_iter([("more".to_owned(), json!(0))])].into_iter().flatten().collect(),
        );
        let twice = record["body"].to_string().replacen('{', r#"{"actor":null,"actor":null,"#, 1);
        bodies.push((kind, twice));
    }
    bodies
}

#[test]
fn l24_two_verifiers_agree_on_what_a_record_may_say() {
    let mut forge = Forge::new();
    let logs: Vec<_> = bodies()
        .into_iter()
        .map(|(kind, body)| {
            forge.record(kind, &body);
            let log = forge.write();
            forge.records.clear();
            (log, format!("{kind}: {body}"))
        })
        .collect();
    let verdicts = second(logs.iter().map(|(log, _)| log.path()));
    assert_eq!(verdicts.len(), logs.len());
    let good =
        logs.iter().zip(&verdicts).filter(|((log, what), second)| agree_on(log.path(), second, what).is_ok());
    let good = good.count();
    assert!(good >= Forge::KINDS.len() && good < logs.len() / 2, "{good} of {}", logs.len());
}
