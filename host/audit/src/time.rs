//! Time as the log writes it.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant in UTC, to the nanosecond, from 1970 to 9999.
///
/// In text always RFC 3339 with nine decimals and `Z`, so that equal instants
/// have equal texts and texts sort as instants do: `2026-11-22T08:09:10.000000001Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(jiff::Timestamp);

impl From<SystemTime> for Timestamp {
    /// A time before 1970 or after 9999 becomes the nearest that the format
    /// holds: a clock gone mad must not keep an event out of the log.
    fn from(time: SystemTime) -> Self {
        if time < SystemTime::UNIX_EPOCH {
            return Self::EPOCH;
        }
        Self(jiff::Timestamp::try_from(time).unwrap_or(jiff::Timestamp::MAX))
    }
}

impl Timestamp {
    const EPOCH: Self = Self(jiff::Timestamp::UNIX_EPOCH);

    /// Appends the text.
    pub(crate) fn push_to(self, text: &mut String) {
        text.push_str(Text::of(self).as_str());
    }

    /// Whole seconds since 1970.
    pub(crate) fn seconds(self) -> u64 {
        self.0.as_second().unsigned_abs()
    }
}

/// The text of a timestamp, written at once: every record has one, written while others wait
/// for their place.
struct Text([u8; 30]);

impl Text {
    fn of(time: Timestamp) -> Self {
        let at = jiff::tz::Offset::UTC.to_datetime(time.0);
        let mut text = *b"0000-00-00T00:00:00.000000000Z";
        // None is negative: the year is one from 1970 to 9999.
        put(&mut text[..4], at.year().unsigned_abs().into());
        for (place, value) in
            [(5, at.month()), (8, at.day()), (11, at.hour()), (14, at.minute()), (17, at.second())]
        {
            put(&mut text[place..place + 2], value.unsigned_abs().into());
        }
        put(&mut text[20..29], at.subsec_nanosecond().unsigned_abs());
        Self(text)
    }

    /// It is ASCII.
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Writes a number in decimal, in all of the room there is.
fn put(room: &mut [u8], mut number: u32) {
    for digit in room.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Text::of(*self).as_str())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not a timestamp in the log's one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a timestamp is written YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ, from 1970 to 9999")]
pub struct TimestampError;

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let time = Self(text.parse().map_err(|_| TimestampError)?);
        if time >= Self::EPOCH && time.to_string() == text { Ok(time) } else { Err(TimestampError) }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Text::of(*self).as_str())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::record::strict::text(deserializer, "a timestamp")?.parse().map_err(de::Error::custom)
    }
}

/// Where a log takes its time from. Any `Fn() -> SystemTime` is a clock.
///
/// It is asked while other writers wait, so it must answer at once.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> SystemTime;
}

impl<F: Fn() -> SystemTime + Send + Sync> Clock for F {
    fn now(&self) -> SystemTime {
        self()
    }
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64, nanos: u32) -> Timestamp {
        Timestamp::from(SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos))
    }

    #[test]
    fn a_timestamp_always_has_nine_decimals() {
        assert_eq!(at(0, 0).to_string(), "1970-01-01T00:00:00.000000000Z");
        assert_eq!(at(0, 10).to_string(), "1970-01-01T00:00:00.000000010Z");
        // 2106-02-07: one second past an unsigned 32-bit clock.
        assert_eq!(at(1 << 32, 0).to_string(), "2106-02-07T06:28:16.000000000Z");
    }

    proptest::proptest! {
        #[test]
        fn a_timestamp_is_written_as_rfc_3339_says(seconds in 0..253_402_207_200_u64, nanos in 0..1_000_000_000_u32) {
            let time = at(seconds, nanos);
            proptest::prop_assert_eq!(time.to_string(), format!("{:.9}", time.0));
            proptest::prop_assert_eq!(time.to_string().parse(), Ok(time));
        }
    }

    #[test]
    fn a_clock_gone_mad_gives_the_nearest_time_there_is() {
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(Timestamp::from(before).to_string(), "1970-01-01T00:00:00.000000000Z");
        let after = SystemTime::UNIX_EPOCH + Duration::from_secs(400_000_000_000);
        let text = Timestamp::from(after).to_string();
        assert!(text.starts_with("9999-12-30T"), "{text}");
        assert_eq!(text.len(), 30);
    }

    #[test]
    fn a_timestamp_has_one_text() {
        let time = at(1_700_000_000, 5);
        assert_eq!(time.to_string().parse(), Ok(time));
        for wrong in [
            "2023-11-14T22:13:20Z",
            "2023-11-14T22:13:20.00000000Z",
            "2023-11-14t22:13:20.000000005z",
            "2023-11-14T22:13:20.000000005+00:00",
            "2023-11-14T23:13:20.000000005+01:00",
            "1969-12-31T23:59:59.999999999Z",
            "2016-12-31T23:59:60.000000000Z",
            "",
        ] {
            assert_eq!(wrong.parse::<Timestamp>(), Err(TimestampError), "{wrong}");
        }
    }
}
