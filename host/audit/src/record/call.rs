//! A call as the host tells of it: when it begins, what it was denied, how it ended.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::strict;
use super::{LogLine, OutcomeKind, Subject, Usage};
use crate::Timestamp;

/// A call that is about to begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCall {
    /// Identifies the call (a UUID in text form).
    pub id: String,
    /// What is called, and with which authority.
    #[serde(with = "super::subject::said")]
    pub subject: Arc<Subject>,
    /// Which tool of the package was asked for. The caller's word: it may name
    /// no tool at all.
    pub tool: String,
    /// Who called, as the host knows it.
    pub caller: Caller,
    /// The arguments, as the caller sent them.
    pub input: String,
    /// When the call began.
    pub started: Timestamp,
}

/// Who called, and from where, as far as the host knows. Names only, each cut at
/// [`MAX_NAME_BYTES`](crate::limits::MAX_NAME_BYTES).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    /// The agent.
    #[serde(deserialize_with = "strict::nullable")]
    pub agent: Option<String>,
    /// The program that the agent runs in.
    #[serde(deserialize_with = "strict::nullable")]
    pub client: Option<String>,
    /// The connection or conversation that the call is part of.
    #[serde(deserialize_with = "strict::nullable")]
    pub session: Option<String>,
    /// The request that asked for the call.
    #[serde(deserialize_with = "strict::nullable")]
    pub request: Option<String>,
    /// The trace that the call is part of (W3C Trace Context, `traceparent`).
    #[serde(deserialize_with = "strict::nullable")]
    pub trace: Option<String>,
}

impl Caller {
    /// Nothing is known.
    pub const NOBODY: Self = Self { agent: None, client: None, session: None, request: None, trace: None };
}

/// When a call may go on, with respect to what is on record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Durability {
    /// No effect before its intent is durable, no output before its outcome is.
    #[default]
    Strict,
    /// Records become durable at most one interval of checkpoints later. Who
    /// pulls the plug can make that much undone.
    Relaxed,
}

impl Durability {
    /// The choice as a record spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Relaxed => "relaxed",
        }
    }
}

impl std::fmt::Display for Durability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that a call asked for and did not get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denied {
    /// The permission that would have been needed, for example `filesystem.read`.
    pub permission: String,
    /// Why, for a program.
    pub code: String,
    /// What was asked for: a path, a URL, the name of a variable.
    pub resource: String,
    /// Why, for a person.
    pub reason: String,
}

/// Something that a call asked for and got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// The permission that covered it.
    pub permission: String,
    /// What was asked for: a path, a URL, the name of a variable.
    pub resource: String,
    /// How many times.
    pub count: u64,
}

/// A call that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// What the tool answered, if it answered; also where it was withheld.
    #[serde(deserialize_with = "strict::nullable")]
    pub output: Option<String>,
    /// The host calls that were allowed, each kind once, in the order of first use.
    pub allowed: Vec<Allowed>,
    /// Allowed host calls beyond those of `allowed`.
    pub allowed_unlisted: u64,
    /// Denied host calls, those included that have a record of their own.
    pub denied: u64,
    /// What the tool said to its operator.
    pub log: Vec<LogLine>,
    /// Log lines that found no room at the caller's.
    pub log_dropped: u64,
    /// What the call used up.
    pub usage: Usage,
    /// The kind of ending.
    pub kind: OutcomeKind,
    /// Which of that kind, for a program: `memory` for a limit, `invalid-input`
    /// for a refusal.
    #[serde(deserialize_with = "strict::nullable")]
    pub code: Option<String>,
    /// What happened, for a person.
    #[serde(deserialize_with = "strict::nullable")]
    pub reason: Option<String>,
    /// When the call ended.
    pub ended: Timestamp,
    /// Bytes cut from texts at the caller's.
    pub cut_bytes: u64,
}
