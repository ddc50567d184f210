//! One log record of OTLP.

use mpp_audit::{Hash, Timestamp};
use serde::Serialize;

use super::value::{AnyValue, Attributes};
use crate::time::nanoseconds;
use crate::trace::TraceContext;
use crate::weight::Weight;

/// `opentelemetry.proto.logs.v1.LogRecord`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogRecord<'a> {
    time_unix_nano: String,
    observed_time_unix_nano: String,
    severity_number: u8,
    severity_text: &'static str,
    event_name: String,
    body: AnyValue,
    pub(super) attributes: Attributes,
    #[serde(skip_serializing_if = "Option::is_none")]
    flags: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_id: Option<&'a str>,
}

impl<'a> LogRecord<'a> {
    /// A log record about the record of the audit log at `seq`, put there at `ts`.
    pub(super) fn new(
        kind: &str,
        weight: Weight,
        body: String,
        (seq, leaf, ts): (u64, Hash, Timestamp),
    ) -> Self {
        let (severity_number, severity_text) = severity(weight);
        let mut attributes = Attributes::default();
        attributes.add("mpp.audit.seq", seq).add("mpp.audit.leaf", leaf.to_string());
        Self {
            time_unix_nano: nanoseconds(ts).to_string(),
            observed_time_unix_nano: nanoseconds(ts).to_string(),
            severity_number,
            severity_text,
            event_name: format!("mpp.audit.{kind}"),
            body: body.into(),
            attributes,
            flags: None,
            trace_id: None,
            span_id: None,
        }
    }

    /// The time when it happened, where that is another than when it was recorded.
    pub(super) fn happened(mut self, time: Timestamp) -> Self {
        self.time_unix_nano = nanoseconds(time).to_string();
        self
    }

    /// The caller's span, if the caller named one.
    pub(super) fn within(mut self, trace: Option<TraceContext<'a>>) -> Self {
        if let Some(TraceContext { trace_id, span_id, flags }) = trace {
            (self.trace_id, self.span_id, self.flags) = (Some(trace_id), Some(span_id), Some(flags));
        }
        self
    }
}

/// `SeverityNumber` and its short name (Logs Data Model, "Mapping of `SeverityNumber`").
fn severity(weight: Weight) -> (u8, &'static str) {
    match weight {
        Weight::Normal => (9, "INFO"),
        Weight::Notable => (10, "INFO2"),
        Weight::Warning => (13, "WARN"),
        Weight::Serious => (17, "ERROR"),
    }
}
