//! Makes any event fit into a record.
//!
//! A tool has a hand in what its record says: paths, error texts, log lines,
//! output. Were the record of a call to grow with them, a tool could make its
//! own record impossible to write. So each part has its share of the record
//! (see [`crate::limits`]); what is long goes to a file or is cut, and the
//! record says by how much.

use serde::Serialize;
use serde_json::Value;

use super::{
    Check, Document, Event, Invocation, LogLine, OutcomeRecord, PackageIdentity, Payload,
    PolicyChange, Refusal, Stored, TrustChange, Verdict,
};
use crate::limits::{
    MAX_CHECKS_BYTES, MAX_DOCUMENT_BYTES, MAX_DOCUMENT_DEPTH, MAX_INLINE_BYTES, MAX_KEY_ID_BYTES,
    MAX_KEY_IDS, MAX_LOG_BYTES, MAX_NAME_BYTES, MAX_RECORD_BYTES, MAX_RESOURCE_BYTES,
    MAX_TEXT_BYTES,
};

/// Where a payload goes that is too long for a record.
pub(crate) trait Keep {
    type Error;
    /// Keeps `bytes`, and returns when they are durable.
    fn keep(&self, bytes: &[u8]) -> Result<Stored, Self::Error>;
}

/// The event as it goes on record.
pub(crate) fn fit<K: Keep>(event: &Event, store: &K) -> Result<Event, K::Error> {
    Ok(match event {
        Event::Invocation(event) => Event::Invocation(Box::new(invocation(event, store)?)),
        Event::Refusal(event) => Event::Refusal(Box::new(refusal(event))),
        Event::TrustChange(event) => Event::TrustChange(trust_change(event)),
        Event::PolicyChange(event) => Event::PolicyChange(Box::new(policy_change(event, store)?)),
    })
}

fn invocation<K: Keep>(event: &Invocation, store: &K) -> Result<Invocation, K::Error> {
    let Invocation {
        id,
        package,
        tool,
        agent,
        declared,
        granted,
        limits,
        input,
        started,
        output,
        checks: asked,
        checks_dropped,
        log: said,
        log_dropped,
        cut_bytes,
        usage,
        outcome,
        ended,
    } = event;
    let mut knife = Knife { cut: *cut_bytes };
    let checks = checks(asked, &mut knife);
    let log = log(said, &mut knife);
    Ok(Invocation {
        id: knife.name(id),
        package: identity(package, &mut knife),
        tool: knife.name(tool),
        agent: agent.as_deref().map(|agent| knife.name(agent)),
        declared: document(declared, store)?,
        granted: document(granted, store)?,
        limits: document(limits, store)?,
        input: payload(input, store)?,
        started: *started,
        output: output
            .as_ref()
            .map(|output| payload(output, store))
            .transpose()?,
        checks_dropped: checks_dropped.saturating_add((asked.len() - checks.len()) as u64),
        checks,
        log_dropped: log_dropped.saturating_add((said.len() - log.len()) as u64),
        log,
        usage: *usage,
        outcome: OutcomeRecord {
            kind: outcome.kind,
            code: outcome.code.as_deref().map(|code| knife.name(code)),
            reason: outcome.reason.as_deref().map(|reason| knife.text(reason)),
        },
        ended: *ended,
        cut_bytes: knife.cut,
    })
}

fn refusal(event: &Refusal) -> Refusal {
    let Refusal {
        presented,
        package,
        verified,
        agent,
        stage,
        code,
        reason,
        cut_bytes,
    } = event;
    let mut knife = Knife { cut: *cut_bytes };
    Refusal {
        presented: knife.name(presented),
        package: package
            .as_ref()
            .map(|package| identity(package, &mut knife)),
        verified: *verified,
        agent: agent.as_deref().map(|agent| knife.name(agent)),
        stage: *stage,
        code: knife.name(code),
        reason: knife.text(reason),
        cut_bytes: knife.cut,
    }
}

fn trust_change(event: &TrustChange) -> TrustChange {
    let TrustChange {
        action,
        publisher,
        key_id,
        actor,
    } = event;
    let mut knife = Knife { cut: 0 };
    TrustChange {
        action: *action,
        publisher: knife.name(publisher),
        key_id: knife.name(key_id),
        actor: actor.as_deref().map(|actor| knife.name(actor)),
    }
}

fn policy_change<K: Keep>(event: &PolicyChange, store: &K) -> Result<PolicyChange, K::Error> {
    let PolicyChange {
        action,
        package,
        declared,
        approved,
        answered,
        actor,
    } = event;
    let mut knife = Knife { cut: 0 };
    Ok(PolicyChange {
        action: *action,
        package: identity(package, &mut knife),
        declared: document(declared, store)?,
        approved: document(approved, store)?,
        answered: *answered,
        actor: actor.as_deref().map(|actor| knife.name(actor)),
    })
}

fn identity(identity: &PackageIdentity, knife: &mut Knife) -> PackageIdentity {
    let PackageIdentity {
        publisher,
        name,
        version,
        digest,
        envelope_digest,
        key_ids,
    } = identity;
    PackageIdentity {
        publisher: knife.name(publisher),
        name: knife.name(name),
        version: knife.name(version),
        digest: knife.name(digest),
        envelope_digest: envelope_digest.as_deref().map(|digest| knife.name(digest)),
        key_ids: key_ids
            .iter()
            .take(MAX_KEY_IDS)
            .map(|id| knife.cut(id, MAX_KEY_ID_BYTES))
            .collect(),
    }
}

