//! Several servers at once, as every client starts its own, and commands beside
//! them: one log has it all.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::message::calling;
use super::on_record::{OK, end};
use super::packages::{DIALLING, DIALS, PANICS, TEXT_STATS};
use super::{Halt, Piped, Served, User};

fn input() -> Value {
    json!({"text": "one two"})
}

/// The server that has the log: the first one to come. The others write through it.
fn first(user: &User, arguments: &[&str]) -> Piped {
    let mut first = Piped::start(user, &[&["--agent", "first"], arguments].concat());
    first.process.says("serving: ");
    first
}

/// For whom the calls on record were made, each once.
fn agents(calls: &[Value]) -> Vec<&str> {
    calls.iter().map(|call| call["caller"]["agent"].as_str().unwrap_or("nobody")).collect()
}

#[test]
fn three_servers_and_commands_beside_them_are_all_on_record_in_one_log() {
    let user = User::who_installed([&TEXT_STATS]);
    let mut first = Piped::start(&user, &["--agent", "first"]);
    let mut second = Piped::start(&user, &["--agent", "second"]);
    let third = Served::start(&user, &["--agent", "third"]);
    for _ in 0..3 {
        assert_eq!(first.call("text-stats", input())["isError"], false);
        assert_eq!(second.call("text-stats", input())["isError"], false);
        assert_eq!(third.call("text-stats", input())["isError"], false);
        let run = user.run(["run", "text-stats", "--input", r#"{"text": "one"}"#]).done();
        assert_eq!(run.json()["words"], 1);
    }
    user.run(["install", &PANICS, "--grant"]).done();
    first.end().done();
    second.end().done();
    third.stop().done();
    let calls = user.calls_on_record();
    assert_eq!(agents(&calls), ["first", "second", "third", "nobody"].repeat(3));
    assert!(calls.iter().all(|call| end(call) == OK));
    let different: BTreeSet<_> = calls.iter().map(|call| call["id"].to_string()).collect();
    assert_eq!(different.len(), calls.len());
}

#[test]
fn calls_that_two_servers_run_at_once_are_both_on_record() {
    let user = User::who_installed([&DIALS]);
    let halt = Halt::new();
    let mut first = Piped::start(&user, &[&["--agent", "first"][..], &DIALLING].concat());
    let mut second = Piped::start(&user, &[&["--agent", "second"][..], &DIALLING].concat());
    let one = first.request("tools/call", calling("dial", halt.input()));
    halt.until(1);
    let other = second.request("tools/call", calling("dial", halt.input()));
    halt.until(2);
    halt.open();
    assert_eq!(first.answer(one)["result"]["isError"], false);
    assert_eq!(second.answer(other)["result"]["isError"], false);
    first.end().done();
    second.end().done();
    let calls = user.calls_on_record();
    assert_eq!(agents(&calls), ["first", "second"]);
    assert!(calls.iter().all(|call| end(call) == OK));
}

#[test]
fn the_others_go_on_when_the_server_that_has_the_log_ends() {
    let user = User::who_installed([&TEXT_STATS]);
    let first = first(&user, &[]);
    let mut others = ["second", "third"].map(|agent| Piped::start(&user, &["--agent", agent]));
    for other in &mut others {
        assert_eq!(other.call("text-stats", input())["isError"], false);
    }
    first.end().done();
    for other in &mut others {
        assert_eq!(other.call("text-stats", input())["isError"], false);
    }
    for other in others {
        other.end().done();
    }
    assert_eq!(agents(&user.calls_on_record()), ["second", "third", "second", "third"]);
}

#[test]
fn the_others_go_on_when_the_server_that_has_the_log_is_killed() {
    let user = User::who_installed([&TEXT_STATS, &DIALS]);
    let halt = Halt::new();
    let mut first = first(&user, &DIALLING);
    let mut second = Piped::start(&user, &["--agent", "second"]);
    assert_eq!(second.call("text-stats", input())["isError"], false);
    first.request("tools/call", calling("dial", halt.input()));
    halt.until(1);
    first.process.kill();
    assert_eq!(second.call("text-stats", input())["isError"], false);
    second.end().done();
    let calls = user.calls_on_record();
    assert_eq!(agents(&calls), ["second", "first", "second"]);
    assert_eq!((end(&calls[0]), end(&calls[2])), (OK, OK));
    assert_eq!(calls[1]["end"]["how"], "recovered");
}

/// A call that is begun is one that has to end on record; where that cannot be,
/// its answer is withheld.
#[test]
fn the_answer_of_a_call_whose_log_was_killed_is_withheld() {
    let user = User::who_installed([&DIALS]);
    let halt = Halt::new();
    let first = first(&user, &[]);
    let mut second = Piped::start(&user, &[&["--agent", "second"][..], &DIALLING].concat());
    let held = second.request("tools/call", calling("dial", halt.input()));
    halt.until(1);
    first.process.kill();
    halt.open();
    let answer = second.answer(held);
    assert_eq!(answer["error"]["code"], -32603, "{answer}");
    // The next one is put on record by whoever has the log now.
    assert_eq!(second.call("dial", halt.input())["isError"], false);
    second.end().done();
    let calls = user.calls_on_record();
    assert_eq!(calls[0]["end"]["how"], "recovered");
    assert_eq!(end(&calls[1]), OK);
    assert_eq!(calls.len(), 2);
}
