//! Breaks the contract in each way that the types leave open. Written against
//! the bindings, because the SDK would not let it.

use mpp_guest::bindings::exports::mpp::tool::handler::Guest;
use mpp_guest::bindings::mpp::tool::types::{Content, Request, Response, ToolDescription, ToolError};
use mpp_guest::serde_json::{Value, from_str};

/// `{"result": <integer>}`, which most answers below are not.
const OUTPUT: &str = r#"{
    "type": "object",
    "properties": { "result": { "type": "integer" } },
    "required": ["result"],
    "additionalProperties": false
}"#;

struct Package;

impl Guest for Package {
    fn describe() -> Vec<ToolDescription> {
        vec![ToolDescription {
            name: "answer".to_owned(),
            title: None,
            description: "Answers as it is told to.".to_owned(),
            input_schema: r#"{"type": "object"}"#.to_owned(),
            output_schema: Some(OUTPUT.to_owned()),
        }]
    }

    /// `text`, `bytes` of it, and `structured` are the answer; `error` is one.
    fn invoke(request: Request) -> Result<Response, ToolError> {
        let asked: Value = from_str(&request.arguments).unwrap_or_default();
        let text = |key: &str| asked.get(key).and_then(Value::as_str).map(str::to_owned);
        if let Some(error) = text("error") {
            return Err(ToolError::UnknownTool(error));
        }
        let bytes = asked.get("bytes").and_then(Value::as_u64).unwrap_or(0);
        let long = "x".repeat(usize::try_from(bytes).unwrap_or(usize::MAX));
        Ok(Response { content: vec![Content::Text(long)], structured: text("structured") })
    }
}

mpp_guest::bindings::export_handler!(Package with_types_in mpp_guest::bindings);
