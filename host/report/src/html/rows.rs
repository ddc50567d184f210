//! The lines of the page's tables.

use mpp_audit::view::{DenialSeen, EndSeen, Invocation, Seen};
use mpp_audit::{Caller, Hash, Record, Usage};

use super::number::{bytes, grouped, micros};
use crate::payload::Payloads;
use crate::said::Said;
use crate::text::Visible;
use crate::time::readable;
use crate::weight::{self, Ending};

/// Longest payload text on the page, in characters.
const MAX_PAYLOAD: usize = 2_000;

/// The record that a line is about.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub(crate) seq: u64,
    pub(crate) leaf: String,
    pub(crate) time: String,
}

impl Reference {
    fn new(seq: u64, leaf: Hash, ts: mpp_audit::Timestamp) -> Self {
        Self { seq, leaf: leaf.to_string(), time: readable(ts) }
    }

    /// The beginning of the leaf hash: enough to find it, not to rely on it.
    pub(crate) fn short(&self) -> &str {
        self.leaf.get(..12).unwrap_or(&self.leaf)
    }
}

/// Something beside a label.
#[derive(Debug)]
pub(crate) struct Detail {
    pub(crate) label: &'static str,
    pub(crate) value: Visible,
}

/// One call.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) record: Reference,
    pub(crate) package: Visible,
    pub(crate) version: Visible,
    pub(crate) tool: Visible,
    pub(crate) agent: Option<Visible>,
    pub(crate) ending: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) code: Option<Visible>,
    pub(crate) took: Option<String>,
    pub(crate) allowed: Option<String>,
    pub(crate) denied: Option<String>,
    pub(crate) details: Vec<Detail>,
}

impl Called {
    pub(crate) fn new(call: &Invocation, payloads: Payloads) -> Self {
        let outcome = weight::outcome(call);
        Self {
            record: Reference::new(call.seq, call.leaf, call.ts),
            package: call.package.name.as_str().into(),
            version: call.package.version.as_str().into(),
            tool: call.tool.as_str().into(),
            agent: call.caller.agent.as_deref().or(call.caller.client.as_deref()).map(Visible::from),
            ending: Ending::of(call).as_str(),
            kind: weight::word(call),
            code: outcome.and_then(|outcome| outcome.code.as_deref()).map(Visible::from),
            took: outcome.map(|outcome| micros(outcome.usage.wall_us)),
            allowed: outcome.map(|outcome| grouped(outcome.allowed)),
            denied: outcome.filter(|outcome| outcome.denied > 0).map(|outcome| grouped(outcome.denied)),
            details: details(call, payloads),
        }
    }
}

/// What a reader opens a line for.
fn details(call: &Invocation, payloads: Payloads) -> Vec<Detail> {
    let Caller { agent: _, client, session, request, trace } = &call.caller;
    let mut details = Details(Vec::new());
    details.add("Call", &call.id);
    details.add("Leaf of its intent", &call.leaf.to_string());
    if let Some(EndSeen { seq, leaf, ts, how: _ }) = &call.end {
        details.add("Ended by record", &format!("{seq}, {}", readable(*ts)));
        details.add("Leaf of its end", &leaf.to_string());
    }
    details.add("Package", &format!("{}/{}", call.package.publisher, call.package.name));
    details.add("Digest", &call.package.digest);
    details.maybe("Client", client.as_deref());
    details.maybe("Session", session.as_deref());
    details.maybe("Request", request.as_deref());
    details.maybe("Trace", trace.as_deref());
    let outcome = weight::outcome(call);
    let usage = outcome.map(|outcome| &outcome.usage);
    details.payload("Input", &call.input, usage.map(|usage| usage.input_bytes), payloads);
    if let Some(outcome) = outcome {
        if let Some(output) = &outcome.output {
            details.payload("Output", output, Some(outcome.usage.output_bytes), payloads);
        }
        if let Some(reason) = &outcome.reason {
            details.payload("Reason", reason, None, payloads);
        }
        details.add("Used", &used(&outcome.usage));
    }
    details.0
}

