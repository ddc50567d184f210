//! How a call ended, and what it did.

use serde::{Deserialize, Serialize};

use super::OutcomeKind;
use super::payload::Bound;
use super::strict;
use crate::{Hash, Timestamp};

/// The end of a call whose [`Intent`](super::Intent) is on record. No output is
/// released before it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeRecord {
    /// The number of the intent.
    pub intent: u64,
    /// Identifies the call, as the intent does.
    pub id: String,
    /// What the tool answered, if it answered; also where it was withheld.
    #[serde(deserialize_with = "strict::nullable")]
    pub output: Option<Bound>,
    /// The host calls.
    pub calls: HostCalls,
    /// What the tool said to its operator, if it said anything: a JSON array of
    /// [`LogLine`]s.
    #[serde(deserialize_with = "strict::nullable")]
    pub log: Option<Bound>,
    /// Log lines that found no room.
    pub log_dropped: u64,
    /// What the call used up.
    pub usage: Usage,
    /// How it ended.
    pub outcome: Outcome,
    /// When the call ended.
    pub ended: Timestamp,
    /// Bytes cut from texts of this record and its payloads that were too long,
    /// here or at the caller's. Zero means that every text is whole, whatever it
    /// ends with.
    pub cut_bytes: u64,
}

/// The calls of a tool into the host that a permission covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostCalls {
    /// The root over the list: one line of it can be shown without the others.
    pub root: Hash,
    /// How many were allowed.
    pub allowed: u64,
    /// How many were denied. Each kind of denial, up to a number, has a
    /// [record of its own](super::DenialRecord).
    pub denied: u64,
    /// How many of those allowed are not in the list.
    pub unlisted: u64,
    /// The list of those allowed, each kind once: an [`Allowed`](super::Allowed)
    /// as JSON and a newline for each. `None` where there was none.
    #[serde(deserialize_with = "strict::nullable")]
    pub list: Option<Bound>,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The kind of ending.
    pub kind: OutcomeKind,
    /// Which of that kind, for a program: `memory` for a limit, `invalid-input`
    /// for a refusal.
    #[serde(deserialize_with = "strict::nullable")]
    pub code: Option<String>,
    /// What happened, for a person.
    #[serde(deserialize_with = "strict::nullable")]
    pub reason: Option<Bound>,
}

/// One line that the tool wrote for its operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogLine {
    /// `trace` to `error`, or the stream it came by: `stdout`, `stderr`.
    pub level: String,
    /// The line.
    pub text: String,
}

/// What a call used up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// Time from start to end, microseconds.
    pub wall_us: u64,
    /// Fuel burnt; `None` where fuel was not counted.
    #[serde(deserialize_with = "strict::nullable")]
    pub fuel: Option<u64>,
    /// Linear memory at its highest, bytes.
    pub peak_memory_bytes: u64,
    /// Calls from the guest into the host.
    pub hostcalls: u64,
    /// Length of the input, bytes.
    pub input_bytes: u64,
    /// Length of the output, bytes.
    pub output_bytes: u64,
    /// Length of all log lines, bytes, those dropped included.
    pub log_bytes: u64,
    /// Bytes read from files.
    pub read_bytes: u64,
    /// Bytes written to files.
    pub written_bytes: u64,
    /// Most files open at once.
    pub peak_open_files: u64,
    /// HTTP requests sent.
    pub http_requests: u64,
    /// Bytes of request bodies sent.
    pub http_request_bytes: u64,
    /// Bytes of response bodies received.
    pub http_response_bytes: u64,
}
