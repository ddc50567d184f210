//! A call and its denials.

use mpp_audit::{Caller, OutcomeKind};
use serde_json::json;

use super::event::{
    About, Actor, Event, MessageContext, Request, Resource, Response, Software, Trace, UNKNOWN, Uid, User,
};
use super::words::{Activity, Result};
use crate::export::Source;
use crate::payload::{Payloads, kept};
use crate::trace::TraceContext;
use crate::weight::{self, Weight};
use mpp_audit::view::{DenialSeen, EndSeen, Invocation, OutcomeSeen};

/// The events of a call: itself, then what it was denied.
pub(super) fn events<'a>(source: &'a Source, call: &'a Invocation, payloads: Payloads) -> Vec<Event<'a>> {
    let denials = call.denials.iter().map(|denial| denied(source, call, denial, payloads));
    std::iter::once(itself(source, call, payloads)).chain(denials).collect()
}

fn itself<'a>(source: &'a Source, call: &'a Invocation, payloads: Payloads) -> Event<'a> {
    let about = About {
        seq: call.seq,
        leaf: call.leaf,
        recorded: call.end.as_ref().map_or(call.ts, |end| end.ts),
        happened: weight::outcome(call).map_or(call.started, |outcome| outcome.ended),
    };
    let kind = weight::word(call);
    let mut event = event(source, call, about, weight::of_call(call), result(call));
    event.status_code = Some(kind);
    event.message = format!("{} called {}: {kind}", caller(call), call.tool);
    event.api.request = Some(Request { uid: &call.id, data: payloads.of(&call.input).map(String::as_str) });
    event.unmapped.insert("started".to_owned(), call.started.to_string().into());
    event.unmapped.insert("input_kept".to_owned(), kept(&call.input).into());
    event.unmapped.insert("declared".to_owned(), call.declared.clone());
    event.unmapped.insert("granted".to_owned(), call.granted.clone());
    if let Some(EndSeen { seq, leaf, ts: _, how: _ }) = &call.end {
        event.unmapped.insert("audit_end_seq".to_owned(), (*seq).into());
        event.unmapped.insert("audit_end_leaf".to_owned(), leaf.to_string().into());
    }
    if let Some(outcome) = weight::outcome(call) {
        tell(outcome, payloads, &mut event);
    }
    event
}

/// What a call and its denials have in common.
fn event<'a>(
    source: &'a Source,
    call: &'a Invocation,
    about: About,
    weight: Weight,
    result: Result,
) -> Event<'a> {
    let Caller { agent, client, session, request, trace } = &call.caller;
    let nobody = agent.is_none() && client.is_none() && session.is_none();
    let actor = Actor {
        user: agent.as_deref().map(|name| User { name, type_id: 99, type_name: "AI Agent" }),
        session: session.as_deref().map(|uid| Uid { uid }),
        app_name: client.as_deref().or(nobody.then_some(UNKNOWN)),
    };
    let mut event = Event::new(source, about, (Activity::execute(), weight, result), actor, &call.tool);
    event.api.service = Some(Software::new(&call.package));
    event.resources.push(Resource::package(&call.package));
    event.message_context = Some(MessageContext::to_tool(&call.id, &call.package));
    event.metadata.profiles.push("ai_operation");
    event.metadata.correlation_uid = Some(&call.id);
    if let Some(TraceContext { trace_id, span_id, flags: _ }) = trace.as_deref().and_then(TraceContext::parse)
    {
        event.trace = Some(Trace { uid: trace_id });
        event.metadata.profiles.push("trace");
        // A span of the schema has times, and the caller's are not known here.
        event.unmapped.insert("span_uid".to_owned(), span_id.into());
    }
    if let Some(request) = request {
        event.unmapped.insert("caller_request".to_owned(), request.clone().into());
    }
    event
}

fn caller(call: &Invocation) -> &str {
    call.caller.agent.as_deref().or(call.caller.client.as_deref()).unwrap_or("somebody")
}

fn result(call: &Invocation) -> Result {
    match weight::outcome(call).map(|outcome| outcome.kind) {
        None => Result::UNKNOWN,
        Some(OutcomeKind::Ok) => Result::DONE,
        Some(OutcomeKind::Denied | OutcomeKind::Refused) => Result::DENIED,
        Some(OutcomeKind::Limit | OutcomeKind::Timeout | OutcomeKind::BadOutput) => Result::STOPPED,
        Some(
            OutcomeKind::ToolError
            | OutcomeKind::Trap
            | OutcomeKind::Exit
            | OutcomeKind::HostFault
            | OutcomeKind::Cancelled,
        ) => Result::FAILED,
    }
}

fn tell<'a>(outcome: &'a OutcomeSeen, payloads: Payloads, event: &mut Event<'a>) {
    let OutcomeSeen { output, allowed, denied, unlisted, calls, log, log_dropped, usage, kind, code, .. } =
        outcome;
    let reason = outcome.reason.as_ref().and_then(|reason| payloads.of(reason));
    let failed = *kind != OutcomeKind::Ok;
    event.status_detail = reason.cloned().or_else(|| code.clone());
    event.api.response = Some(Response {
        error: failed.then(|| code.as_deref().unwrap_or(kind.as_str())),
        error_message: reason.map(String::as_str),
        data: output.as_ref().and_then(|output| payloads.of(output)).map(String::as_str),
    });
    event.unmapped.insert("ended".to_owned(), outcome.ended.to_string().into());
    event.unmapped.insert("output_kept".to_owned(), json!(output.as_ref().map(kept)));
    event.unmapped.insert("calls_allowed".to_owned(), (*allowed).into());
    event.unmapped.insert("calls_denied".to_owned(), (*denied).into());
    event.unmapped.insert("calls_unlisted".to_owned(), (*unlisted).into());
    event.unmapped.insert("log_dropped".to_owned(), (*log_dropped).into());
    event.unmapped.insert("usage".to_owned(), json!(usage));
    if let Some(calls) = payloads.of(calls) {
        let list = calls.iter().map(
            |call| json!({"count": call.count, "permission": call.permission, "resource": call.resource}),
        );
        event.unmapped.insert("calls".to_owned(), list.collect());
    }
    if let Some(lines) = payloads.of(log) {
        event.unmapped.insert("log".to_owned(), json!(lines));
    }
}

fn denied<'a>(
    source: &'a Source,
    call: &'a Invocation,
    denial: &'a DenialSeen,
    payloads: Payloads,
) -> Event<'a> {
    let DenialSeen { seq, leaf, ts, permission, code, resource, reason } = denial;
    let about = About { seq: *seq, leaf: *leaf, recorded: *ts, happened: *ts };
    let mut event = event(source, call, about, Weight::Warning, Result::DENIED);
    event.status_code = Some(code);
    event.status_detail = payloads.of(reason).cloned();
    event.message = format!("{} was denied {permission}", call.tool);
    event.api.request = Some(Request { uid: &call.id, data: None });
    event.unmapped.insert("permission".to_owned(), permission.clone().into());
    event.unmapped.insert("audit_intent_seq".to_owned(), call.seq.into());
    event.unmapped.insert("audit_intent_leaf".to_owned(), call.leaf.to_string().into());
    if let Some(resource) = payloads.of(resource) {
        event.resources.push(Resource::other(permission, resource));
    }
    event
}
