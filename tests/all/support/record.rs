//! A call as the log has it: put together from its records and payloads, all of
//! them whole.

use std::path::Path;

use mpp_host::audit::view::{self, DenialSeen, How, Invocation, Item, OutcomeSeen, Seen};
use mpp_host::audit::{
    Allowed, Caller, Durability, LogLine, OutcomeKind, PackageIdentity, Record as Line, Usage,
};
use mpp_host::policy::Permission;
use serde_json::Value;

/// One call on record.
#[derive(Clone, Debug)]
pub struct Record {
    /// The number of its intent.
    pub intent: u64,
    /// The number of its outcome.
    pub end: u64,
    pub id: String,
    pub package: PackageIdentity,
    pub tool: String,
    pub caller: Caller,
    pub limits: Value,
    pub durability: Durability,
    pub input: String,
    pub output: Option<String>,
    /// What was allowed, and after it what was denied, each in its order.
    pub checks: Vec<Check>,
    /// How many host calls were allowed, denied, and allowed without being listed.
    pub host_calls: (u64, u64, u64),
    pub log: Vec<LogLine>,
    /// Bytes cut from texts of the outcome.
    pub cut_bytes: u64,
    pub usage: Usage,
    pub outcome: Ending,
}

/// One host call that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub permission: String,
    pub resource: String,
    /// Absent if it was allowed.
    pub denial: Option<Denied>,
}

/// Why a host call was denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The number of its record.
    pub seq: u64,
    pub resource: String,
    pub code: String,
    pub reason: String,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    pub kind: OutcomeKind,
    pub code: Option<String>,
    pub reason: Option<String>,
}

impl Record {
    /// The denied checks of a permission.
    pub fn denied(&self, permission: Permission) -> impl DoubleEndedIterator<Item = &Denied> {
        let of_it = self.checks.iter().filter(move |check| check.permission == permission.as_str());
        of_it.filter_map(|check| check.denial.as_ref())
    }
}

/// Every call in a log that has ended, and every record that is part of none, in
/// the order of their ends.
#[track_caller]
pub fn read(log: &Path) -> (Vec<Record>, Vec<Line>) {
    let (mut calls, mut others) = (Vec::new(), Vec::new());
    for item in view::read(log, u64::MAX).expect("the log can be read") {
        match item.expect("the log holds") {
            Item::Call(call) if call.end.is_none() => {}
            Item::Call(call) => calls.push(Record::from(*call)),
            Item::Other(record) => others.push(*record),
        }
    }
    (calls, others)
}

impl From<Invocation> for Record {
    fn from(call: Invocation) -> Self {
        let Invocation { seq, id, package, tool, caller, limits, durability, input, denials, end, .. } = call;
        let end = end.unwrap_or_else(|| panic!("the call {id} is still open"));
        let How::Outcome(outcome) = end.how else { panic!("nobody knows how the call {id} ended") };
        let OutcomeSeen {
            output,
            allowed,
            denied,
            unlisted,
            calls,
            log,
            log_dropped: _,
            usage,
            kind,
            code,
            reason,
            ended: _,
            cut_bytes,
        } = *outcome;
        let listed = whole(calls).into_iter().map(Check::from);
        Self {
            intent: seq,
            end: end.seq,
            id,
            package,
            tool,
            caller,
            limits,
            durability,
            input: whole(input),
            output: output.map(whole),
            checks: listed.chain(denials.into_iter().map(Check::from)).collect(),
            host_calls: (allowed, denied, unlisted),
            log: whole(log),
            cut_bytes,
            usage,
            outcome: Ending { kind, code, reason: reason.map(whole) },
        }
    }
}

impl From<Allowed> for Check {
    fn from(Allowed { permission, resource, count: _ }: Allowed) -> Self {
        Self { permission, resource, denial: None }
    }
}

impl From<DenialSeen> for Check {
    fn from(denial: DenialSeen) -> Self {
        let DenialSeen { seq, permission, code, resource, reason, .. } = denial;
        let resource = whole(resource);
        let denial = Denied { seq, resource: resource.clone(), code, reason: whole(reason) };
        Self { permission, resource, denial: Some(denial) }
    }
}

/// A payload that is kept as it was said.
fn whole<T: std::fmt::Debug>(seen: Seen<T>) -> T {
    match seen {
        Seen::Text(text) => text,
        other => panic!("the payload is not whole: {other:?}"),
    }
}
