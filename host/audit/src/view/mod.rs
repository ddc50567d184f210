//! # Calls, put together from their records
//!
//! A call has several records: an intent, a denial for each thing it did not get,
//! an outcome. What a person wants to see is the call. This is a view: it refers
//! to the records by number and hash, and is no evidence itself.

use serde_json::Value;

use crate::record::{Allowed, Caller, Durability, LogLine, OutcomeKind, PackageIdentity, Record, Usage};
use crate::{Hash, Timestamp};

/// A payload, as far as it is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen<T = String> {
    /// Whole, as it was said.
    Text(T),
    /// Without what the operator had blacked out, which reads `[redacted]`.
    Redacted(T),
    /// Never kept: the operator chose that the record only binds it.
    Committed,
    /// Erased later, on record.
    Erased,
    /// Never durable: its writer was interrupted, which is on record.
    Lost,
    /// Not looked for.
    Unread,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The number of its intent.
    pub seq: u64,
    /// The hash of its intent.
    pub leaf: Hash,
    /// When the intent was put in the log's order.
    pub ts: Timestamp,
    /// Identifies the call.
    pub id: String,
    /// The package, verified before the call.
    pub package: PackageIdentity,
    /// Which tool of the package was asked for.
    pub tool: String,
    /// Who called.
    pub caller: Caller,
    /// The permissions that the signed manifest declares; `null` where they were erased.
    pub declared: Value,
    /// The permissions in force; `null` where they were erased.
    pub granted: Value,
    /// The limits in force; `null` where they were erased.
    pub limits: Value,
    /// Which durability was in force.
    pub durability: Durability,
    /// The arguments.
    pub input: Seen,
    /// When the call began.
    pub started: Timestamp,
    /// What it was denied, in order.
    pub denials: Vec<DenialSeen>,
    /// How it ended; `None` where it is still open.
    pub end: Option<EndSeen>,
}

/// Something that a call did not get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenialSeen {
    /// The number of its record.
    pub seq: u64,
    /// The hash of its record.
    pub leaf: Hash,
    /// When the record was put in the log's order.
    pub ts: Timestamp,
    /// The permission that would have been needed.
    pub permission: String,
    /// Why, for a program.
    pub code: String,
    /// What was asked for.
    pub resource: Seen,
    /// Why, for a person.
    pub reason: Seen,
}

/// The end of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndSeen {
    /// The number of the record that says so.
    pub seq: u64,
    /// The hash of that record.
    pub leaf: Hash,
    /// When the record was put in the log's order.
    pub ts: Timestamp,
    /// How it ended.
    pub how: How,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// Its writer was interrupted; what became of the call is not known.
    Recovered,
    /// With an outcome.
    Outcome(OutcomeSeen),
}

/// The outcome of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeSeen {
    /// What the tool answered, if it answered.
    pub output: Option<Seen>,
    /// How many host calls were allowed.
    pub allowed: u64,
    /// How many host calls were denied.
    pub denied: u64,
    /// How many of the allowed ones are not in `calls`.
    pub unlisted: u64,
    /// The host calls that were allowed.
    pub calls: Seen<Vec<Allowed>>,
    /// What the tool said to its operator.
    pub log: Seen<Vec<LogLine>>,
    /// Log lines that found no room.
    pub log_dropped: u64,
    /// What the call used up.
    pub usage: Usage,
    /// The kind of ending.
    pub kind: OutcomeKind,
    /// Which of that kind, for a program.
    pub code: Option<String>,
    /// What happened, for a person.
    pub reason: Option<Seen>,
    /// When the call ended.
    pub ended: Timestamp,
    /// Bytes cut from texts of the outcome that were too long.
    pub cut_bytes: u64,
}

/// A call, or a record that is part of none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A call.
    Call(Box<Invocation>),
    /// A record by itself.
    Other(Record),
}
