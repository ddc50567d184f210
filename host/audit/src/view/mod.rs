//! # Calls, put together from their records
//!
//! A call has several records: an intent, a denial for each thing it did not get,
//! an outcome. What a person wants to see is the call. This is a view: it refers
//! to the records by number and hash, and is no evidence itself: the records are,
//! and [`verify_log`](crate::verify_log) says whether they hold.
//!
//! What is missing of a call says why ([`Seen`]). A payload that is not the one
//! that its record binds is never shown: it is an error.

mod items;
mod kept;
mod read;
mod source;

use std::io;
use std::path::Path;

use serde_json::Value;

use crate::record::{Allowed, Caller, Durability, LogLine, OutcomeKind, PackageIdentity, Record, Usage};
use crate::verify::{ReadError, Records};
use crate::{Hash, Timestamp};

pub(crate) use items::Items;
pub(crate) use source::NoPayloads;

/// The calls in a log directory, without their payloads, and the records that
/// are part of none. A call is given when it has ended, and those still open at
/// the end.
///
/// Each record is checked against the one before; reading ends at the first
/// fault. The log may be in use; its last line may then be unfinished, which is a
/// fault like any other here.
pub fn outline(dir: &Path) -> io::Result<impl Iterator<Item = Result<Item, ReadError>>> {
    Ok(Items::new(Records::open(dir)?.placed(), NoPayloads, 0))
}

/// The calls in a log directory with their payloads, as far as these have at most
/// `most` bytes, and the records that are part of none. A call is given when it
/// has ended, and those still open at the end.
///
/// As [`outline`]; reads the records twice, since why a payload is gone is told
/// after it. What is erased on record is not shown, even if its erasure was
/// interrupted. In memory are the calls that are open, and a few bytes for each
/// payload that was erased by itself.
pub fn read(dir: &Path, most: u64) -> Result<impl Iterator<Item = Result<Item, ReadError>>, ReadError> {
    let payloads = kept::Kept::open(dir)?;
    Ok(Items::new(Records::open(dir)?.placed(), payloads, most))
}

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
    /// Not looked for, or longer than asked for.
    Unread,
}

impl<T> Seen<T> {
    /// What there is to see, whole or redacted.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Text(value) | Self::Redacted(value) => Some(value),
            Self::Committed | Self::Erased | Self::Lost | Self::Unread => None,
        }
    }
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
    Outcome(Box<OutcomeSeen>),
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
    /// The host calls that were allowed, as far as they are listed. Where a text
    /// was blacked out it reads `[redacted]`, and a count 0.
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
    Other(Box<Record>),
}

#[cfg(test)]
mod tests;
