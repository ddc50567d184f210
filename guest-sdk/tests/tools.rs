//! Tools as authors write them, asked what a host asks.

use std::collections::HashMap;

use mpp_guest::bindings::mpp::tool::types as wit;
use mpp_guest::rt::{self, Entry};
use mpp_guest::{Context, Denial, Error, Permission, Response, Result, Structured};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Deserialize, JsonSchema)]
struct Input {
    /// The text whose words are counted.
    text: String,
}

#[derive(Debug, PartialEq, Serialize, JsonSchema)]
struct Output {
    /// How many words.
    words: usize,
}

/// Counts words.
///
/// Words are separated by white space:
///     four spaces stay.
#[mpp_guest::tool]
fn word_count(Input { text }: Input) -> Output {
    Output { words: text.split_whitespace().count() }
}

/// Parses.
#[mpp_guest::tool(name = "x.Parse_1", title = "Parsing")]
fn parse(input: Input, context: &Context) -> Result<Output> {
    mpp_guest::log::debug!("for {:?}", context.agent());
    if input.text.is_empty() {
        return Err(Error::invalid_input("`text` is empty"));
    }
    Ok(Output { words: input.text.parse()? })
}

#[doc = concat!("Described ", "by a macro.")]
#[mpp_guest::tool]
fn nothing() {}

/// Answers for an alias of `Result` with another error.
#[mpp_guest::tool]
fn parts(_: &Context) -> std::result::Result<Response, String> {
    Ok(Response::new().text("one").text("two"))
}

/// Is denied something.
#[mpp_guest::tool]
fn denied() -> std::io::Result<String> {
    let denial = Denial::new(Permission::FilesystemRead, "/etc/passwd", "not declared");
    Err(std::io::Error::other(denial))
}

/// Both kinds.
#[mpp_guest::tool]
fn both() -> Structured<HashMap<String, u8>> {
    Structured::new(HashMap::from([("a".to_owned(), 1)]), Response::new().text("a is 1"))
}

/// A list.
#[mpp_guest::tool]
fn list() -> Vec<u8> {
    vec![1, 2]
}

mod inner {
    /// A text of a tool in another module, under a raw name.
    #[mpp_guest::tool]
    pub fn r#type() -> String {
        "text".to_owned()
    }
}

mpp_guest::export!(word_count, parse, nothing, parts, denied, both, list, inner::r#type);

/// The same list, as a test can ask it.
const TOOLS: &[Entry] = &[
    Entry::of::<__tool_attribute_of_word_count>(),
    Entry::of::<__tool_attribute_of_parse>(),
    Entry::of::<__tool_attribute_of_nothing>(),
    Entry::of::<__tool_attribute_of_parts>(),
    Entry::of::<__tool_attribute_of_denied>(),
    Entry::of::<__tool_attribute_of_both>(),
    Entry::of::<__tool_attribute_of_list>(),
    Entry::of::<inner::__tool_attribute_of_type>(),
];

fn described(name: &str) -> wit::ToolDescription {
    rt::describe(TOOLS).into_iter().find(|tool| tool.name == name).expect("a tool of this name")
}

fn schema(text: &str) -> Value {
    serde_json::from_str(text).expect("a schema is JSON")
}

fn invoke(tool: &str, arguments: Value) -> Result<wit::Response, wit::ToolError> {
    rt::invoke(
        TOOLS,
        wit::Request {
            tool: tool.to_owned(),
            arguments: arguments.to_string(),
            context: wit::Context {
                invocation_id: None,
                agent: Some("tester".to_owned()),
                time_limit_ms: 1_000,
            },
        },
    )
}

fn texts(response: &wit::Response) -> Vec<&str> {
    response
        .content
        .iter()
        .map(|part| match part {
            wit::Content::Text(text) => text.as_str(),
            other => panic!("not a text: {other:?}"),
        })
        .collect()
}

#[test]
fn the_doc_comment_is_the_description() {
    assert_eq!(
        described("word-count").description,
        "Counts words.\n\nWords are separated by white space:\n    four spaces stay."
    );
    assert_eq!(described("nothing").description, "Described by a macro.");
}

#[test]
fn the_name_is_the_functions_name_in_kebab_case_unless_given() {
    let names: Vec<String> = rt::describe(TOOLS).into_iter().map(|tool| tool.name).collect();
    assert_eq!(names, ["word-count", "x.Parse_1", "nothing", "parts", "denied", "both", "list", "type"]);
}

#[test]
fn the_title_is_absent_unless_given() {
    assert_eq!(described("x.Parse_1").title.as_deref(), Some("Parsing"));
    assert_eq!(described("word-count").title, None);
}

#[test]
fn the_types_become_schemas() {
    let tool = described("word-count");
    assert_eq!(
        schema(&tool.input_schema),
        json!({
            "type": "object",
            "properties": {
                "text": { "type": "string", "description": "The text whose words are counted." },
            },
            "required": ["text"],
        })
    );
    assert_eq!(
        schema(&tool.output_schema.expect("a typed result")),
        json!({
            "type": "object",
            "properties": {
                "words": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "How many words.",
                },
            },
            "required": ["words"],
        })
    );
}

