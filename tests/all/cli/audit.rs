//! `mpp audit`: what happened, and whether the log of it holds.

mod log;
mod proving;
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
    user.run(["audit", "verify"]).failed(7, &["cut off", "a checkpoint covers 4 records"]);
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
    assert!(!shown.out.contains("\"invocation\""), "{}", shown.out);
}

#[test]
fn filters_choose_records() {
    let user = User::with_text_stats();
    user.run(["run", "text-stats", "--input", INPUT]).done();
    user.run(["run", "text-stats", "--input", "{}"]).with_status(2);
    let count = |arguments: [&str; 5]| {
        let shown = user.run(arguments).done().json();
        shown["records"].as_array().expect("records are a list").len()
    };
    assert_eq!(count(["audit", "show", "--json", "--kind", "invocation"]), 2);
    assert_eq!(count(["audit", "show", "--json", "--outcome", "refused"]), 1);
    assert_eq!(count(["audit", "show", "--json", "--tool", "text-stats"]), 2);
    assert_eq!(count(["audit", "show", "--json", "--package", "text-stats@1.0.0"]), 3);
    assert_eq!(count(["audit", "show", "--json", "--package", "text-stats@2.0.0"]), 0);
    assert_eq!(count(["audit", "show", "--json", "--last", "1"]), 1);
    let table = user.run(["audit", "show", "--kind", "invocation"]).done().out;
    assert!(table.contains("com.example/text-stats@1.0.0") && table.contains("call text-stats"), "{table}");
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
    let shown = user.run(["audit", "show", "--audit-dir", &elsewhere, "--json"]).done().json();
    assert_eq!(shown["records"].as_array().map(Vec::len), Some(2));
    user.run(["audit", "verify", "--audit-dir", &text(&user.path("nowhere"))]).failed(7, &["there is none"]);
}
