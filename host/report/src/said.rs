//! What a record says that is part of no call, in the words all formats share.
//!
//! Each kind of record is taken apart here, once: a new one does not build until
//! it has its words.

mod trust;

use mpp_audit::{
    Answer, CacheFault, CacheRejection, Durability, Entry, Erasure, Event, Field, Hold, HoldAction, Keep,
    Keeping, PackageIdentity, PolicyAction, PolicyChange, Record, Refusal, SettingsChange, Stage,
    TrustChange,
};

use crate::weight::Weight;

/// What one record says.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    pub(crate) weight: Weight,
    pub(crate) topic: Topic,
    pub(crate) deed: Deed,
    /// What was done, in one word of the log's.
    pub(crate) action: &'static str,
    /// To what, where that is no package.
    pub(crate) subject: Option<String>,
    pub(crate) package: Option<&'a PackageIdentity>,
    pub(crate) actor: Option<&'a str>,
    /// Which refusal or fault, for a program.
    pub(crate) code: Option<&'a str>,
    /// More of it, for a person.
    pub(crate) detail: Option<String>,
}

/// Where a reader looks for a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    /// Something was turned away.
    Refused,
    /// Somebody changed whom or what this host trusts, or how it keeps its log.
    Change,
    /// Payloads went, or may not go.
    Erasure,
    /// The log about itself.
    Log,
}

/// What was done to something that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Created,
    Updated,
    Deleted,
    Other,
}

impl<'a> Said<'a> {
    /// What a record says.
    pub(crate) fn by(record: &'a Record) -> Self {
        match &record.entry {
            Entry::Header(header) => Self {
                subject: Some(header.key.to_string()),
                detail: Some(format!("by {}", header.writer)),
                ..Self::of_log("begin", Weight::Normal)
            },
            Entry::Heartbeat(_) => Self::of_log("heartbeat", Weight::Normal),
            Entry::Torn(torn) => Self {
                detail: Some(format!(
                    "{} bytes of an unfinished record and {} of payloads were cut off",
                    torn.cut_bytes, torn.cut_payload_bytes
                )),
                ..Self::of_log("torn", Weight::Warning)
            },
            Entry::Lost(lost) => Self {
                topic: Topic::Erasure,
                subject: Some(payload(lost.field, lost.record)),
                ..Self::of_log("lost", Weight::Warning)
            },
            Entry::Intent(intent) => {
                Self { package: Some(&intent.package), ..Self::of_call("intent", &intent.id) }
            }
            Entry::Denial(denial) => Self { code: Some(&denial.code), ..Self::of_call("denial", &denial.id) },
            Entry::Outcome(outcome) => Self::of_call("outcome", &outcome.id),
            Entry::Recovered(recovered) => Self::of_call("recovered", &recovered.id),
            Entry::Erasure(erasure) => Self::erasure(erasure),
            Entry::Retention(retention) => Self {
                topic: Topic::Erasure,
                deed: Deed::Deleted,
                subject: Some(format!("payloads of records before {}", retention.before)),
                actor: retention.actor.as_deref(),
                detail: Some(retention.basis.clone()),
                ..Self::of_log("retention", Weight::Notable)
            },
            Entry::Hold(hold) => Self::hold(hold),
            Entry::Event(event) => Self::event(event),
        }
    }

    fn event(event: &'a Event) -> Self {
        match event {
            Event::Refusal(refusal) => Self::refusal(refusal),
            Event::Cache(rejection) => Self::cache(rejection),
            Event::TrustChange(change) => Self::trust(change),
            Event::PolicyChange(change) => Self::policy(change),
            Event::Settings(settings) => Self::settings(settings),
        }
    }

    /// A record of a call, where the rest of the call is not at hand.
    fn of_call(action: &'static str, id: &str) -> Self {
        Self { subject: Some(format!("call {id}")), ..Self::of_log(action, Weight::Normal) }
    }

    fn of_log(action: &'static str, weight: Weight) -> Self {
        Self {
            weight,
            topic: Topic::Log,
            deed: Deed::Other,
            action,
            subject: None,
            package: None,
            actor: None,
            code: None,
            detail: None,
        }
    }

