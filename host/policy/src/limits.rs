//! How much one call may use. Every limit is on by default; a package may lower
//! it, only the operator may raise it.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::limits_request::LimitsRequest;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// Linear memory: room for a parser and a document of several MiB, and a
/// thousand calls at once still fit a server.
pub const DEFAULT_MEMORY_BYTES: u64 = 64 * MIB;
/// Table elements: a table holds functions, and the largest language runtimes
/// have some tens of thousands.
pub const DEFAULT_TABLE_ELEMENTS: u64 = 100_000;
/// Core instances: one for the tool, a few for adapters, room for composition.
pub const DEFAULT_INSTANCES: u32 = 32;
/// Tables: one or two for each instance.
pub const DEFAULT_TABLES: u32 = 64;
/// Memories: a tool has one; composed components have one each.
pub const DEFAULT_MEMORIES: u32 = 8;
/// Live handles to host resources: beyond the files that can be open, and few
/// enough that the table costs nothing.
pub const DEFAULT_HANDLES: u32 = 1024;
/// Stack of WebAssembly code: the engine's own default, deep enough for
/// recursive parsers.
pub const DEFAULT_STACK_BYTES: u64 = 512 * KIB;
/// Data that one host call can hand to the host: the largest HTTP request, and
/// 1 MiB for its headers and URL. A file write is at most 1 MiB.
pub const DEFAULT_HOSTCALL_BYTES: u64 = DEFAULT_HTTP_REQUEST_BYTES + MIB;
/// Wall-clock time, host calls included: what an agent waits for a tool.
pub const DEFAULT_TIME: Duration = Duration::from_secs(30);
/// Arguments: far more than a model writes, enough for a document handed over.
pub const DEFAULT_INPUT_BYTES: u64 = 16 * MIB;
/// The response: as much as the arguments.
pub const DEFAULT_OUTPUT_BYTES: u64 = 16 * MIB;
/// Log messages, standard output and error: all of it is kept in the record.
pub const DEFAULT_LOG_BYTES: u64 = 64 * KIB;
/// HTTP requests: some pages of an API, not a crawl.
pub const DEFAULT_HTTP_REQUESTS: u32 = 32;
/// Bytes of all HTTP requests: tools mostly ask.
pub const DEFAULT_HTTP_REQUEST_BYTES: u64 = 4 * MIB;
/// Bytes of all HTTP answers: a quarter of the memory that has to hold them.
pub const DEFAULT_HTTP_RESPONSE_BYTES: u64 = 16 * MIB;
/// Files open at once: more than a tool reads side by side, far below the
/// descriptors of a process.
pub const DEFAULT_OPEN_FILES: u32 = 64;
/// Bytes written to files: a large report, not a full disk.
pub const DEFAULT_WRITTEN_BYTES: u64 = 256 * MIB;

/// The limits of one call.
///
/// A sum counts over the whole call. Serialises with the unit in each name, for
/// the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Linear memory of all instances together, in bytes.
    pub memory_bytes: u64,
    /// Elements of all tables together.
    pub table_elements: u64,
    /// Core instances.
    pub instances: u32,
    /// Tables.
    pub tables: u32,
    /// Linear memories.
    pub memories: u32,
    /// Handles to host resources that are live at once.
    pub handles: u32,
    /// Stack of WebAssembly code, in bytes.
    pub stack_bytes: u64,
    /// Bytes that the tool can hand to the host in the arguments of *one* host
    /// call. Does not bound what `invoke` returns: `output_bytes` does.
    pub hostcall_bytes: u64,
    /// Wall-clock time of the call, host calls included.
    #[serde(rename = "time_ms", serialize_with = "as_millis")]
    pub time: Duration,
    /// Instructions, in the engine's units of fuel; `None` does not count them.
    /// Counting makes the end of a call that uses too much deterministic.
    pub fuel: Option<u64>,
    /// Arguments of the call, in bytes of JSON.
    pub input_bytes: u64,
    /// Response of the call, in bytes.
    pub output_bytes: u64,
    /// Log messages, standard output and standard error, in bytes.
    pub log_bytes: u64,
    /// HTTP requests sent.
    pub http_requests: u32,
    /// Bytes of the bodies of all HTTP requests. Their number is limited, too,
    /// and the host limits the headers of each.
    pub http_request_bytes: u64,
    /// Bytes of the bodies of all HTTP answers, likewise.
    pub http_response_bytes: u64,
    /// Files open at once.
    pub open_files: u32,
    /// Bytes written to files.
    pub written_bytes: u64,
}