#[test]
fn a_tool_without_argument_takes_the_empty_object_only() {
    assert_eq!(
        schema(&described("nothing").input_schema),
        json!({ "type": "object", "properties": {}, "additionalProperties": false })
    );
    assert!(invoke("nothing", json!({})).is_ok());
    assert!(matches!(invoke("nothing", json!({ "more": 1 })), Err(wit::ToolError::InvalidInput(_))));
}

#[test]
fn a_tool_of_content_only_has_no_output_schema() {
    for name in ["nothing", "parts", "denied", "type"] {
        assert_eq!(described(name).output_schema, None, "{name}");
    }
}

#[test]
fn a_typed_result_is_structured_and_the_same_json_as_text() {
    let response = invoke("word-count", json!({ "text": "one two" })).expect("it succeeds");
    assert_eq!(response.structured.as_deref(), Some(r#"{"words":2}"#));
    assert_eq!(texts(&response), [r#"{"words":2}"#]);
}

#[test]
fn a_result_that_is_no_object_travels_in_one() {
    let response = invoke("list", json!({})).expect("it succeeds");
    assert_eq!(response.structured.as_deref(), Some(r#"{"result":[1,2]}"#));
}

#[test]
fn structured_keeps_the_content_it_was_given() {
    let response = invoke("both", json!({})).expect("it succeeds");
    assert_eq!(response.structured.as_deref(), Some(r#"{"a":1}"#));
    assert_eq!(texts(&response), ["a is 1"]);
}

#[test]
fn a_string_is_one_text_and_nothing_is_nothing() {
    let response = invoke("type", json!({})).expect("it succeeds");
    assert_eq!((texts(&response), response.structured.clone()), (vec!["text"], None));
    let response = invoke("nothing", json!({})).expect("it succeeds");
    assert_eq!((texts(&response), response.structured.clone()), (vec![], None));
}

#[test]
fn a_response_is_its_parts() {
    let response = invoke("parts", json!({})).expect("it succeeds");
    assert_eq!(texts(&response), ["one", "two"]);
    assert_eq!(response.structured, None);
}

#[test]
fn arguments_of_another_shape_are_invalid_input() {
    let Err(wit::ToolError::InvalidInput(reason)) = invoke("word-count", json!({})) else {
        panic!("not invalid input");
    };
    assert!(reason.starts_with("missing field `text`"), "{reason}");
}

#[test]
fn each_error_keeps_its_kind() {
    assert!(matches!(
        invoke("x.Parse_1", json!({ "text": "" })),
        Err(wit::ToolError::InvalidInput(reason)) if reason == "`text` is empty"
    ));
    assert!(matches!(
        invoke("x.Parse_1", json!({ "text": "many" })),
        Err(wit::ToolError::Failed(reason)) if reason == "invalid digit found in string"
    ));
    assert!(matches!(
        invoke("denied", json!({})),
        Err(wit::ToolError::Denied(denial))
            if denial.permission == wit::Permission::FilesystemRead
                && denial.resource == "/etc/passwd"
                && denial.reason == "not declared"
    ));
}

#[test]
fn a_tool_of_another_package_is_unknown() {
    assert!(matches!(
        invoke("word_count", json!({})),
        Err(wit::ToolError::UnknownTool(name)) if name == "word_count"
    ));
}

#[test]
fn a_tool_function_stays_a_function() {
    let text = "one two three".to_owned();
    assert_eq!(word_count(Input { text }), Output { words: 3 });
}

#[test]
fn the_context_of_a_test_is_made_by_hand() {
    let context = Context::new(std::time::Duration::from_secs(1)).with_agent("me");
    assert_eq!(context.agent(), Some("me"));
    assert_eq!(context.invocation_id(), None);
    let text = "5".to_owned();
    assert_eq!(parse(Input { text }, &context), Ok(Output { words: 5 }));
}