fn payload<K: Keep>(payload: &Payload, store: &K) -> Result<Payload, K::Error> {
    match payload {
        Payload::Inline(text) if encoded_len(text) > MAX_INLINE_BYTES => {
            store.keep(text.as_bytes()).map(Payload::Stored)
        }
        Payload::Inline(_) | Payload::Stored(_) => Ok(payload.clone()),
    }
}

fn document<K: Keep>(document: &Document, store: &K) -> Result<Document, K::Error> {
    match document {
        Document::Inline(value) => {
            let json = value.to_string();
            if json.len() > MAX_DOCUMENT_BYTES || depth(value) > MAX_DOCUMENT_DEPTH {
                store.keep(json.as_bytes()).map(Document::Stored)
            } else {
                Ok(document.clone())
            }
        }
        Document::Stored(_) => Ok(document.clone()),
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// Denials find room before what was allowed, so that a tool cannot bury a
/// denial under a heap of allowed checks. The order stays as it was.
fn checks(asked: &[Check], knife: &mut Knife) -> Vec<Check> {
    let mut room = MAX_CHECKS_BYTES;
    let mut kept: Vec<(usize, Check)> = Vec::new();
    for wanted in [Verdict::Denied, Verdict::Allowed] {
        for (place, check) in asked
            .iter()
            .enumerate()
            .filter(|(_, check)| check.verdict == wanted)
        {
            let mut slice = Knife { cut: 0 };
            let Check {
                permission,
                resource,
                verdict,
                reason,
                count,
            } = check;
            let check = Check {
                permission: slice.name(permission),
                resource: slice.cut(resource, MAX_RESOURCE_BYTES),
                verdict: *verdict,
                reason: reason
                    .as_deref()
                    .map(|reason| slice.cut(reason, MAX_RESOURCE_BYTES)),
                count: *count,
            };
            let Some(left) = room.checked_sub(item_len(&check)) else {
                break;
            };
            room = left;
            knife.cut = knife.cut.saturating_add(slice.cut);
            kept.push((place, check));
        }
    }
    kept.sort_by_key(|(place, _)| *place);
    kept.into_iter().map(|(_, check)| check).collect()
}

/// The first lines and the last: how it began, and what it said before it ended.
fn log(said: &[LogLine], knife: &mut Knife) -> Vec<LogLine> {
    let slices: Vec<(LogLine, u64)> = said
        .iter()
        .map(|LogLine { level, text }| {
            let mut slice = Knife { cut: 0 };
            let line = LogLine {
                level: slice.name(level),
                text: slice.cut(text, MAX_RESOURCE_BYTES),
            };
            (line, slice.cut)
        })
        .collect();
    let mut used = 0;
    let mut first = 0;
    while first < slices.len() && used + item_len(&slices[first].0) <= MAX_LOG_BYTES / 2 {
        used += item_len(&slices[first].0);
        first += 1;
    }
    let mut last = slices.len();
    while last > first && used + item_len(&slices[last - 1].0) <= MAX_LOG_BYTES {
        used += item_len(&slices[last - 1].0);
        last -= 1;
    }
    let kept = slices[..first].iter().chain(&slices[last..]);
    kept.map(|(line, cut)| {
        knife.cut = knife.cut.saturating_add(*cut);
        line.clone()
    })
    .collect()
}

/// Length of a list item in JSON, with the comma after it.
fn item_len(item: &impl Serialize) -> usize {
    // These items are plain structs of strings and numbers: writing them cannot
    // fail, and if it could, an item as long as a record finds no room.
    serde_json::to_vec(item).map_or(MAX_RECORD_BYTES, |json| json.len() + 1)
}

/// Cuts texts that are too long, and counts what it took.
struct Knife {
    cut: u64,
}

/// Room for the mark that says how much was cut.
const MARK_BYTES: usize = 40;

impl Knife {
    fn name(&mut self, text: &str) -> String {
        self.cut(text, MAX_NAME_BYTES)
    }

    fn text(&mut self, text: &str) -> String {
        self.cut(text, MAX_TEXT_BYTES)
    }

    /// The text if it has room, otherwise its beginning and a mark. `most` is
    /// the room for the text with its quotes, as encoded.
    fn cut(&mut self, text: &str, most: usize) -> String {
        if encoded_len(text) <= most {
            return text.to_owned();
        }
        let mut room = most - MARK_BYTES;
        let mut kept = 0;
        for character in text.chars() {
            let Some(left) = room.checked_sub(encoded_char(character)) else {
                break;
            };
            room = left;
            kept += character.len_utf8();
        }
        let gone = text.len() - kept;
        self.cut = self.cut.saturating_add(gone as u64);
        format!("{}…[cut {gone} bytes]", &text[..kept])
    }
}

/// Length of a string in JSON, with its quotes.
fn encoded_len(text: &str) -> usize {
    2 + text.chars().map(encoded_char).sum::<usize>()
}

fn encoded_char(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        other => other.len_utf8(),
    }
}
