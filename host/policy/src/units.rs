//! Sizes and times as people write them.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

use crate::text::{parsed_from_text, serialized_as_text};

/// A number of bytes: `512B`, `64KiB`, `16MiB`, `2GiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

/// A length of time in whole milliseconds: `500ms`, `30s`, `5min`, `1h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeSpan(u64);

/// Why text is not a size. Blames who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ByteSizeError {
    /// No whole number in front.
    #[error("the size does not start with a whole number: write, for example, `64MiB`")]
    Number,
    /// No unit, or one that is not known.
    #[error("the size has none of the units B, KiB, MiB, GiB: write, for example, `64MiB`")]
    Unit,
    /// More than 2^64 - 1 bytes.
    #[error("the size is too large")]
    TooLarge,
}

/// Why text is not a length of time. Blames who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TimeSpanError {
    /// No whole number in front.
    #[error("the time does not start with a whole number: write, for example, `30s`")]
    Number,
    /// No unit, or one that is not known.
    #[error("the time has none of the units ms, s, min, h: write, for example, `30s`")]
    Unit,
    /// More than 2^64 - 1 milliseconds.
    #[error("the time is too long")]
    TooLong,
}

/// Units with their factor, the largest first.
const SIZES: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];
const TIMES: [(&str, u64); 4] = [("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];

impl ByteSize {
    /// A size in bytes.
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Takes a whole number and its unit, without a space between them.
    ///
    /// # Errors
    /// [`ByteSizeError`] says which part is wrong.
    pub fn parse(text: &str) -> Result<Self, ByteSizeError> {
        let (number, unit) = split_number(text).ok_or(ByteSizeError::Number)?;
        let factor = factor(&SIZES, unit).ok_or(ByteSizeError::Unit)?;
        product(number, factor).map(Self).ok_or(ByteSizeError::TooLarge)
    }

    /// The size in bytes.
    pub const fn as_bytes(self) -> u64 {
        self.0
    }
}

impl TimeSpan {
    /// A time in milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Takes a whole number and its unit, without a space between them.
    ///
    /// # Errors
    /// [`TimeSpanError`] says which part is wrong.
    pub fn parse(text: &str) -> Result<Self, TimeSpanError> {
        let (number, unit) = split_number(text).ok_or(TimeSpanError::Number)?;
        let factor = factor(&TIMES, unit).ok_or(TimeSpanError::Unit)?;
        product(number, factor).map(Self).ok_or(TimeSpanError::TooLong)
    }

    /// The time in milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The time as the standard library has it.
    pub const fn as_duration(self) -> Duration {
        Duration::from_millis(self.0)
    }
}

/// Splits digits from the rest; a number has no leading zero.
fn split_number(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let canonical = number == "0" || !number.starts_with('0');
    (!number.is_empty() && canonical).then_some((number, unit))
}

fn factor(units: &[(&str, u64)], unit: &str) -> Option<u64> {
    units.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor)
}

/// `None` where the number or the product does not fit.
fn product(number: &str, factor: u64) -> Option<u64> {
    number.parse::<u64>().ok()?.checked_mul(factor)
}

/// Writes a value in the largest unit that divides it.
fn write_in_units(
    f: &mut fmt::Formatter<'_>,
    value: u64,
    units: &[(&str, u64)],
    smallest: &str,
) -> fmt::Result {
    match units.iter().find(|(_, factor)| value.is_multiple_of(*factor)) {
        Some((unit, factor)) if value != 0 => write!(f, "{}{unit}", value / factor),
        _ => write!(f, "{value}{smallest}"),
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_in_units(f, self.0, &SIZES, "B")
    }
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_in_units(f, self.0, &TIMES, "ms")
    }
}

parsed_from_text!(ByteSize, ByteSizeError, "a size such as `64MiB`");
serialized_as_text!(ByteSize);
parsed_from_text!(TimeSpan, TimeSpanError, "a time such as `30s`");
serialized_as_text!(TimeSpan);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_and_times_have_units() {
        assert_eq!(ByteSize::parse("0B").unwrap().as_bytes(), 0);
        assert_eq!(ByteSize::parse("64KiB").unwrap().as_bytes(), 65_536);
        assert_eq!(ByteSize::parse("64MiB").unwrap().as_bytes(), 67_108_864);
        assert_eq!(ByteSize::parse("2GiB").unwrap().as_bytes(), 2_147_483_648);
        assert_eq!(TimeSpan::parse("500ms").unwrap().as_millis(), 500);
        assert_eq!(TimeSpan::parse("30s").unwrap().as_duration(), Duration::from_secs(30));
        assert_eq!(TimeSpan::parse("5min").unwrap().as_millis(), 300_000);
        assert_eq!(TimeSpan::parse("1h").unwrap().as_millis(), 3_600_000);
    }

    #[test]
    fn a_number_alone_or_another_unit_is_refused() {
        for text in ["64", "64MB", "64 MiB", "64mib", "1.5GiB", "64M", "64MiB "] {
            assert_eq!(ByteSize::parse(text), Err(ByteSizeError::Unit), "{text}");
        }
        for text in ["30", "30 s", "5m", "1d", "1.5s", "1h30min"] {
            assert_eq!(TimeSpan::parse(text), Err(TimeSpanError::Unit), "{text}");
        }
    }

    #[test]
    fn a_number_is_whole_and_has_no_sign_or_leading_zero() {
        for text in ["", "MiB", "-1MiB", "+1MiB", "01MiB", " 1MiB", ".5GiB"] {
            assert_eq!(ByteSize::parse(text), Err(ByteSizeError::Number), "{text}");
        }
        for text in ["", "s", "-1s", "00s"] {
            assert_eq!(TimeSpan::parse(text), Err(TimeSpanError::Number), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(ByteSize::parse("17179869184GiB"), Err(ByteSizeError::TooLarge));
        assert_eq!(ByteSize::parse("18446744073709551616B"), Err(ByteSizeError::TooLarge));
        assert_eq!(TimeSpan::parse("18446744073709551615s"), Err(TimeSpanError::TooLong));
    }

    #[test]
    fn values_are_shown_in_the_largest_unit_that_divides_them() {
        assert_eq!(ByteSize::from_bytes(1 << 26).to_string(), "64MiB");
        assert_eq!(ByteSize::from_bytes(1025).to_string(), "1025B");
        assert_eq!(ByteSize::from_bytes(0).to_string(), "0B");
        assert_eq!(TimeSpan::from_millis(90_000).to_string(), "90s");
        assert_eq!(TimeSpan::from_millis(120_000).to_string(), "2min");
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(value: u64) {
            let (size, time) = (ByteSize::from_bytes(value), TimeSpan::from_millis(value));
            prop_assert_eq!(ByteSize::parse(&size.to_string()), Ok(size));
            prop_assert_eq!(TimeSpan::parse(&time.to_string()), Ok(time));
        }

        #[test]
        fn any_text_is_taken_or_refused(text in "[0-9]{0,25}[KMGiBmshn]{0,3}|.{0,8}") {
            if let Ok(size) = ByteSize::parse(&text) {
                prop_assert_eq!(ByteSize::parse(&size.to_string()), Ok(size));
            }
            if let Ok(time) = TimeSpan::parse(&text) {
                prop_assert_eq!(TimeSpan::parse(&time.to_string()), Ok(time));
            }
        }
    }
}
