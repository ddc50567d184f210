//! What the check of an input or an answer against its schema may cost. The
//! schema is the publisher's, and the check runs on a thread of the host.

use mpp_host::audit::OutcomeKind;
use mpp_host::outcome::{BadOutput, Refusal, SchemaViolations};
use mpp_host::{LoadError, Outcome};
use serde_json::{Map, Value, json};

use crate::support::{Draft, Ended, Scene, guests, tool};
use crate::wat_tool::WatTool;

/// Definitions of which each names the next one twice, down to a type.
fn doubling(levels: usize, twice: impl Fn(Value) -> Value, last: &str) -> Value {
    let mut definitions = Map::new();
    for level in 0..levels {
        let next = json!({"$ref": format!("#/$defs/{}", level + 1)});
        definitions.insert(level.to_string(), twice(next));
    }
    definitions.insert(levels.to_string(), json!({ "type": last }));
    definitions.into()
}

/// The ways to name a schema twice.
fn twice(way: &'static str) -> impl Fn(Value) -> Value {
    move |next| match way {
        "not" => json!({"allOf": [{"not": next}, {"not": next}]}),
        keyword => json!({keyword: [next, next]}),
    }
}

/// For each of the rows, thousands of schemas of which the last one fits.
fn alternatives() -> Value {
    let mut alternatives = vec![json!({"const": "x"}); 4_000];
    alternatives.push(json!({"type": "integer"}));
    json!({"items": {"anyOf": alternatives}})
}

fn rows(count: usize) -> Value {
    json!({"rows": (0..count).collect::<Vec<_>>()})
}

/// An object whose rows have this schema.
fn of_rows(schema: &Value, definitions: &Value) -> Value {
    json!({"type": "object", "properties": {"rows": schema}, "$defs": definitions})
}

async fn call_with_input(schema: &Value, input: Value) -> Ended {
    let mut draft = Draft::of_component(WatTool::IDLE.component());
    draft.tools = vec![tool("tool", schema, None)];
    Scene::of_draft(draft).load().call("tool", input).await
}

/// The tool answers with what it is told to.
async fn call_with_output(schema: &Value, output: &Value) -> Ended {
    let mut draft = Draft::of_guest(guests::ANSWERS_BADLY).await;
    draft.tools = vec![tool("answer", &json!({"type": "object"}), Some(schema))];
    Scene::of_draft(draft).load().call("answer", json!({"structured": output.to_string()})).await
}

#[track_caller]
fn refused_for_its_steps(ended: &Ended) {
    let refusal = Refusal::InvalidInput(SchemaViolations::TOO_MANY_STEPS);
    assert_eq!(ended.report.outcome, Outcome::Refused(refusal));
    assert_eq!(ended.record.outcome.kind, OutcomeKind::Refused);
    assert_eq!(ended.record.outcome.code.as_deref(), Some("too-many-steps"));
    let reason = "the input takes too many steps to check against the tool's schema";
    assert_eq!(ended.record.outcome.reason.as_deref(), Some(reason));
    assert_eq!(ended.record.usage.peak_memory_bytes, 0, "no instance was made");
    assert_eq!(ended.record.output, None);
}

#[track_caller]
fn withheld_for_its_steps(ended: &Ended) {
    let bad = BadOutput::InvalidOutput(SchemaViolations::TOO_MANY_STEPS);
    assert_eq!(ended.report.outcome, Outcome::BadOutput(bad));
    assert_eq!(ended.record.outcome.kind, OutcomeKind::BadOutput);
    assert_eq!(ended.record.outcome.code.as_deref(), Some("too-many-steps"));
    let reason = "its answer takes too many steps to check against its own schema";
    assert_eq!(ended.record.outcome.reason.as_deref(), Some(reason));
    assert!(ended.record.output.is_some(), "what was withheld is on record");
}

