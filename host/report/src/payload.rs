//! Whether payloads leave the log with a projection.

use mpp_audit::view::Seen;

/// What becomes of what callers and tools said: inputs, outputs, log lines,
/// reasons, and what a tool asked the host for.
///
/// A projection goes where its reader keeps it: nothing that is erased from the
/// log later is erased from there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Payloads {
    /// Only lengths, and whether the log still has them.
    #[default]
    Withheld,
    /// As far as the log still has them.
    Included,
}

impl Payloads {
    /// A payload, if it is there and may be told.
    pub(crate) fn of<T>(self, seen: &Seen<T>) -> Option<&T> {
        match self {
            Self::Included => seen.value(),
            Self::Withheld => None,
        }
    }
}

/// What the log has of a payload, in one word.
pub(crate) fn kept<T>(seen: &Seen<T>) -> &'static str {
    match seen {
        Seen::Text(_) => "whole",
        Seen::Redacted(_) => "redacted",
        Seen::Committed => "commitment",
        Seen::Erased => "erased",
        Seen::Lost => "lost",
        Seen::Unread => "unread",
    }
}
