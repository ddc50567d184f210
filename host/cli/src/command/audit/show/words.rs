//! A call in words.

use std::fmt::Display;

use mpp_audit::view::{DenialSeen, EndSeen, How, Invocation, OutcomeSeen, Seen};
use mpp_audit::{Allowed, Caller, LogLine};
use serde_json::Value;

use super::super::row::Row;

/// One line for each thing that is known of a call.
pub(super) fn lines(call: &Invocation) -> Vec<String> {
    let Row { subject, result, .. } = Row::of_call(call);
    let mut lines = Lines(Vec::new());
    lines.say("call", &call.id);
    lines.say("began", call.started);
    lines.say("package", subject);
    lines.say("tool", &call.tool);
    lines.caller(&call.caller);
    lines.document("granted", &call.granted);
    lines.say("input", text(&call.input));
    for DenialSeen { permission, code, resource, reason, .. } in &call.denials {
        lines.say("denied", format!("{permission} {} ({code}): {}", text(resource), text(reason)));
    }
    if let Some(EndSeen { how: How::Outcome(outcome), .. }) = &call.end {
        lines.outcome(outcome);
    }
    lines.say("result", result);
    lines.say("records", records(call));
    lines.0
}

struct Lines(Vec<String>);

impl Lines {
    fn say(&mut self, label: &str, text: impl Display) {
        self.0.push(format!("{label:<9} {text}"));
    }

    fn caller(&mut self, caller: &Caller) {
        let Caller { agent, client, session, request, trace } = caller;
        for (label, name) in [
            ("agent", agent),
            ("client", client),
            ("session", session),
            ("request", request),
            ("trace", trace),
        ] {
            if let Some(name) = name {
                self.say(label, name);
            }
        }
    }

    fn document(&mut self, label: &str, document: &Value) {
        match document {
            Value::Null => self.say(label, GONE),
            other => self.say(label, other),
        }
    }

    fn outcome(&mut self, outcome: &OutcomeSeen) {
        match &outcome.calls {
            Seen::Text(calls) | Seen::Redacted(calls) => calls.iter().for_each(|call| self.did(call)),
            left => self.say("did", format!("{} host calls, {}", outcome.allowed, missing(left))),
        }
        if outcome.unlisted > 0 {
            self.say("did", format!("{} more host calls, which are not listed", outcome.unlisted));
        }
        match &outcome.log {
            Seen::Text(log) | Seen::Redacted(log) => log.iter().for_each(|line| self.said(line)),
            left => self.say("log", missing(left)),
        }
        if let Some(output) = &outcome.output {
            self.say("output", text(output));
        }
        self.say("took", format!("{} ms", outcome.usage.wall_us / 1000));
    }

    fn did(&mut self, Allowed { permission, resource, count }: &Allowed) {
        let times = if *count == 1 { String::new() } else { format!(", {count} times") };
        self.say("did", format!("{permission} {resource}{times}"));
    }

    fn said(&mut self, LogLine { level, text }: &LogLine) {
        self.say("log", format!("{level}: {text}"));
    }
}

/// What stands for something that was destroyed.
const GONE: &str = "(erased)";

pub(super) fn text(seen: &Seen) -> &str {
    match seen {
        Seen::Text(text) | Seen::Redacted(text) => text,
        left => missing(left),
    }
}

fn missing<T>(seen: &Seen<T>) -> &'static str {
    match seen {
        Seen::Text(_) | Seen::Redacted(_) => "",
        Seen::Committed => "(not kept)",
        Seen::Erased => GONE,
        Seen::Lost => "(lost when the writer was interrupted)",
        Seen::Unread => "(not read)",
    }
}

/// The numbers of its records, from the intent to the end.
fn records(call: &Invocation) -> String {
    let denials = call.denials.iter().map(|denial| denial.seq);
    let numbers = std::iter::once(call.seq).chain(denials).chain(call.end.as_ref().map(|end| end.seq));
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(", ")
}
