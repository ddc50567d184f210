//! Being told to stop: once to come to an end, twice to do so at once.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use serde_json::{Value, json};

use super::message::calling;
use super::on_record::{OK, end};
use super::packages::{DIALLING, DIALS, REPORTS};
use super::process::Process;
use super::{Halt, Piped, Post, Served, User};

/// The end of a call that a second signal cancelled.
#[track_caller]
fn is_cancelled(user: &User, result: &Value) {
    let expected = json!({
        "resultType": "complete", "isError": true,
        "content": [{"type": "text", "text": "The call was cancelled: the server is stopping."}],
        "_meta": {"dev.mpp/outcome": {"kind": "cancelled"}}
    });
    assert_eq!(*result, expected);
    assert_eq!(end(&user.only_call()), ("cancelled", None));
}

#[test]
fn a_call_that_runs_when_the_server_is_told_to_stop_is_answered_and_nobody_else_is_let_in() {
    let user = User::who_installed([&DIALS]);
    let halt = Halt::new();
    let mut server = Served::start(&user, &DIALLING);
    let mut client = server.connect(&Post::call("dial", halt.input()));
    halt.until(1);
    server.stops_listening();
    halt.open();
    assert_eq!(client.answer().result()["structuredContent"]["body"], "go on");
    server.end().done().saying(&["stopping: calls that run come to their end; a second signal cancels them"]);
    assert_eq!(end(&user.only_call()), OK);
}

#[test]
fn over_standard_streams_nothing_more_is_read_and_what_runs_is_answered() {
    let user = User::who_installed([&DIALS]);
    let halt = Halt::new();
    let mut client = Piped::start(&user, &DIALLING);
    let held = client.request("tools/call", calling("dial", halt.input()));
    halt.until(1);
    client.process.signal("TERM");
    client.process.says("stopping: ");
    client.request("tools/call", calling("dial", halt.input()));
    halt.open();
    assert_eq!(client.answer(held)["result"]["isError"], false);
    client.end().done();
    assert_eq!(end(&user.only_call()), OK);
}

#[test]
fn a_second_signal_cancels_what_runs_over_http() {
    let user = User::who_installed([&DIALS]);
    let halt = Halt::new();
    let mut server = Served::start(&user, &DIALLING);
    let mut client = server.connect(&Post::call("dial", halt.input()));
    halt.until(1);
    server.stops_listening();
    server.process.signal("TERM");
    let result = client.answer().result();
    server.end().done().saying(&["stopping: what runs is cancelled"]);
    is_cancelled(&user, &result);
}

#[test]
fn a_second_signal_cancels_what_runs_over_standard_streams() {
    let user = User::who_installed([&DIALS]);
    let halt = Halt::new();
    let mut client = Piped::start(&user, &DIALLING);
    let held = client.request("tools/call", calling("dial", halt.input()));
    halt.until(1);
    client.process.signal("TERM");
    client.process.says("stopping: ");
    client.process.signal("TERM");
    let answer = client.answer(held);
    client.end().done();
    is_cancelled(&user, &answer["result"]);
}

/// A guest that works for ever, and Ctrl-C.
#[test]
fn whoever_interrupts_a_server_at_a_terminal_stops_it_alike() {
    let user = User::who_installed([&REPORTS]);
    let mut client = Piped::start(&user, &[]);
    let mut staying = calling("report-and-stay", json!({}));
    staying["_meta"] = json!({"progressToken": "t"});
    let held = client.request("tools/call", staying);
    assert_eq!(client.next().expect("it runs")["method"], "notifications/progress");
    client.process.signal("INT");
    client.process.says("stopping: calls that run come to their end; a second signal cancels them");
    client.process.signal("INT");
    let answer = client.answer(held);
    client.end().done().saying(&["stopping: what runs is cancelled"]);
    is_cancelled(&user, &answer["result"]);
}

/// Node gives the servers that it starts a socket, and a person a terminal: what is
/// read from them cannot be waited for with everything else.
#[test]
fn a_server_whose_input_is_no_pipe_and_stays_open_stops_when_it_is_told() {
    let user = User::who_installed([&DIALS]);
    let (ours, theirs) = UnixStream::pair().expect("a socket has two ends");
    let mut process = Process::start_with(user.mpp(["serve"]), OwnedFd::from(theirs));
    process.says("serving: 5 tools, 1 package");
    process.signal("TERM");
    process.end().done();
    drop(ours);
    user.run(["audit", "verify"]).done();
}

#[test]
fn a_server_with_nothing_to_do_stops_at_once_with_sessions_and_subscriptions_open() {
    let user = User::who_installed([&DIALS]);
    let server = Served::start(&user, &DIALLING);
    let mut subscribed = server.connect(&Post::subscribe());
    assert_eq!(subscribed.head().status, 200);
    let session = server.session();
    let mut stream = server.connect(&Post::stream(&session));
    assert_eq!(stream.head().status, 200);
    server.stop().done();
    while subscribed.event().is_some() {}
    assert_eq!(stream.event(), None);
    user.run(["audit", "verify"]).done();
}
