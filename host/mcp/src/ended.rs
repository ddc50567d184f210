//! How a call ended, and what the client is told of it.
//!
//! | the call | the client gets |
//! |---|---|
//! | was answered | a result |
//! | failed, for whatever reason that a model can react to | a result with `isError`, and why |
//! | was for a tool that is not there | the error -32602, as the protocol asks |
//! | could not be made, or not be put on record | the error -32603 |
//!
//! The model behind the client reads results, and the protocol's errors mostly
//! not: so a refusal by the sandbox, arguments that do not fit and a time limit are
//! results that say so.

use rmcp::ErrorData;
use rmcp::model::{CallToolResult, ContentBlock, MetaObject};
use serde_json::{Map, Value, json};

use crate::{Content, meta};

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// The tool answered.
    Answered(Answer),
    /// The call failed, and the model is told why.
    Failed(Failure),
    /// There is no tool of that name, or not any more.
    NoSuchTool,
    /// The host could not do it: its log, its disk, it is stopping. For a person.
    Unavailable(String),
}

/// What a tool answered, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// For a model, in order.
    pub content: Vec<Content>,
    /// For a program; valid under the tool's output schema where it has one.
    pub structured: Option<Value>,
    /// The id of the call in the audit log.
    pub invocation: Option<String>,
}

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Whose move it is.
    pub kind: FailureKind,
    /// Which of that kind, in the words of the audit log.
    pub code: Option<String>,
    /// Why, for the model: what to do otherwise.
    pub message: String,
    /// The id of the call in the audit log.
    pub invocation: Option<String>,
}

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The tool says so.
    Tool,
    /// It needed what it was not granted.
    Denied,
    /// It was stopped: a limit, a crash, an exit.
    Stopped,
    /// It answered, and the answer is not what its manifest promises.
    BadOutput,
    /// The arguments do not fit, and the tool was not asked.
    Refused,
    /// Its package may not run any more: it was revoked, or changed, or needs what was
    /// not granted.
    NotLoaded,
    /// Somebody at the host stopped it.
    Cancelled,
}

impl FailureKind {
    /// The kind, as a client reads it in [`meta::OUTCOME`].
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Tool => "tool-error",
            Self::Denied => "denied",
            Self::Stopped => "stopped",
            Self::BadOutput => "bad-output",
            Self::Refused => "refused",
            Self::NotLoaded => "not-loaded",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Ended {
    /// What goes to the client; `any_structure` where it takes other structured
    /// answers than objects.
    pub(crate) fn into_result(self, tool: &str, any_structure: bool) -> Result<CallToolResult, ErrorData> {
        match self {
            Self::Answered(answer) => Ok(answer.into_result(any_structure)),
            Self::Failed(failure) => Ok(failure.into_result()),
            Self::NoSuchTool => Err(unknown_tool(tool)),
            Self::Unavailable(why) => Err(ErrorData::internal_error(why, None)),
        }
    }
}

/// The error for a name that nothing is served by.
pub(crate) fn unknown_tool(name: &str) -> ErrorData {
    ErrorData::invalid_params(format!("there is no tool {:?}", crate::call::stranger(name)), None)
}

impl Answer {
    fn into_result(self, any_structure: bool) -> CallToolResult {
        let Self { content, structured, invocation } = self;
        let mut content: Vec<ContentBlock> = content.into_iter().map(ContentBlock::from).collect();
        // Clients that know no structured content show this, as the protocol asks.
        if let (true, Some(structured)) = (content.is_empty(), &structured) {
            content.push(ContentBlock::text(text(structured)));
        }
        let mut result = CallToolResult::success(content);
        result.structured_content = structured.filter(|value| any_structure || value.is_object());
        result.meta = Some(outcome_meta("ok", None, invocation));
        result
    }
}

/// A value as text. Serialized at once, which is several times as fast as `Display`;
/// a value has no key that could fail.
fn text(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

impl Failure {
    fn into_result(self) -> CallToolResult {
        let Self { kind, code, message, invocation } = self;
        let mut result = CallToolResult::error(vec![ContentBlock::text(message)]);
        result.meta = Some(outcome_meta(kind.code(), code, invocation));
        result
    }
}

fn outcome_meta(kind: &str, code: Option<String>, invocation: Option<String>) -> MetaObject {
    let mut outcome = Map::from_iter([("kind".to_owned(), json!(kind))]);
    outcome.extend(code.map(|code| ("code".to_owned(), json!(code))));
    outcome.extend(invocation.map(|id| ("invocation".to_owned(), json!(id))));
    MetaObject(Map::from_iter([(meta::OUTCOME.to_owned(), Value::Object(outcome))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(content: Vec<Content>, structured: Option<Value>) -> Ended {
        Ended::Answered(Answer { content, structured, invocation: Some("0190".into()) })
    }

    fn wire(ended: Ended, any_structure: bool) -> Value {
        serde_json::to_value(ended.into_result("stats", any_structure).unwrap()).unwrap()
    }

    #[test]
    fn a_structured_answer_is_text_as_well_where_the_tool_gave_none() {
        assert_eq!(
            wire(answer(vec![], Some(json!({"words": 2}))), true),
            json!({
                "resultType": "complete",
                "content": [{"type": "text", "text": "{\"words\":2}"}],
                "structuredContent": {"words": 2},
                "isError": false,
                "_meta": {meta::OUTCOME: {"kind": "ok", "invocation": "0190"}},
            })
        );
        let own_words = answer(vec![Content::Text("two".into())], Some(json!({"words": 2})));
        assert_eq!(wire(own_words, true)["content"], json!([{"type": "text", "text": "two"}]));
    }

    #[test]
    fn a_client_that_takes_only_objects_gets_another_structure_as_text() {
        let numbers = || answer(vec![], Some(json!([1, 2])));
        assert_eq!(wire(numbers(), true)["structuredContent"], json!([1, 2]));
        let old = wire(numbers(), false);
        assert_eq!(old.get("structuredContent"), None);
        assert_eq!(old["content"], json!([{"type": "text", "text": "[1,2]"}]));
    }

    #[test]
    fn a_failure_is_a_result_that_says_why() {
        let failure = Failure {
            kind: FailureKind::Denied,
            code: Some("filesystem.read".into()),
            message: "reading /etc is not granted".into(),
            invocation: None,
        };
        assert_eq!(
            wire(Ended::Failed(failure), true),
            json!({
                "resultType": "complete",
                "content": [{"type": "text", "text": "reading /etc is not granted"}],
                "isError": true,
                "_meta": {meta::OUTCOME: {"kind": "denied", "code": "filesystem.read"}},
            })
        );
    }

    #[test]
    fn a_tool_that_is_not_there_and_a_host_that_cannot_are_errors_of_the_protocol() {
        let error = Ended::NoSuchTool.into_result("gone\n", true).unwrap_err();
        assert_eq!((error.code.0, &*error.message), (-32602, "there is no tool \"gone\u{fffd}\""));
        let error =
            Ended::Unavailable("the audit log is full".into()).into_result("stats", true).unwrap_err();
        assert_eq!((error.code.0, &*error.message), (-32603, "the audit log is full"));
    }
}
