//! What is installed and trusted changes while it is served: clients are told,
//! and what was taken away is not called any more.

use serde_json::{Value, json};

use super::message::{calling, request};
use super::on_record::{OK, end};
use super::packages::{DIALLING, DIALS, FIRST, PANICS, SECOND, TEXT_STATS};
use super::{Connection, Halt, Piped, Post, Served, User, until};

const CHANGED: &str = "notifications/tools/list_changed";

fn stats() -> Value {
    json!({"text": "one two"})
}

/// Somebody who is told of other lists, over HTTP in the newest revision.
fn subscribed(server: &Served) -> Connection {
    let mut client = server.connect(&Post::subscribe());
    assert_eq!(client.head().status, 200);
    let acknowledged = client.event().expect("it is acknowledged");
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
    client
}

/// Somebody who is told of other lists, in a session.
fn listening(server: &Served) -> Connection {
    let session = server.session();
    let mut client = server.connect(&Post::stream(&session));
    assert_eq!(client.head().status, 200);
    client
}

#[track_caller]
fn is_told(client: &mut Connection) {
    assert_eq!(client.event().expect("it is told")["method"], CHANGED);
}

/// The version that each tool of the list is of.
fn versions(server: &Served) -> Vec<(String, String)> {
    let list = server.ask(&Post::stateless("tools/list", json!({}))).result();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let tools = list["tools"].as_array().expect("a list").iter();
    tools.map(|tool| (text(&tool["name"]), text(&tool["_meta"]["dev.mpp/package"]["version"]))).collect()
}

#[test]
fn clients_of_both_eras_are_told_when_a_package_is_installed_updated_and_removed() {
    let user = User::who_installed([&PANICS]);
    let server = Served::start(&user, &[]);
    let (mut newest, mut session) = (subscribed(&server), listening(&server));
    let mut changes = |server: &Served, expected: &[(&str, &str)]| {
        is_told(&mut newest);
        is_told(&mut session);
        let expected: Vec<_> = expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(versions(server), expected);
    };
    user.run(["install", &FIRST, "--grant"]).done();
    changes(&server, &[("panic", "1.0.0"), ("text-stats", "1.0.0")]);
    assert_eq!(server.call("text-stats", stats())["structuredContent"]["words"], 2);
    user.run(["install", &SECOND, "--grant"]).done();
    changes(&server, &[("panic", "1.0.0"), ("text-stats", "2.0.0")]);
    assert_eq!(server.call("text-stats", stats())["structuredContent"]["words"], 2);
    user.run(["remove", "served-growing"]).done();
    changes(&server, &[("panic", "1.0.0")]);
    server.stop().done();
    let calls = user.calls_on_record();
    let versions: Vec<_> = calls.iter().map(|call| &call["package"]["version"]).collect();
    assert_eq!(versions, ["1.0.0", "2.0.0"]);
    assert!(calls.iter().all(|call| end(call) == OK));
}

#[test]
fn clients_of_both_eras_are_told_over_standard_streams() {
    let user = User::who_installed([&PANICS]);
    let mut newest = Piped::start(&user, &[]);
    let listen = json!({"notifications": {"toolsListChanged": true}});
    newest.request("subscriptions/listen", listen);
    let acknowledged = newest.next().expect("it is acknowledged");
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
    let mut session = Piped::start(&user, &[]);
    session.begin();
    user.run(["install", &TEXT_STATS, "--grant"]).done();
    for client in [&newest, &session] {
        assert_eq!(client.next().expect("it is told")["method"], CHANGED);
    }
    assert_eq!(newest.tools(), ["panic", "text-stats"]);
    session.send(&request(1, "tools/call", calling("text-stats", stats())));
    assert_eq!(session.answer(1)["result"]["structuredContent"]["words"], 2);
    session.end().done();
    newest.hang_up();
    newest.process.end().done();
    assert_eq!(end(&user.only_call()), OK);
}

/// From the moment on that the command is done: nobody waits until the server has
/// noticed.
#[test]
fn a_package_that_was_removed_is_not_called_any_more() {
    let user = User::who_installed([&TEXT_STATS, &PANICS]);
    let server = Served::start(&user, &[]);
    assert_eq!(server.call("text-stats", stats())["isError"], false);
    user.run(["remove", "text-stats"]).done();
    let answer = server.ask(&Post::call("text-stats", stats())).last();
    assert_eq!(answer["error"], json!({"code": -32602, "message": "there is no tool \"text-stats\""}));
    server.stop().done();
    assert_eq!(user.calls_on_record().len(), 1);
}

#[test]
fn a_package_whose_publisher_is_not_trusted_any_more_is_not_called() {
    let user = User::who_installed([&TEXT_STATS]);
    let server = Served::start(&user, &[]);
    assert_eq!(server.call("text-stats", stats())["isError"], false);
    user.run(["trust", "remove", "com.example"]).done();
    let answer = server.ask(&Post::call("text-stats", stats())).last();
    assert_eq!(answer["error"], json!({"code": -32602, "message": "there is no tool \"text-stats\""}));
    assert_eq!(server.tools(), [""; 0]);
    server
        .stop()
        .done()
        .saying(&["com.example/text-stats is refused", "the publisher `com.example` is not trusted here"]);
    assert_eq!(user.calls_on_record().len(), 1);
}

/// Whoever is trusted again needs no new server.
#[test]
fn a_publisher_that_is_trusted_again_is_served_again() {
    let user = User::who_installed([&TEXT_STATS]);
    let server = Served::start(&user, &[]);
    let mut client = subscribed(&server);
    user.run(["trust", "remove", "com.example"]).done();
    is_told(&mut client);
    let key = super::text(&super::PUBLISHER.public_key());
    user.run(["trust", "add", "com.example", &key, "--yes"]).done();
    is_told(&mut client);
    assert_eq!(server.call("text-stats", stats())["isError"], false);
    server.stop().done();
    assert_eq!(end(&user.only_call()), OK);
}

/// What runs was allowed when it began.
#[test]
fn a_call_that_runs_when_its_package_is_removed_comes_to_its_end() {
    let user = User::who_installed([&DIALS]);
    let halt = Halt::new();
    let server = Served::start(&user, &DIALLING);
    let mut client = server.connect(&Post::call("dial", halt.input()));
    halt.until(1);
    user.run(["remove", "served-dials"]).done();
    until("it is not listed any more", || server.tools().is_empty().then_some(()));
    halt.open();
    assert_eq!(client.answer().result()["structuredContent"]["body"], "go on");
    server.stop().done();
    assert_eq!(end(&user.only_call()), OK);
}
