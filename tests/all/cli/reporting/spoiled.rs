//! A log that somebody changed, or that is being written.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;

use mpp_audit::{Log, SystemClock};

use super::super::{User, text};
use super::{CANARY, FORMATS, number, references_in};

#[test]
fn of_a_log_that_was_changed_comes_what_is_before_that_and_no_file_and_a_page_that_says_so() {
    let user = User::with_three_calls();
    let changed = number(&user.calls_shown().pop().expect("there are calls")["record"]);
    let before: BTreeSet<_> = user.references().into_iter().filter(|(seq, _)| *seq < changed).collect();
    let log = fs::read_to_string(user.log()).expect("there is a log");
    let at = log.rfind("\"agent\":\"ada\"").expect("the last call names its caller");
    user.write("data/audit/log.jsonl", format!("{}{}", &log[..at], log[at..].replacen("ada", "bob", 1)));

    for format in FORMATS {
        let file = text(&user.path("export"));
        user.run(["audit", "export", "--format", format, "--out", &file]).failed(7, &["does not verify"]);
        assert!(!user.path("export").exists(), "what is not whole is not there");
        let out = user.run(["audit", "export", "--format", format]).with_status(7).out;
        assert_eq!(references_in(format, &out), before, "{format}");
    }
    let page = user.run(["audit", "report", "--html"]).with_status(7);
    let page = page.saying(&["does not verify", "mpp audit verify"]).out;
    assert!(page.contains(r#"class="badge bad""#) && page.contains(">Does not verify</h2>"), "{page}");
    assert!(page.contains(&format!("From record {changed} on it does not hold")), "{page}");
    assert!(before.iter().all(|(_, leaf)| page.contains(leaf)) && !page.contains("bob"), "{page}");
}

/// Nothing comes after it that would not fit.
#[test]
fn a_last_record_that_was_changed_is_not_exported() {
    let user = User::with_three_calls();
    let log = fs::read_to_string(user.log()).expect("there is a log");
    let at = log.rfind("\"tool-error\"").expect("the last call failed");
    user.write("data/audit/log.jsonl", format!("{}\"timeout\"{}", &log[..at], &log[at + 12..]));
    for format in FORMATS {
        let out = user.run(["audit", "export", "--format", format]).with_status(7).out;
        assert!(out.contains("open") && !out.contains("timeout"), "{format}: {out}");
    }
}

#[test]
fn a_payload_that_was_changed_is_in_no_projection() {
    let user = User::with_three_calls();
    let file = user.path("data/audit/payloads/0");
    let mut pack = fs::read(&file).expect("there are payloads");
    let at = pack.windows(CANARY.len()).rposition(|bytes| bytes == CANARY.as_bytes());
    pack[at.expect("it was said")] ^= 1;
    fs::write(&file, pack).expect("it can be written");
    let page = user.run(["audit", "report", "--html", "--with-payloads"]).with_status(7).out;
    assert!(page.contains(">Does not verify</h2>"), "{page}");
    for format in FORMATS {
        let told = user.run(["audit", "export", "--format", format, "--with-payloads"]).with_status(7);
        assert!(!told.out.contains("banary"), "{}", told.out);
    }
}

#[test]
fn a_record_that_is_being_written_is_left_out_and_no_fault() {
    let user = User::with_three_calls();
    let before = FORMATS.map(|format| user.exports(format));
    let _writer = Log::open(&user.audit(), SystemClock).expect("nobody else writes it");
    let mut log = OpenOptions::new().append(true).open(user.log()).expect("there is a log");
    log.write_all(b"{\"v\":2,\"seq\":").expect("it can be written");
    assert_eq!(FORMATS.map(|format| user.exports(format)), before);
    let page = user.page();
    assert!(page.contains("a record that was being written"), "{page}");
}
