//! `kill -9`: what ran is on record as begun, and nobody makes up how it ended.

use serde_json::json;

use super::message::calling;
use super::on_record::{OK, end};
use super::packages::{DIALLING, DIALS, TEXT_STATS};
use super::{Halt, Piped, Post, Served, User};

#[test]
fn the_next_server_records_what_was_open_when_the_last_one_was_killed() {
    let user = User::who_installed([&DIALS, &TEXT_STATS]);
    let halt = Halt::new();
    let server = Served::start(&user, &DIALLING);
    assert_eq!(server.call("text-stats", json!({"text": "a"}))["isError"], false);
    let _held: Vec<_> = (0..3).map(|_| server.connect(&Post::call("dial", halt.input()))).collect();
    halt.until(3);
    server.process.kill();
    let mut next = Piped::start(&user, &[]);
    assert_eq!(next.call("text-stats", json!({"text": "a"}))["isError"], false);
    next.end().done();
    let calls = user.calls_on_record();
    assert_eq!(calls.len(), 5);
    assert_eq!((end(&calls[0]), end(&calls[4])), (OK, OK));
    for call in &calls[1..4] {
        assert_eq!(call["end"]["how"], "recovered", "{call}");
    }
}

#[test]
fn a_command_records_it_just_as_well() {
    let user = User::who_installed([&DIALS]);
    let halt = Halt::new();
    let mut server = Piped::start(&user, &DIALLING);
    server.request("tools/call", calling("dial", halt.input()));
    halt.until(1);
    server.process.kill();
    user.run(["install", &TEXT_STATS, "--grant"]).done();
    assert_eq!(user.only_call()["end"]["how"], "recovered");
}
