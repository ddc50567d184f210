//! Clients that go: what they asked for comes to an end that is on record.

use std::io::Write as _;

use super::message::{calling, stateless};
use super::on_record::{OK, end};
use super::packages::{DIALLING, DIALS, TEXT_STATS};
use super::process::Process;
use super::{Halt, Piped, User};

#[test]
fn a_call_that_runs_when_standard_input_ends_is_answered() {
    let user = User::who_installed([&DIALS]);
    let halt = Halt::new();
    let mut client = Piped::start(&user, &DIALLING);
    let held = client.request("tools/call", calling("dial", halt.input()));
    halt.until(1);
    client.hang_up();
    halt.open();
    assert_eq!(client.answer(held)["result"]["structuredContent"]["body"], "go on");
    client.end().done();
    assert_eq!(end(&user.only_call()), OK);
}

/// Its pipes are closed at both ends, as when its process is killed.
#[test]
fn a_client_that_vanishes_in_the_middle_of_a_call_leaves_its_record() {
    let user = User::who_installed([&DIALS]);
    let halt = Halt::new();
    let mut command = user.mpp(["serve"]);
    command.args(DIALLING);
    let mut server = Process::start(command);
    let mut input = server.child().stdin.take().expect("it was asked for");
    let call = stateless(1, "tools/call", calling("dial", halt.input()));
    writeln!(input, "{call}").expect("the server reads its input");
    halt.until(1);
    drop((input, server.child().stdout.take()));
    halt.open();
    server.end();
    let call = user.only_call();
    let (ended, _) = end(&call);
    assert!(["ok", "cancelled"].contains(&ended), "{ended}");
}

#[test]
fn a_client_that_asks_for_nothing_ends_the_server() {
    let user = User::who_installed([&TEXT_STATS]);
    Piped::start(&user, &[]).end().done();
    user.called_nothing();
}

#[test]
fn a_client_that_says_something_else_first_is_status_2() {
    let user = User::new();
    let ended =
        user.run_reading("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n", ["serve"]);
    ended.with_status(2).saying(&["the client cannot be served"]);
}
