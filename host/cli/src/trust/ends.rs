//! When the word of a publisher ends: by its own documents, and by what this
//! operator says about their age.
//!
//! For lists and advice only. Whether a package is refused is for
//! [`Keyring::verify`](mpp_package::Keyring::verify).

use std::time::{Duration, SystemTime};

use mpp_package::{HeldIndex, RootTrust, Timestamp, TrustPolicy};

/// From this long before its end on, a person is told: time for a publisher
/// that answers within a week to be asked twice.
const NEAR: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// What counts until a second counts to the end of it.
const ONE_SECOND: Duration = Duration::from_secs(1);

/// How far away an end is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Distance {
    /// Further than anybody needs to know.
    Far,
    /// Within [`NEAR`].
    Near,
    /// Behind us.
    Past,
}

/// The last second in which a root counts.
pub(crate) fn of_root(trust: &RootTrust) -> Timestamp {
    trust.root().parts().expires
}

/// The last second in which an index counts: its own, or an earlier one where
/// the operator does not let it grow that old.
pub(crate) fn of_index(held: &HeldIndex, policy: TrustPolicy) -> Timestamp {
    let parts = held.index().parts();
    let oldest = policy.max_index_age.and_then(|age| parts.issued_at.to_system_time().checked_add(age));
    // An age beyond all clocks is no bound.
    oldest.and_then(|end| Timestamp::at(end).ok()).map_or(parts.expires, |end| end.min(parts.expires))
}

/// How far away an end is at `now`.
pub(crate) fn distance(end: Timestamp, now: SystemTime) -> Distance {
    let end = end.to_system_time() + ONE_SECOND;
    match end.duration_since(now) {
        Ok(left) if left.is_zero() => Distance::Past,
        Ok(left) if left <= NEAR => Distance::Near,
        Ok(_) => Distance::Far,
        Err(_) => Distance::Past,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_past_once_its_second_is_over() {
        let end: Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap().to_system_time();
        assert_eq!(distance(end, at("2026-11-22T08:00:01Z")), Distance::Past);
        assert_eq!(distance(end, at("2026-11-22T08:00:00Z")), Distance::Near);
        assert_eq!(distance(end, at("2026-11-08T08:00:01Z")), Distance::Near);
        assert_eq!(distance(end, at("2026-11-08T08:00:00Z")), Distance::Far);
    }
}