impl Limits {
    /// What an operator who says nothing imposes.
    pub const DEFAULT: Self = Self {
        memory_bytes: DEFAULT_MEMORY_BYTES,
        table_elements: DEFAULT_TABLE_ELEMENTS,
        instances: DEFAULT_INSTANCES,
        tables: DEFAULT_TABLES,
        memories: DEFAULT_MEMORIES,
        handles: DEFAULT_HANDLES,
        stack_bytes: DEFAULT_STACK_BYTES,
        hostcall_bytes: DEFAULT_HOSTCALL_BYTES,
        time: DEFAULT_TIME,
        fuel: None,
        input_bytes: DEFAULT_INPUT_BYTES,
        output_bytes: DEFAULT_OUTPUT_BYTES,
        log_bytes: DEFAULT_LOG_BYTES,
        http_requests: DEFAULT_HTTP_REQUESTS,
        http_request_bytes: DEFAULT_HTTP_REQUEST_BYTES,
        http_response_bytes: DEFAULT_HTTP_RESPONSE_BYTES,
        open_files: DEFAULT_OPEN_FILES,
        written_bytes: DEFAULT_WRITTEN_BYTES,
    };

    /// These limits, each lowered to what the package asks for. A request for
    /// more changes nothing.
    #[must_use]
    pub fn lowered_by(&self, request: &LimitsRequest) -> Self {
        let LimitsRequest {
            memory_bytes,
            time_ms,
            fuel,
            output_bytes,
            log_bytes,
            http_requests,
            http_bytes,
            open_files,
            written_bytes,
        } = *request;
        Self {
            memory_bytes: lower(self.memory_bytes, memory_bytes),
            time: lower(self.time, time_ms.map(Duration::from_millis)),
            // No fuel limit is the highest there is.
            fuel: match (self.fuel, fuel) {
                (Some(limit), request) => Some(lower(limit, request)),
                (None, request) => request,
            },
            output_bytes: lower(self.output_bytes, output_bytes),
            log_bytes: lower(self.log_bytes, log_bytes),
            http_requests: lower(self.http_requests, http_requests),
            http_request_bytes: lower(self.http_request_bytes, http_bytes),
            http_response_bytes: lower(self.http_response_bytes, http_bytes),
            open_files: lower(self.open_files, open_files),
            written_bytes: lower(self.written_bytes, written_bytes),
            // Not an author's to ask for: they bound the engine, not the work.
            table_elements: self.table_elements,
            instances: self.instances,
            tables: self.tables,
            memories: self.memories,
            handles: self.handles,
            stack_bytes: self.stack_bytes,
            hostcall_bytes: self.hostcall_bytes,
            input_bytes: self.input_bytes,
        }
    }
}

fn lower<T: Ord + Copy>(limit: T, request: Option<T>) -> T {
    request.map_or(limit, |request| limit.min(request))
}

fn as_millis<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_for_less_is_met() {
        let request = LimitsRequest {
            memory_bytes: Some(1),
            time_ms: Some(2),
            fuel: Some(3),
            output_bytes: Some(4),
            log_bytes: Some(5),
            http_requests: Some(6),
            http_bytes: Some(7),
            open_files: Some(8),
            written_bytes: Some(9),
        };
        assert_eq!(
            Limits::DEFAULT.lowered_by(&request),
            Limits {
                memory_bytes: 1,
                time: Duration::from_millis(2),
                fuel: Some(3),
                output_bytes: 4,
                log_bytes: 5,
                http_requests: 6,
                http_request_bytes: 7,
                http_response_bytes: 7,
                open_files: 8,
                written_bytes: 9,
                ..Limits::DEFAULT
            },
        );
    }

    #[test]
    fn a_request_for_more_changes_nothing() {
        let operator = Limits { fuel: Some(1_000), ..Limits::DEFAULT };
        let request = LimitsRequest {
            memory_bytes: Some(u64::MAX),
            time_ms: Some(u64::MAX),
            fuel: Some(u64::MAX),
            output_bytes: Some(u64::MAX),
            log_bytes: Some(u64::MAX),
            http_requests: Some(u32::MAX),
            http_bytes: Some(u64::MAX),
            open_files: Some(u32::MAX),
            written_bytes: Some(u64::MAX),
        };
        assert_eq!(operator.lowered_by(&request), operator);
        assert_eq!(operator.lowered_by(&LimitsRequest::NONE), operator);
    }

    #[test]
    fn the_record_shows_every_limit_with_its_unit() {
        assert_eq!(
            serde_json::to_value(Limits::DEFAULT).unwrap(),
            serde_json::json!({
                "memory_bytes": 67_108_864,
                "table_elements": 100_000,
                "instances": 32,
                "tables": 64,
                "memories": 8,
                "handles": 1024,
                "stack_bytes": 524_288,
                "hostcall_bytes": 5_242_880,
                "time_ms": 30_000,
                "fuel": null,
                "input_bytes": 16_777_216,
                "output_bytes": 16_777_216,
                "log_bytes": 65_536,
                "http_requests": 32,
                "http_request_bytes": 4_194_304,
                "http_response_bytes": 16_777_216,
                "open_files": 64,
                "written_bytes": 268_435_456,
            }),
        );
    }
}
