//! From one record, and what is kept of its payloads, to what there is to see.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::source::{Found, PayloadSource};
use super::{DenialSeen, Invocation, OutcomeSeen, Seen};
use crate::record::payload::{Bound, Document, Field, Kept, REDACTED};
use crate::record::{Allowed, DenialRecord, Intent, LogLine, OutcomeRecord, Record, WhatAndWhy};
use crate::verify::{FaultKind, Link, ReadError};

/// Reads the payloads of one record after the other.
pub(super) struct Reader<S> {
    pub(super) source: S,
    /// Longer payloads are left unread.
    pub(super) most: u64,
}

impl<S: PayloadSource> Reader<S> {
    /// A call that begins.
    pub(super) fn intent(
        &mut self,
        link: &Link,
        record: &Record,
        intent: &Intent,
    ) -> Result<Invocation, ReadError> {
        Ok(Invocation {
            seq: record.seq,
            leaf: record.hash,
            ts: record.ts,
            id: intent.id.clone(),
            package: intent.package.clone(),
            tool: intent.tool.clone(),
            caller: intent.caller.clone(),
            input: self.text(link, Field::Input, &intent.input)?,
            declared: self.document(link, Field::Declared, &intent.declared)?,
            granted: self.document(link, Field::Granted, &intent.granted)?,
            limits: self.document(link, Field::Limits, &intent.limits)?,
            durability: intent.durability,
            started: intent.started,
            denials: Vec::new(),
            end: None,
        })
    }

    /// Something that a call did not get.
    pub(super) fn denial(
        &mut self,
        link: &Link,
        record: &Record,
        denial: &DenialRecord,
    ) -> Result<DenialSeen, ReadError> {
        let said: Seen<WhatAndWhy> = self.parsed(link, Field::Denial, &denial.denial, what_is_left)?;
        let (resource, reason) = said.split(|said| (said.resource, said.reason));
        Ok(DenialSeen {
            seq: record.seq,
            leaf: record.hash,
            ts: record.ts,
            permission: denial.permission.clone(),
            code: denial.code.clone(),
            resource,
            reason,
        })
    }

    /// How a call ended.
    pub(super) fn outcome(&mut self, link: &Link, record: &OutcomeRecord) -> Result<OutcomeSeen, ReadError> {
        Ok(OutcomeSeen {
            output: self.some_text(link, Field::Output, record.output.as_ref())?,
            log: match &record.log {
                Some(bound) => self.parsed(link, Field::Log, bound, lines_left)?,
                None => Seen::Text(Vec::new()),
            },
            calls: match &record.calls.list {
                Some(bound) => self.calls(link, bound)?,
                None => Seen::Text(Vec::new()),
            },
            reason: self.some_text(link, Field::Reason, record.outcome.reason.as_ref())?,
            allowed: record.calls.allowed,
            denied: record.calls.denied,
            unlisted: record.calls.unlisted,
            log_dropped: record.log_dropped,
            usage: record.usage,
            kind: record.outcome.kind,
            code: record.outcome.code.clone(),
            ended: record.ended,
            cut_bytes: record.cut_bytes,
        })
    }

    fn some_text(
        &mut self,
        link: &Link,
        field: Field,
        bound: Option<&Bound>,
    ) -> Result<Option<Seen>, ReadError> {
        bound.map(|bound| self.text(link, field, bound)).transpose()
    }

    /// A payload as it is kept.
    fn text(&mut self, link: &Link, field: Field, bound: &Bound) -> Result<Seen, ReadError> {
        if bound.kept != Kept::Commitment && bound.bytes > self.most {
            return Ok(Seen::Unread);
        }
        let changed = || link.fault(FaultKind::PayloadChanged { field });
        Ok(match (self.source.payload(link.receipt.seq, field, bound)?, bound.kept) {
            (Found::Kept(bytes), Kept::Whole) => Seen::Text(utf8(link, field, bytes)?),
            (Found::Kept(bytes), Kept::Redacted) => Seen::Redacted(utf8(link, field, bytes)?),
            (Found::Committed, Kept::Commitment) => Seen::Committed,
            (Found::Erased, _) => Seen::Erased,
            (Found::Missing, _) => Seen::Lost,
            (Found::Unread, _) => Seen::Unread,
            (Found::Changed | Found::Kept(_) | Found::Committed, _) => return Err(changed().into()),
        })
    }

