//! A call and its denials.

use mpp_audit::{Caller, Durability, OutcomeKind, PackageIdentity, Usage};

use super::record::LogRecord;
use super::value::{AnyValue, Attributes};
use crate::payload::{Payloads, kept};
use crate::trace::TraceContext;
use crate::weight::{self, Weight};
use mpp_audit::view::{DenialSeen, EndSeen, How, Invocation, OutcomeSeen};

/// The log records of a call: itself, then what it was denied.
pub(super) fn records(call: &Invocation, payloads: Payloads) -> Vec<LogRecord<'_>> {
    let denials = call.denials.iter().map(|denial| denied(call, denial, payloads));
    std::iter::once(itself(call, payloads)).chain(denials).collect()
}

fn itself(call: &Invocation, payloads: Payloads) -> LogRecord<'_> {
    let body = format!("execute_tool {}: {}", call.tool, weight::word(call));
    let recorded = call.end.as_ref().map_or(call.ts, |end| end.ts);
    let mut record = LogRecord::new("call", weight::of_call(call), body, (call.seq, call.leaf, recorded))
        .happened(weight::outcome(call).map_or(call.started, |outcome| outcome.ended))
        .within(trace(call));
    let attributes = &mut record.attributes;
    identify(call, attributes);
    attributes
        .add("mpp.call.durability", durability(call))
        .add("mpp.call.started", call.started.to_string())
        .add("mpp.permissions.declared", call.declared.to_string())
        .add("mpp.permissions.granted", call.granted.to_string())
        .add("mpp.input.kept", kept(&call.input))
        .maybe("gen_ai.tool.call.arguments", payloads.of(&call.input).map(String::as_str));
    if let Some(EndSeen { seq, leaf, ts: _, how }) = &call.end {
        attributes.add("mpp.audit.end.seq", *seq).add("mpp.audit.end.leaf", leaf.to_string());
        if let How::Outcome(outcome) = how {
            tell(outcome, payloads, attributes);
        }
    }
    attributes.add("mpp.outcome.kind", weight::word(call));
    record
}

fn trace(call: &Invocation) -> Option<TraceContext<'_>> {
    call.caller.trace.as_deref().and_then(TraceContext::parse)
}

fn durability(call: &Invocation) -> &'static str {
    match call.durability {
        Durability::Strict => "strict",
        Durability::Relaxed => "relaxed",
    }
}

/// Which call of what, and for whom.
fn identify(call: &Invocation, attributes: &mut Attributes) {
    let Caller { agent, client, session, request, trace: _ } = &call.caller;
    attributes
        .add("gen_ai.operation.name", "execute_tool")
        .add("gen_ai.tool.name", call.tool.as_str())
        .add("gen_ai.tool.call.id", call.id.as_str())
        .maybe("gen_ai.agent.name", agent.as_deref())
        .maybe("mpp.caller.client", client.as_deref())
        .maybe("session.id", session.as_deref())
        .maybe("mpp.caller.request", request.as_deref());
    package(&call.package, attributes);
}

pub(super) fn package(package: &PackageIdentity, attributes: &mut Attributes) {
    let PackageIdentity { publisher, name, version, digest, .. } = package;
    attributes
        .add("mpp.package.publisher", publisher.as_str())
        .add("mpp.package.name", name.as_str())
        .add("mpp.package.version", version.as_str())
        .add("mpp.package.digest", digest.as_str());
}

fn tell(outcome: &OutcomeSeen, payloads: Payloads, attributes: &mut Attributes) {
    let OutcomeSeen { output, allowed, denied, unlisted, calls, log, log_dropped, .. } = outcome;
    if outcome.kind != OutcomeKind::Ok {
        attributes.add("error.type", outcome.kind.as_str());
    }
    attributes
        .maybe("mpp.outcome.code", outcome.code.as_deref())
        .maybe("mpp.outcome.reason", outcome.reason.as_ref().and_then(|reason| payloads.of(reason)).cloned())
        .maybe("mpp.output.kept", output.as_ref().map(kept))
        .maybe("gen_ai.tool.call.result", output.as_ref().and_then(|output| payloads.of(output)).cloned())
        .add("mpp.calls.allowed", *allowed)
        .add("mpp.calls.denied", *denied)
        .add("mpp.calls.unlisted", *unlisted)
        .maybe(
            "mpp.calls.list",
            payloads.of(calls).map(|calls| {
                list(calls, |call| format!("{} {} x{}", call.permission, call.resource, call.count))
            }),
        )
        .maybe(
            "mpp.log.lines",
            payloads.of(log).map(|lines| list(lines, |line| format!("{}: {}", line.level, line.text))),
        )
        .add("mpp.log.dropped", *log_dropped);
    used(&outcome.usage, attributes);
}

fn list<T>(entries: &[T], say: impl Fn(&T) -> String) -> AnyValue {
    AnyValue::Array { values: entries.iter().map(|entry| say(entry).into()).collect() }
}

fn used(usage: &Usage, attributes: &mut Attributes) {
    let Usage {
        wall_us,
        fuel,
        peak_memory_bytes,
        hostcalls,
        input_bytes,
        output_bytes,
        log_bytes,
        read_bytes,
        written_bytes,
        peak_open_files,
        http_requests,
        http_request_bytes,
        http_response_bytes,
    } = usage;
    attributes
        .add("mpp.usage.wall_us", *wall_us)
        .maybe("mpp.usage.fuel", *fuel)
        .add("mpp.usage.peak_memory_bytes", *peak_memory_bytes)
        .add("mpp.usage.hostcalls", *hostcalls)
        .add("mpp.usage.input_bytes", *input_bytes)
        .add("mpp.usage.output_bytes", *output_bytes)
        .add("mpp.usage.log_bytes", *log_bytes)
        .add("mpp.usage.read_bytes", *read_bytes)
        .add("mpp.usage.written_bytes", *written_bytes)
        .add("mpp.usage.peak_open_files", *peak_open_files)
        .add("mpp.usage.http_requests", *http_requests)
        .add("mpp.usage.http_request_bytes", *http_request_bytes)
        .add("mpp.usage.http_response_bytes", *http_response_bytes);
}

fn denied<'a>(call: &'a Invocation, denial: &'a DenialSeen, payloads: Payloads) -> LogRecord<'a> {
    let DenialSeen { seq, leaf, ts, permission, code, resource, reason } = denial;
    let body = format!("execute_tool {}: {permission} denied", call.tool);
    let mut record = LogRecord::new("denial", Weight::Warning, body, (*seq, *leaf, *ts)).within(trace(call));
    identify(call, &mut record.attributes);
    record
        .attributes
        .add("error.type", "denied")
        .add("mpp.denial.permission", permission.as_str())
        .add("mpp.denial.code", code.as_str())
        .maybe("mpp.denial.resource", payloads.of(resource).map(String::as_str))
        .maybe("mpp.denial.reason", payloads.of(reason).map(String::as_str))
        .add("mpp.audit.intent.seq", call.seq)
        .add("mpp.audit.intent.leaf", call.leaf.to_string());
    record
}