    fn refusal(refusal: &'a Refusal) -> Self {
        Self {
            topic: Topic::Refused,
            package: refusal.package.as_ref(),
            subject: Some(refusal.presented.clone()),
            actor: refusal.agent.as_deref(),
            code: Some(&refusal.code),
            detail: Some(refusal.reason.clone()),
            ..Self::of_log(stage(refusal.stage), Weight::Warning)
        }
    }

    fn cache(rejection: &'a CacheRejection) -> Self {
        let weight = match rejection.reason {
            CacheFault::NotAuthentic => Weight::Serious,
            _ => Weight::Notable,
        };
        Self {
            topic: Topic::Refused,
            package: Some(&rejection.package),
            subject: Some(rejection.entry.clone()),
            code: Some(rejection.reason.as_str()),
            ..Self::of_log("compiled-code", weight)
        }
    }

    fn trust(change: &'a TrustChange) -> Self {
        let (action, deed) = trust::action(change.action);
        Self {
            topic: Topic::Change,
            deed,
            subject: Some(trust::subject(change)),
            actor: change.actor.as_deref(),
            detail: change.replaced_version.map(|version| format!("replaces version {version}")),
            ..Self::of_log(action, Weight::Notable)
        }
    }

    fn policy(change: &'a PolicyChange) -> Self {
        let (action, deed) = match change.action {
            PolicyAction::Install => ("install", Deed::Created),
            PolicyAction::Update => ("update", Deed::Updated),
            PolicyAction::Approve => ("approve", Deed::Created),
            PolicyAction::Remove => ("remove", Deed::Deleted),
        };
        let answered = match change.answered {
            Answer::Terminal => "answered at a terminal",
            Answer::Flag => "answered by a flag",
            Answer::Unneeded => "nothing to answer",
        };
        Self {
            topic: Topic::Change,
            deed,
            package: Some(&change.package),
            actor: change.actor.as_deref(),
            detail: Some(answered.to_owned()),
            ..Self::of_log(action, Weight::Notable)
        }
    }

    fn erasure(erasure: &'a Erasure) -> Self {
        Self {
            topic: Topic::Erasure,
            deed: Deed::Deleted,
            subject: Some(payload(erasure.field, erasure.record)),
            actor: erasure.actor.as_deref(),
            detail: Some(erasure.basis.clone()),
            ..Self::of_log("erasure", Weight::Notable)
        }
    }

    fn hold(hold: &'a Hold) -> Self {
        let (action, deed) = match hold.action {
            HoldAction::Place => ("place", Deed::Created),
            HoldAction::Lift => ("lift", Deed::Deleted),
        };
        let subject = hold.id.as_ref().map_or("every payload".to_owned(), |id| format!("call {id}"));
        Self {
            topic: Topic::Erasure,
            deed,
            subject: Some(subject),
            actor: hold.actor.as_deref(),
            detail: Some(hold.basis.clone()),
            ..Self::of_log(action, Weight::Notable)
        }
    }

    fn settings(settings: &'a SettingsChange) -> Self {
        let SettingsChange { durability, keeping, retention_days, actor } = settings;
        let durability = match durability {
            Durability::Strict => "strict",
            Durability::Relaxed => "relaxed",
        };
        let kept = retention_days.map_or("as long as the log is".to_owned(), |days| format!("{days} days"));
        Self {
            topic: Topic::Change,
            deed: Deed::Updated,
            actor: actor.as_deref(),
            subject: Some(Keeping::FIELDS.map(|field| keep(field, keeping.of(field))).join(", ")),
            detail: Some(format!("durability {durability}; payloads kept for {kept}")),
            ..Self::of_log("settings", Weight::Notable)
        }
    }
}

/// Which payload of which record.
fn payload(field: Field, record: u64) -> String {
    format!("{field} of record {record}")
}

fn keep(field: Field, keep: &Keep) -> String {
    match keep {
        Keep::Whole => format!("{field} whole"),
        Keep::Commitment => format!("{field} as commitment"),
        Keep::Redacted(_) => format!("{field} redacted"),
    }
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Package => "package",
        Stage::Signature => "signature",
        Stage::Trust => "trust",
        Stage::Grant => "grant",
        Stage::Imports => "imports",
        Stage::Compile => "compile",
    }
}
