//! The tools that the conformance suite of MCP asks for, each called in its
//! sandbox: they give the answers that the suite wants to find.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use mpp_host::outcome::{Refusal, ToolError};
use mpp_host::package::AuthorManifest;
use mpp_host::response::{Content, EmbeddedResource, Media, ResourceContents, ResourceLink};
use mpp_host::{Outcome, Progress, Request, Step};
use serde_json::{Value, json};

use crate::support::{Draft, Ended, Loaded, Scene, guests};

const PNG: &[u8] = include_bytes!("../conformance/media/point.png");
const WAV: &[u8] = include_bytes!("../conformance/media/silence.wav");

/// Every tool of the package, in its order.
const TOOLS: [&str; 14] = [
    "test_simple_text",
    "test_image_content",
    "test_audio_content",
    "test_embedded_resource",
    "test_multiple_content_types",
    "resources",
    "test_error_handling",
    "test_tool_with_progress",
    "test_logging_tool",
    "test_streaming_elicitation",
    "test_trigger_tool_change",
    "json_schema_2020_12_tool",
    "echo",
    "repeated",
];

/// The package as `mpp build` makes it.
async fn package() -> Loaded {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/mpp.yaml");
    let text = std::fs::read_to_string(&path).expect("its author said what it is");
    let author = AuthorManifest::parse(&text).expect("a manifest");
    let AuthorManifest { permissions, limits, .. } = author;
    let draft = Draft::of_guest(guests::MPP_CONFORMANCE_TOOLS).await;
    Scene::of_draft(Draft { permissions, limits, ..draft }).load()
}

async fn called(tool: &str, input: Value) -> Ended {
    package().await.call(tool, input).await
}

fn text(text: &str) -> Content {
    Content::Text(text.to_owned())
}

fn image() -> Content {
    Content::Image(Media { data: PNG.to_vec(), mime_type: "image/png".to_owned() })
}

fn embedded(uri: &str, mime_type: &str, contents: ResourceContents) -> Content {
    let mime_type = Some(mime_type.to_owned());
    Content::EmbeddedResource(EmbeddedResource { uri: uri.to_owned(), mime_type, contents })
}

#[tokio::test]
async fn the_package_has_the_tools_that_the_suite_calls_and_needs_no_permission() {
    let package = package().await;
    let tools: Vec<&str> = package.tool.manifest().tools().iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(tools, TOOLS);
    assert!(package.tool.manifest().permissions().is_empty());
}

#[tokio::test]
async fn each_kind_of_content_arrives_as_it_was_given() {
    let json = r#"{"test":"data","value":123}"#;
    let multiple = vec![
        text("Multiple content types test:"),
        image(),
        embedded(
            "test://mixed-content-resource",
            "application/json",
            ResourceContents::Text(json.to_owned()),
        ),
    ];
    let words = "This is an embedded resource content.".to_owned();
    let link = Content::ResourceLink(ResourceLink {
        uri: "test://linked-resource".to_owned(),
        name: "A linked resource".to_owned(),
        description: Some("It is named and not carried.".to_owned()),
        mime_type: Some("text/plain".to_owned()),
    });
    let audio = Content::Audio(Media { data: WAV.to_vec(), mime_type: "audio/wav".to_owned() });
    let blob = embedded("test://point", "image/png", ResourceContents::Blob(PNG.to_vec()));
    for (tool, expected) in [
        ("test_simple_text", vec![text("This is a simple text response for testing.")]),
        ("test_image_content", vec![image()]),
        ("test_audio_content", vec![audio]),
        (
            "test_embedded_resource",
            vec![embedded("test://embedded-resource", "text/plain", ResourceContents::Text(words))],
        ),
        ("test_multiple_content_types", multiple),
        ("resources", vec![link, blob]),
        ("test_logging_tool", vec![text("logged")]),
        ("test_streaming_elicitation", vec![text("nothing was asked for")]),
        ("test_trigger_tool_change", vec![text("nothing was changed")]),
    ] {
        let ended = called(tool, json!({})).await;
        let answer = ended.completed();
        assert_eq!((&answer.content, &answer.structured), (&expected, &None), "{tool}");
    }
}

#[tokio::test]
async fn an_error_is_the_tools_and_in_its_words() {
    let ended = called("test_error_handling", json!({})).await;
    let why = "This tool intentionally returns an error for testing".to_owned();
    assert_eq!(ended.report.outcome, Outcome::ToolError(ToolError::Failed(why)));
}

#[tokio::test]
async fn structured_data_comes_back_with_its_text() {
    let arguments = json!({"number": 1.5, "list": [null, true], "text": "ü"});
    let ended = called("echo", arguments.clone()).await;
    assert_eq!(*ended.structured(), arguments);
    assert_eq!(ended.text(), arguments.to_string());
}

#[tokio::test]
async fn progress_is_told_at_the_beginning_in_the_middle_and_at_the_end() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let progress =
        Progress::new(move |step| telling.lock().unwrap_or_else(PoisonError::into_inner).push(step));
    let request = Request { progress: Some(progress), ..Request::new("test_tool_with_progress", "{}") };
    let ended = package().await.call_as(request).await;
    assert_eq!(ended.text(), "done");
    let each = [0.0, 50.0, 100.0].map(|done| Step { done, total: Some(100.0), message: None });
    assert_eq!(*told.lock().unwrap_or_else(PoisonError::into_inner), each);
    assert_eq!(ended.log(), ["progress: 0/100", "progress: 50/100", "progress: 100/100"]);
}

#[tokio::test]
async fn a_log_line_is_on_record_and_not_in_the_answer() {
    let ended = called("test_logging_tool", json!({})).await;
    assert_eq!(ended.text(), "logged");
    assert_eq!(ended.log(), ["info: for the operator"]);
}

/// The schema of a tool, as it was signed.
async fn schema(tool: &str) -> Value {
    let package = package().await;
    let tools = package.tool.manifest().tools();
    tools
        .iter()
        .find(|found| found.name.as_str() == tool)
        .expect("the package has it")
        .input_schema
        .to_value()
}

#[tokio::test]
async fn every_keyword_of_a_schema_is_signed_as_it_stands_and_means_something() {
    let schema = schema("json_schema_2020_12_tool").await;
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["$defs"]["address"]["$anchor"], "addressDef");
    for keyword in ["allOf", "if", "then", "else", "additionalProperties"] {
        assert!(schema.get(keyword).is_some(), "{keyword}");
    }
    let package = package().await;
    let fits = json!({"contactMethod": "phone", "phone": "1", "address": {"city": "X"}});
    let ended = package.call("json_schema_2020_12_tool", fits).await;
    assert_eq!(ended.text(), "3 arguments");
    for unfit in [
        json!({}),
        json!({"contactMethod": "phone", "email": "a@example.com"}),
        json!({"phone": "1"}),
        json!({"email": "a@example.com", "other": 1}),
        json!({"email": "a@example.com", "address": {"street": 1}}),
    ] {
        let ended = package.call("json_schema_2020_12_tool", unfit.clone()).await;
        let refused = matches!(ended.report.outcome, Outcome::Refused(Refusal::InvalidInput(_)));
        assert!(refused, "{unfit}: {:?}", ended.report.outcome);
    }
}

#[tokio::test]
async fn an_argument_that_is_repeated_in_a_header_says_so_in_the_schema() {
    assert_eq!(schema("repeated").await["properties"]["region"]["x-mcp-header"], "Region");
    assert_eq!(called("repeated", json!({"region": "north"})).await.text(), "north");
}