    /// A document; `null` where it is not to be had.
    fn document(&mut self, link: &Link, field: Field, document: &Document) -> Result<Value, ReadError> {
        let bound = match document {
            Document::Inline(value) => return Ok(value.clone()),
            Document::Stored(bound) => bound,
        };
        let seen = self.text(link, field, bound)?;
        seen.value().map_or(Ok(Value::Null), |json| parse(link, field, json))
    }

    /// A payload that is one JSON value: `left` makes what it can of one that was redacted.
    fn parsed<T: DeserializeOwned>(
        &mut self,
        link: &Link,
        field: Field,
        bound: &Bound,
        left: impl FnOnce(&Value) -> T,
    ) -> Result<Seen<T>, ReadError> {
        self.text(link, field, bound)?.try_map(
            |json| parse(link, field, &json),
            |json| parse(link, field, &json).map(|value| left(&value)),
        )
    }

    /// The list of calls, one JSON value a line.
    fn calls(&mut self, link: &Link, bound: &Bound) -> Result<Seen<Vec<Allowed>>, ReadError> {
        let field = Field::Calls;
        self.text(link, field, bound)?.try_map(
            |list| list.lines().map(|line| parse(link, field, line)).collect(),
            |list| list.lines().map(|line| parse(link, field, line).map(|call| call_left(&call))).collect(),
        )
    }
}

impl<T> Seen<T> {
    fn try_map<U, E>(
        self,
        whole: impl FnOnce(T) -> Result<U, E>,
        redacted: impl FnOnce(T) -> Result<U, E>,
    ) -> Result<Seen<U>, E> {
        Ok(match self {
            Self::Text(value) => Seen::Text(whole(value)?),
            Self::Redacted(value) => Seen::Redacted(redacted(value)?),
            Self::Committed => Seen::Committed,
            Self::Erased => Seen::Erased,
            Self::Lost => Seen::Lost,
            Self::Unread => Seen::Unread,
        })
    }

    fn split<A, B>(self, parts: impl FnOnce(T) -> (A, B)) -> (Seen<A>, Seen<B>) {
        match self {
            Self::Text(value) => {
                let (one, two) = parts(value);
                (Seen::Text(one), Seen::Text(two))
            }
            Self::Redacted(value) => {
                let (one, two) = parts(value);
                (Seen::Redacted(one), Seen::Redacted(two))
            }
            Self::Committed => (Seen::Committed, Seen::Committed),
            Self::Erased => (Seen::Erased, Seen::Erased),
            Self::Lost => (Seen::Lost, Seen::Lost),
            Self::Unread => (Seen::Unread, Seen::Unread),
        }
    }
}

/// Every payload is text. What the commitment vouches for and is none was never
/// written by a log.
fn utf8(link: &Link, field: Field, bytes: Vec<u8>) -> Result<String, ReadError> {
    String::from_utf8(bytes).map_err(|_| unreadable(link, field, "not UTF-8"))
}

fn parse<T: DeserializeOwned>(link: &Link, field: Field, json: &str) -> Result<T, ReadError> {
    serde_json::from_str(json).map_err(|error| unreadable(link, field, error))
}

fn unreadable(link: &Link, field: Field, why: impl std::fmt::Display) -> ReadError {
    link.fault(FaultKind::malformed(format_args!("its payload `{field}`: {why}"))).into()
}

/// A text of what was redacted: itself, or the mark where it is gone.
fn text_left(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or(REDACTED).to_owned()
}

fn what_is_left(said: &Value) -> WhatAndWhy {
    WhatAndWhy { resource: text_left(said, "resource"), reason: text_left(said, "reason") }
}

fn call_left(call: &Value) -> Allowed {
    Allowed {
        permission: text_left(call, "permission"),
        resource: text_left(call, "resource"),
        count: call.get("count").and_then(Value::as_u64).unwrap_or(0),
    }
}

fn lines_left(log: &Value) -> Vec<LogLine> {
    let line = |line| LogLine { level: text_left(line, "level"), text: text_left(line, "text") };
    match log {
        Value::Array(lines) => lines.iter().map(line).collect(),
        other => vec![line(other)],
    }
}
