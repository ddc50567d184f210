//! Time as other formats count it.

use mpp_audit::Timestamp;

/// Nanoseconds since 1970. What 64 bits cannot hold, from the year 2554 on,
/// becomes the last instant that they can.
pub(crate) fn nanoseconds(time: Timestamp) -> u64 {
    u64::try_from(instant(time).as_nanosecond()).unwrap_or(u64::MAX)
}

/// Milliseconds since 1970, rounded down.
pub(crate) fn milliseconds(time: Timestamp) -> i64 {
    instant(time).as_millisecond()
}

/// To the second, for a person: `2026-11-22 08:00:00`.
pub(crate) fn readable(time: Timestamp) -> String {
    instant(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The log's own spelling is one that this reads.
fn instant(time: Timestamp) -> jiff::Timestamp {
    time.to_string().parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_its_digits() {
        let time = "2026-11-22T08:00:00.123456789Z".parse().unwrap();
        assert_eq!(nanoseconds(time), 1_795_334_400_123_456_789);
        assert_eq!(milliseconds(time), 1_795_334_400_123);
        assert_eq!(readable(time), "2026-11-22 08:00:00");
        let last = "9999-12-30T22:00:00.999999999Z".parse().unwrap();
        assert_eq!(nanoseconds(last), u64::MAX);
    }
}
