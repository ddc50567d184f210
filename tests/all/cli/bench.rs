//! `mpp bench`: what it says, what it takes, and what it leaves behind.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::serve::until;
use super::{Ended, PUBLISHER, User, text};
use crate::support::guests;

const INPUT: &str = r#"{"text": "to be or not to be"}"#;

impl User {
    /// What lies in the directory of the log and beside it.
    fn beside_the_log(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(self.path("data")).expect("there is one");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    /// How many calls are on record.
    fn calls_begun(&self) -> usize {
        self.records().iter().filter(|record| record["kind"] == "intent").count()
    }
}

#[track_caller]
fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[track_caller]
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The figures of calls are there, and are those of calls that took time.
#[track_caller]
fn are_measured(figures: &Value, calls: u64) {
    assert_eq!(figures["calls"], calls, "{figures}");
    let (median, p99) = (number(&figures["p50_us"]), number(&figures["p99_us"]));
    assert!(0.0 < median && median <= p99, "{figures}");
    assert!(number(&figures["calls_per_second"]) > 0.0, "{figures}");
}

/// The rows of a document: durability and callers of each.
fn rows(document: &Value) -> Vec<(&str, u64)> {
    let rows = document["rows"].as_array().expect("rows");
    let row = |row: &'_ Value| row["callers"].as_u64().expect("a number");
    rows.iter().map(|one| (one["durability"].as_str().expect("a word"), row(one))).collect()
}

#[test]
fn every_figure_of_a_pure_tool_is_in_the_document() {
    let user = User::with_text_stats();
    let bench = ["bench", "text-stats", "--input", INPUT, "--calls", "30", "--callers", "2", "--json"];
    let ended = user.run(bench).done();
    assert_eq!(ended.err, "", "nothing is said where nobody looks");
    let document = ended.json();
    let expected =
        ["asserted", "before", "code_bytes", "floor", "memory", "package", "records", "rows", "tool"];
    assert_eq!(keys(&document), BTreeSet::from(expected));
    assert_eq!(document["package"]["name"], "text-stats");
    assert_eq!(document["tool"], "text-stats");
    assert_eq!(document["records"], "own-logs");
    assert_eq!(document["asserted"], "same-answer");
    assert_eq!(document["floor"], "call");
    assert!(document["code_bytes"].as_u64() > Some(0));
    let memory = &document["memory"];
    assert!(memory["peak_bytes"].as_u64() >= memory["resident_bytes"].as_u64(), "{memory}");
    assert!(memory["resident_bytes"].as_u64() > document["code_bytes"].as_u64(), "{memory}");

    let before = &document["before"];
    let expected = ["compiled_each_time", "first_compiled", "first_load_us", "load", "read_and_verify"];
    assert_eq!(keys(before), BTreeSet::from(expected));
    assert_eq!((&before["first_compiled"], &before["compiled_each_time"]), (&true.into(), &false.into()));
    assert!(number(&before["first_load_us"]) > number(&before["load"]["p50_us"]), "{before}");
    for what in ["load", "read_and_verify"] {
        assert!(number(&before[what]["beside_floor"]["p50"]) > 0.0, "{before}");
        assert!(number(&before[what]["beside_floor"]["p99"]) > 0.0, "{before}");
    }

    assert_eq!(rows(&document), [("relaxed", 1), ("relaxed", 2), ("strict", 1), ("strict", 2)]);
    for row in document["rows"].as_array().expect("rows") {
        are_measured(row, 30);
        are_measured(&row["floor"], 30);
        for figure in ["p50", "p99", "calls_per_second"] {
            assert!(number(&row["beside_floor"][figure]) > 0.0, "{row}");
        }
    }
}

#[test]
fn the_stages_of_a_call_are_in_the_rows_of_one_caller() {
    let user = User::with_text_stats();
    let bench = ["bench", "text-stats", "--input", INPUT, "--calls", "9", "--callers", "2", "--json"];
    let document = user.run(bench).done().json();
    let always = ["audit_append", "guest", "host_calls", "instantiate", "queue", "schema_checks", "teardown"];
    let [relaxed, several, strict, _] = &document["rows"].as_array().expect("rows")[..] else {
        panic!("{document}")
    };
    assert_eq!(keys(&relaxed["stages_us"]), BTreeSet::from(always));
    assert_eq!(keys(&strict["stages_us"]), BTreeSet::from(always).into_iter().chain(["sync"]).collect());
    for stage in ["audit_append", "guest", "instantiate", "schema_checks", "teardown"] {
        assert!(number(&relaxed["stages_us"][stage]) > 0.0, "{stage}: {relaxed}");
    }
    assert_eq!(several["stages_us"], Value::Null);
}

#[test]
fn a_person_sees_a_table_and_what_it_is_about() {
    let user = User::with_text_stats();
    let ended = user.run(["bench", "text-stats", "--input", INPUT, "--calls", "8", "--callers", "1"]).done();
    assert_eq!(ended.err, "");
    let first: Vec<&str> =
        ended.out.lines().map(|line| line.split("  ").next().unwrap_or_default()).collect();
    assert_eq!(first[1..4], ["read and verify", "compile and load, once", "load compiled"]);
    for words in [
        "  P50 (µs)  ",
        "\nrelaxed, 1 caller  ",
        "\nstrict, 1 caller  ",
        "\n  sync  ",
        "\nfloor     a fresh instance and a call of this component",
        "\nanswers   each the same as the first\n",
        "\nrecords   in logs of their own beside yours, which are removed\n",
        "\nmemory    ",
    ] {
        assert!(ended.out.contains(words), "{words:?} is not in\n{}", ended.out);
    }
    assert!(!ended.out.contains("callers"), "{}", ended.out);
}

#[test]
fn a_pure_tool_leaves_nothing_behind_and_is_not_in_the_log_of_its_user() {
    let user = User::with_text_stats();
    let before = user.beside_the_log();
    user.run(["bench", "text-stats", "--input", INPUT, "--calls", "5"]).done();
    let now: BTreeSet<_> = user.beside_the_log().into_iter().filter(|name| name != "compiled.key").collect();
    assert_eq!(now, before);
    assert_eq!(user.calls_begun(), 0);
    user.run(["audit", "verify"]).done();
}

/// Each line that it writes is an effect, and each is on record.
#[test]
fn a_tool_that_may_act_is_in_the_log_of_its_user_as_often_as_it_acts() {
    let user = User::who_trusts();
    let yaml = "permissions: { filesystem: { write: [/data] } }\n";
    let package = text(&PUBLISHER.make("bench-writes", guests::WRITES_FILES, yaml));
    user.write("files/lines", "");
    let map = format!("/data={}", text(&user.path("files")));
    let mut command = user.mpp(["bench", &package, "--grant", "--tool", "append", "--map", &map, "--json"]);
    command.args(["--input", r#"{"path": "/data/lines", "text": "a line\n"}"#]);
    command.args(["--calls", "5", "--callers", "2"]);
    let ended = Ended::of(command.output().expect("the command can be started")).done();
    let document = ended.json();
    assert_eq!(document["records"], "users-log");
    assert_eq!(document["asserted"], "an-answer");
    assert_eq!(document["floor"], "instance");
    assert_eq!(rows(&document), [("strict", 1), ("strict", 2)]);
    assert!(number(&document["rows"][0]["stages_us"]["audit_append_and_sync"]) > 0.0, "{document}");
    let lines = fs::read_to_string(user.path("files/lines")).expect("it is there").lines().count();
    // The first call, five and one that is timed, and five more.
    assert_eq!((lines, user.calls_begun()), (12, 12));
    assert_eq!(user.last_record()["body"]["outcome"]["kind"], "ok");
}

#[test]
fn the_log_of_the_user_is_measured_as_the_user_keeps_it() {
    let user = User::who_trusts();
    user.run(["audit", "settings", "--durability", "relaxed"]).done();
    let yaml = "permissions: { filesystem: { write: [/data] } }\n";
    let package = text(&PUBLISHER.make("bench-relaxed", guests::WRITES_FILES, yaml));
    fs::create_dir(user.path("files")).expect("a directory can be made");
    let map = format!("/data={}", text(&user.path("files")));
    let mut command = user.mpp(["bench", &package, "--grant", "--tool", "write", "--map", &map, "--json"]);
    command.args(["--input", r#"{"path": "/data/a", "text": "b"}"#, "--calls", "1", "--callers", "1"]);
    let ended = Ended::of(command.output().expect("the command can be started")).done();
    assert_eq!(rows(&ended.json()), [("relaxed", 1)]);
}

#[test]
fn of_a_tool_whose_answers_may_differ_an_answer_is_asserted() {
    let user = User::who_trusts();
    let package =
        text(&PUBLISHER.make("bench-random", guests::DRAWS_RANDOM_BYTES, "permissions: { random: true }\n"));
    let bench = [
        "bench",
        &package,
        "--grant",
        "--tool",
        "draw",
        "--input",
        r#"{"bytes": 8}"#,
        "--calls",
        "3",
        "--json",
    ];
    let document = user.run(bench).done().json();
    assert_eq!(document["records"], "own-logs");
    assert_eq!(document["asserted"], "an-answer");
    assert_eq!(document["floor"], "instance", "there is no chance without a host");
}

#[test]
fn a_tool_that_fails_ends_it_as_it_ends_a_run() {
    let user = User::who_trusts();
    let fails = text(&PUBLISHER.make("bench-fails", guests::ANSWERS_BADLY, ""));
    let panics = text(&PUBLISHER.make("bench-panics", guests::PANICS, ""));
    for (package, input, status) in [
        (&fails, r#"{"error": "what?"}"#, 5),
        (&fails, r#"{"structured": "{\"result\": \"no number\"}"}"#, 6),
        (&panics, r#"{"message": "no way out"}"#, 6),
        (&fails, "[]", 2),
        (&fails, "{", 2),
    ] {
        let ended = |verb| user.run([verb, package, "--grant", "--input", input]);
        let (bench, run) = (ended("bench"), ended("run"));
        assert_eq!(bench.status, status, "{}", bench.err);
        // But for where the record is: that of a bench is gone.
        let (run, pointer) = run.err.rsplit_once(" next: ").expect("a run says where its record is");
        assert!(pointer.starts_with("mpp audit show "), "{pointer}");
        assert!(bench.err.starts_with(run), "{}\ninstead of\n{run}", bench.err);
        assert!(!bench.err.contains("mpp audit show"), "{}", bench.err);
        assert_eq!(bench.out, "");
    }
    assert!(user.beside_the_log().iter().all(|name| !name.contains("bench")));
}

#[test]
fn a_package_that_was_changed_is_refused_as_a_run_refuses_it() {
    let user = User::who_trusts();
    let mut bytes = fs::read(PUBLISHER.text_stats()).expect("the package is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let changed = text(&user.write("changed.mpp", bytes));
    let run = user.run(["run", &changed, "--grant", "--input", INPUT]).with_status(3);
    let refused = user.last_record()["body"].clone();
    let bench = user.run(["bench", &changed, "--grant", "--input", INPUT]);
    assert_eq!(bench.err, run.err);
    bench.failed(3, &["error"]);
    assert_eq!(user.records().iter().filter(|record| record["kind"] == "refusal").count(), 2);
    assert_eq!(user.last_record()["body"], refused);
}

#[test]
fn a_package_nobody_granted_is_not_measured_where_nobody_can_be_asked() {
    let user = User::who_trusts();
    let package = text(&PUBLISHER.text_stats());
    user.run(["bench", &package, "--input", INPUT, "--calls", "1"]).failed(4, &["no terminal", "--grant"]);
    assert_eq!(user.last_record()["body"]["stage"], "grant");
    user.run(["bench", &package, "--input", INPUT, "--calls", "1", "--grant"]).done();
    let granted = user.last_record();
    assert_eq!((&granted["kind"], &granted["body"]["action"]), (&"policy-change".into(), &"approve".into()));
}

#[test]
fn numbers_that_make_no_sense_are_status_2() {
    let user = User::with_text_stats();
    for option in [["--calls", "1000001"], ["--calls", "0"], ["--callers", "0"], ["--callers", "1025"]] {
        let ended = user.run(["bench", "text-stats", "--input", INPUT, option[0], option[1]]);
        ended.failed(2, &[option[0], option[1]]);
    }
    assert_eq!(user.calls_begun(), 0);
}

#[test]
fn who_is_told_to_stop_leaves_nothing_behind() {
    let user = User::who_trusts();
    let package = text(&PUBLISHER.make("bench-sleeps", guests::SLEEPS, "permissions: { clock: true }\n"));
    for signal in ["INT", "TERM"] {
        let mut command = user.mpp(["bench", &package, "--grant", "--input", r#"{"milliseconds": 25000}"#]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.expect("the command can be started");
        let measuring = |entry: &String| entry.starts_with(".bench-");
        until("it measures", || user.beside_the_log().into_iter().find(measuring));
        let told = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
        assert!(told.expect("there is kill(1)").success());
        let ended = Ended::of(child.wait_with_output().expect("the command ends"));
        ended.failed(6, &["the bench was cancelled", "you interrupted it"]);
        assert!(!user.beside_the_log().iter().any(measuring), "{signal}");
    }
}
