//! How a call ended, and how much a record asks for attention, in one place for
//! all formats.

use mpp_audit::OutcomeKind;
use mpp_audit::view::{How, Invocation, OutcomeSeen};

/// How much a record asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// As it should be.
    Normal,
    /// Worth knowing: something failed, or somebody changed something.
    Notable,
    /// A boundary was tested, or something is missing.
    Warning,
    /// The host failed, or what it relies on was not what it should be.
    Serious,
}

/// How a call ended, as far as a reader tells endings apart at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    /// With an output that was released.
    Ok,
    /// Over something that the grant does not cover.
    Denied,
    /// In any other way.
    Failed,
    /// Not known: still open, or interrupted.
    Unknown,
}

impl Ending {
    /// Every ending, in the order of the declaration.
    pub(crate) const ALL: [Self; 4] = [Self::Ok, Self::Denied, Self::Failed, Self::Unknown];

    /// How a call ended.
    pub(crate) fn of(call: &Invocation) -> Self {
        match call.end.as_ref().map(|end| &end.how) {
            None | Some(How::Recovered) => Self::Unknown,
            Some(How::Outcome(outcome)) => match outcome.kind {
                OutcomeKind::Ok => Self::Ok,
                OutcomeKind::Denied => Self::Denied,
                _ => Self::Failed,
            },
        }
    }

    /// A word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// The outcome of a call, if it has one.
pub(crate) fn outcome(call: &Invocation) -> Option<&OutcomeSeen> {
    match call.end.as_ref().map(|end| &end.how) {
        Some(How::Outcome(outcome)) => Some(outcome),
        Some(How::Recovered) | None => None,
    }
}

/// How a call ended, in the word of the log; `recovered` and `open` for those
/// without an outcome.
pub(crate) fn word(call: &Invocation) -> &'static str {
    match call.end.as_ref().map(|end| &end.how) {
        None => "open",
        Some(How::Recovered) => "recovered",
        Some(How::Outcome(outcome)) => outcome.kind.as_str(),
    }
}

/// How much a call asks for attention.
pub(crate) fn of_call(call: &Invocation) -> Weight {
    match call.end.as_ref().map(|end| &end.how) {
        None => Weight::Normal,
        Some(How::Recovered) => Weight::Warning,
        Some(How::Outcome(outcome)) => match outcome.kind {
            OutcomeKind::Ok | OutcomeKind::Cancelled => Weight::Normal,
            OutcomeKind::ToolError
            | OutcomeKind::Refused
            | OutcomeKind::Trap
            | OutcomeKind::Limit
            | OutcomeKind::Timeout
            | OutcomeKind::Exit
            | OutcomeKind::BadOutput => Weight::Notable,
            OutcomeKind::Denied => Weight::Warning,
            OutcomeKind::HostFault => Weight::Serious,
        },
    }
}
