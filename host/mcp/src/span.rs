//! The span of a call, as the semantic conventions of OpenTelemetry name it.
//!
//! [Semantic conventions for MCP](https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/).
//! `otel.name` and `otel.kind` are read by `tracing-opentelemetry`. Arguments and
//! answers are in no span: they are the user's.

use tracing::Span;
use tracing::field::{Empty, display};

use crate::{Call, Ended};

pub(crate) fn of(call: &Call) -> Span {
    let caller = &call.caller;
    let span = tracing::info_span!(
        "tools/call",
        otel.name = %format_args!("tools/call {}", call.tool),
        otel.kind = "server",
        otel.status_code = Empty,
        mcp.method.name = "tools/call",
        gen_ai.operation.name = "execute_tool",
        gen_ai.tool.name = %call.tool,
        jsonrpc.request.id = %caller.request,
        network.transport = caller.transport.network_transport(),
        mcp.protocol.version = Empty,
        mcp.session.id = Empty,
        traceparent = Empty,
        error.type = Empty,
    );
    record(&span, "mcp.protocol.version", caller.protocol.as_ref());
    record(&span, "mcp.session.id", caller.session.as_ref());
    record(&span, "traceparent", caller.trace.as_ref());
    span
}

pub(crate) fn end(span: &Span, ended: &Ended) {
    if let Some(error) = ended.error_type() {
        span.record("error.type", error);
        span.record("otel.status_code", "ERROR");
    }
}

fn record(span: &Span, field: &str, value: Option<impl std::fmt::Display>) {
    if let Some(value) = value {
        span.record(field, display(value));
    }
}
