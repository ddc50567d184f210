//! From an entry to its line and back.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::strict::{self, JsonFault};
use super::{Entry, Event, Header, TrustChange};
use crate::limits::MAX_RECORD_BYTES;
use crate::verify::FaultKind;
use crate::{Hash, Receipt, Timestamp};

/// The version of the record format.
const VERSION: u64 = 1;

/// One record, read from its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The record's number; the header has 0.
    pub seq: u64,
    /// The hash of the record before; zero in the header.
    pub prev: Hash,
    /// When the record was put in the log's order.
    pub ts: Timestamp,
    /// What it says.
    pub entry: Entry,
    /// The hash of this record's line.
    pub hash: Hash,
    /// The line as it stands in the file, without its newline.
    pub line: String,
}

impl Record {
    /// Reads one line, without its newline. Says nothing of the record's place
    /// in a log: that takes the records before and after.
    pub fn decode(line: &[u8]) -> Result<Self, FaultKind> {
        let envelope = Envelope::parse(line)?;
        let Envelope { v: _, seq, prev, ts, kind, body } = &envelope;
        strict::check(envelope.text(line)?)?;
        Ok(Self {
            seq: *seq,
            prev: *prev,
            ts: *ts,
            entry: Entry::decode(kind, body.get())?,
            hash: Hash::of_record(line),
            line: envelope.text(line)?.to_owned(),
        })
    }

    /// Where the record stands.
    pub fn receipt(&self) -> Receipt {
        Receipt { seq: self.seq, hash: self.hash }
    }

    /// The event, unless this is the header.
    pub fn event(&self) -> Option<&Event> {
        match &self.entry {
            Entry::Header(_) => None,
            Entry::Event(event) => Some(event),
        }
    }
}

/// A record with its body unread: enough to follow the chain.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Envelope<'a> {
    v: u64,
    pub(crate) seq: u64,
    pub(crate) prev: Hash,
    pub(crate) ts: Timestamp,
    #[serde(borrow)]
    pub(crate) kind: Cow<'a, str>,
    #[serde(borrow)]
    body: &'a RawValue,
}

impl<'a> Envelope<'a> {
    pub(crate) fn parse(line: &'a [u8]) -> Result<Self, FaultKind> {
        if line.len() > MAX_RECORD_BYTES {
            return Err(FaultKind::TooLong);
        }
        let text = utf8(line)?;
        // serde would read the envelope from an array as well, and JSON allows
        // space around a value.
        if !(text.starts_with('{') && text.ends_with('}')) {
            return Err(FaultKind::malformed("a record is one JSON object without space around it"));
        }
        match serde_json::from_str::<Self>(text) {
            Ok(envelope) if envelope.v == VERSION => Ok(envelope),
            Ok(Self { v: found, .. }) => Err(FaultKind::UnknownVersion { found }),
            Err(error) => Err(why_not(text, &error)),
        }
    }

