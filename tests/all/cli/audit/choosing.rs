//! How the operator has the log kept.

use std::fs;

use serde_json::json;

use super::super::User;
use super::log::everything_in;

#[test]
fn a_choice_is_shown_on_record_and_holds_for_what_comes() {
    let user = User::with_text_stats();
    let shown = user.run(["audit", "settings"]).done().out;
    for line in
        ["durability  strict: ", "input       whole\n", "denial      whole\n", "retention   for as long "]
    {
        assert!(shown.contains(line), "{line:?} is not in:\n{shown}");
    }
    let before = user.records().len();
    let choice =
        ["audit", "settings", "--durability", "relaxed", "--output", "commitment", "--retention-days", "400"];
    user.run(choice).done();
    let record = user.last_record();
    assert_eq!(record["kind"], "settings");
    assert_eq!(record["body"]["durability"], "relaxed");
    assert_eq!(record["body"]["keeping"]["output"], "commitment");
    assert_eq!(record["body"]["keeping"]["input"], "whole");
    assert_eq!(record["body"]["retention_days"], 400);
    user.run(choice).done();
    assert_eq!(user.records().len(), before + 1, "what was chosen before is no change");

    let id = user.calls();
    let call = user.run(["audit", "show", &id, "--json"]).done().json();
    assert_eq!(call["durability"], "relaxed");
    assert_eq!(call["end"]["output"], json!({ "state": "commitment" }));
    user.run(["audit", "verify"]).done();
    let strict =
        user.run(["audit", "settings", "--durability", "strict", "--retention-days", "none", "--json"]);
    let strict = strict.done().json();
    assert_eq!((&strict["durability"], &strict["retention_days"]), (&json!("strict"), &json!(null)));
    assert_eq!(strict["keeping"]["output"], "commitment");
}

#[test]
fn what_is_blacked_out_is_never_written_anywhere() {
    let user = User::with_text_stats();
    user.run(["audit", "settings", "--input", "redacted:/text", "--output", "commitment"]).done();
    let canary = "canary-5ca1ab1e";
    let input = json!({ "text": canary }).to_string();
    let report = user.run(["run", "text-stats", "--input", &input, "--json"]).done().json();
    let id = report["id"].as_str().expect("an id is text");
    for file in everything_in(&user.audit()) {
        assert!(!String::from_utf8_lossy(&file).contains(canary));
    }
    let call = user.run(["audit", "show", id, "--json"]).done().json();
    assert_eq!(call["input"], json!({ "state": "redacted", "value": r#"{"text":"[redacted]"}"# }));
    user.run(["audit", "verify"]).done();
}

#[test]
fn a_broken_choice_is_status_1_and_never_a_default() {
    let user = User::with_text_stats();
    user.run(["audit", "settings", "--input", "commitment"]).done();
    let path = user.path("config/audit.json");
    let good = fs::read_to_string(&path).expect("it was written");
    for broken in ["", "{}", &good.replace("strict", "lax"), &good.replace("\"input\"", "\"inputs\"")] {
        fs::write(&path, broken).expect("it can be written");
        let before = fs::read(user.log()).expect("there is a log");
        user.run(["run", "text-stats", "--input", super::INPUT]).failed(1, &["audit.json", "nothing runs"]);
        user.run(["audit", "settings"]).failed(1, &["audit.json"]);
        assert_eq!(fs::read(user.log()).expect("there is a log"), before);
    }
    user.run(["audit", "verify"]).done();
}

#[test]
fn what_is_no_choice_is_a_mistake_of_usage_and_changes_nothing() {
    let user = User::with_text_stats();
    let before = user.records().len();
    user.run(["audit", "settings", "--input", "none"]).failed(2, &["write whole, commitment, or redacted:"]);
    user.run(["audit", "settings", "--input", "redacted:text"]).failed(2, &["begins with a slash"]);
    user.run(["audit", "settings", "--retention-days", "0"]).failed(2, &["a number of days from 1"]);
    user.run(["audit", "settings", "--durability", "lax"]).failed(2, &["strict", "relaxed"]);
    user.run(["audit", "erase", "--expired"]).failed(2, &["nothing ever expires", "--retention-days"]);
    assert_eq!(user.records().len(), before);
    assert!(!user.path("config/audit.json").exists());
}
