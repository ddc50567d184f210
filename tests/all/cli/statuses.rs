//! Whose move it is: one exit status for each class of failure.

use super::{PUBLISHER, User, component, text};
use crate::support::guests;

const INPUT: &str = r#"{"text": "a"}"#;

#[test]
fn a_call_that_is_answered_is_status_0() {
    User::with_text_stats().run(["run", "text-stats", "--input", INPUT]).done();
}

#[test]
fn a_home_that_cannot_be_written_is_status_1() {
    let user = User::new();
    // A file where a directory should be: not even the superuser writes below.
    let file = text(&user.write("file", ""));
    let mut command = user.mpp(["key", "new"]);
    command.env("MPP_HOME", format!("{file}/home"));
    let ended = super::Ended::of(command.output().expect("the command can be started"));
    ended.failed(1, &["error: cannot", &file]);
}

#[test]
fn a_working_directory_that_is_gone_is_status_1() {
    let user = User::new();
    let mut command = std::process::Command::new("sh");
    command.args([
        "-c",
        "mkdir gone && cd gone && rmdir ../gone && exec \"$0\" list",
        env!("CARGO_BIN_EXE_mpp-under-test"),
    ]);
    command.current_dir(user.home.path()).env("MPP_HOME", "relative");
    let ended = super::Ended::of(command.output().expect("a shell can be started"));
    ended.failed(1, &["working directory"]);
}

#[test]
fn a_broken_file_of_this_users_own_is_status_1_and_never_a_default() {
    let user = User::with_text_stats();
    user.write("config/trust.json", "{}");
    user.run(["run", "text-stats", "--input", INPUT]).failed(1, &["trust.json", "nothing is trusted"]);
    let other = User::with_text_stats();
    other.write("data/installed.json", "{}");
    other.run(["list"]).failed(1, &["installed.json"]);
}

#[test]
fn a_command_line_that_makes_no_sense_is_status_2() {
    let user = User::with_text_stats();
    user.run(["dance"]).failed(2, &["dance"]);
    user.run(["run"]).failed(2, &["<PKG>"]);
    user.run(["run", "text-stats", "--input", "@/no/such/file"]).failed(2, &["/no/such/file"]);
    user.run(["run", "no-such-package"]).failed(2, &["no package no-such-package", "next"]);
    user.run(["verify", "/no/such/file.mpp"]).failed(2, &["/no/such/file.mpp"]);
    user.run(["sign", &text(&PUBLISHER.text_stats())]).failed(2, &["mpp key new"]);
}

