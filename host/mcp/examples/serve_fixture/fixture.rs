//! The tools that the protocol's conformance suite asks for, and some that tests
//! of this crate do.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mpp_mcp::catalog::Annotations;
use mpp_mcp::{
    Answer, Call, Caller, Content, EmbeddedResource, Ended, Failure, FailureKind, Listing, Media, Object,
    ResourceContents, ToolEntry, Tools, TraceContext,
};
use mpp_policy::Permissions;
use serde_json::{Value, json};
use tokio::sync::watch;

/// A picture of one red point.
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 0x0c, b'I', b'D', b'A', b'T', 0x08, 0xd7, 0x63,
    0xf8, 0xcf, 0xc0, 0, 0, 3, 1, 1, 0, 0x18, 0xdd, 0x8d, 0xb0, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae,
    0x42, 0x60, 0x82,
];

/// A sound of no length.
const WAV: &[u8] =
    b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0";

/// Tools whose calls can be watched. A clone is the same ones.
#[derive(Clone)]
pub struct Fixture(Arc<State>);

struct State {
    listing: Mutex<Arc<Listing>>,
    changes: watch::Sender<u64>,
    /// Calls of `hold` that began, and that came to an end.
    held: watch::Sender<Held>,
    release: watch::Sender<bool>,
    callers: Mutex<Vec<Caller>>,
    traced: Mutex<Vec<TraceContext>>,
}

/// What became of calls of `hold`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// They began.
    pub began: usize,
    /// Their future was dropped before it was released.
    pub dropped: usize,
    /// They were released.
    pub released: usize,
}

/// Counts a call of `hold` as dropped, unless it was released.
struct Holding<'a>(&'a watch::Sender<Held>, bool);

impl Drop for Holding<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|held| if self.1 { held.released += 1 } else { held.dropped += 1 });
    }
}

impl Default for Fixture {
    fn default() -> Self {
        Self::with(tools())
    }
}

#[allow(dead_code, reason = "the example needs less than the tests")]
impl Fixture {
    /// Other tools, which answer with their names.
    pub fn with(tools: Vec<ToolEntry>) -> Self {
        let listing = Listing::new(1, tools).expect("the fixture's tools are a list");
        Self(Arc::new(State {
            listing: Mutex::new(Arc::new(listing)),
            changes: watch::Sender::new(1),
            held: watch::Sender::new(Held::default()),
            release: watch::Sender::new(false),
            callers: Mutex::new(Vec::new()),
            traced: Mutex::new(Vec::new()),
        }))
    }

    /// Serves another list from now on.
    pub fn replace(&self, tools: Vec<ToolEntry>) {
        let generation = *self.0.changes.borrow() + 1;
        let listing = Listing::new(generation, tools).expect("the fixture's tools are a list");
        *self.0.listing.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(listing);
        self.0.changes.send_replace(generation);
    }

    /// Waits until calls of `hold` are as expected.
    pub async fn until_held(&self, expected: impl FnMut(&Held) -> bool) -> Held {
        *self.0.held.subscribe().wait_for(expected).await.expect("the fixture lives")
    }

    /// Lets calls of `hold` go on, those that began and those that will.
    pub fn release(&self) {
        self.0.release.send_replace(true);
    }