struct Details(Vec<Detail>);

impl Details {
    fn add(&mut self, label: &'static str, value: &str) {
        self.0.push(Detail { label, value: value.into() });
    }

    fn maybe(&mut self, label: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.add(label, value);
        }
    }

    /// A payload: its text where that is told, otherwise what there is of it.
    fn payload(&mut self, label: &'static str, seen: &Seen, length: Option<u64>, payloads: Payloads) {
        let value = match payloads.of(seen) {
            Some(text) => Visible::cut(text, MAX_PAYLOAD),
            None => Visible::from(match length {
                Some(length) => format!("{}, {}", bytes(length), still(seen)),
                None => still(seen).to_owned(),
            }),
        };
        self.0.push(Detail { label, value });
    }
}

/// Whether the log still has a payload.
pub(crate) fn still(seen: &Seen) -> &'static str {
    match seen {
        Seen::Text(_) | Seen::Unread => "not included here",
        Seen::Redacted(_) => "redacted, not included here",
        Seen::Committed => "never kept, bound by the record",
        Seen::Erased => "erased",
        Seen::Lost => "lost",
    }
}

fn used(usage: &Usage) -> String {
    let mut parts = vec![
        format!("{} of memory", bytes(usage.peak_memory_bytes)),
        format!("{} host calls", grouped(usage.hostcalls)),
    ];
    let mut add = |number: u64, text: String| {
        if number > 0 {
            parts.push(text);
        }
    };
    add(usage.read_bytes, format!("{} read", bytes(usage.read_bytes)));
    add(usage.written_bytes, format!("{} written", bytes(usage.written_bytes)));
    add(usage.http_requests, format!("{} HTTP requests", grouped(usage.http_requests)));
    add(usage.log_bytes, format!("{} of log lines", bytes(usage.log_bytes)));
    parts.join(", ")
}

/// One denial.
#[derive(Debug)]
pub(crate) struct Denied {
    pub(crate) record: Reference,
    /// The number of the call's intent.
    pub(crate) call: u64,
    pub(crate) package: Visible,
    pub(crate) tool: Visible,
    pub(crate) permission: Visible,
    pub(crate) code: Visible,
    pub(crate) resource: Visible,
    pub(crate) reason: Option<Visible>,
}

impl Denied {
    pub(crate) fn new(call: &Invocation, denial: &DenialSeen, payloads: Payloads) -> Self {
        let DenialSeen { seq, leaf, ts, permission, code, resource, reason } = denial;
        Self {
            record: Reference::new(*seq, *leaf, *ts),
            call: call.seq,
            package: call.package.name.as_str().into(),
            tool: call.tool.as_str().into(),
            permission: permission.as_str().into(),
            code: code.as_str().into(),
            resource: match payloads.of(resource) {
                Some(resource) => Visible::cut(resource, MAX_PAYLOAD),
                None => still(resource).into(),
            },
            reason: payloads.of(reason).map(|reason| Visible::cut(reason, MAX_PAYLOAD)),
        }
    }
}

/// One record that is part of no call.
#[derive(Debug)]
pub(crate) struct Other {
    pub(crate) record: Reference,
    pub(crate) kind: &'static str,
    pub(crate) action: &'static str,
    pub(crate) package: Option<Visible>,
    pub(crate) subject: Option<Visible>,
    pub(crate) actor: Option<Visible>,
    pub(crate) code: Option<Visible>,
    pub(crate) detail: Option<Visible>,
}

impl Other {
    pub(crate) fn new(record: &Record, said: Said<'_>) -> Self {
        let Said { weight: _, topic: _, deed: _, action, subject, package, actor, code, detail } = said;
        Self {
            record: Reference::new(record.seq, record.hash, record.ts),
            kind: record.entry.kind(),
            action,
            package: package
                .map(|package| format!("{}/{} {}", package.publisher, package.name, package.version).into()),
            subject: subject.map(Visible::from),
            actor: actor.map(Visible::from),
            code: code.map(Visible::from),
            detail: detail.map(Visible::from),
        }
    }
}
