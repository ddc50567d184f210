//! Makes anything fit into a record.
//!
//! A tool has a hand in what is recorded of it: paths, error texts, log lines,
//! output. Were a record to grow with them, a tool could make the record of its
//! own call impossible to write. So each part has its share of the record (see
//! [`crate::limits`]); what is said at length becomes a payload, what is too long
//! is cut, and the record says by how much.

mod call;

use serde_json::Value;

use super::cut::Knife;
use super::payload::{Document, Field, Keep, Prepared, prepare};
use super::{
    CacheRejection, Erasure, Event, Hold, PackageIdentity, PolicyChange, Refusal, Retention, SettingsChange,
    TrustChange, TrustEvidence, TrustPolicy, TrustSubject,
};
use crate::error::LogError;
use crate::limits::{MAX_DOCUMENT_BYTES, MAX_DOCUMENT_DEPTH, MAX_KEY_ID_BYTES, MAX_KEY_IDS};
use crate::verify::FaultKind;

pub(crate) use call::{NewIntent, denial, intent, outcome};

/// What goes on record, and the payloads that it binds, in the order in which
/// they are kept.
pub(crate) type Fitted<T> = Result<(T, Vec<Prepared>), LogError>;

/// An event as it goes on record.
pub(crate) fn event(event: Event) -> Fitted<Event> {
    let event = match event {
        Event::Refusal(event) => Event::Refusal(Box::new(refusal(*event))),
        Event::Cache(event) => Event::Cache(Box::new(cache(*event))),
        Event::TrustChange(event) => Event::TrustChange(trust_change(event)),
        Event::Settings(event) => Event::Settings(Box::new(settings(*event))),
        Event::PolicyChange(event) => {
            let (event, payloads) = policy_change(*event)?;
            return Ok((Event::PolicyChange(Box::new(event)), payloads));
        }
    };
    Ok((event, Vec::new()))
}

fn refusal(event: Refusal) -> Refusal {
    let Refusal { presented, package, verified, agent, stage, code, reason, cut_bytes } = event;
    let mut knife = Knife { cut: cut_bytes };
    Refusal {
        presented: knife.name(presented),
        package: package.map(|package| identity(package, &mut knife)),
        verified,
        agent: knife.opt(agent),
        stage,
        code: knife.name(code),
        reason: knife.text(reason),
        cut_bytes: knife.cut,
    }
}

fn cache(event: CacheRejection) -> CacheRejection {
    let CacheRejection { package, entry, reason } = event;
    let mut knife = Knife { cut: 0 };
    CacheRejection { package: identity(package, &mut knife), entry: knife.name(entry), reason }
}

fn trust_change(event: TrustChange) -> TrustChange {
    let TrustChange { action, publisher, subject, replaced_version, actor } = event;
    let mut knife = Knife { cut: 0 };
    TrustChange {
        action,
        publisher: knife.opt(publisher),
        subject: trust_subject(subject, &mut knife),
        replaced_version,
        actor: knife.opt(actor),
    }
}

fn trust_subject(subject: TrustSubject, knife: &mut Knife) -> TrustSubject {
    match subject {
        TrustSubject::Key { id } => TrustSubject::Key { id: knife.name(id) },
        TrustSubject::Root { version, digest } => TrustSubject::Root { version, digest: knife.name(digest) },
        TrustSubject::Index { version, digest } => {
            TrustSubject::Index { version, digest: knife.name(digest) }
        }
        TrustSubject::Package { name } => TrustSubject::Package { name: knife.name(name) },
        TrustSubject::Policy(TrustPolicy { max_index_age_s, stale_index }) => {
            TrustSubject::Policy(TrustPolicy { max_index_age_s, stale_index: knife.name(stale_index) })
        }
    }
}

fn policy_change(event: PolicyChange) -> Fitted<PolicyChange> {
    let PolicyChange { action, package, declared, approved, answered, actor } = event;
    let mut knife = Knife { cut: 0 };
    let mut payloads = Vec::new();
    let event = PolicyChange {
        action,
        package: identity(package, &mut knife),
        declared: document(Field::Declared, declared, &mut payloads)?,
        approved: document(Field::Approved, approved, &mut payloads)?,
        answered,
        actor: knife.opt(actor),
    };
    Ok((event, payloads))
}

/// Pointers are never cut, which would have them name something else: too many
/// of them cannot be put on record.
fn settings(event: SettingsChange) -> SettingsChange {
    SettingsChange { actor: Knife { cut: 0 }.opt(event.actor), ..event }
}

/// An erasure as it goes on record.
pub(crate) fn erasure(entry: Erasure) -> Erasure {
    let Erasure { record, id, field, commit, basis, actor } = entry;
    let mut knife = Knife { cut: 0 };
    let (id, basis, actor) = (knife.name(id), knife.text(basis), knife.opt(actor));
    Erasure { record, id, field, commit, basis, actor }
}

/// A retention as it goes on record.
pub(crate) fn retention(entry: Retention) -> Retention {
    let Retention { before, basis, actor } = entry;
    let mut knife = Knife { cut: 0 };
    Retention { before, basis: knife.text(basis), actor: knife.opt(actor) }
}

/// A hold as it goes on record.
pub(crate) fn hold(entry: Hold) -> Hold {
    let Hold { action, id, basis, actor } = entry;
    let mut knife = Knife { cut: 0 };
    Hold { action, id: knife.opt(id), basis: knife.text(basis), actor: knife.opt(actor) }
}

pub(super) fn identity(identity: PackageIdentity, knife: &mut Knife) -> PackageIdentity {
    let PackageIdentity { publisher, name, version, digest, envelope_digest, key_ids, trust } = identity;
    PackageIdentity {
        publisher: knife.name(publisher),
        name: knife.name(name),
        version: knife.name(version),
        digest: knife.name(digest),
        envelope_digest: knife.opt(envelope_digest),
        key_ids: key_ids.into_iter().take(MAX_KEY_IDS).map(|id| knife.cut(id, MAX_KEY_ID_BYTES)).collect(),
        trust: trust.map(|trust| evidence(trust, knife)),
    }
}

fn evidence(evidence: TrustEvidence, knife: &mut Knife) -> TrustEvidence {
    TrustEvidence { lapse: knife.opt(evidence.lapse), ..evidence }
}

/// A document that has no room, or is too deep, becomes a payload.
fn document(field: Field, document: Document, payloads: &mut Vec<Prepared>) -> Result<Document, LogError> {
    let (json, fits) = fits(inline(&document)?);
    if fits {
        return Ok(document);
    }
    let prepared = prepare(field, json, &Keep::Whole).map_err(LogError::Salt)?;
    let bound = prepared.bound;
    payloads.push(prepared);
    Ok(Document::Stored(bound))
}

/// What a document says. Only the log makes payloads of them.
pub(super) fn inline(document: &Document) -> Result<&Value, LogError> {
    let Document::Inline(value) = document else {
        let error = FaultKind::malformed("a document names a payload that the log has not made");
        return Err(LogError::Unrecordable(error));
    };
    Ok(value)
}

/// A document as compact JSON, and whether a record has room for it.
pub(super) fn fits(value: &Value) -> (String, bool) {
    let json = value.to_string();
    let fits = json.len() <= MAX_DOCUMENT_BYTES && depth(value) <= MAX_DOCUMENT_DEPTH;
    (json, fits)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

#[cfg(test)]
mod tests;
