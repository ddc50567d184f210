//! Calls that nobody waits for any more: they stop, and are on record as cancelled.

use serde_json::{Value, json};

use super::message::{calling, cancelled, request};
use super::on_record::end;
use super::packages::{DIALLING, DIALS, REPORTS};
use super::{Halt, Piped, Post, Served, User};

/// A call that tells when it runs, and then works for ever.
fn staying() -> Value {
    let mut params = calling("report-and-stay", json!({}));
    params["_meta"] = json!({"progressToken": "t"});
    params
}

#[track_caller]
fn is_cancelled(user: &User, request: &str) {
    user.until_ended(1, "cancelled");
    let call = user.only_call();
    assert_eq!(end(&call), ("cancelled", None));
    assert_eq!(call["caller"]["request"], request);
    assert_eq!(call["end"]["output"], Value::Null);
}

#[test]
fn a_call_is_cancelled_by_saying_so_over_standard_streams() {
    let user = User::who_installed([&REPORTS]);
    let mut client = Piped::start(&user, &[]);
    let id = client.request("tools/call", staying());
    assert_eq!(client.next().expect("it runs")["method"], "notifications/progress");
    client.send(&cancelled(id));
    is_cancelled(&user, "1");
    // It is not answered, and the client goes on.
    let id = client.request("tools/list", json!({}));
    assert_eq!(client.next().expect("an answer")["id"], id);
    client.end().done();
}

#[test]
fn a_call_that_waits_for_somebody_else_is_cancelled_like_one_that_works() {
    let user = User::who_installed([&DIALS]);
    let halt = Halt::new();
    let mut client = Piped::start(&user, &DIALLING);
    client.begin();
    client.send(&request("held", "tools/call", calling("dial", halt.input())));
    halt.until(1);
    client.send(&cancelled("held"));
    is_cancelled(&user, "held");
    client.end().done();
}

#[test]
fn a_client_of_the_newest_revision_that_ends_its_connection_has_cancelled_its_call() {
    let user = User::who_installed([&REPORTS]);
    let server = Served::start(&user, &[]);
    let mut client = server.connect(&Post::stateless("tools/call", staying()));
    assert_eq!(client.head().status, 200);
    assert_eq!(client.event().expect("it runs")["method"], "notifications/progress");
    drop(client);
    is_cancelled(&user, "1");
    server.stop().done();
}

#[test]
fn a_client_that_ends_its_connection_before_anything_came_has_cancelled_its_call() {
    let user = User::who_installed([&DIALS]);
    let halt = Halt::new();
    let server = Served::start(&user, &DIALLING);
    let client = server.connect(&Post::call("dial", halt.input()));
    halt.until(1);
    drop(client);
    is_cancelled(&user, "1");
    server.stop().done();
}

#[test]
fn in_a_session_over_http_a_call_is_cancelled_by_saying_so() {
    let user = User::who_installed([&DIALS]);
    let halt = Halt::new();
    let server = Served::start(&user, &DIALLING);
    let session = server.session();
    let _client = server.connect(&Served::calling(&session, 7, "dial", halt.input()));
    halt.until(1);
    assert_eq!(server.ask(&Post::in_session(&session, &cancelled(7))).status, 202);
    is_cancelled(&user, "7");
    server.stop().done();
}

/// Before 2026-07-28 whoever loses a connection may come back for the answer.
#[test]
fn in_a_session_a_lost_connection_cancels_nothing() {
    let user = User::who_installed([&DIALS]);
    let halt = Halt::new();
    let server = Served::start(&user, &DIALLING);
    let session = server.session();
    let client = server.connect(&Served::calling(&session, 7, "dial", halt.input()));
    halt.until(1);
    drop(client);
    // The server has had every occasion to notice.
    assert_eq!(server.ask(&Post::in_session(&session, &request(8, "ping", json!({})))).status, 200);
    halt.open();
    user.until_ended(1, "ok");
    server.stop().done();
    assert_eq!(end(&user.only_call()), super::on_record::OK);
}