    fn text(&self, line: &'a [u8]) -> Result<&'a str, FaultKind> {
        utf8(line)
    }
}

fn utf8(line: &[u8]) -> Result<&str, FaultKind> {
    std::str::from_utf8(line).map_err(|_| FaultKind::malformed("not UTF-8"))
}

/// Names the fault of a line that is no envelope. Another version of the format
/// may have other fields, so its version is looked for before its fields are
/// blamed: the one place that reads past what it does not know, and all it
/// decides is the wording of a refusal.
fn why_not(text: &str, error: &serde_json::Error) -> FaultKind {
    #[derive(Deserialize)]
    struct Peek {
        v: u64,
    }
    if let Err(fault) = strict::check(text) {
        return fault.into();
    }
    match serde_json::from_str::<Peek>(text) {
        Ok(Peek { v: found }) if found != VERSION => FaultKind::UnknownVersion { found },
        _ => FaultKind::malformed(error),
    }
}

impl From<JsonFault> for FaultKind {
    fn from(fault: JsonFault) -> Self {
        match fault {
            JsonFault::DuplicateKey(key) => Self::duplicate_key(&key),
            JsonFault::Malformed(detail) => Self::malformed(detail),
        }
    }
}

impl Entry {
    /// The kind as the record spells it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Header(_) => HEADER,
            Self::Event(event) => event.kind(),
        }
    }

    fn decode(kind: &str, body: &str) -> Result<Self, FaultKind> {
        Ok(match kind {
            HEADER => {
                let header: Header = read(body)?;
                if header.format != Header::FORMAT {
                    return Err(FaultKind::malformed(format_args!(
                        "the header names the format {:?}",
                        header.format
                    )));
                }
                Self::Header(header)
            }
            "invocation" => Self::Event(Event::Invocation(read(body)?)),
            "refusal" => Self::Event(Event::Refusal(read(body)?)),
            "cache" => Self::Event(Event::Cache(read(body)?)),
            "trust-change" => Self::Event(Event::TrustChange(trust_change(body)?)),
            "policy-change" => Self::Event(Event::PolicyChange(read(body)?)),
            unknown => return Err(FaultKind::unknown_kind(unknown)),
        })
    }
}

/// The kind of the first record.
pub(crate) const HEADER: &str = "header";

/// Reads a body, and then asks whether writing it again says the same. So
/// nothing that serde is lenient about (an array for a struct) is ever read as
/// something that it does not literally say.
fn read<T: DeserializeOwned + Serialize>(body: &str) -> Result<T, FaultKind> {
    let said: Value = serde_json::from_str(body).map_err(FaultKind::malformed)?;
    let read: T = serde_json::from_str(body).map_err(FaultKind::malformed)?;
    let again = serde_json::to_value(&read).map_err(FaultKind::malformed)?;
    if again == said {
        Ok(read)
    } else {
        Err(FaultKind::malformed("a field has not the form the format gives it"))
    }
}

/// The one body of which not every combination of fields says something.
fn trust_change(body: &str) -> Result<TrustChange, FaultKind> {
    let change: TrustChange = read(body)?;
    if change.makes_sense() {
        Ok(change)
    } else {
        Err(FaultKind::malformed("a change of trust names an action that does not go with what it is about"))
    }
}

/// The part of a line that does not depend on its place in the log.
pub(crate) struct Body {
    kind: &'static str,
    json: String,
}

impl Body {
    /// Writes the body of an entry, and makes sure that it can be read back:
    /// what no reader understands must not get into the log.
    pub(crate) fn of(entry: &Entry) -> Result<Self, FaultKind> {
        let json = match entry {
            Entry::Header(header) => serde_json::to_string(header),
            Entry::Event(Event::Invocation(invocation)) => serde_json::to_string(invocation),
            Entry::Event(Event::Refusal(refusal)) => serde_json::to_string(refusal),
            Entry::Event(Event::Cache(rejection)) => serde_json::to_string(rejection),
            Entry::Event(Event::TrustChange(change)) => serde_json::to_string(change),
            Entry::Event(Event::PolicyChange(change)) => serde_json::to_string(change),
        }
        .map_err(FaultKind::malformed)?;
        let body = Self { kind: entry.kind(), json };
        // The widest place there is.
        let line = body.at(u64::MAX, Hash::ZERO, Timestamp::from(std::time::SystemTime::UNIX_EPOCH));
        let read = Record::decode(line.as_bytes())?;
        if read.entry == *entry {
            Ok(body)
        } else {
            Err(FaultKind::malformed("reads back as something else"))
        }
    }

    /// The line at one place in the log, without its newline.
    pub(crate) fn at(&self, seq: u64, prev: Hash, ts: Timestamp) -> String {
        let Self { kind, json } = self;
        format!(r#"{{"v":{VERSION},"seq":{seq},"prev":"{prev}","ts":"{ts}","kind":"{kind}","body":{json}}}"#)
    }
}

#[cfg(test)]
mod tests;
