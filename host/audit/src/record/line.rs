//! From a line to its entry.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::strict::{self, JsonFault};
use super::{Entry, Event, Header};
use crate::limits::MAX_RECORD_BYTES;
use crate::verify::FaultKind;
use crate::{Hash, Receipt, Timestamp};

/// The version of the record format. Version 1 had neither epochs nor keys.
pub(super) const VERSION: u64 = 2;

/// One record, read from its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The record's number; the header has 0.
    pub seq: u64,
    /// The epoch in whose key its checkpoints are signed (see [`epoch`](crate::epoch)).
    pub epoch: u32,
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
        let text = utf8(line)?;
        let Envelope { v: _, seq, epoch, prev, ts, kind, body } = &envelope;
        // Where the body is spelled as this program would, it says what was
        // read from it, and nothing twice. That is cheaper to see than to search.
        let entry = match Entry::decode(kind, body.get()) {
            Ok((entry, Spelling::Ours)) if is_shallow(text) => entry,
            other => {
                strict::check(text)?;
                other?.0
            }
        };
        Ok(Self {
            seq: *seq,
            epoch: *epoch,
            prev: *prev,
            ts: *ts,
            entry,
            hash: Hash::of_record(line),
            line: text.to_owned(),
        })
    }

    /// Where the record stands.
    pub fn receipt(&self) -> Receipt {
        Receipt { seq: self.seq, hash: self.hash }
    }

    /// The event, unless the record is one of a call or one that the log wrote by
    /// itself.
    pub fn event(&self) -> Option<&Event> {
        match &self.entry {
            Entry::Event(event) => Some(event),
            _ => None,
        }
    }
}

/// A record with its body unread: enough to follow the chain.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Envelope<'a> {
    v: u64,
    pub(crate) seq: u64,
    pub(crate) epoch: u32,
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
}

fn utf8(line: &[u8]) -> Result<&str, FaultKind> {
    std::str::from_utf8(line).map_err(|_| FaultKind::malformed("not UTF-8"))
}

/// Whether a line cannot nest deeper than [`strict::check`] allows, because it
/// does not open so many arrays and objects at all.
fn is_shallow(text: &str) -> bool {
    text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() <= strict::MAX_DEPTH
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
    fn decode(kind: &str, body: &str) -> Result<(Self, Spelling), FaultKind> {
        Ok(match kind {
            HEADER => header(body)?,
            "heartbeat" => read(body, Self::Heartbeat)?,
            "torn" => read(body, Self::Torn)?,
            "lost" => read(body, Self::Lost)?,
            "intent" => read(body, Self::Intent)?,
            "denial" => read(body, Self::Denial)?,
            "outcome" => read(body, Self::Outcome)?,
            "recovered" => read(body, Self::Recovered)?,
            "erasure" => read(body, Self::Erasure)?,
            "retention" => read(body, Self::Retention)?,
            "hold" => read(body, Self::Hold)?,
            "refusal" => read(body, |refusal| Self::Event(Event::Refusal(refusal)))?,
            "cache" => read(body, |rejection| Self::Event(Event::Cache(rejection)))?,
            "trust-change" => trust_change(body)?,
            "policy-change" => read(body, |change| Self::Event(Event::PolicyChange(change)))?,
            "settings" => read(body, |change| Self::Event(Event::Settings(change)))?,
            unknown => return Err(FaultKind::unknown_kind(unknown)),
        })
    }
}

/// The kind of the first record.
pub(crate) const HEADER: &str = "header";

/// Whether a body is spelled as this program spells it.
enum Spelling {
    Ours,
    /// In another order, or with other spaces or escapes.
    Another,
}

/// Reads a body, and then asks whether writing it again says the same. So
/// nothing that serde is lenient about (an array for a struct) is ever read as
/// something that it does not literally say.
fn read<T: DeserializeOwned + Serialize>(
    body: &str,
    entry: impl FnOnce(T) -> Entry,
) -> Result<(Entry, Spelling), FaultKind> {
    let read: T = serde_json::from_str(body).map_err(FaultKind::malformed)?;
    if serde_json::to_string(&read).is_ok_and(|again| again == body) {
        return Ok((entry(read), Spelling::Ours));
    }
    let said: Value = serde_json::from_str(body).map_err(FaultKind::malformed)?;
    let again = serde_json::to_value(&read).map_err(FaultKind::malformed)?;
    if again == said {
        Ok((entry(read), Spelling::Another))
    } else {
        Err(FaultKind::malformed("a field has not the form the format gives it"))
    }
}

/// A body that names its format, and a key that is this log's.
fn header(body: &str) -> Result<(Entry, Spelling), FaultKind> {
    let (entry, spelling) = read(body, Entry::Header)?;
    match &entry {
        Entry::Header(header) if header.format != Header::FORMAT => {
            let found = &header.format;
            Err(FaultKind::malformed(format_args!("the header names the format {found:?}")))
        }
        Entry::Header(header) if !header.has_its_key() => {
            Err(FaultKind::malformed("the header names a key that is not one for the epochs of this log"))
        }
        _ => Ok((entry, spelling)),
    }
}

/// The one body of which not every combination of fields says something.
fn trust_change(body: &str) -> Result<(Entry, Spelling), FaultKind> {
    let (entry, spelling) = read(body, |change| Entry::Event(Event::TrustChange(change)))?;
    match &entry {
        Entry::Event(Event::TrustChange(change)) if !change.makes_sense() => Err(FaultKind::malformed(
            "a change of trust names an action that does not go with what it is about",
        )),
        _ => Ok((entry, spelling)),
    }
}

#[cfg(test)]
mod tests;
