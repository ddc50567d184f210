//! Every way a call can end.

use serde::{Deserialize, Serialize};

/// Every way a call can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeKind {
    /// The tool gave an output, and it was released.
    Ok,
    /// The tool reported an error of its own.
    ToolError,
    /// The tool ended over something the grant does not cover.
    Denied,
    /// No code of the tool ran: unknown tool, input outside its schema.
    Refused,
    /// The tool crashed.
    Trap,
    /// A limit other than time was reached.
    Limit,
    /// The time limit was reached.
    Timeout,
    /// The tool ended its own process.
    Exit,
    /// The output broke the contract and was withheld.
    BadOutput,
    /// The host failed.
    HostFault,
    /// The caller went away.
    Cancelled,
}

impl OutcomeKind {
    /// Every kind, in the order of the declaration.
    pub const ALL: [Self; 11] = [
        Self::Ok,
        Self::ToolError,
        Self::Denied,
        Self::Refused,
        Self::Trap,
        Self::Limit,
        Self::Timeout,
        Self::Exit,
        Self::BadOutput,
        Self::HostFault,
        Self::Cancelled,
    ];

    /// The kind as the record spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ToolError => "tool-error",
            Self::Denied => "denied",
            Self::Refused => "refused",
            Self::Trap => "trap",
            Self::Limit => "limit",
            Self::Timeout => "timeout",
            Self::Exit => "exit",
            Self::BadOutput => "bad-output",
            Self::HostFault => "host-fault",
            Self::Cancelled => "cancelled",
        }
    }
}

impl std::fmt::Display for OutcomeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no kind of outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no outcome is called {0:?}; there are ok, tool-error, denied, refused, trap, limit, timeout, exit, bad-output, host-fault and cancelled"
)]
pub struct UnknownOutcome(pub String);

impl std::str::FromStr for OutcomeKind {
    type Err = UnknownOutcome;

    fn from_str(text: &str) -> Result<Self, UnknownOutcome> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownOutcome(text.to_owned()))
    }
}
