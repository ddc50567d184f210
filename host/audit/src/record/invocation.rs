//! The record of one call.

use serde::{Deserialize, Serialize};

use super::strict;
use super::{Document, PackageIdentity, Payload};
use crate::Timestamp;

/// One call of one tool, refused ones included: who, what, with which
/// authority, what it did with it, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invocation {
    /// Identifies the call (a UUID in text form).
    pub id: String,
    /// The package, verified before the call.
    pub package: PackageIdentity,
    /// Which tool of the package was asked for. The caller's word: it may name
    /// no tool at all.
    pub tool: String,
    /// Who called, as the host knows it.
    #[serde(deserialize_with = "strict::nullable")]
    pub agent: Option<String>,
    /// The permissions that the signed manifest declares.
    pub declared: Document,
    /// The permissions that were in force: declared and allowed by the operator.
    pub granted: Document,
    /// The limits that were in force.
    pub limits: Document,
    /// The arguments, as the caller sent them.
    pub input: Payload,
    /// When the call began.
    pub started: Timestamp,
    /// What the tool answered, if it answered; kept also where it was withheld.
    #[serde(deserialize_with = "strict::nullable")]
    pub output: Option<Payload>,
    /// Each permission check, with its verdict.
    pub checks: Vec<Check>,
    /// Entries of `checks` that found no room here or at the caller's.
    pub checks_dropped: u64,
    /// What the tool said to its operator.
    pub log: Vec<LogLine>,
    /// Log lines that found no room here or at the caller's.
    pub log_dropped: u64,
    /// Bytes cut from texts of this record that were too long, here or at the
    /// caller's. Zero means that every text is whole, whatever it ends with.
    pub cut_bytes: u64,
    /// What the call used up.
    pub usage: Usage,
    /// How it ended.
    pub outcome: OutcomeRecord,
    /// When the call ended.
    pub ended: Timestamp,
}

/// One question whether the tool may do something, and the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The permission asked for, for example `filesystem.read`.
    pub permission: String,
    /// What it was asked for: a path, a URL, the name of a variable.
    pub resource: String,
    /// The answer.
    pub verdict: Verdict,
    /// Why, for a denial.
    #[serde(deserialize_with = "strict::nullable")]
    pub reason: Option<String>,
    /// How many times the same question had the same answer.
    pub count: u64,
}

/// The answer to a permission check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The grant covers it.
    Allowed,
    /// The grant does not cover it.
    Denied,
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

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeRecord {
    /// The kind of ending.
    pub kind: OutcomeKind,
    /// Which of that kind, for a program: `memory` for a limit, `invalid-input`
    /// for a refusal.
    #[serde(deserialize_with = "strict::nullable")]
    pub code: Option<String>,
    /// What happened, for a person.
    #[serde(deserialize_with = "strict::nullable")]
    pub reason: Option<String>,
}

impl OutcomeRecord {
    /// The call gave an output and nothing needs saying.
    pub fn ok() -> Self {
        Self { kind: OutcomeKind::Ok, code: None, reason: None }
    }
}

/// Every way a call can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeKind {
    /// The tool gave an output, and it was released.
    Ok,
    /// The tool reported an error of its own.
    ToolError,
    /// The tool ended over something the grant does not cover.
    Denied,
    /// No code of the tool ran: unknown tool, input outside its schema.
    Refused,
    /// The tool crashed.
    Trap,
    /// A limit other than time was reached.
    Limit,
    /// The time limit was reached.
    Timeout,
    /// The tool ended its own process.
    Exit,
    /// The output broke the contract and was withheld.
    BadOutput,
    /// The host failed.
    HostFault,
    /// The caller went away.
    Cancelled,
}

impl OutcomeKind {
    /// Every kind, in the order of the declaration.
    pub const ALL: [Self; 11] = [
        Self::Ok,
        Self::ToolError,
        Self::Denied,
        Self::Refused,
        Self::Trap,
        Self::Limit,
        Self::Timeout,
        Self::Exit,
        Self::BadOutput,
        Self::HostFault,
        Self::Cancelled,
    ];

    /// The kind as the record spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ToolError => "tool-error",
            Self::Denied => "denied",
            Self::Refused => "refused",
            Self::Trap => "trap",
            Self::Limit => "limit",
            Self::Timeout => "timeout",
            Self::Exit => "exit",
            Self::BadOutput => "bad-output",
            Self::HostFault => "host-fault",
            Self::Cancelled => "cancelled",
        }
    }
}

impl std::fmt::Display for OutcomeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no kind of outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no outcome is called {0:?}; there are ok, tool-error, denied, refused, trap, limit, timeout, exit, bad-output, host-fault and cancelled"
)]
pub struct UnknownOutcome(pub String);

impl std::str::FromStr for OutcomeKind {
    type Err = UnknownOutcome;

    fn from_str(text: &str) -> Result<Self, UnknownOutcome> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownOutcome(text.to_owned()))
    }
}
