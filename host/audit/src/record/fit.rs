//! Makes any event fit into a record.
//!
//! A tool has a hand in what its record says: paths, error texts, log lines,
//! output. Were the record of a call to grow with them, a tool could make its
//! own record impossible to write. So each part has its share of the record
//! (see [`crate::limits`]); what is long goes to a file or is cut, and the
//! record says by how much.

use serde_json::Value;

use super::cut::{Knife, checks, encoded_len, log};
use super::{
    CacheRejection, Document, Event, Invocation, OutcomeRecord, PackageIdentity, Payload, PolicyChange,
    Refusal, Stored, TrustChange, TrustEvidence, TrustPolicy, TrustSubject,
};
use crate::limits::{
    MAX_DOCUMENT_BYTES, MAX_DOCUMENT_DEPTH, MAX_INLINE_BYTES, MAX_KEY_ID_BYTES, MAX_KEY_IDS,
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
        Event::Cache(event) => Event::Cache(Box::new(cache(event))),
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
        output: output.as_ref().map(|output| payload(output, store)).transpose()?,
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
    let Refusal { presented, package, verified, agent, stage, code, reason, cut_bytes } = event;
    let mut knife = Knife { cut: *cut_bytes };
    Refusal {
        presented: knife.name(presented),
        package: package.as_ref().map(|package| identity(package, &mut knife)),
        verified: *verified,
        agent: agent.as_deref().map(|agent| knife.name(agent)),
        stage: *stage,
        code: knife.name(code),
        reason: knife.text(reason),
        cut_bytes: knife.cut,
    }
}

fn cache(event: &CacheRejection) -> CacheRejection {
    let CacheRejection { package, entry, reason } = event;
    let mut knife = Knife { cut: 0 };
    CacheRejection { package: identity(package, &mut knife), entry: knife.name(entry), reason: *reason }
}

fn trust_change(event: &TrustChange) -> TrustChange {
    let TrustChange { action, publisher, subject, replaced_version, actor } = event;
    let mut knife = Knife { cut: 0 };
    TrustChange {
        action: *action,
        publisher: publisher.as_deref().map(|publisher| knife.name(publisher)),
        subject: trust_subject(subject, &mut knife),
        replaced_version: *replaced_version,
        actor: actor.as_deref().map(|actor| knife.name(actor)),
    }
}

fn trust_subject(subject: &TrustSubject, knife: &mut Knife) -> TrustSubject {
    match subject {
        TrustSubject::Key { id } => TrustSubject::Key { id: knife.name(id) },
        TrustSubject::Root { version, digest } => {
            TrustSubject::Root { version: *version, digest: knife.name(digest) }
        }
        TrustSubject::Index { version, digest } => {
            TrustSubject::Index { version: *version, digest: knife.name(digest) }
        }
        TrustSubject::Package { name } => TrustSubject::Package { name: knife.name(name) },
        TrustSubject::Policy(TrustPolicy { max_index_age_s, stale_index }) => {
            let stale_index = knife.name(stale_index);
            TrustSubject::Policy(TrustPolicy { max_index_age_s: *max_index_age_s, stale_index })
        }
    }
}

fn policy_change<K: Keep>(event: &PolicyChange, store: &K) -> Result<PolicyChange, K::Error> {
    let PolicyChange { action, package, declared, approved, answered, actor } = event;
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
    let PackageIdentity { publisher, name, version, digest, envelope_digest, key_ids, trust } = identity;
    PackageIdentity {
        publisher: knife.name(publisher),
        name: knife.name(name),
        version: knife.name(version),
        digest: knife.name(digest),
        envelope_digest: envelope_digest.as_deref().map(|digest| knife.name(digest)),
        key_ids: key_ids.iter().take(MAX_KEY_IDS).map(|id| knife.cut(id, MAX_KEY_ID_BYTES)).collect(),
        trust: trust.as_ref().map(|trust| evidence(trust, knife)),
    }
}

fn evidence(evidence: &TrustEvidence, knife: &mut Knife) -> TrustEvidence {
    let TrustEvidence { sequence, root_version, index_version, lapse } = evidence;
    TrustEvidence {
        sequence: *sequence,
        root_version: *root_version,
        index_version: *index_version,
        lapse: lapse.as_deref().map(|lapse| knife.name(lapse)),
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

#[cfg(test)]
mod tests;
