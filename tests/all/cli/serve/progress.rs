//! Progress: told while the call runs, in order, before its answer.

use serde_json::{Value, json};

use super::message::{calling, request};
use super::on_record::{OK, end};
use super::packages::REPORTS;
use super::{Piped, Post, Served, User};

/// A call that wants to be told of its three steps.
fn three_steps() -> Value {
    let input = json!({"steps": 3, "message": "on the way", "before": 0, "after": 0});
    let mut params = calling("steps", input);
    params["_meta"] = json!({"progressToken": "t"});
    params
}

/// Three steps and then the answer.
#[track_caller]
fn are_in_order(messages: &[Value], id: &Value) {
    let [steps @ .., answer] = messages else { panic!("there is no message") };
    let step = |done: u32| {
        json!({
            "jsonrpc": "2.0", "method": "notifications/progress",
            "params": {
                "progressToken": "t", "progress": f64::from(done), "total": 3.0, "message": "on the way"
            }
        })
    };
    assert_eq!(steps, [step(1), step(2), step(3)]);
    assert_eq!((&answer["id"], &answer["result"]["content"][0]["text"]), (id, &json!("done")));
}

/// What was told is on record with the call.
#[track_caller]
fn is_on_record(user: &User) {
    let call = user.only_call();
    assert_eq!(end(&call), OK);
    let told: Vec<Value> =
        (1..=3).map(|done| json!({"level": "progress", "text": format!("{done}/3 on the way")})).collect();
    assert_eq!(call["end"]["log"], json!({"state": "whole", "value": told}));
}

#[test]
fn progress_comes_in_order_before_the_answer_over_standard_streams() {
    let user = User::who_installed([&REPORTS]);
    let mut client = Piped::start(&user, &[]);
    let id = client.request("tools/call", three_steps());
    let messages: Vec<Value> = (0..4).filter_map(|_| client.next()).collect();
    are_in_order(&messages, &json!(id));
    client.end().done();
    is_on_record(&user);
}

#[test]
fn progress_comes_in_order_before_the_answer_over_http() {
    let user = User::who_installed([&REPORTS]);
    let server = Served::start(&user, &[]);
    let answer = server.ask(&Post::stateless("tools/call", three_steps()));
    assert_eq!(answer.status, 200);
    are_in_order(&answer.messages(), &json!(1));
    server.stop().done();
    is_on_record(&user);
}

#[test]
fn progress_comes_in_order_before_the_answer_in_a_session() {
    let user = User::who_installed([&REPORTS]);
    let server = Served::start(&user, &[]);
    let session = server.session();
    let answer = server.ask(&Post::in_session(&session, &request(7, "tools/call", three_steps())));
    assert_eq!(answer.status, 200);
    are_in_order(&answer.messages(), &json!(7));
    server.stop().done();
    is_on_record(&user);
}
