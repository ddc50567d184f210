//! The spans of requests, as the semantic conventions of OpenTelemetry name them.
//!
//! [Semantic conventions for MCP](https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/):
//! a request is a span of the kind `SERVER`, called by its method and its tool.
//! `otel.*` is read by `tracing-opentelemetry`. A subscription is none: it lasts as
//! long as its client does.
//!
//! - **Where nobody listens, no span is built.**
//! - **A span holds names, numbers and the kind of an error.** Arguments, answers,
//!   messages and tokens are in none: they are the user's, and spans go elsewhere.
//! - **Only names that are known here.** A tool or a revision that a client made up
//!   is left out: whoever counts would count each of them apart.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;

use axum::http::Version;
use axum::http::request::Parts;
use rmcp::model::{
    CallToolResult, DiscoverResult, ErrorCode, ErrorData, InitializeResult, ListToolsResult, ProtocolVersion,
};
use tracing::field::{Empty, display};
use tracing::{Instrument as _, Span};

use crate::call::stranger;
use crate::context::Context;
use crate::{Tools, Transport, caller};

/// The target of these spans, and of nothing else.
pub const SPAN_TARGET: &str = "mpp_mcp::span";

/// `error.type` of a result with `isError`, as the conventions ask.
const TOOL_ERROR: &str = "tool_error";

/// `error.type` of a request that was given up before its end.
const CANCELLED: &str = "cancelled";

/// What is asked for, and how.
pub(crate) struct Asked<'a, C> {
    pub(crate) method: &'static str,
    /// The tool that is called, if it is there.
    pub(crate) tool: Option<&'a str>,
    pub(crate) context: &'a C,
    pub(crate) transport: Transport,
}

/// What a request is answered with.
pub(crate) trait Answer {
    /// Whether it says that the tool failed.
    fn is_tool_error(&self) -> bool {
        false
    }
}

impl Answer for InitializeResult {}
impl Answer for DiscoverResult {}
impl Answer for ListToolsResult {}
impl Answer for CallToolResult {
    fn is_tool_error(&self) -> bool {
        self.is_error == Some(true)
    }
}

/// Answers a request within its span.
pub(crate) async fn within<A: Answer>(
    asked: Asked<'_, impl Context>,
    tools: &impl Tools,
    answering: impl Future<Output = Result<A, ErrorData>>,
) -> Result<A, ErrorData> {
    let span = asked.span();
    if span.is_disabled() {
        return answering.await;
    }
    if let Some(trace) = caller::trace(asked.context) {
        tools.traced(&span, &trace);
    }
    let ending = Ending::of(&span);
    let answer = answering.instrument(span).await;
    if !asked.context.is_cancelled() {
        ending.answered(&answer);
    }
    answer
}

impl<C: Context> Asked<'_, C> {
    /// The span; disabled where nobody listens, and then no value is looked up.
    fn span(&self) -> Span {
        let Self { method, tool, context, transport } = self;
        tracing::info_span!(
            target: SPAN_TARGET,
            parent: None,
            "request",
            otel.name = %Name(method, *tool),
            otel.kind = "server",
            otel.status_code = Empty,
            mcp.method.name = method,
            mcp.protocol.version = revision(*context).as_ref().map(ProtocolVersion::as_str),
            mcp.session.id = caller::session(*context),
            jsonrpc.request.id = stranger(&context.id().to_string()),
            gen_ai.operation.name = (*method == "tools/call").then_some("execute_tool"),
            gen_ai.tool.name = tool,
            network.transport = transport.network_transport(),
            network.protocol.name = matches!(transport, Transport::Http).then_some("http"),
            network.protocol.version = context.head().and_then(http_version),
            rpc.response.status_code = Empty,
            error.type = Empty,
        )
    }
}

/// How a request ends. One that is dropped before it was answered was given up.
struct Ending {
    span: Span,
    error: Option<Cow<'static, str>>,
}

impl Ending {
    fn of(span: &Span) -> Self {
        Self { span: span.clone(), error: Some(Cow::Borrowed(CANCELLED)) }
    }

    fn answered(mut self, answer: &Result<impl Answer, ErrorData>) {
        if let Err(error) = answer {
            self.span.record("rpc.response.status_code", display(error.code.0));
        }
        self.error = error_type(answer);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(error) = &self.error {
            self.span.record("error.type", &**error);
            self.span.record("otel.status_code", "ERROR");
        }
    }
}

/// `error.type`, and `None` where nothing failed here.
fn error_type(answer: &Result<impl Answer, ErrorData>) -> Option<Cow<'static, str>> {
    match answer {
        Ok(answer) => answer.is_tool_error().then_some(Cow::Borrowed(TOOL_ERROR)),
        Err(error) if is_for_the_caller(error.code) => None,
        Err(error) => Some(Cow::Owned(error.code.0.to_string())),
    }
}

/// Whether a code says that the request was wrong: by the conventions that is no
/// error of whoever serves it.
fn is_for_the_caller(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::PARSE_ERROR
            | ErrorCode::INVALID_REQUEST
            | ErrorCode::METHOD_NOT_FOUND
            | ErrorCode::INVALID_PARAMS
            | ErrorCode::RESOURCE_NOT_FOUND
    )
}

/// `{mcp.method.name} {gen_ai.tool.name}`, or the method alone.
struct Name<'a>(&'a str, Option<&'a str>);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(method, tool) = self;
        f.write_str(method)?;
        tool.map_or(Ok(()), |tool| write!(f, " {tool}"))
    }
}

fn revision(context: &impl Context) -> Option<ProtocolVersion> {
    context.revision().filter(|version| ProtocolVersion::KNOWN_VERSIONS.contains(version))
}

fn http_version(head: &Parts) -> Option<&'static str> {
    match head.version {
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        _ => None,
    }
}
