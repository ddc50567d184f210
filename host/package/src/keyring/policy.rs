//! How old the word of a publisher may be.

use std::time::{Duration, SystemTime};

use crate::timestamp::Timestamp;

/// What the operator says about documents that have ended or grown old.
///
/// A publisher's root and index end at a time of their own. From then on nothing
/// new is accepted from that publisher. Whether what was accepted before goes on
/// running is for the operator to say: a tool that stops because its publisher
/// is on holiday, against one that goes on although it may be revoked by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustPolicy {
    /// Longest time since the issue of an index for which it counts; `None`: as
    /// long as the index says itself.
    pub max_index_age: Option<Duration>,
    /// What becomes of an accepted package while its publisher's root or index
    /// does not vouch for it.
    pub when_stale: WhenStale,
}

/// What becomes of an accepted package for which its publisher does not vouch
/// at this time. One that is *revoked* runs in neither case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenStale {
    /// It runs, and the record of each call says what is amiss.
    RunAccepted,
    /// It is refused, like a new one.
    Refuse,
}

impl WhenStale {
    /// The word for it in a trust file and on a command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RunAccepted => "run-accepted",
            Self::Refuse => "refuse",
        }
    }
}

impl TrustPolicy {
    /// As long as each publisher says; what was accepted goes on running.
    pub const DEFAULT: Self = Self { max_index_age: None, when_stale: WhenStale::RunAccepted };

    /// Whether an index issued and ending then counts at `now`.
    pub(crate) fn is_fresh(&self, issued_at: Timestamp, expires: Timestamp, now: SystemTime) -> bool {
        let young = self.max_index_age.is_none_or(|age| {
            // An age beyond all clocks is no bound.
            issued_at.to_system_time().checked_add(age).is_none_or(|end| now <= end)
        });
        young && !expires.has_passed(now)
    }
}
