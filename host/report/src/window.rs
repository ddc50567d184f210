//! Which part of a log is projected.

use std::str::FromStr;

use mpp_audit::Timestamp;
use mpp_audit::view::Item;

/// A place in a log: the number of a record, or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// By number.
    Seq(u64),
    /// By time.
    Time(Timestamp),
}

/// The text is no place in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "write the number of a record, a day such as 2026-11-22, or a time in UTC such as 2026-11-22T08:00:00Z"
)]
pub struct NoPoint;

impl FromStr for Point {
    type Err = NoPoint;

    fn from_str(text: &str) -> Result<Self, NoPoint> {
        if let Ok(seq) = text.parse() {
            return Ok(Self::Seq(seq));
        }
        let instant = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00Z") };
        let instant: jiff::Timestamp = instant.parse().map_err(|_| NoPoint)?;
        // The log's own type has one spelling, and checks the range of years.
        format!("{instant:.9}").parse().map(Self::Time).map_err(|_| NoPoint)
    }
}

/// A part of a log, from one place up to, but not including, another.
///
/// A call is in it if its intent is: it is never torn in two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// The first place; without it, the beginning.
    pub from: Option<Point>,
    /// The first place that is out; without it, the end.
    pub to: Option<Point>,
}

impl Window {
    /// Whether an item is in this part.
    pub fn contains(&self, item: &Item) -> bool {
        let (seq, ts) = match item {
            Item::Call(call) => (call.seq, call.ts),
            Item::Other(record) => (record.seq, record.ts),
        };
        let reached = |point: Point| match point {
            Point::Seq(first) => seq >= first,
            Point::Time(first) => ts >= first,
        };
        self.from.is_none_or(reached) && !self.to.is_some_and(reached)
    }
}
