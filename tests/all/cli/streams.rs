//! Data on standard output, messages on standard error, and what happens where
//! neither can be written.

use std::fs::OpenOptions;
use std::process::Stdio;

use super::{Ended, User};

const INPUT: &str = r#"{"text": "a"}"#;

/// A disk without room.
fn full() -> Stdio {
    OpenOptions::new().write(true).open("/dev/full").expect("there is a /dev/full").into()
}

#[test]
fn standard_output_on_a_full_disk_is_status_1_in_plain_words() {
    let user = User::with_text_stats();
    for arguments in [
        ["list", "--json", ""],
        ["audit", "show", ""],
        ["completions", "bash", ""],
        ["run", "text-stats", "--input"],
    ] {
        let mut arguments: Vec<&str> =
            arguments.into_iter().filter(|argument| !argument.is_empty()).collect();
        if arguments[0] == "run" {
            arguments.push(INPUT);
        }
        let mut command = user.mpp([]);
        let output = command.args(&arguments).stdout(full()).stderr(Stdio::piped()).output();
        let ended = Ended::of(output.expect("the command can be started"));
        ended.failed(1, &["error: cannot write standard output", "No space left"]);
    }
}

/// The call happened, and its record says what it gave.
#[test]
fn an_answer_that_cannot_be_printed_is_on_record() {
    let user = User::with_text_stats();
    let mut command = user.mpp(["run", "text-stats", "--input", INPUT]);
    command.stdout(full()).stderr(Stdio::piped());
    Ended::of(command.output().expect("the command can be started")).with_status(1);
    assert_eq!(user.last_record()["body"]["outcome"]["kind"], "ok");
}

#[test]
fn messages_that_cannot_be_shown_fail_nothing() {
    let user = User::with_text_stats();
    let mut command = user.mpp(["remove", "text-stats"]);
    let status = command.stdout(Stdio::null()).stderr(full()).status().expect("the command can be started");
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let user = User::with_text_stats();
    let mut child = user
        .mpp(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command can be started");
    drop(child.stdout.take());
    let ended = Ended::of(child.wait_with_output().expect("the command ends"));
    assert_eq!((ended.status, ended.err.as_str()), (0, ""));
}

#[test]
fn nothing_is_coloured_where_nobody_looks() {
    let user = User::new();
    let ended = user.run(["run", "nothing"]);
    assert!(!ended.err.contains('\u{1b}'), "{:?}", ended.err);
    let mut command = user.mpp(["run", "nothing"]);
    let quiet = Ended::of(command.env("NO_COLOR", "1").output().expect("the command can be started"));
    assert_eq!(quiet.err, ended.err);
}

#[test]
fn help_and_version_are_data() {
    let user = User::new();
    let help = user.run(["--help"]).done();
    assert!(help.out.contains("Exit status: 0 done") && help.err.is_empty(), "{}", help.out);
    for verb in [
        "new",
        "build",
        "sign",
        "verify",
        "inspect",
        "run",
        "bench",
        "install",
        "list",
        "remove",
        "trust",
        "key",
        "audit",
        "doctor",
        "completions",
    ] {
        let help = user.run([verb, "--help"]).done();
        assert!(help.out.contains("Usage: mpp") && help.err.is_empty(), "{verb}: {}", help.out);
    }
    assert!(user.run(["--version"]).done().line().starts_with("mpp "));
    for shell in ["bash", "zsh", "fish"] {
        let script = user.run(["completions", shell]).done().out;
        assert!(script.contains("mpp") && script.contains("inspect"), "{shell}");
    }
}

#[test]
fn a_strangers_text_cannot_steer_the_terminal() {
    let user = User::with_text_stats();
    let ended = user.run(["run", "text-stats", "--tool", "\u{1b}[2J", "--input", INPUT]).with_status(2);
    assert!(!ended.err.contains('\u{1b}'), "{:?}", ended.err);
    let table = user.run(["audit", "show"]).done().out;
    assert!(!table.contains('\u{1b}'), "{table:?}");
}

#[test]
fn a_machine_that_is_in_order_is_said_to_be() {
    let user = User::with_text_stats();
    let report = user.run(["doctor", "--json"]).done().json();
    assert_eq!(report["healthy"], true);
    std::fs::write(user.log(), "{}\n").expect("the log can be damaged");
    let report = user.run(["doctor", "--json"]).with_status(7).saying(&["audit log"]).json();
    assert_eq!(report["healthy"], false);
}
