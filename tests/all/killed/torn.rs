//! A record of which only a part was written: the writer was killed, or the
//! disk was full, in the middle of it.
//!
//! A kill between two system calls never leaves that. So the system is told
//! that files may grow to a certain length and no further (`RLIMIT_FSIZE`): a
//! write that goes beyond it writes what fits, and the next one ends the
//! process, or fails where the signal for it is ignored.

use std::fs;
use std::process::Command;

use mpp_host::package::Digest;
use serde_json::{Value, json};

use super::home::{Ended, Home, MPP};
use super::seen::{log, records};
use super::store::Store;

/// A command that puts one record on the log, and then changes a file. The log
/// is the only file in which it would go beyond the limit.
const COMMAND: &[&str] = &["trust", "add", "org.example", "public.pem", "--yes"];

/// How many bytes of the record are tried: some in it, and all about its end.
fn lengths(record: u64) -> impl Iterator<Item = u64> {
    (1..record - 2).step_by(37).chain(record - 2..record)
}

#[test]
fn a_record_that_a_kill_cut_off_is_taken_off_on_record_and_nothing_before_it_is_lost() {
    let torn = Torn::new();
    for length in lengths(torn.record) {
        torn.cut_off(length, |limited| {
            assert_eq!(limited.run(&[MPP]).status, Err(SIGXFSZ));
        });
    }
}

#[test]
fn a_record_that_a_full_disk_cut_off_is_taken_off_on_record_and_nothing_before_it_is_lost() {
    let torn = Torn::new();
    for length in lengths(torn.record) {
        torn.cut_off(length, |limited| {
            let ended = limited.run(&["sh", "-c", r#"trap "" XFSZ; exec "$@""#, "sh", MPP]);
            assert_eq!(ended.status, Ok(7), "{}", ended.err);
            assert!(ended.err.contains("the audit log has stopped: writing failed"), "{}", ended.err);
        });
    }
}

/// A home, and what [`COMMAND`] makes of it where it is left alone.
struct Torn {
    home: Home,
    /// Bytes in the log before.
    before: u64,
    /// Bytes of the record.
    record: u64,
    /// What the home says after.
    after: Store,
}

/// A home in which no file may grow beyond a length.
struct Limited<'a> {
    home: &'a Home,
    bytes: u64,
}

impl Limited<'_> {
    fn run(&self, program: &[&str]) -> Ended {
        let mut command = Command::new("prlimit");
        // No core file: it would be limited, too, and nobody wants it.
        command.args(["--core=0", &format!("--fsize={}", self.bytes)]);
        command.args(program).args(COMMAND);
        self.home.end(command)
    }
}

impl Torn {
    fn new() -> Self {
        let home = Home::with_one();
        let length = |home: &Home| home.log().metadata().expect("there is a log").len();
        let whole = home.copy().after(COMMAND);
        let (before, after) = (length(&home), length(&whole));
        Self { home, before, record: after - before, after: Store::of(&whole) }
    }

    /// Cuts the record to `length` bytes, and holds what comes of it to what is
    /// promised: nothing happened, whoever only reads is told and changes
    /// nothing, and the next command puts on record what it takes off the end.
    fn cut_off(&self, length: u64, cut: impl FnOnce(&Limited<'_>)) {
        let home = self.home.copy();
        let (store, acknowledged) = (Store::of(&home), log(&home, None));
        let bytes = self.before + length;
        cut(&Limited { home: &home, bytes });
        let torn = fs::read(home.log()).expect("there is a log");
        assert_eq!(torn.len() as u64, bytes);
        assert_eq!(Store::of(&home).says, store.says, "{length} bytes");

        let next = records(acknowledged) + 1;
        let verified = home.run(&["audit", "verify"]);
        assert_eq!(verified.status, Ok(7), "{length} bytes: {}", verified.err);
        assert!(verified.err.contains(&format!("record {next}")), "{}", verified.err);
        assert_eq!(fs::read(home.log()).expect("there is a log"), torn, "{length} bytes");

        let again = home.run(COMMAND);
        assert_eq!(again.status, Ok(0), "{length} bytes: {}", again.err);
        assert_eq!(Store::of(&home).says, self.after.says, "{length} bytes");
        let lost = Digest::of(&torn[self.before as usize..]).to_hex();
        assert_eq!(
            on_record(&home, next),
            json!({ "cut_bytes": length, "cut_sha256": lost, "cut_payload_bytes": 0 })
        );
        assert_eq!(records(log(&home, acknowledged)), next + 1, "{length} bytes");
    }
}

/// What a record says.
fn on_record(home: &Home, seq: u64) -> Value {
    let shown = home.run(&["audit", "show", &seq.to_string()]);
    let record: Value = serde_json::from_str(&shown.out).expect("a record is JSON");
    record["body"].clone()
}

/// A file was to grow beyond its limit: signal(7).
const SIGXFSZ: i32 = 25;
