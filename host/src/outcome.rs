//! Every way a call can end, as one type.

use std::fmt;
use std::time::Duration;

use mpp_audit::OutcomeKind;

use crate::response::Response;

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The tool answered, and its answer passed every check.
    Completed(Response),
    /// The call was refused before any guest code ran.
    Refused(Refusal),
    /// The tool answered with an error of its own.
    ToolError(ToolError),
    /// The guest was stopped.
    Stopped(Stop),
    /// The tool answered, and its answer was withheld.
    BadOutput(BadOutput),
    /// The caller went away or asked to stop.
    Cancelled,
    /// The host failed; the tool is not to blame.
    HostFault(String),
}

/// Why a call was refused before any guest code ran. Blame: the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The package has no such tool.
    #[error("the package has no tool {name:?}; it has {}", .known.join(", "))]
    UnknownTool {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The input is larger than the limit.
    #[error("the input is {bytes} bytes, and the limit is {limit}")]
    InputTooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The input is not JSON.
    #[error("the input is not JSON: {0}")]
    NotJson(String),
    /// The input does not satisfy the tool's input schema, or whether it does
    /// was not decided.
    #[error("the input {}", .0.sentence("the tool's schema"))]
    InvalidInput(SchemaViolations),
}

/// The error a tool returned. Blame: as the tool says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ToolError {
    /// It knows no tool of this name, though the manifest does.
    #[error("the tool says it does not know {0:?}")]
    UnknownTool(String),
    /// The arguments make no sense to it.
    #[error("{0}")]
    InvalidInput(String),
    /// Something it needed was outside its boundary. The words are the
    /// tool's; what the host itself refused is in the checks of the report.
    #[error("{} was denied: {}", .0.permission, .0.reason)]
    Denied(ReportedDenial),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

/// A denial as a tool reports it: an allegation, unlike
/// [`Denial`](mpp_policy::Denial).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedDenial {
    /// Which permission.
    pub permission: mpp_policy::Permission,
    /// What was asked for.
    pub resource: String,
    /// Why not.
    pub reason: String,
}

/// Why a guest was stopped. Blame: the tool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The time limit passed, host calls included.
    #[error("it was stopped after {} ms, its time limit", .0.as_millis())]
    TimedOut(Duration),
    /// It met another limit.
    #[error("it was stopped at its limit on {0}")]
    Limit(LimitKind),
    /// It trapped: a panic, an access out of bounds, unreachable code.
    #[error("it crashed: {0}")]
    Trapped(String),
    /// It left by `exit`, without an answer.
    #[error("it exited with status {0} instead of answering")]
    Exited(i32),
}

/// The limits that stop a guest. Those on time are [`Stop::TimedOut`]; those on
/// files, requests and bytes written answer the guest with an error instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    /// Linear memory, all memories together.
    Memory,
    /// Table elements, all tables together.
    Tables,
    /// Instances, memories or tables by number.
    Instances,
    /// Handles held at once.
    Handles,
    /// The stack.
    Stack,
    /// Bytes copied from the guest in one transfer.
    Transfer,
    /// Fuel, in deterministic mode.
    Fuel,
    /// Random bytes at once.
    Random,
}

impl LimitKind {
    /// The name in records.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Tables => "tables",
            Self::Instances => "instances",
            Self::Handles => "handles",
            Self::Stack => "stack",
            Self::Transfer => "transfer",
            Self::Fuel => "fuel",
            Self::Random => "random",
        }
    }
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::Tables => "table elements",
            Self::Instances => "instances",
            Self::Handles => "handles",
            Self::Stack => "stack",
            Self::Transfer => "bytes handed to the host at once",
            Self::Fuel => "fuel",
            Self::Random => "random bytes at once",
        })
    }
}

/// Why an answer was withheld. Blame: the tool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOutput {
    /// Larger than the limit.
    #[error("its answer is {bytes} bytes, and the limit is {limit}")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The structured part is not JSON.
    #[error("its structured answer is not JSON: {0}")]
    NotJson(String),
    /// The structured part does not satisfy the output schema, or whether it
    /// does was not decided.
    #[error("its answer {}", .0.sentence("its own schema"))]
    InvalidOutput(SchemaViolations),
    /// The manifest promises a structured answer and there is none.
    #[error("its manifest promises a structured answer, and there is none")]
    Missing,
}

