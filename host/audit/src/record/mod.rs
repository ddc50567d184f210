//! A record: one line of the log, and what it says.

mod cache;
pub(crate) mod call;
mod change;
mod cut;
mod fit;
mod from_log;
mod identity;
mod invocation;
mod line;
pub(crate) mod payload;
mod stored;
pub(crate) mod strict;
mod trust;

pub use cache::{CacheFault, CacheRejection};
pub use change::{Answer, PolicyAction, PolicyChange, Refusal, Stage};
pub use from_log::{Header, Heartbeat, Recovered};
pub use identity::{PackageIdentity, TrustEvidence};
pub use invocation::{
    Check, Invocation, LogLine, OutcomeKind, OutcomeRecord, UnknownOutcome, Usage, Verdict,
};
pub use line::Record;
pub use stored::{Algorithm, Document, Payload, Stored};
pub use trust::{TrustAction, TrustChange, TrustPolicy, TrustSubject};

pub(crate) use fit::{Keep, fit};
pub(crate) use line::{Body, Envelope, HEADER, Place};

/// What a caller can put on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// `invocation`: a tool was called.
    Invocation(Box<Invocation>),
    /// `refusal`: a package, or a document about trust, was turned away.
    Refusal(Box<Refusal>),
    /// `cache`: compiled code was found and not loaded.
    Cache(Box<CacheRejection>),
    /// `trust-change`: whom and what this host trusts changed.
    TrustChange(TrustChange),
    /// `policy-change`: a package was installed, approved or removed.
    PolicyChange(Box<PolicyChange>),
}

impl Event {
    /// The kind as the record spells it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invocation(_) => "invocation",
            Self::Refusal(_) => "refusal",
            Self::Cache(_) => "cache",
            Self::TrustChange(_) => "trust-change",
            Self::PolicyChange(_) => "policy-change",
        }
    }

    /// The package the event is about, if it is about one. A change of trust
    /// names a package in all its releases, and so is about none.
    pub fn package(&self) -> Option<&PackageIdentity> {
        match self {
            Self::Invocation(invocation) => Some(&invocation.package),
            Self::Refusal(refusal) => refusal.package.as_ref(),
            Self::Cache(rejection) => Some(&rejection.package),
            Self::TrustChange(_) => None,
            Self::PolicyChange(change) => Some(&change.package),
        }
    }
}

/// What a record holds: what the log says of itself, or an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// `header`: the first record, and no other.
    Header(Header),
    /// `recovered`: the log was opened after an interruption.
    Recovered(Recovered),
    /// `heartbeat`: nothing happened, and the log was there.
    Heartbeat(Heartbeat),
    /// Anything else.
    Event(Event),
}
