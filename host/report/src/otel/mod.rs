//! # OpenTelemetry logs
//!
//! OTLP/JSON as a Collector's file receiver reads it: one line for each item,
//! an `ExportLogsServiceRequest` with one log record for a call, one for each
//! denial of it, or one for another record. (OTLP 1.11, "JSON Protobuf Encoding";
//! the OpenTelemetry Protocol File Exporter.)
//!
//! | field | holds |
//! |---|---|
//! | `timeUnixNano` | when a call ended (began, where no end is known); otherwise as below |
//! | `observedTimeUnixNano` | when the record was put in the log's order |
//! | `severityNumber` | 9 as it should be, 10 worth knowing, 13 a boundary was tested or something is missing, 17 the host failed |
//! | `eventName` | `mpp.audit.` and the kind of the record; `mpp.audit.call` for a call |
//! | `traceId`, `spanId`, `flags` | of the caller's `traceparent`, if it is a valid one |
//! | `mpp.audit.seq`, `mpp.audit.leaf` | the record: number and leaf hash; of a call its intent |
//! | `mpp.audit.end.seq`, `mpp.audit.end.leaf` | the record that ended the call |
//!
//! A call follows the conventions for [executing a tool], as far as a log record
//! can: `gen_ai.operation.name`, `gen_ai.tool.name`, `gen_ai.tool.call.id` (the
//! id of the call in the log), `gen_ai.agent.name`, `error.type`; and, only with
//! payloads, `gen_ai.tool.call.arguments` and `gen_ai.tool.call.result`. They are
//! those of version 1.41.0, the last that was published with a schema URL of its
//! own; their status is *Development*, and they may change with the next.
//!
//! [executing a tool]: https://github.com/open-telemetry/semantic-conventions/blob/v1.41.0/docs/gen-ai/gen-ai-spans.md#execute-tool-span

mod call;
mod other;
mod record;
mod value;

use std::io::{self, Write};

use serde::Serialize;

use crate::export::Source;
use crate::payload::Payloads;
use mpp_audit::view::Item;
use record::LogRecord;
use value::Attributes;

/// The conventions that the attributes follow.
const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.41.0";

/// Writes one item and a line end.
pub(crate) fn write(source: &Source, payloads: Payloads, item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let log_records = match item {
        Item::Call(call) => call::records(call, payloads),
        Item::Other(record) => vec![other::record(record)],
    };
    serde_json::to_writer(&mut *out, &request(source, log_records))?;
    out.write_all(b"\n")
}

fn request<'a>(source: &Source, log_records: Vec<LogRecord<'a>>) -> Request<'a> {
    let mut attributes = Attributes::default();
    attributes.add("service.name", "mpp").add("service.instance.id", source.log.as_str());
    let scope = Scope { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
    let scope_logs = [ScopeLogs { scope, log_records, schema_url: SCHEMA_URL }];
    Request {
        resource_logs: [ResourceLogs {
            resource: Resource { attributes },
            scope_logs,
            schema_url: SCHEMA_URL,
        }],
    }
}

/// `opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    resource_logs: [ResourceLogs<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceLogs<'a> {
    resource: Resource,
    scope_logs: [ScopeLogs<'a>; 1],
    schema_url: &'static str,
}

#[derive(Serialize)]
struct Resource {
    attributes: Attributes,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScopeLogs<'a> {
    scope: Scope,
    log_records: Vec<LogRecord<'a>>,
    schema_url: &'static str,
}

#[derive(Serialize)]
struct Scope {
    name: &'static str,
    version: &'static str,
}