    /// Who has called, in order.
    pub fn callers(&self) -> Vec<Caller> {
        self.0.callers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The traces of which calls were part, in order.
    pub fn traced(&self) -> Vec<TraceContext> {
        self.0.traced.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn hold(&self) -> Ended {
        self.0.held.send_modify(|held| held.began += 1);
        let mut holding = Holding(&self.0.held, false);
        let released = self.0.release.subscribe().wait_for(|release| *release).await.is_ok();
        holding.1 = released;
        said("released")
    }
}

impl Tools for Fixture {
    fn listing(&self) -> Arc<Listing> {
        Arc::clone(&self.0.listing.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    async fn call(&self, call: Call) -> Ended {
        self.0.callers.lock().unwrap_or_else(PoisonError::into_inner).push(call.caller.clone());
        match call.tool.as_str() {
            "test_simple_text" => said("This is a simple text response for testing."),
            "test_image_content" => answered(vec![image()]),
            "test_audio_content" => answered(vec![Content::Audio(Media {
                data: WAV.to_vec(),
                mime_type: "audio/wav".to_owned(),
            })]),
            "test_embedded_resource" => answered(vec![resource(
                "test://embedded-resource",
                "text/plain",
                "This is an embedded resource content.",
            )]),
            "test_multiple_content_types" => answered(vec![
                Content::Text("Multiple content types test:".to_owned()),
                image(),
                resource(
                    "test://mixed-content-resource",
                    "application/json",
                    r#"{"test":"data","value":123}"#,
                ),
            ]),
            "test_error_handling" => Ended::Failed(Failure {
                kind: FailureKind::Tool,
                code: Some("failed".to_owned()),
                message: "This tool intentionally returns an error for testing".to_owned(),
                invocation: None,
            }),
            "test_tool_with_progress" => slowly(call).await,
            "test_trigger_tool_change" => {
                self.replace(tools());
                said("The list of tools has changed.")
            }
            "echo" => Ended::Answered(Answer {
                content: Vec::new(),
                structured: Some(Value::Object(call.arguments)),
                invocation: Some("0190".to_owned()),
            }),
            "hold" => self.hold().await,
            "unavailable" => Ended::Unavailable("the audit log is full".to_owned()),
            "gone" => Ended::NoSuchTool,
            "panic" => panic!("the fixture panics when it is asked to"),
            name if self.listing().names().any(|served| served == name) => said(name),
            _ => Ended::NoSuchTool,
        }
    }

    fn traced(&self, _: &tracing::Span, trace: &TraceContext) {
        self.0.traced.lock().unwrap_or_else(PoisonError::into_inner).push(trace.clone());
    }
}

async fn slowly(call: Call) -> Ended {
    for done in [0.0, 50.0, 100.0] {
        if let Some(progress) = &call.progress {
            progress.report(done, Some(100.0), None);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    said("done")
}

fn answered(content: Vec<Content>) -> Ended {
    Ended::Answered(Answer { content, structured: None, invocation: None })
}

fn said(text: &str) -> Ended {
    answered(vec![Content::Text(text.to_owned())])
}

fn image() -> Content {
    Content::Image(Media { data: PNG.to_vec(), mime_type: "image/png".to_owned() })
}

fn resource(uri: &str, mime_type: &str, text: &str) -> Content {
    Content::EmbeddedResource(EmbeddedResource {
        uri: uri.to_owned(),
        mime_type: Some(mime_type.to_owned()),
        contents: ResourceContents::Text(text.to_owned()),
    })
}

/// A tool of this name that takes anything.
pub fn entry(name: &str) -> ToolEntry {
    ToolEntry {
        name: name.to_owned(),
        title: None,
        description: format!("The tool {name} of the fixture."),
        input_schema: object(json!({"type": "object"})),
        output_schema: None,
        icons: Vec::new(),
        annotations: Annotations::of(&Permissions::none()),
        origin: None,
    }
}

/// Every tool of the fixture.
pub fn tools() -> Vec<ToolEntry> {
    let plain = [
        "test_simple_text",
        "test_image_content",
        "test_audio_content",
        "test_embedded_resource",
        "test_multiple_content_types",
        "test_error_handling",
        "test_tool_with_progress",
        "test_trigger_tool_change",
        // These neither log nor ask for anything, which is what is looked at.
        "test_logging_tool",
        "test_streaming_elicitation",
        "hold",
        "unavailable",
        "gone",
        "panic",
    ];
    let mut tools: Vec<ToolEntry> = plain.map(entry).into();
    tools.push(ToolEntry { output_schema: Some(object(json!({"type": "object"}))), ..entry("echo") });
    tools.push(ToolEntry { input_schema: object(repeated_in_a_header()), ..entry("repeated") });
    tools.push(ToolEntry { input_schema: object(every_keyword()), ..entry("json_schema_2020_12_tool") });
    tools
}

/// A schema whose argument a client repeats in the header `Mcp-Param-Region`.
fn repeated_in_a_header() -> Value {
    json!({"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}})
}

/// A schema with keywords that a server must pass on as they are.
fn every_keyword() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": {"street": {"type": "string"}, "city": {"type": "string"}}
            }
        },
        "properties": {
            "name": {"type": "string"},
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": {"type": "string"},
            "email": {"type": "string"}
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": false
    })
}

fn object(value: Value) -> Arc<Object> {
    match value {
        Value::Object(object) => Arc::new(object),
        _ => Arc::new(Object::new()),
    }
}
