//! Several commands at once, and one that is interrupted.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Ended, PUBLISHER, User, text};
use crate::support::guests;

const INPUT: &str = r#"{"text": "a"}"#;

fn start<const N: usize>(user: &User, arguments: [&str; N]) -> Child {
    let mut command = user.mpp(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command can be started")
}

fn end(child: Child) -> Ended {
    Ended::of(child.wait_with_output().expect("the command ends"))
}

/// The log has one writer at a time; the others wait for it.
#[test]
fn commands_at_the_same_time_all_run_and_all_leave_their_record() {
    let user = User::with_text_stats();
    let before = user.records().len();
    let running: Vec<Child> = (0..6).map(|_| start(&user, ["run", "text-stats", "--input", INPUT])).collect();
    for child in running {
        assert_eq!(end(child).done().json()["words"], 1);
    }
    assert_eq!(user.records().len(), before + 2 * 6);
    user.run(["audit", "verify"]).done();
}

/// Two that install and trust at the same time do not lose each other's change.
#[test]
fn changes_at_the_same_time_are_all_kept() {
    let user = User::new();
    let public = text(&PUBLISHER.public_key());
    let publishers = ["com.example", "org.example", "net.example", "io.example"];
    let adding: Vec<Child> = publishers
        .iter()
        .map(|publisher| start(&user, ["trust", "add", publisher, &public, "--yes"]))
        .collect();
    for child in adding {
        end(child).done();
    }
    let listed = user.run(["trust", "list", "--json"]).done().json();
    assert_eq!(listed["publishers"].as_array().map(Vec::len), Some(publishers.len()));
}

/// Whether a process has its own answer to SIGINT: it does while a tool runs.
fn handles_interrupts(process: u32) -> bool {
    let status = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status"));
    let status = status.unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    caught.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask & 0b10 != 0))
}

#[test]
fn an_interrupted_call_is_cancelled_on_record_and_status_6() {
    let user = User::who_trusts();
    let package = text(&PUBLISHER.make("interrupted", guests::NEVER_RETURNS, ""));
    let child = start(&user, ["run", &package, "--grant", "--tool", "spin"]);
    let begun = Instant::now();
    while !handles_interrupts(child.id()) {
        assert!(begun.elapsed() < Duration::from_secs(30), "the tool does not run");
        std::thread::yield_now();
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("`kill` is there").success());
    end(child).failed(6, &["cancelled", "you interrupted it", "mpp audit show"]);
    assert_eq!(user.last_record()["body"]["outcome"]["kind"], "cancelled");
}
