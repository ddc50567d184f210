//! A record: one line of the log, and what it says.

mod binds;
mod body;
mod cache;
mod call;
pub(crate) mod calls;
mod change;
mod cut;
pub(crate) mod fit;
mod from_log;
mod identity;
mod intent;
mod line;
mod operator;
mod outcome;
mod outcome_kind;
pub(crate) mod payload;
pub(crate) mod strict;
mod subject;
mod trust;

use serde::{Deserialize, Serialize};

pub use cache::{CacheFault, CacheRejection};
pub use call::{Allowed, Caller, Denied, Durability, Ended, NewCall};
pub use change::{Answer, PolicyAction, PolicyChange, Refusal, Stage};
pub use from_log::{Header, Heartbeat, Lost, Recovered, Torn};
pub use identity::{PackageIdentity, TrustEvidence};
pub use intent::{DenialRecord, Intent};
pub use line::Record;
pub use operator::{Erasure, Hold, HoldAction, Retention, SettingsChange};
pub use outcome::{HostCalls, LogLine, Outcome, OutcomeRecord, Usage};
pub use outcome_kind::{OutcomeKind, UnknownOutcome};
pub use payload::{
    Algorithm, Bound, Document, Field, JsonPointer, Keep, Keeping, Kept, NoPointer, UnknownField,
};
pub use subject::Subject;
pub use trust::{TrustAction, TrustChange, TrustPolicy, TrustSubject};

pub(crate) use body::{Body, Place};
pub(crate) use intent::WhatAndWhy;
pub(crate) use line::{Envelope, HEADER};

/// What a caller can put on record by itself. A call has several records, and a
/// way of its own onto the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// `refusal`: a package, or a document about trust, was turned away.
    Refusal(Box<Refusal>),
    /// `cache`: compiled code was found and not loaded.
    Cache(Box<CacheRejection>),
    /// `trust-change`: whom and what this host trusts changed.
    TrustChange(TrustChange),
    /// `policy-change`: a package was installed, approved or removed.
    PolicyChange(Box<PolicyChange>),
    /// `settings`: the operator chose how the log is kept.
    Settings(Box<SettingsChange>),
}

impl Event {
    /// The kind as the record spells it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Refusal(_) => "refusal",
            Self::Cache(_) => "cache",
            Self::TrustChange(_) => "trust-change",
            Self::PolicyChange(_) => "policy-change",
            Self::Settings(_) => "settings",
        }
    }

    /// The package the event is about, if it is about one. A change of trust
    /// names a package in all its releases, and so is about none.
    pub fn package(&self) -> Option<&PackageIdentity> {
        match self {
            Self::Refusal(refusal) => refusal.package.as_ref(),
            Self::Cache(rejection) => Some(&rejection.package),
            Self::PolicyChange(change) => Some(&change.package),
            Self::TrustChange(_) | Self::Settings(_) => None,
        }
    }
}

/// What a record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// `header`: the first record, and no other.
    Header(Header),
    /// `heartbeat`: nothing happened, and the log was there.
    Heartbeat(Heartbeat),
    /// `torn`: an incomplete record was cut off when the log was opened.
    Torn(Torn),
    /// `lost`: a payload never became durable.
    Lost(Lost),
    /// `intent`: a call begins.
    Intent(Box<Intent>),
    /// `denial`: a call was denied something.
    Denial(Box<DenialRecord>),
    /// `outcome`: a call ended.
    Outcome(Box<OutcomeRecord>),
    /// `recovered`: a call was open when its writer was interrupted, or who ran it.
    Recovered(Recovered),
    /// `erasure`: a payload is erased.
    Erasure(Box<Erasure>),
    /// `retention`: the payloads of older records are destroyed.
    Retention(Retention),
    /// `hold`: payloads may not be erased, or may be again.
    Hold(Hold),
    /// Anything else.
    Event(Event),
}

impl Entry {
    /// The kind as the record spells it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Header(_) => HEADER,
            Self::Heartbeat(_) => "heartbeat",
            Self::Torn(_) => "torn",
            Self::Lost(_) => "lost",
            Self::Intent(_) => "intent",
            Self::Denial(_) => "denial",
            Self::Outcome(_) => "outcome",
            Self::Recovered(_) => "recovered",
            Self::Erasure(_) => "erasure",
            Self::Retention(_) => "retention",
            Self::Hold(_) => "hold",
            Self::Event(event) => event.kind(),
        }
    }

    /// The package that the record names, if it names one.
    pub fn package(&self) -> Option<&PackageIdentity> {
        match self {
            Self::Intent(intent) => Some(&intent.package),
            Self::Event(event) => event.package(),
            _ => None,
        }
    }
}
