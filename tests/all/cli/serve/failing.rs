//! Calls that fail: results that a model can react to, errors where it cannot.

use serde_json::{Value, json};

use super::on_record::end;
use super::packages::{BADLY, ENDLESS, PANICS, READS, TEXT_STATS};
use super::{Piped, User, text};

/// A call, what its client is told of it, and what the log is.
struct Case {
    tool: &'static str,
    input: Value,
    says: &'static str,
    kind: &'static str,
    code: Option<&'static str>,
    on_record: &'static str,
}

const SPIN: Case = Case {
    tool: "spin",
    input: Value::Null,
    says: "The tool did not answer: it was stopped after 200 ms, its time limit.",
    kind: "stopped",
    code: None,
    on_record: "timeout",
};

fn cases() -> Vec<Case> {
    vec![
        Case {
            tool: "text-stats",
            input: json!({"text": 3}),
            says: "the input does not satisfy the tool's schema: 3 is not of type \"string\" at /text",
            kind: "refused",
            code: Some("invalid-input"),
            on_record: "refused",
        },
        Case {
            tool: "answer",
            input: json!({"error": "what?"}),
            says: "the tool says it does not know \"what?\"",
            kind: "tool-error",
            code: Some("unknown-tool"),
            on_record: "tool-error",
        },
        Case {
            tool: "answer",
            input: json!({"structured": r#"{"result": "x"}"#}),
            says: "The tool's answer is withheld: its answer does not satisfy its own schema: \
                   \"x\" is not of type \"integer\" at /result.",
            kind: "bad-output",
            code: Some("invalid-output"),
            on_record: "bad-output",
        },
        Case {
            tool: "answer",
            input: json!({"bytes": 30_000_000}),
            says: "The tool did not answer: it was stopped at its limit on bytes handed to the host at once.",
            kind: "stopped",
            code: Some("transfer"),
            on_record: "limit",
        },
        SPIN,
        Case {
            tool: "read",
            input: json!({"path": "/data/none"}),
            says: "/data/none: there is nothing at this path",
            kind: "tool-error",
            code: Some("failed"),
            on_record: "tool-error",
        },
        Case {
            tool: "read",
            input: json!({"path": "/etc/passwd"}),
            says: "filesystem.read was denied: the package does not declare it; its author would add \
                   `permissions: { filesystem: { read: [\"/etc/passwd\"] } }` (/etc/passwd). \
                   Asking again does not change that; tell the user.",
            kind: "denied",
            code: None,
            on_record: "denied",
        },
    ]
}

#[test]
fn what_a_model_can_react_to_is_a_result_that_says_why() {
    let user = User::who_installed([&TEXT_STATS, &BADLY, &ENDLESS, &PANICS, &READS]);
    let data = user.path("files");
    std::fs::create_dir(&data).expect("a directory can be made");
    let mut client = Piped::start(&user, &["--map", &format!("/data={}", text(&data))]);
    let results: Vec<Value> = cases()
        .into_iter()
        .map(|Case { tool, mut input, .. }| {
            client.call(tool, if input.is_null() { json!({}) } else { input.take() })
        })
        .collect();
    let crashed = client.call("panic", json!({"message": "no way out"}));
    client.end().done();
    let mut calls = user.calls_on_record();
    let panicked = calls.pop().expect("the last one");
    for ((case, result), call) in cases().into_iter().zip(results).zip(&calls) {
        let mut outcome = json!({"kind": case.kind, "invocation": call["id"]});
        outcome
            .as_object_mut()
            .expect("it is one")
            .extend(case.code.map(|code| ("code".into(), code.into())));
        let expected = json!({
            "resultType": "complete", "isError": true,
            "content": [{"type": "text", "text": case.says}],
            "_meta": {"dev.mpp/outcome": outcome}
        });
        assert_eq!(result, expected, "{}", case.tool);
        assert_eq!(end(call), (case.on_record, case.code), "{}", case.tool);
    }
    let says = crashed["content"][0]["text"].as_str().expect("text");
    assert!(says.starts_with("The tool did not answer: it crashed: "), "{says}");
    assert_eq!(crashed["_meta"]["dev.mpp/outcome"], json!({"kind": "stopped", "invocation": panicked["id"]}));
    assert_eq!(end(&panicked), ("trap", None));
}

/// What is denied is on record by itself, beside the call.
#[test]
fn a_denial_is_on_record_with_what_was_asked_for() {
    let user = User::who_installed([&READS]);
    let data = user.path("files");
    std::fs::create_dir(&data).expect("a directory can be made");
    let mut client = Piped::start(&user, &["--map", &format!("/data={}", text(&data))]);
    assert_eq!(client.call("read", json!({"path": "/etc/passwd"}))["isError"], true);
    client.end().done();
    let [denial] = user.only_call()["denials"].as_array().expect("a list").clone().try_into().expect("one");
    assert_eq!((&denial["permission"], &denial["code"]), (&json!("filesystem.read"), &json!("not-declared")));
    assert_eq!(denial["resource"]["value"], "/etc/passwd");
}

#[test]
fn a_tool_that_is_not_there_is_an_error_of_the_protocol() {
    let user = User::who_installed([&TEXT_STATS]);
    let mut client = Piped::start(&user, &[]);
    for tool in ["no-such-tool", "", "text-stats ", "com.example/text-stats", "../text-stats"] {
        let id = client.request("tools/call", json!({"name": tool, "arguments": {}}));
        let error = client.answer(id)["error"].clone();
        assert_eq!(error, json!({"code": -32602, "message": format!("there is no tool {tool:?}")}));
    }
    client.end().done();
    user.called_nothing();
}
