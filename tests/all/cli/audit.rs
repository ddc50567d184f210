//! `mpp audit`: what happened, and whether the log of it holds.

mod choosing;
mod erasing;
mod log;
mod proving;
mod showing;
mod verifying;

use super::{User, text};

const INPUT: &str = r#"{"text": "a"}"#;

#[test]
fn a_log_that_holds_prints_a_receipt_that_it_recognises_later() {
    let user = User::with_text_stats();
    let head =
        user.run(["audit", "verify", "--json"]).done().json()["head"].as_str().expect("text").to_owned();
    user.run(["run", "text-stats", "--input", INPUT]).done();
    let verified = user.run(["audit", "verify", "--receipt", &head, "--json"]).done().json();
    assert_eq!(verified["verified"], true);
    assert_eq!(verified["receipts_checked"], 1);
}

#[test]
fn a_log_whose_end_was_cut_off_is_caught_by_its_checkpoint_and_by_a_receipt() {
    let user = User::with_text_stats();
    user.run(["run", "text-stats", "--input", INPUT]).done();
    let head =
        user.run(["audit", "verify", "--json"]).done().json()["head"].as_str().expect("text").to_owned();
    let log = std::fs::read_to_string(user.log()).expect("there is a log");
    let lines: Vec<&str> = log.lines().collect();
    let shorter: String = lines[..lines.len() - 1].iter().map(|line| format!("{line}\n")).collect();
    user.write("data/audit/log.jsonl", shorter);
    user.run(["audit", "verify"]).failed(7, &["cut off", "a checkpoint covers 5 records"]);
    user.run(["audit", "verify", "--receipt", &head]).failed(7, &["cut off"]);
}

#[test]
fn the_first_bad_record_is_named_and_nothing_after_it_is_shown() {
    let user = User::with_text_stats();
    user.run(["run", "text-stats", "--input", INPUT]).done();
    user.run(["run", "text-stats", "--input", INPUT]).done();
    let log = std::fs::read_to_string(user.log()).expect("there is a log");
    user.write("data/audit/log.jsonl", log.replacen("\"answered\":\"flag\"", "\"answered\":\"unneeded\"", 1));
    let verified = user.run(["audit", "verify", "--json"]).with_status(7).saying(&["record 2"]).json();
    assert_eq!((&verified["verified"], &verified["record"]), (&false.into(), &2.into()));
    let shown = user.run(["audit", "show", "--json"]).with_status(7);
    assert!(!shown.out.contains("\"call\""), "{}", shown.out);
}

#[test]
fn one_record_is_shown_as_it_stands_in_the_log() {
    let user = User::with_text_stats();
    let log = std::fs::read_to_string(user.log()).expect("there is a log");
    let second = log.lines().nth(1).expect("there are records");
    assert_eq!(user.run(["audit", "show", "1"]).done().line(), second);
    user.run(["audit", "show", "99"]).failed(2, &["no record 99"]);
}

#[test]
fn a_log_elsewhere_is_used_where_it_is_named() {
    let user = User::with_text_stats();
    let elsewhere = text(&user.path("elsewhere"));
    user.run(["run", "text-stats", "--input", INPUT, "--audit-dir", &elsewhere]).done();
    let shown = user.run(["audit", "show", "--records", "--audit-dir", &elsewhere, "--json"]).done().json();
    assert_eq!(shown["records"].as_array().map(Vec::len), Some(3));
    user.run(["audit", "verify", "--audit-dir", &text(&user.path("nowhere"))]).failed(7, &["there is none"]);
}
