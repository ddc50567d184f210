//! What is shown, as one JSON document.

use mpp_audit::view::{DenialSeen, EndSeen, How, Invocation, Item, OutcomeSeen, Seen};
use mpp_audit::{Fault, Record};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::super::evidence;
use crate::exit::Outcome;
use crate::output::Streams;

/// A call, or a record that is part of none.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Shown {
    Call(Value),
    Record(Box<RawValue>),
}

/// Calls, and other records as they stand in the log.
pub(super) fn items(items: &[Item], fault: Option<&Fault>, streams: &mut Streams<'_>) -> Outcome {
    #[derive(Serialize)]
    struct Document {
        items: Vec<Shown>,
        fault: Option<String>,
    }
    let shown = |item: &Item| match item {
        Item::Call(call) => Ok(Shown::Call(self::call(call))),
        Item::Other(record) => evidence::verbatim(record).map(Shown::Record),
    };
    let items = items.iter().map(shown).collect::<Outcome<_>>()?;
    streams.json(&Document { items, fault: fault.map(ToString::to_string) })
}

/// Records as they stand in the log, byte for byte.
pub(super) fn records(records: &[Record], fault: Option<&Fault>, streams: &mut Streams<'_>) -> Outcome {
    #[derive(Serialize)]
    struct Document {
        records: Vec<Box<RawValue>>,
        fault: Option<String>,
    }
    let records = records.iter().map(evidence::verbatim).collect::<Outcome<_>>()?;
    streams.json(&Document { records, fault: fault.map(ToString::to_string) })
}

/// The call with everything that is still there of it. Each part refers to the
/// record that it is from, by its number and its hash.
pub(super) fn call(call: &Invocation) -> Value {
    let Invocation {
        seq,
        leaf,
        ts,
        id,
        package,
        tool,
        caller,
        declared,
        granted,
        limits,
        durability,
        input,
        started,
        denials,
        end,
    } = call;
    json!({
        "record": seq,
        "hash": leaf.to_string(),
        "time": ts,
        "id": id,
        "package": package,
        "tool": tool,
        "caller": caller,
        "declared": declared,
        "granted": granted,
        "limits": limits,
        "durability": durability,
        "input": payload(input),
        "started": started,
        "denials": denials.iter().map(denial).collect::<Vec<_>>(),
        "end": end.as_ref().map(self::end),
    })
}

fn denial(denial: &DenialSeen) -> Value {
    let DenialSeen { seq, leaf, ts, permission, code, resource, reason } = denial;
    json!({
        "record": seq,
        "hash": leaf.to_string(),
        "time": ts,
        "permission": permission,
        "code": code,
        "resource": payload(resource),
        "reason": payload(reason),
    })
}

fn end(end: &EndSeen) -> Value {
    let EndSeen { seq, leaf, ts, how } = end;
    let mut document = match how {
        How::Recovered => json!({ "how": "recovered" }),
        How::Outcome(outcome) => self::outcome(outcome),
    };
    document["record"] = json!(seq);
    document["hash"] = json!(leaf.to_string());
    document["time"] = json!(ts);
    document
}

fn outcome(outcome: &OutcomeSeen) -> Value {
    let OutcomeSeen {
        output,
        allowed,
        denied,
        unlisted,
        calls,
        log,
        log_dropped,
        usage,
        kind,
        code,
        reason,
        ended,
        cut_bytes,
    } = outcome;
    json!({
        "how": "outcome",
        "outcome": kind,
        "code": code,
        "reason": reason.as_ref().map(payload),
        "output": output.as_ref().map(payload),
        "allowed": allowed,
        "denied": denied,
        "unlisted": unlisted,
        "calls": payload(calls),
        "log": payload(log),
        "log_dropped": log_dropped,
        "usage": usage,
        "ended": ended,
        "cut_bytes": cut_bytes,
    })
}

/// What is left of a payload: `{"state": …, "value": …}`, without a value where
/// nothing is left.
fn payload<T: Serialize>(seen: &Seen<T>) -> Value {
    match seen {
        Seen::Text(value) => json!({ "state": "whole", "value": value }),
        Seen::Redacted(value) => json!({ "state": "redacted", "value": value }),
        Seen::Committed | Seen::Erased | Seen::Lost | Seen::Unread => json!({ "state": state(seen) }),
    }
}

fn state<T>(seen: &Seen<T>) -> &'static str {
    match seen {
        Seen::Text(_) => "whole",
        Seen::Redacted(_) => "redacted",
        Seen::Committed => "commitment",
        Seen::Erased => "erased",
        Seen::Lost => "lost",
        Seen::Unread => "unread",
    }
}