#[test]
fn input_that_the_tool_does_not_take_is_status_2() {
    let user = User::with_text_stats();
    user.run(["run", "text-stats", "--input", "{"]).failed(2, &["not JSON"]);
    user.run(["run", "text-stats", "--input", r#"{"text": 1}"#]).failed(2, &["does not fit", "/text"]);
    user.run(["run", "text-stats", "--tool", "other", "--input", INPUT])
        .failed(2, &["no such tool", "text-stats"]);
    let record = user.last_record();
    assert_eq!(record["body"]["outcome"]["kind"], "refused");
    assert_eq!(record["body"]["outcome"]["code"], "unknown-tool");
}

#[test]
fn a_package_that_was_changed_is_status_3() {
    let user = User::who_trusts();
    let mut bytes = std::fs::read(PUBLISHER.text_stats()).expect("the package is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let changed = text(&user.write("changed.mpp", bytes));
    user.run(["verify", &changed]).failed(3, &["error"]);
    user.run(["install", &changed, "--grant"]).failed(3, &["error"]);
    user.run(["run", &changed, "--grant", "--input", INPUT]).failed(3, &["error"]);
    assert_eq!(user.run(["list"]).done().out, "");
}

/// There is no switch and no variable that runs what is not signed.
#[test]
fn nothing_turns_verification_off() {
    let user = User::who_trusts();
    let unsigned = text(&user.path("unsigned.mpp"));
    let source = text(&PUBLISHER.source("unsigned", ""));
    user.run(["build", &source, "--component", &component(guests::TEXT_STATS), "--out", &unsigned]).done();
    for flag in ["--no-verify", "--insecure", "--force", "--unsigned", "--skip-verify", "--allow-unsigned"] {
        user.run(["run", &unsigned, flag, "--grant", "--input", INPUT]).failed(2, &[flag]);
    }
    for variable in ["MPP_INSECURE", "MPP_NO_VERIFY", "MPP_UNSIGNED", "MPP_DEBUG", "CI"] {
        let mut command = user.mpp(["run", &unsigned, "--grant", "--input", INPUT]);
        let ended =
            super::Ended::of(command.env(variable, "1").output().expect("the command can be started"));
        ended.failed(3, &["not signed"]);
    }
}

#[test]
fn a_package_nobody_granted_is_status_4_where_nobody_can_be_asked() {
    let user = User::who_trusts();
    let package = text(&PUBLISHER.text_stats());
    user.run(["run", &package, "--input", INPUT]).failed(4, &["no terminal", "--grant"]);
    let record = user.last_record();
    assert_eq!(record["kind"], "refusal");
    assert_eq!(record["body"]["stage"], "grant");
    user.run(["run", &package, "--grant", "--input", INPUT]).done();
}

#[test]
fn a_tool_that_was_denied_what_it_needs_is_status_4() {
    let user = User::who_trusts();
    let yaml = "permissions: { filesystem: { read: [/data] } }\n";
    let package = text(&PUBLISHER.make("denied", guests::READS_FILES, yaml));
    let data = user.path("files");
    std::fs::create_dir(&data).expect("a directory can be made");
    let map = format!("/data={}", text(&data));
    let read = |path: &str| {
        let input = format!(r#"{{"path": "{path}"}}"#);
        user.run(["run", &package, "--grant", "--tool", "read", "--map", &map, "--input", &input])
    };
    read("/etc/passwd").failed(4, &["not granted", "/etc/passwd", "mpp audit show"]);
    assert_eq!(user.last_record()["body"]["outcome"]["kind"], "denied");
    read("/data/missing").failed(5, &["the tool returned an error"]);
    assert_eq!(user.last_record()["body"]["outcome"]["kind"], "tool-error");
    user.write("files/here", "contents");
    read("/data/here").done();
}

#[test]
fn a_directory_that_is_not_there_is_status_1_and_says_how_to_put_another_there() {
    let user = User::who_trusts();
    let yaml = "permissions: { filesystem: { read: [/no/such/directory] } }\n";
    let package = text(&PUBLISHER.make("nowhere", guests::READS_FILES, yaml));
    let ended = user.run([
        "run",
        &package,
        "--grant",
        "--tool",
        "read",
        "--input",
        r#"{"path": "/no/such/directory/a"}"#,
    ]);
    ended.failed(1, &["/no/such/directory", "--map"]);
}

#[test]
fn a_tool_that_returns_an_error_is_status_5() {
    let user = User::who_trusts();
    let package = text(&PUBLISHER.make("complains", guests::ANSWERS_BADLY, ""));
    let ended = user.run(["run", &package, "--grant", "--input", r#"{"error": "what?"}"#]);
    ended.failed(5, &["the tool returned an error"]);
}

#[test]
fn a_tool_that_does_not_end_is_status_6() {
    let user = User::who_trusts();
    let package = text(&PUBLISHER.make("endless", guests::NEVER_RETURNS, "limits: { time: 200ms }\n"));
    user.run(["run", &package, "--grant", "--tool", "spin"]).failed(6, &["stopped", "200 ms"]);
    assert_eq!(user.last_record()["body"]["outcome"]["kind"], "timeout");
}

#[test]
fn a_tool_that_crashes_or_leaves_is_status_6() {
    let user = User::who_trusts();
    let panics = text(&PUBLISHER.make("panics", guests::PANICS, ""));
    let ended = user.run(["run", &panics, "--grant", "--input", r#"{"message": "no way out"}"#]);
    ended.failed(6, &["crashed", "no way out"]);
    let exits = text(&PUBLISHER.make("exits", guests::EXITS, ""));
    user.run(["run", &exits, "--grant", "--input", r#"{"status": 3}"#]).failed(6, &["exited with status"]);
}

#[test]
fn a_tool_that_breaks_its_own_promise_is_status_6_and_prints_nothing() {
    let user = User::who_trusts();
    let package = text(&PUBLISHER.make("breaks", guests::ANSWERS_BADLY, ""));
    let input = r#"{"structured": "{\"result\": \"no number\"}"}"#;
    user.run(["run", &package, "--grant", "--input", input]).failed(6, &["withheld"]);
}

#[test]
fn a_log_that_does_not_verify_is_status_7_and_nothing_runs() {
    let user = User::with_text_stats();
    user.run(["run", "text-stats", "--input", INPUT]).done();
    let log = std::fs::read_to_string(user.log()).expect("there is a log");
    let lines: Vec<&str> = log.split_inclusive('\n').collect();
    user.write("data/audit/log.jsonl", lines[..lines.len() - 1].concat());
    user.run(["run", "text-stats", "--input", INPUT]).failed(7, &["audit log", "was cut off"]);
    user.run(["audit", "verify"]).failed(7, &["cut off"]);
    user.write("data/audit/log.jsonl", log.replacen("com.example", "com.exbmple", 1));
    user.run(["audit", "verify"]).failed(7, &["record 1"]);
}

#[test]
fn a_log_that_cannot_be_written_is_status_7_and_nothing_runs() {
    let user = User::with_text_stats();
    let file = text(&user.write("file", ""));
    let run = ["run", "text-stats", "--input", INPUT, "--audit-dir", &format!("{file}/audit")];
    user.run(run).failed(7, &["without a record nothing may happen"]);
}

#[test]
fn a_failed_call_is_a_document_too_where_one_was_asked_for() {
    let user = User::who_trusts();
    let package = text(&PUBLISHER.make("explains", guests::ANSWERS_BADLY, ""));
    let run = ["run", &package, "--grant", "--json", "--input", r#"{"error": "what?"}"#];
    let report = user.run(run).with_status(5).json();
    assert_eq!(report["outcome"], "tool-error");
    assert_eq!(report["code"], "unknown-tool");
}