#[tokio::test]
async fn a_package_whose_schema_doubles_at_each_level_is_not_loaded() {
    for way in ["allOf", "anyOf", "oneOf", "not"] {
        let schema =
            json!({"type": "object", "$defs": doubling(36, twice(way), "integer"), "$ref": "#/$defs/0"});
        for which in ["input", "output"] {
            let mut draft = Draft::of_component(WatTool::IDLE.component());
            draft.tools = match which {
                "input" => vec![tool("tool", &schema, None)],
                _ => vec![tool("tool", &json!({"type": "object"}), Some(&schema))],
            };
            let (error, record) = Scene::of_draft(draft).refused();
            let LoadError::Schema { tool, which: found, why } = &error else { panic!("{error:?}") };
            assert_eq!((tool.as_str(), *found), ("tool", which));
            assert_eq!(why, "more than 16 schemas in a row apply to one value");
            assert_eq!(record.code, "bad-schema");
            assert_eq!(record.reason, error.to_string());
        }
    }
}

#[tokio::test]
async fn input_that_doubling_schemas_take_too_long_for_is_refused() {
    // What makes each of them look at all of its branches.
    for (way, last) in [("allOf", "integer"), ("anyOf", "string"), ("oneOf", "string")] {
        let rows_of = json!({"items": {"anyOf": [{"$ref": "#/$defs/0"}, true]}});
        let schema = of_rows(&rows_of, &doubling(6, twice(way), last));
        refused_for_its_steps(&call_with_input(&schema, rows(1_000_000)).await);
        call_with_input(&schema, rows(1_000)).await.completed();
    }
}

#[tokio::test]
async fn input_that_thousands_of_alternatives_take_too_long_for_is_refused() {
    let schema = of_rows(&alternatives(), &json!({}));
    refused_for_its_steps(&call_with_input(&schema, rows(1_000_000)).await);
    call_with_input(&schema, rows(1_000)).await.completed();
}

/// Where the schema says "not", what fails for want of steps would pass.
#[tokio::test]
async fn input_is_not_let_pass_because_the_steps_have_run_out() {
    let schema = of_rows(&json!({"not": alternatives()}), &json!({}));
    refused_for_its_steps(&call_with_input(&schema, rows(1_000_000)).await);
}

#[tokio::test]
async fn an_answer_that_thousands_of_alternatives_take_too_long_for_is_withheld() {
    let schema = of_rows(&alternatives(), &json!({}));
    withheld_for_its_steps(&call_with_output(&schema, &rows(1_000_000)).await);
    call_with_output(&schema, &rows(1_000)).await.completed();
}

#[tokio::test]
async fn an_answer_is_not_released_because_the_steps_have_run_out() {
    let schema = of_rows(&json!({"not": alternatives()}), &json!({}));
    withheld_for_its_steps(&call_with_output(&schema, &rows(1_000_000)).await);
}

#[tokio::test]
async fn an_answer_with_a_text_that_its_pattern_takes_too_long_for_is_withheld() {
    let schema =
        |pattern: &str| json!({"type": "object", "properties": {"text": {"not": {"pattern": pattern}}}});
    let answer = json!({"text": "ab".repeat(500_000)});
    withheld_for_its_steps(&call_with_output(&schema("^[ab]*a[ab]{50}c$"), &answer).await);
    call_with_output(&schema("^[ab]*c$"), &answer).await.completed();
}

#[tokio::test]
async fn a_large_answer_under_an_ordinary_schema_is_released() {
    let row = json!({
        "type": "object",
        "properties": {"id": {"type": "integer"}, "name": {"type": "string", "maxLength": 40}},
        "required": ["id"],
        "additionalProperties": false,
    });
    let rows: Vec<Value> =
        (0..200_000).map(|id| json!({"id": id, "name": format!("the name of {id}")})).collect();
    let schema = of_rows(&json!({"type": "array", "items": row}), &json!({}));
    call_with_output(&schema, &json!({"rows": rows})).await.completed();
}
