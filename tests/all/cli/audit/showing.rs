//! Calls as people see them, and the records that they are put together from.

use std::fs;

use serde_json::{Value, json};

use super::super::{PUBLISHER, User, text};
use super::log::begin_and_leave_open;
use crate::support::guests;

/// The kinds of what `mpp audit show` lists.
fn kinds(shown: &Value) -> Vec<Value> {
    let kind = |item: &Value| item["record"].get("kind").cloned().unwrap_or_else(|| "call".into());
    shown["items"].as_array().expect("there are items").iter().map(kind).collect()
}

#[test]
fn a_call_is_shown_as_one_and_its_records_where_they_are_asked_for() {
    let user = User::with_text_stats();
    let id = user.calls();
    let shown = user.run(["audit", "show", "--json"]).done().json();
    assert_eq!(kinds(&shown), ["header", "trust-change", "policy-change", "call"]);
    let call = &shown["items"][3]["call"];
    assert_eq!((&call["id"], &call["tool"]), (&json!(id), &json!("text-stats")));
    assert_eq!(call["input"], json!({ "state": "whole", "value": super::INPUT }));
    assert_eq!(call["end"]["outcome"], "ok");
    assert_eq!(call["end"]["output"]["state"], "whole");

    let records: Vec<_> = user.records().iter().map(|record| record["kind"].clone()).collect();
    assert_eq!(records, ["header", "trust-change", "policy-change", "intent", "outcome"]);
    let log = fs::read_to_string(user.log()).expect("there is a log");
    for (number, of) in [(3, call), (4, &call["end"])] {
        let line = log.lines().nth(number).expect("there are records");
        assert_eq!(user.run(["audit", "show", &number.to_string()]).done().line(), line);
        assert_eq!(of["record"], number);
    }
    assert_eq!(user.run(["audit", "show", &id, "--json"]).done().json(), *call);
}

#[test]
fn one_call_is_shown_in_words() {
    let user = User::who_trusts();
    let yaml = "permissions: { filesystem: { read: [/data] } }\n";
    let package = text(&PUBLISHER.make("shown", guests::READS_FILES, yaml));
    let data = user.path("files");
    fs::create_dir(&data).expect("a directory can be made");
    let map = format!("/data={}", text(&data));
    let run = |path: &str| {
        let input = format!(r#"{{"path": "{path}"}}"#);
        let call = ["run", &package, "--grant", "--tool", "read", "--map", &map, "--input", &input, "--json"];
        user.run(call).json()["id"].as_str().expect("an id is text").to_owned()
    };
    user.write("files/here", "contents");
    let (denied, allowed) = (run("/etc/passwd"), run("/data/here"));
    let words = user.run(["audit", "show", &denied]).done().out;
    for line in [
        "tool      read\n",
        "input     {\"path\": \"/etc/passwd\"}\n",
        "denied    filesystem.read /etc/passwd (",
    ] {
        assert!(words.contains(line), "{line:?} is not in:\n{words}");
    }
    assert!(words.contains("result    denied"), "{words}");
    let words = user.run(["audit", "show", &allowed]).done().out;
    assert!(words.contains("did       filesystem.read /data/here"), "{words}");
    assert!(words.contains("result    ok\n"), "{words}");
    let table = user.run(["audit", "show", "--kind", "call"]).done().out;
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(table.contains("denied: filesystem.read was denied"), "{table}");
}

#[test]
fn what_became_of_a_call_whose_writer_was_killed_is_not_made_up() {
    let user = User::new();
    let id = "a-call-that-never-ended";
    begin_and_leave_open(&user.audit(), id);
    let words = user.run(["audit", "show", id]).done().out;
    assert!(words.contains("result    not ended yet\n"), "{words}");
    user.run(["audit", "prove", id]).failed(2, &["has not ended", "--intent"]);
    // Whatever opens the log next finds it open, and says so.
    user.run(["audit", "settings", "--durability", "relaxed"]).done();
    let words = user.run(["audit", "show", id]).done().out;
    assert!(words.contains("result    interrupted: what became of it is not known\n"), "{words}");
    let proof = user.run(["audit", "prove", id]).done().out;
    let proven = user.run_reading(&proof, ["audit", "check-proof", "-", "--key", &user.key(), "--json"]);
    assert_eq!(proven.done().json()["record"]["kind"], "recovered");
    user.run(["audit", "verify"]).done();
}

#[test]
fn conditions_add_up() {
    let user = User::with_text_stats();
    user.calls();
    user.run(["run", "text-stats", "--input", "{}"]).with_status(2);
    let count = |arguments: [&str; 5]| {
        let shown = user.run(arguments).done().json();
        let list = shown.get("items").or(shown.get("records")).and_then(Value::as_array);
        list.expect("they are a list").len()
    };
    assert_eq!(count(["audit", "show", "--json", "--kind", "call"]), 2);
    assert_eq!(count(["audit", "show", "--json", "--kind", "intent"]), 2);
    assert_eq!(count(["audit", "show", "--json", "--kind", "trust-change"]), 1);
    assert_eq!(count(["audit", "show", "--json", "--outcome", "refused"]), 1);
    assert_eq!(count(["audit", "show", "--json", "--tool", "text-stats"]), 2);
    assert_eq!(count(["audit", "show", "--json", "--package", "text-stats@1.0.0"]), 3);
    assert_eq!(count(["audit", "show", "--json", "--package", "com.example/text-stats"]), 3);
    assert_eq!(count(["audit", "show", "--json", "--package", "text-stats@2.0.0"]), 0);
    assert_eq!(count(["audit", "show", "--json", "--since", "2999-01-01"]), 0);
    assert_eq!(count(["audit", "show", "--json", "--last", "1"]), 1);
    let table = user.run(["audit", "show", "--kind", "call"]).done().out;
    assert!(table.contains("com.example/text-stats@1.0.0") && table.contains("call text-stats"), "{table}");
}
