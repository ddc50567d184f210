//! From what the host tells of a call to its records and payloads.

use serde::Serialize;

use super::Fitted;
use crate::Hash;
use crate::error::LogError;
use crate::limits::{MAX_LISTED_CALLS, MAX_RESOURCE_BYTES};
use crate::record::calls::{self, NO_CALLS};
use crate::record::cut::{Knife, log};
use crate::record::intent::{IntentBody, WhatAndWhy};
use crate::record::payload::{Bound, Field, Keeping, Prepared, prepare};
use crate::record::{
    Allowed, Body, Caller, DenialRecord, Denied, Durability, Ended, HostCalls, NewCall, Outcome,
    OutcomeRecord,
};
use crate::verify::FaultKind;

/// An intent as it goes on record.
pub(crate) struct NewIntent {
    /// Identifies the call, on record.
    pub(crate) id: String,
    pub(crate) body: Body,
}

/// The intent of a call.
pub(crate) fn intent(call: NewCall, durability: Durability, keeping: &Keeping) -> Fitted<NewIntent> {
    let NewCall { id, subject, tool, caller, input, started } = call;
    let mut knife = Knife { cut: subject.cut_bytes() };
    let mut payloads = Payloads::new(keeping);
    let (id, tool, caller) = (knife.name(id), knife.name(tool), names(caller, &mut knife));
    let input = payloads.bind(Field::Input, input)?;
    let [declared, granted, limits] = subject.documents(&mut payloads.bound)?;
    let body = Body::of_readable(&IntentBody {
        id: &id,
        package: subject.package_json(),
        tool: &tool,
        caller: &caller,
        declared,
        granted,
        limits,
        durability,
        input,
        started,
        cut_bytes: knife.cut,
    });
    let body = body.map_err(LogError::Unrecordable)?;
    Ok((NewIntent { id, body }, payloads.bound))
}

fn names(caller: Caller, knife: &mut Knife) -> Caller {
    let Caller { agent, client, session, request, trace } = caller;
    Caller {
        agent: knife.opt(agent),
        client: knife.opt(client),
        session: knife.opt(session),
        request: knife.opt(request),
        trace: knife.opt(trace),
    }
}

/// One denial of a call, whose intent has this number and this identifier.
pub(crate) fn denial(denied: Denied, intent: u64, id: &str, keeping: &Keeping) -> Fitted<DenialRecord> {
    let Denied { permission, code, resource, reason } = denied;
    let mut knife = Knife { cut: 0 };
    let said = WhatAndWhy { resource: knife.cut(resource, MAX_RESOURCE_BYTES), reason: knife.text(reason) };
    let mut payloads = Payloads::new(keeping);
    let denial = DenialRecord {
        intent,
        id: id.to_owned(),
        permission: knife.name(permission),
        code: knife.name(code),
        denial: payloads.bind(Field::Denial, json(&said)?)?,
        cut_bytes: knife.cut,
    };
    Ok((denial, payloads.bound))
}

/// The outcome of a call, whose intent has this number and this identifier.
pub(crate) fn outcome(ended: Ended, intent: u64, id: &str, keeping: &Keeping) -> Fitted<OutcomeRecord> {
    let Ended {
        output,
        allowed,
        allowed_unlisted,
        denied,
        log: said,
        log_dropped,
        usage,
        kind,
        code,
        reason,
        ended,
        cut_bytes,
    } = ended;
    let mut knife = Knife { cut: cut_bytes };
    let mut payloads = Payloads::new(keeping);
    let lines = said.len();
    let said = log(said, &mut knife);
    let dropped = (lines - said.len()) as u64;
    let said = if said.is_empty() { None } else { Some(json(&said)?) };
    let reason = reason.map(|reason| knife.text(reason));
    let outcome = OutcomeRecord {
        intent,
        id: id.to_owned(),
        output: payloads.bind_some(Field::Output, output)?,
        log: payloads.bind_some(Field::Log, said)?,
        log_dropped: log_dropped.saturating_add(dropped),
        calls: payloads.calls(Calls { allowed, unlisted: allowed_unlisted, denied }, &mut knife)?,
        usage,
        outcome: Outcome { kind, code: knife.opt(code), reason: payloads.bind_some(Field::Reason, reason)? },
        ended,
        cut_bytes: knife.cut,
    };
    Ok((outcome, payloads.bound))
}

/// The host calls of a call, as the host tells of them.
struct Calls {
    allowed: Vec<Allowed>,
    unlisted: u64,
    denied: u64,
}

/// The payloads of one record, in order.
struct Payloads<'k> {
    keeping: &'k Keeping,
    bound: Vec<Prepared>,
}

impl<'k> Payloads<'k> {
    fn new(keeping: &'k Keeping) -> Self {
        Self { keeping, bound: Vec::new() }
    }

    fn bind(&mut self, field: Field, text: String) -> Result<Bound, LogError> {
        let prepared = prepare(field, text, self.keeping.of(field)).map_err(LogError::Salt)?;
        let bound = prepared.bound;
        self.bound.push(prepared);
        Ok(bound)
    }

    fn bind_some(&mut self, field: Field, text: Option<String>) -> Result<Option<Bound>, LogError> {
        text.map(|text| self.bind(field, text)).transpose()
    }

    /// Lists what has room, and counts the rest.
    fn calls(&mut self, calls: Calls, knife: &mut Knife) -> Result<HostCalls, LogError> {
        let Calls { mut allowed, unlisted, denied } = calls;
        let rest = allowed.split_off(allowed.len().min(MAX_LISTED_CALLS));
        let unlisted = count(unlisted, &rest);
        let listed: Vec<Allowed> = allowed.into_iter().map(|call| short(call, knife)).collect();
        let (root, list) = self.list(&listed)?;
        Ok(HostCalls { root, allowed: count(unlisted, &listed), denied, unlisted, list })
    }

    /// The root is over what the commitment covers: the list as it is kept, or as
    /// it would be.
    fn list(&mut self, listed: &[Allowed]) -> Result<(Hash, Option<Bound>), LogError> {
        if listed.is_empty() {
            return Ok((NO_CALLS, None));
        }
        let text = calls::write(listed).map_err(unrecordable)?;
        let keep = self.keeping.of(Field::Calls);
        let prepared = prepare(Field::Calls, text.clone(), keep).map_err(LogError::Salt)?;
        let covered = prepared.stored.as_deref().unwrap_or(text.as_bytes());
        let root = calls::root(&prepared.salt, covered);
        let bound = prepared.bound;
        self.bound.push(prepared);
        Ok((root, Some(bound)))
    }
}

fn short(call: Allowed, knife: &mut Knife) -> Allowed {
    let Allowed { permission, resource, count } = call;
    let (permission, resource) = (knife.name(permission), knife.cut(resource, MAX_RESOURCE_BYTES));
    Allowed { permission, resource, count }
}

fn count(others: u64, calls: &[Allowed]) -> u64 {
    calls.iter().fold(others, |sum, call| sum.saturating_add(call.count))
}

fn json(value: &impl Serialize) -> Result<String, LogError> {
    serde_json::to_string(value).map_err(unrecordable)
}

fn unrecordable(error: serde_json::Error) -> LogError {
    LogError::Unrecordable(FaultKind::malformed(error))
}
