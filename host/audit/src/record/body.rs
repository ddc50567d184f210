//! From an entry to its line.
//!
//! What no reader understands must not get into the log. So what is written is read back
//! first, by the reader of every verifier, and held against what it was made of
//! ([`Body::of`]). That takes several times as long as writing it, and a call should not
//! wait for it; so it is left out where the types leave nothing to find ([`Readable`]).

use std::fmt::Write as _;

use serde::Serialize;

use super::line::VERSION;
use super::{DenialRecord, Entry, Event, OutcomeRecord, Record};
use crate::limits::MAX_RECORD_BYTES;
use crate::verify::FaultKind;
use crate::{Hash, Timestamp};

/// Where a record stands, and when it came there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) seq: u64,
    pub(crate) epoch: u32,
    pub(crate) prev: Hash,
    pub(crate) ts: Timestamp,
}

impl Place {
    /// Takes more room than any other.
    pub(crate) fn widest() -> Self {
        let ts = Timestamp::from(std::time::SystemTime::UNIX_EPOCH);
        Self { seq: u64::MAX, epoch: u32::MAX, prev: Hash::ZERO, ts }
    }
}

/// What stands around a kind and a body, at the widest place there is: a number of 20
/// digits, one of 10, a hash and a time.
const MAX_FRAME_BYTES: usize =
    r#"{"v":2,"seq":,"epoch":,"prev":"","ts":"","kind":"","body":}"#.len() + 20 + 10 + 64 + 30;

/// Room for a body as most are: the longest of an ordinary call has 2 KiB.
const USUAL_BYTES: usize = 2 * 1024;

/// What is read back as what it is, whatever is in it: each of its parts has one spelling, which
/// no other part changes, and there is none that a reader refuses.
///
/// - Strings: any Rust string, escaped, is read as the same string.
/// - Integers of 64 bits: no float, no exponent.
/// - [`Hash`] and [`Timestamp`]: a value out of the range that is read cannot be made.
/// - Enumerations without fields, structs of all these, and `None` as `null` under its key.
/// - JSON that was read back before, as part of the same body ([`Subject`](super::Subject)):
///   what stands around a JSON value has no part in its meaning. It has no key twice, and
///   nests no deeper than when it was read.
///
/// Never free JSON as it came, and no struct of which some combinations of fields are refused.
/// How long it is shows when it is written. Where debug assertions are on, as in tests, it is
/// read back all the same.
pub(crate) trait Readable: Serialize {
    /// The kind of its record.
    const KIND: &'static str;
}

impl Readable for DenialRecord {
    const KIND: &'static str = "denial";
}

impl Readable for OutcomeRecord {
    const KIND: &'static str = "outcome";
}

/// The part of a line that does not depend on its place in the log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Body {
    kind: &'static str,
    json: String,
}

impl Body {
    /// Writes the body of an entry, and makes sure that it can be read back.
    pub(crate) fn of(entry: &Entry) -> Result<Self, FaultKind> {
        let body = Self { kind: entry.kind(), json: json(entry).map_err(FaultKind::malformed)? };
        if body.read_back()? == *entry {
            Ok(body)
        } else {
            Err(FaultKind::malformed("reads back as something else"))
        }
    }

    /// As [`of`](Self::of), for what needs no reading.
    pub(crate) fn of_readable(entry: &impl Readable) -> Result<Self, FaultKind> {
        let body = Self::unread(entry)?;
        debug_assert!(body.read_back().is_ok(), "{:?} of {}", body.read_back(), body.json);
        Ok(body)
    }

    /// What is still to be read back.
    pub(super) fn unread<T: Readable>(entry: &T) -> Result<Self, FaultKind> {
        let body = Self { kind: T::KIND, json: written(entry).map_err(FaultKind::malformed)? };
        let longest = body.json.len() + body.kind.len() + MAX_FRAME_BYTES;
        if longest <= MAX_RECORD_BYTES { Ok(body) } else { Err(FaultKind::TooLong) }
    }

    /// What a verifier reads, at whatever place.
    pub(crate) fn read_back(&self) -> Result<Entry, FaultKind> {
        Record::decode(self.at(&Place::widest()).as_bytes()).map(|record| record.entry)
    }

    /// The line at one place in the log, without its newline.
    pub(crate) fn at(&self, place: &Place) -> String {
        let mut line = String::with_capacity(self.json.len() + self.kind.len() + MAX_FRAME_BYTES);
        self.write_at(place, &mut line);
        line
    }

    /// As [`at`](Self::at), behind what is there: without memory of its own, because others
    /// wait for their place meanwhile.
    pub(crate) fn write_at(&self, place: &Place, to: &mut String) {
        let Place { seq, epoch, prev, ts } = place;
        // Writing to a string does not fail.
        let _ = write!(to, r#"{{"v":{VERSION},"seq":{seq},"epoch":{epoch},"prev":""#);
        prev.push_to(to);
        to.push_str(r#"","ts":""#);
        ts.push_to(to);
        for part in [r#"","kind":""#, self.kind, r#"","body":"#, &self.json, "}"] {
            to.push_str(part);
        }
    }
}

fn written(value: &impl Serialize) -> serde_json::Result<String> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut bytes, value)?;
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}

fn json(entry: &Entry) -> serde_json::Result<String> {
    match entry {
        Entry::Header(header) => written(header),
        Entry::Heartbeat(heartbeat) => written(heartbeat),
        Entry::Torn(torn) => written(torn),
        Entry::Lost(lost) => written(lost),
        Entry::Intent(intent) => written(intent),
        Entry::Denial(denial) => written(denial),
        Entry::Outcome(outcome) => written(outcome),
        Entry::Recovered(recovered) => written(recovered),
        Entry::Erasure(erasure) => written(erasure),
        Entry::Retention(retention) => written(retention),
        Entry::Hold(hold) => written(hold),
        Entry::Event(Event::Refusal(refusal)) => written(refusal),
        Entry::Event(Event::Cache(rejection)) => written(rejection),
        Entry::Event(Event::TrustChange(change)) => written(change),
        Entry::Event(Event::PolicyChange(change)) => written(change),
        Entry::Event(Event::Settings(change)) => written(change),
    }
}

#[cfg(test)]
mod tests;
