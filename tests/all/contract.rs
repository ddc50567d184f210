//! What host and tool owe each other: inputs and answers by their schemas, and
//! nothing beside them.

use mpp_host::audit::{Caller, OutcomeKind, Stage};
use mpp_host::outcome::{BadOutput, Refusal, ToolError};
use mpp_host::policy::Limits;
use mpp_host::{CallError, LoadError, Outcome, Request};
use serde_json::{Value, json};

use crate::support::{Draft, Ended, Loaded, Scene, guests, tool};
use crate::wat_tool::WatTool;

async fn answering() -> Loaded {
    Scene::of(guests::ANSWERS_BADLY).await.load()
}

/// An answer that was withheld; its record has this code, and the answer.
#[track_caller]
fn withheld<'e>(ended: &'e Ended, code: &str) -> &'e BadOutput {
    let Outcome::BadOutput(bad) = &ended.report.outcome else { panic!("{:?}", ended.report.outcome) };
    assert_eq!(ended.record.outcome.kind, OutcomeKind::BadOutput);
    assert_eq!(ended.record.outcome.code.as_deref(), Some(code));
    assert_eq!(ended.record.outcome.reason, Some(bad.to_string()));
    bad
}

#[tokio::test]
async fn an_answer_that_its_schema_allows_is_released() {
    let ended = answering().await.call("answer", json!({"structured": r#"{"result": 1}"#})).await;
    assert_eq!(*ended.structured(), json!({"result": 1}));
}

#[tokio::test]
async fn an_answer_outside_its_schema_is_withheld_and_on_record() {
    let tool = answering().await;
    for structured in
        [r#"{"result": "one"}"#, r#"{"result": 1.5}"#, r#"{"result": 1, "more": 2}"#, "{}", "[]", "1", "null"]
    {
        let ended = tool.call("answer", json!({"structured": structured})).await;
        let BadOutput::InvalidOutput(violations) = withheld(&ended, "invalid-output") else {
            panic!("{:?}", ended.report.outcome)
        };
        assert!(!violations.0.is_empty());
        let output = ended.record.output.as_ref().expect("what was withheld is on record");
        let output: Value = serde_json::from_str(output).expect("JSON");
        assert_eq!(output["structuredContent"], serde_json::from_str::<Value>(structured).expect("JSON"));
    }
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_withheld_and_on_record() {
    let tool = answering().await;
    for structured in ["", "{", "{\"result\": 1} 2", "{'result': 1}", "NaN", "{\"result\": 01}"] {
        let ended = tool.call("answer", json!({"structured": structured})).await;
        assert!(matches!(withheld(&ended, "not-json"), BadOutput::NotJson(_)), "{structured:?}");
        assert_eq!(ended.record.output, Some(structured.to_owned()));
    }
}

#[tokio::test]
async fn an_answer_that_repeats_a_key_is_withheld() {
    let ended =
        answering().await.call("answer", json!({"structured": r#"{"result": "x", "result": 1}"#})).await;
    assert!(matches!(ended.report.outcome, Outcome::BadOutput(_) | Outcome::Completed(_)));
    if let Outcome::Completed(response) = &ended.report.outcome {
        assert_eq!(response.structured, Some(json!({"result": 1})), "what is released is what was checked");
    }
}

#[tokio::test]
async fn a_structured_answer_that_was_promised_may_not_be_missing() {
    let ended = answering().await.call("answer", json!({})).await;
    assert_eq!(*withheld(&ended, "missing"), BadOutput::Missing);
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_withheld() {
    let scene = Scene::of(guests::ANSWERS_BADLY).await;
    let tool = scene.limits(Limits { output_bytes: 1000, ..Limits::DEFAULT }).load();
    // `{"result": 1}` is 13 bytes.
    let input = |bytes| json!({"structured": r#"{"result": 1}"#, "bytes": bytes});
    tool.call("answer", input(987)).await.completed();
    let ended = tool.call("answer", input(988)).await;
    assert_eq!(*withheld(&ended, "too-large"), BadOutput::TooLarge { bytes: 1001, limit: 1000 });
}

/// The manifest is what counts: a tool that does not know what its manifest
/// names gets to say so, and no more.
#[tokio::test]
async fn a_tool_that_denies_its_own_name_ends_in_an_error() {
    let ended = answering().await.call("answer", json!({"error": "answer"})).await;
    assert_eq!(ended.report.outcome, Outcome::ToolError(ToolError::UnknownTool("answer".to_owned())));
    assert_eq!(ended.record.outcome.code.as_deref(), Some("unknown-tool"));

    let mut draft = Draft::of_guest(guests::ANSWERS_BADLY).await;
    draft.tools = vec![tool("another", &json!({"type": "object"}), None)];
    let ended = Scene::of_draft(draft).load().call("another", json!({"structured": "{}"})).await;
    assert_eq!(*ended.structured(), json!({}), "the schema of the manifest is the one that counts");
}

/// A call that was refused before any guest code ran.
#[track_caller]
fn refused<'e>(ended: &'e Ended, code: &str) -> &'e Refusal {
    let Outcome::Refused(refusal) = &ended.report.outcome else { panic!("{:?}", ended.report.outcome) };
    assert_eq!(ended.record.outcome.kind, OutcomeKind::Refused);
    assert_eq!(ended.record.outcome.code.as_deref(), Some(code));
    assert_eq!(ended.record.usage.peak_memory_bytes, 0, "no instance was made");
    assert_eq!(ended.record.output, None);
    refusal
}

/// A tool that wants `{"text": string, "count": 1 to 3}`.
fn particular() -> Loaded {
    let schema = json!({
        "type": "object",
        "properties": {"text": {"type": "string"}, "count": {"type": "integer", "minimum": 1, "maximum": 3}},
        "required": ["text"],
        "additionalProperties": false,
    });
    let mut draft = Draft::of_component(WatTool::IDLE.component());
    draft.tools = vec![tool("tool", &schema, None)];
    Scene::of_draft(draft).load()
}

#[tokio::test]
async fn an_input_that_its_schema_allows_reaches_the_tool() {
    let tool = particular();
    tool.call("tool", json!({"text": "x"})).await.completed();
    tool.call("tool", json!({"text": "x", "count": 3})).await.completed();
}

#[tokio::test]
async fn an_input_outside_its_schema_does_not_reach_the_tool() {
    let tool = particular();
    for (input, at) in [
        (json!({}), ""),
        (json!({"text": 1}), "/text"),
        (json!({"text": "x", "count": 4}), "/count"),
        (json!({"text": "x", "count": 1.5}), "/count"),
        (json!({"text": "x", "more": 1}), ""),
        (json!([]), ""),
        (json!("text"), ""),
        (json!(null), ""),
    ] {
        let ended = tool.call("tool", input.clone()).await;
        let Refusal::InvalidInput(violations) = refused(&ended, "invalid-input") else {
            panic!("{:?}", ended.report.outcome)
        };
        assert_eq!(violations.0[0].at, at, "{input}");
        assert_eq!(ended.record.input, input.to_string());
    }
}

#[tokio::test]
async fn an_input_that_is_no_json_does_not_reach_the_tool() {
    let tool = particular();
    for input in [
        "",
        "{",
        "{\"text\": \"x\"} {}",
        "{text: 'x'}",
        "\u{feff}{\"text\": \"x\"}",
        "{\"text\": \"\\ud800\"}",
    ] {
        let ended = tool.call_as(Request::new("tool", input)).await;
        assert!(matches!(refused(&ended, "not-json"), Refusal::NotJson(_)), "{input:?}");
        assert_eq!(ended.record.input, input);
    }
}

#[tokio::test]
async fn an_input_that_nests_too_deep_does_not_reach_the_tool() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let ended = particular().call_as(Request::new("tool", deep)).await;
    refused(&ended, "not-json");
}

#[tokio::test]
async fn an_input_that_is_too_large_does_not_reach_the_tool() {
    let scene = Scene::of_draft(Draft::of_component(WatTool::IDLE.component()));
    let tool = scene.limits(Limits { input_bytes: 100, ..Limits::DEFAULT }).load();
    let input = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
    tool.call_as(Request::new("tool", input(100))).await.completed();
    let ended = tool.call_as(Request::new("tool", input(101))).await;
    assert_eq!(*refused(&ended, "input-too-large"), Refusal::InputTooLarge { bytes: 101, limit: 100 });
}

#[tokio::test]
async fn a_tool_that_the_manifest_does_not_name_is_not_called() {
    let tool = particular();
    for name in ["", "other", "TOOL", "tool ", "tool\0", "../tool", "describe"] {
        let ended = tool.call(name, json!({})).await;
        let known = vec!["tool".to_owned()];
        assert_eq!(*refused(&ended, "unknown-tool"), Refusal::UnknownTool { name: name.to_owned(), known });
        assert_eq!(ended.record.tool, name);
    }
}

/// What the schema saw is what the tool gets.
#[tokio::test]
async fn a_repeated_key_means_one_thing_to_schema_and_tool() {
    let mut draft = Draft::of_guest(guests::ANSWERS_BADLY).await;
    draft.tools =
        vec![tool("answer", &json!({"type": "object", "properties": {"structured": {"const": "{}"}}}), None)];
    let loaded = Scene::of_draft(draft).load();
    let input = r#"{"structured": "[1]", "structured": "{}"}"#;
    let ended = loaded.call_as(Request::new("answer", input)).await;
    match &ended.report.outcome {
        Outcome::Completed(response) => assert_eq!(response.structured, Some(json!({}))),
        Outcome::Refused(_) => {}
        other => panic!("{other:?}"),
    }
    let input = r#"{"structured": "{}", "structured": "[1]"}"#;
    let ended = loaded.call_as(Request::new("answer", input)).await;
    assert!(matches!(ended.report.outcome, Outcome::Refused(_)), "{:?}", ended.report.outcome);
}

#[tokio::test]
async fn a_tool_knows_of_its_call_what_does_not_make_it_differ() {
    let time = std::time::Duration::from_millis(12_345);
    let limits = Limits { time, ..Limits::DEFAULT };
    let tool = Scene::of(guests::TELLS_CONTEXT).await.limits(limits).load();
    let ended = tool.call("tell", json!({})).await;
    assert_eq!(*ended.structured(), json!({"invocation_id": null, "agent": null, "time_limit_ms": 12_345}));
    let request = Request {
        caller: Caller { agent: Some("an agent".to_owned()), ..Caller::NOBODY },
        ..Request::new("tell", json!({}))
    };
    let ended = tool.call_as(request).await;
    assert_eq!(ended.structured()["agent"], "an agent");
    assert_eq!(ended.record.caller.agent.as_deref(), Some("an agent"));

    let scene = Scene::of(guests::TELLS_CONTEXT).await.declares(json!({"clock": true}));
    let ended = scene.load().call("tell", json!({})).await;
    assert_eq!(ended.structured()["invocation_id"], json!(ended.record.id));
}

#[tokio::test]
async fn a_typed_call_gives_a_typed_answer() {
    let tool = answering().await;
    let answer: Value =
        tool.tool.invoke_as("answer", &json!({"structured": r#"{"result": 7}"#})).await.expect("it answers");
    assert_eq!(answer, json!({"result": 7}));
    let error = tool.tool.invoke_as::<_, Vec<u8>>("answer", &json!({"structured": r#"{"result": 7}"#})).await;
    assert!(matches!(error, Err(CallError::Form(_))));
    let error = tool.tool.invoke("answer", json!({})).await.expect_err("no answer was promised");
    let CallError::Ended(report) = error else { panic!("{error}") };
    assert_eq!(report.outcome, Outcome::BadOutput(BadOutput::Missing));
    assert_eq!(tool.host.calls().len(), 3);
}

#[tokio::test]
async fn a_component_that_does_not_export_the_contract_is_refused() {
    for text in [
        "(component)",
        r#"(component (instance $empty) (export "mpp:tool/handler@0.1.0" (instance $empty)))"#,
        r#"(component (instance $empty) (export "mpp:tool/handler@0.2.0" (instance $empty)))"#,
    ] {
        let draft = Draft::of_component(wat::parse_str(text).expect("a component"));
        let (error, record) = Scene::of_draft(draft).refused();
        assert!(matches!(error, LoadError::Contract(_)), "{text}: {error}");
        assert_eq!((record.stage, record.code.as_str()), (Stage::Compile, "contract"));
    }
}

#[tokio::test]
async fn a_component_that_is_not_valid_is_refused() {
    // Well formed on the outside; the code inside adds what it does not have.
    let mut component = b"\0asm\x0d\0\x01\0".to_vec();
    let module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x05\x01\x03\0\x6a\x0b";
    component.push(1);
    component.push(u8::try_from(module.len()).expect("it is short"));
    component.extend_from_slice(module);
    let (error, record) = Scene::of_draft(Draft::of_component(component)).refused();
    assert!(matches!(error, LoadError::Compile(_)), "{error}");
    assert_eq!((record.stage, record.code.as_str()), (Stage::Compile, "does-not-compile"));
}

#[tokio::test]
async fn a_component_with_a_feature_that_is_off_is_refused() {
    for items in [
        "(memory i64 1)",
        "(memory 1 1 shared)",
        "(type $s (struct))",
        "(func (param externref) (result i32) (ref.is_null (local.get 0))) (tag)",
    ] {
        let text = format!("(component (core module {items}))");
        let draft = Draft::of_component(wat::parse_str(text).expect("a component"));
        let (error, _) = Scene::of_draft(draft).refused();
        assert!(matches!(error, LoadError::Compile(_)), "{items}: {error}");
    }
}

#[tokio::test]
async fn a_schema_that_reaches_outside_itself_is_refused() {
    for schema in [
        json!({"type": "object", "$ref": "https://example.com/schema.json"}),
        json!({"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}}),
        json!({"type": "object", "properties": {"a": {"type": "no such type"}}}),
        json!({"type": "object", "properties": {"a": {"type": "string", "pattern": "(a)\\1"}}}),
    ] {
        for (input, output, which) in
            [(&schema, None, "input"), (&json!({"type": "object"}), Some(&schema), "output")]
        {
            let mut draft = Draft::of_component(WatTool::IDLE.component());
            draft.tools = vec![tool("tool", input, output)];
            let (error, record) = Scene::of_draft(draft).refused();
            let LoadError::Schema { tool, which: found, .. } = &error else { panic!("{error}") };
            assert_eq!((tool.as_str(), *found), ("tool", which));
            assert_eq!(record.code, "bad-schema");
        }
    }
}
