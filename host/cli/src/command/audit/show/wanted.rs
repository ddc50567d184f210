//! What a command line asks to see.

use std::convert::Infallible;
use std::str::FromStr;

use mpp_audit::view::{How, Item};
use mpp_audit::{Filter, PackageIdentity, Timestamp};

/// One thing to see, or to prove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Wanted {
    /// The record of this number.
    Number(u64),
    /// The call of this id.
    Call(String),
}

impl FromStr for Wanted {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.parse().map_or_else(|_| Self::Call(text.to_owned()), Self::Number))
    }
}

/// What is no kind of record: a call as a whole.
const CALL: &str = "call";

/// A call, and the kinds of records.
pub(super) const KINDS: [&str; 17] = [
    CALL,
    "intent",
    "denial",
    "outcome",
    "recovered",
    "refusal",
    "cache",
    "policy-change",
    "trust-change",
    "settings",
    "erasure",
    "retention",
    "hold",
    "torn",
    "lost",
    "heartbeat",
    "header",
];

/// Whether these are records of calls, which are seen only if calls are not put
/// together.
pub(super) fn is_of_calls(kind: &str) -> bool {
    matches!(kind, "intent" | "denial" | "outcome" | "recovered")
}

/// Whether an item meets every condition. A call meets what one of its records
/// would, and so is asked as a whole.
pub(super) fn meets(filter: &Filter, item: &Item) -> bool {
    let call = match item {
        Item::Call(call) => call,
        Item::Other(record) => return filter.matches(record),
    };
    let Filter { kind, package, tool, outcome, since, limit: _ } = filter;
    let ended = match call.end.as_ref().map(|end| &end.how) {
        Some(How::Outcome(outcome)) => Some(outcome.kind),
        Some(How::Recovered) | None => None,
    };
    kind.as_deref().is_none_or(|kind| kind == CALL)
        && package.as_deref().is_none_or(|wanted| is_named(&call.package, wanted))
        && tool.as_ref().is_none_or(|tool| call.tool == *tool)
        && outcome.is_none_or(|outcome| ended == Some(outcome))
        && since.is_none_or(|since| call.ts >= since)
}

/// Whether a package has this name: `NAME`, `PUBLISHER/NAME`, either with `@VERSION`.
fn is_named(package: &PackageIdentity, wanted: &str) -> bool {
    let PackageIdentity { publisher, name, version, .. } = package;
    let full = format!("{publisher}/{name}");
    let (wanted, release) = wanted.split_once('@').map_or((wanted, None), |(name, of)| (name, Some(of)));
    (wanted == name || wanted == full) && release.is_none_or(|release| release == version)
}

/// Where an item stands in the log: by its first record.
pub(super) fn number(item: &Item) -> u64 {
    match item {
        Item::Call(call) => call.seq,
        Item::Other(record) => record.seq,
    }
}

/// Reads a day, a second, or a time as records spell it; all in UTC.
pub(super) fn since(text: &str) -> Result<Timestamp, String> {
    if let Ok(exact) = text.parse() {
        return Ok(exact);
    }
    let second = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00Z") };
    second.parse::<mpp_package::Timestamp>().map(|second| Timestamp::from(second.to_system_time())).map_err(
        |_| "write a day such as 2026-11-22, or a time in UTC such as 2026-11-22T08:00:00Z".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_a_second_are_times() {
        let midnight = "2026-11-22T00:00:00.000000000Z".parse();
        assert_eq!(since("2026-11-22").ok(), midnight.ok());
        assert_eq!(since("2026-11-22T00:00:00Z").ok(), midnight.ok());
        for text in ["", "2026", "yesterday", "2026-11-22T00:00", "2026-13-01"] {
            assert!(since(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_names_a_record_and_anything_else_a_call() {
        assert_eq!("7".parse(), Ok(Wanted::Number(7)));
        for id in ["-7", "7a", "0190e0a4-0000-7000-8000-000000000000", "99999999999999999999"] {
            assert_eq!(id.parse(), Ok(Wanted::Call(id.to_owned())));
        }
    }
}
