//! Listing and calling, in both eras over both transports, and who is on record
//! as having called.

use serde_json::{Value, json};

use super::message::{calling, names, request};
use super::on_record::{OK, end};
use super::packages::TEXT_STATS;
use super::{Piped, Post, Served, User};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn serving() -> User {
    User::who_installed([&TEXT_STATS])
}

fn input() -> Value {
    json!({"text": "one two"})
}

/// A call that says of which trace it is part.
fn traced() -> Value {
    let mut params = calling("text-stats", input());
    params["_meta"] = json!({"traceparent": TRACE});
    params
}

/// An answer of the tool, whose record is the only one.
#[track_caller]
fn is_answered(user: &User, result: &Value) -> Value {
    assert_eq!(result["structuredContent"]["words"], 2, "{result}");
    assert_eq!(result["isError"], false);
    let call = user.only_call();
    assert_eq!(result["_meta"]["dev.mpp/outcome"], json!({"kind": "ok", "invocation": call["id"]}));
    assert_eq!(end(&call), OK);
    assert_eq!(call["tool"], "text-stats");
    assert_eq!(call["package"]["name"], "text-stats");
    assert_eq!(call["input"]["value"], r#"{"text":"one two"}"#);
    call["caller"].clone()
}

#[test]
fn a_client_of_the_newest_revision_calls_over_standard_streams() {
    let user = serving();
    let mut client = Piped::start(&user, &["--agent", "planner"]);
    let about = client.request("server/discover", json!({}));
    let about = client.answer(about)["result"].clone();
    assert_eq!(about["capabilities"], json!({"tools": {"listChanged": true}}));
    assert_eq!(client.tools(), ["text-stats"]);
    let called = client.request("tools/call", traced());
    let answer = client.answer(called);
    client.end().done().saying(&["serving: 1 tool, 1 package"]);
    let caller = is_answered(&user, &answer["result"]);
    let expected = json!({
        "agent": "planner", "client": "tests 1", "session": null, "request": "3", "trace": TRACE
    });
    assert_eq!(caller, expected);
}

#[test]
fn a_client_with_a_session_calls_over_standard_streams() {
    let user = serving();
    let mut client = Piped::start(&user, &["--agent", "planner"]);
    client.begin();
    client.send(&request("list", "tools/list", json!({})));
    assert_eq!(names(&client.next().expect("a list")["result"]), ["text-stats"]);
    client.send(&request("call", "tools/call", traced()));
    let answer = client.next().expect("an answer");
    assert_eq!(answer["id"], "call");
    client.end().done();
    let caller = is_answered(&user, &answer["result"]);
    let expected = json!({
        "agent": "planner", "client": "tests 1", "session": null, "request": "call", "trace": TRACE
    });
    assert_eq!(caller, expected);
}

#[test]
fn a_client_of_the_newest_revision_calls_over_http() {
    let user = serving();
    let server = Served::start(&user, &["--agent", "planner"]);
    assert_eq!(server.tools(), ["text-stats"]);
    let result = server.ask(&Post::stateless_as("seven", "tools/call", traced())).result();
    server.stop().done().saying(&["serving: 1 tool, 1 package"]);
    let caller = is_answered(&user, &result);
    let expected = json!({
        "agent": "planner", "client": "tests 1", "session": null, "request": "seven", "trace": TRACE
    });
    assert_eq!(caller, expected);
}

#[test]
fn a_client_with_a_session_calls_over_http() {
    let user = serving();
    let server = Served::start(&user, &[]);
    let session = server.session();
    let list = server.ask(&Post::in_session(&session, &request(1, "tools/list", json!({})))).result();
    assert_eq!(names(&list), ["text-stats"]);
    let result = server.ask(&Post::in_session(&session, &request(2, "tools/call", traced()))).result();
    server.stop().done();
    let caller = is_answered(&user, &result);
    let expected =
        json!({"agent": null, "client": "tests 1", "session": session, "request": "2", "trace": TRACE});
    assert_eq!(caller, expected);
}

/// What a client can see of a tool before it calls it is what the publisher signed.
#[test]
fn a_tool_is_listed_with_its_package_and_what_it_can_do_at_most() {
    let user = serving();
    let server = Served::start(&user, &[]);
    let list = server.ask(&Post::stateless("tools/list", json!({}))).result();
    server.stop().done();
    let [tool] = list["tools"].as_array().expect("a list").as_slice() else { panic!("{list}") };
    let installed = user.run(["list", "--json"]).done().json()["packages"][0].clone();
    assert_eq!(
        tool["_meta"]["dev.mpp/package"],
        json!({
            "publisher": "com.example", "package": "text-stats", "version": "1.0.0",
            "digest": installed["digest"], "signature": "verified"
        })
    );
    assert_eq!(
        tool["annotations"],
        json!({"readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false})
    );
    assert_eq!(tool["inputSchema"]["required"], json!(["text"]));
    user.called_nothing();
}

#[test]
fn only_the_packages_that_were_named_are_served() {
    let user = User::who_installed([&TEXT_STATS, &super::packages::PANICS]);
    let server = Served::start(&user, &["com.example/text-stats"]);
    assert_eq!(server.tools(), ["text-stats"]);
    let answer = server.ask(&Post::call("panic", json!({"message": "x"}))).last();
    assert_eq!(answer["error"], json!({"code": -32602, "message": "there is no tool \"panic\""}));
    server.stop().done();
    user.run(["serve", "no-such-package"])
        .failed(2, &["no package no-such-package is installed", "mpp list"]);
    user.called_nothing();
}