/// What a JSON value got wrong, at most [`crate::schema::MAX_VIOLATIONS`] of it;
/// empty where the check took too many steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaViolations(pub Vec<Violation>);

impl SchemaViolations {
    /// Whether the value fits was not decided within
    /// [`MAX_STEPS`](crate::schema::MAX_STEPS).
    pub const TOO_MANY_STEPS: Self = Self(Vec::new());

    /// Whether the check ended without a verdict.
    #[must_use]
    pub fn is_too_many_steps(&self) -> bool {
        *self == Self::TOO_MANY_STEPS
    }

    /// What is said of the value that was checked against `schema`.
    fn sentence(&self, schema: &str) -> String {
        if self.is_too_many_steps() {
            return format!("takes too many steps to check against {schema}");
        }
        format!("does not satisfy {schema}: {self}")
    }
}

/// One thing a JSON value got wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// JSON Pointer (RFC 6901) to the place in the value; empty for the whole.
    pub at: String,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for SchemaViolations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Violation { at, what }) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            if at.is_empty() {
                write!(f, "{separator}{what}")?;
            } else {
                write!(f, "{separator}{what} at {at}")?;
            }
        }
        Ok(())
    }
}

impl Outcome {
    /// The kind, as records and scripts name it.
    #[must_use]
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Self::Completed(_) => OutcomeKind::Ok,
            Self::Refused(_) => OutcomeKind::Refused,
            Self::ToolError(ToolError::Denied(_)) => OutcomeKind::Denied,
            Self::ToolError(_) => OutcomeKind::ToolError,
            Self::Stopped(Stop::TimedOut(_)) => OutcomeKind::Timeout,
            Self::Stopped(Stop::Limit(_)) => OutcomeKind::Limit,
            Self::Stopped(Stop::Trapped(_)) => OutcomeKind::Trap,
            Self::Stopped(Stop::Exited(_)) => OutcomeKind::Exit,
            Self::BadOutput(_) => OutcomeKind::BadOutput,
            Self::Cancelled => OutcomeKind::Cancelled,
            Self::HostFault(_) => OutcomeKind::HostFault,
        }
    }

    /// Which of that kind, as records and scripts name it.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Refused(Refusal::UnknownTool { .. }) => Some("unknown-tool"),
            Self::Refused(Refusal::InputTooLarge { .. }) => Some("input-too-large"),
            Self::Refused(Refusal::NotJson(_)) => Some("not-json"),
            Self::Refused(Refusal::InvalidInput(why)) if why.is_too_many_steps() => Some("too-many-steps"),
            Self::Refused(Refusal::InvalidInput(_)) => Some("invalid-input"),
            Self::ToolError(ToolError::UnknownTool(_)) => Some("unknown-tool"),
            Self::ToolError(ToolError::InvalidInput(_)) => Some("invalid-input"),
            Self::ToolError(ToolError::Failed(_)) => Some("failed"),
            Self::Stopped(Stop::Limit(kind)) => Some(kind.code()),
            Self::BadOutput(BadOutput::TooLarge { .. }) => Some("too-large"),
            Self::BadOutput(BadOutput::NotJson(_)) => Some("not-json"),
            Self::BadOutput(BadOutput::InvalidOutput(why)) if why.is_too_many_steps() => {
                Some("too-many-steps")
            }
            Self::BadOutput(BadOutput::InvalidOutput(_)) => Some("invalid-output"),
            Self::BadOutput(BadOutput::Missing) => Some("missing"),
            Self::Completed(_)
            | Self::ToolError(ToolError::Denied(_))
            | Self::Stopped(Stop::TimedOut(_) | Stop::Trapped(_) | Stop::Exited(_))
            | Self::Cancelled
            | Self::HostFault(_) => None,
        }
    }

    /// Why, for a person; nothing where the call completed.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Completed(_) => None,
            Self::Refused(refusal) => Some(refusal.to_string()),
            Self::ToolError(error) => Some(error.to_string()),
            Self::Stopped(stop) => Some(stop.to_string()),
            Self::BadOutput(bad) => Some(bad.to_string()),
            Self::Cancelled => Some("the caller cancelled it".to_owned()),
            Self::HostFault(fault) => Some(fault.clone()),
        }
    }
}
