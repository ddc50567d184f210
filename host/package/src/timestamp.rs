//! A second in UTC, with one spelling.

use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A second in UTC, written `2026-11-22T08:00:00Z` (RFC 3339) and in no other way:
/// no offset, no fraction, no leap second, years 0000 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(jiff::Timestamp);

/// A text or a clock reading that is no [`Timestamp`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// The text has another form.
    #[error("not a time: write it in UTC with whole seconds, such as `2026-11-22T08:00:00Z`")]
    Form,
    /// The clock reads a year that cannot be written.
    #[error("the time lies outside the years 0000 to 9999: check the clock")]
    OutOfRange,
}

const ONE_SECOND: Duration = Duration::from_secs(1);

/// Bytes of the one spelling.
const LENGTH: usize = "2026-11-22T08:00:00Z".len();

impl Timestamp {
    /// The second that `time` lies in.
    pub fn at(time: SystemTime) -> Result<Self, TimestampError> {
        let second = jiff::Timestamp::try_from(time)
            .and_then(|instant| jiff::Timestamp::from_second(instant.as_second()))
            .map_err(|_| TimestampError::OutOfRange)?;
        if second.to_string().len() == LENGTH { Ok(Self(second)) } else { Err(TimestampError::OutOfRange) }
    }

    /// Whether `now` lies behind this second: the last second in which something
    /// counts does so to its end.
    pub(crate) fn has_passed(self, now: SystemTime) -> bool {
        now >= self.to_system_time() + ONE_SECOND
    }

    /// The beginning of this second.
    pub fn to_system_time(self) -> SystemTime {
        self.0.into()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let parsed: jiff::Timestamp = text.parse().map_err(|_| TimestampError::Form)?;
        // The parser knows many spellings; the round trip leaves one.
        if text.len() == LENGTH && parsed.to_string() == text {
            Ok(Self(parsed))
        } else {
            Err(TimestampError::Form)
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_one_spelling() {
        let good = "2026-11-22T08:00:00Z";
        assert_eq!(good.parse::<Timestamp>().map(|t| t.to_string()), Ok(good.to_owned()));
        let bad = [
            "2026-11-22T08:00:00.000Z",
            "2026-11-22T08:00:00+00:00",
            "2026-11-22t08:00:00z",
            "2026-11-22 08:00:00Z",
            "2026-11-22T08:00:60Z",
            "2026-02-30T08:00:00Z",
            "2026-11-22T08:00Z",
            "-02026-11-22T08:00:00Z",
            "2026-11-22T08:00:00Z ",
            "2026-11-22",
            "",
        ];
        for text in bad {
            assert_eq!(text.parse::<Timestamp>(), Err(TimestampError::Form), "{text}");
        }
    }

    #[test]
    fn a_clock_reading_loses_its_fraction() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_500);
        let stamp = Timestamp::at(time).unwrap();
        assert_eq!(stamp.to_string(), "1970-01-01T00:00:01Z");
        assert_eq!(stamp.to_system_time(), SystemTime::UNIX_EPOCH + Duration::from_secs(1));
    }

    #[test]
    fn a_clock_beyond_the_year_9999_is_an_error() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(300_000_000_000);
        assert_eq!(Timestamp::at(time), Err(TimestampError::OutOfRange));
    }
}
