//! The tools that the conformance suite of MCP calls by their names, as one signed
//! package: what a host answers with them passes through a real sandbox.
//!
//! The suite says what each of those has to answer. The others are here for what
//! it does not ask for: every kind of content that a tool can return, and an
//! argument that clients repeat in a header.

mod schema;

use mpp_guest::schemars::{self, JsonSchema};
use mpp_guest::{EmbeddedResource, Error, ResourceLink, Response, Result, progress};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A picture of one red point.
const PNG: &[u8] = include_bytes!("../media/point.png");

/// A tenth of a second of silence.
const WAV: &[u8] = include_bytes!("../media/silence.wav");

/// Answers with one text.
#[mpp_guest::tool(name = "test_simple_text")]
fn simple_text() -> &'static str {
    "This is a simple text response for testing."
}

/// Answers with one picture.
#[mpp_guest::tool(name = "test_image_content")]
fn image_content() -> Response {
    Response::new().image(PNG, "image/png")
}

/// Answers with one sound.
#[mpp_guest::tool(name = "test_audio_content")]
fn audio_content() -> Response {
    Response::new().audio(WAV, "audio/wav")
}

/// Answers with a resource and its text.
#[mpp_guest::tool(name = "test_embedded_resource")]
fn embedded_resource() -> Response {
    let text = "This is an embedded resource content.";
    Response::new().embed(EmbeddedResource::text("test://embedded-resource", text).mime_type("text/plain"))
}

/// Answers with a text, a picture and a resource.
#[mpp_guest::tool(name = "test_multiple_content_types")]
fn multiple_content_types() -> Response {
    let json = r#"{"test":"data","value":123}"#;
    let resource = EmbeddedResource::text("test://mixed-content-resource", json);
    Response::new()
        .text("Multiple content types test:")
        .image(PNG, "image/png")
        .embed(resource.mime_type("application/json"))
}

/// Answers with the name of a resource, and with a resource and its bytes.
#[mpp_guest::tool(name = "resources")]
fn resources() -> Response {
    let link = ResourceLink::new("test://linked-resource", "A linked resource");
    Response::new()
        .link(link.description("It is named and not carried.").mime_type("text/plain"))
        .embed(EmbeddedResource::blob("test://point", PNG).mime_type("image/png"))
}

/// Fails, in its own words.
#[mpp_guest::tool(name = "test_error_handling")]
fn error_handling() -> Result<()> {
    Err(Error::failed("This tool intentionally returns an error for testing"))
}

/// Reports how far it is, three times.
#[mpp_guest::tool(name = "test_tool_with_progress")]
fn tool_with_progress() -> &'static str {
    for done in [0.0, 50.0, 100.0] {
        progress::report(done, Some(100.0), None);
    }
    "done"
}

/// Logs, which goes to the record of the call and to no client.
#[mpp_guest::tool(name = "test_logging_tool")]
fn logging_tool() -> &'static str {
    mpp_guest::log::info!("for the operator");
    "logged"
}

/// Asks for nothing while it runs: all that it needs comes with the call.
#[mpp_guest::tool(name = "test_streaming_elicitation")]
fn streaming_elicitation() -> &'static str {
    "nothing was asked for"
}

/// Changes no list of tools: what a host serves is for its operator to say.
#[mpp_guest::tool(name = "test_trigger_tool_change")]
fn trigger_tool_change() -> &'static str {
    "nothing was changed"
}

/// Takes arguments under a schema with every keyword that the suite looks for.
#[mpp_guest::tool(name = "json_schema_2020_12_tool")]
fn json_schema(contact: schema::Contact) -> String {
    format!("{} arguments", contact.0.len())
}

/// Answers with its arguments as structured data.
#[mpp_guest::tool]
fn echo(arguments: Map<String, Value>) -> Map<String, Value> {
    arguments
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Repeated {
    /// Clients repeat it in the header `Mcp-Param-Region`.
    #[schemars(extend("x-mcp-header" = "Region"))]
    region: String,
}

/// Answers with an argument that clients repeat in a header.
#[mpp_guest::tool]
fn repeated(input: Repeated) -> String {
    input.region
}

mpp_guest::export!(
    simple_text,
    image_content,
    audio_content,
    embedded_resource,
    multiple_content_types,
    resources,
    error_handling,
    tool_with_progress,
    logging_tool,
    streaming_elicitation,
    trigger_tool_change,
    json_schema,
    echo,
    repeated
);
