//! Calls over time, by how they ended.
//!
//! How long a period the log covers is known only at its end. So the bars begin
//! with a second each, and whenever there would be too many, neighbours are joined.

use std::collections::BTreeMap;

use mpp_audit::Timestamp;

use super::number::{counted, grouped};
use crate::time;
use crate::weight::Ending;

/// Most bars: as many as can be told from each other across a screen.
const MAX_BARS: i64 = 90;

/// Widths of a bar that a person can read, seconds; each divides the next.
const WIDTHS: [i64; 12] = [1, 5, 15, 60, 300, 900, 3_600, 10_800, 43_200, 86_400, 604_800, 2_419_200];

/// How many calls ended in each way, in the order of [`Ending::ALL`].
type Counts = [u64; Ending::ALL.len()];

/// Counts of calls, bar by bar.
#[derive(Debug)]
pub(crate) struct Timeline {
    /// Seconds of one bar.
    width: i64,
    /// By the number of the bar since 1970.
    bars: BTreeMap<i64, Counts>,
}

impl Timeline {
    /// No calls.
    pub(crate) fn new() -> Self {
        Self { width: WIDTHS[0], bars: BTreeMap::new() }
    }

    /// Counts a call.
    pub(crate) fn add(&mut self, time: Timestamp, ending: Ending) {
        let bar = time::milliseconds(time).div_euclid(1000).div_euclid(self.width);
        self.bars.entry(bar).or_default()[ending as usize] += 1;
        while self.span() > MAX_BARS {
            self.widen();
        }
    }

    /// Bars from the first to the last, empty ones included.
    fn span(&self) -> i64 {
        match (self.bars.first_key_value(), self.bars.last_key_value()) {
            (Some((first, _)), Some((last, _))) => last - first + 1,
            _ => 0,
        }
    }

    fn widen(&mut self) {
        let wider = WIDTHS.into_iter().find(|width| *width > self.width).unwrap_or(self.width * 2);
        let factor = wider / self.width;
        self.width = wider;
        for (bar, counts) in std::mem::take(&mut self.bars) {
            let joined = self.bars.entry(bar.div_euclid(factor)).or_default();
            for (sum, count) in joined.iter_mut().zip(counts) {
                *sum += count;
            }
        }
    }

    /// The picture, if there is anything in it.
    pub(crate) fn chart(&self) -> Option<Chart> {
        let first = *self.bars.first_key_value()?.0;
        let most = self.bars.values().map(|counts| counts.iter().sum()).max()?;
        let top = round_up(most);
        let slot = PLOT_WIDTH / self.span() as f64;
        let bars = self.bars.iter().map(|(number, counts)| {
            let x = LEFT + (number - first) as f64 * slot;
            Bar::new(self.label(*number), counts, x, slot, top)
        });
        Some(Chart {
            bars: bars.collect(),
            lines: lines(top),
            ticks: self.ticks(first, slot),
            unit: self.unit(),
        })
    }

    /// When a bar begins.
    fn label(&self, bar: i64) -> String {
        let begin = jiff::Timestamp::from_second(bar.saturating_mul(self.width)).unwrap_or_default();
        let form = match self.width {
            ..60 => "%Y-%m-%d %H:%M:%S",
            60..86_400 => "%Y-%m-%d %H:%M",
            _ => "%Y-%m-%d",
        };
        begin.strftime(form).to_string()
    }

    fn ticks(&self, first: i64, slot: f64) -> Vec<Tick> {
        let step = (self.span() as u64).div_ceil(MAX_TICKS).max(1);
        let mut day = String::new();
        let mut ticks = Vec::new();
        for number in (0..self.span()).step_by(step as usize) {
            let label = self.label(first + number);
            // The day once, then only the hour, until the next day.
            let (date, hour) = label.split_once(' ').unwrap_or((&label, &label));
            let shown = if date == day { hour } else { label.as_str() };
            ticks.push(Tick { x: LEFT + number as f64 * slot, label: shown.to_owned() });
            day = date.to_owned();
        }
        ticks
    }

    fn unit(&self) -> String {
        let (number, name) = match self.width {
            ..60 => (self.width, "second"),
            60..3_600 => (self.width / 60, "minute"),
            3_600..86_400 => (self.width / 3_600, "hour"),
            _ => (self.width / 86_400, "day"),
        };
        counted(number.unsigned_abs(), name)
    }
}

/// Most labels below the bars.
const MAX_TICKS: u64 = 6;

/// The plot within the picture, in its units.
const LEFT: f64 = 52.0;
const PLOT_WIDTH: f64 = 896.0;
const BOTTOM: f64 = 180.0;
const PLOT_HEIGHT: f64 = 164.0;

/// A picture of the calls.
#[derive(Debug)]
pub(crate) struct Chart {
    pub(crate) bars: Vec<Bar>,
    pub(crate) lines: Vec<Line>,
    pub(crate) ticks: Vec<Tick>,
    /// What one bar stands for: `15 minutes`.
    pub(crate) unit: String,
}

/// The calls of one stretch of time.
#[derive(Debug)]
pub(crate) struct Bar {
    /// When it begins.
    pub(crate) begin: String,
    pub(crate) parts: Vec<Part>,
    /// How many ended in each way.
    pub(crate) counts: Vec<String>,
}

/// The calls of a bar that ended in one way.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) ending: &'static str,
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) width: String,
    pub(crate) height: String,
}

/// A horizontal line with its number.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) y: f64,
    pub(crate) label: String,
}

/// A label below the bars.
#[derive(Debug)]
pub(crate) struct Tick {
    pub(crate) x: f64,
    pub(crate) label: String,
}

impl Bar {
    fn new(begin: String, counts: &Counts, x: f64, slot: f64, top: u64) -> Self {
        let width = (slot * 0.8).min(40.0);
        let mut y = BOTTOM;
        let mut parts = Vec::new();
        for (ending, count) in Ending::ALL.into_iter().zip(counts).filter(|(_, count)| **count > 0) {
            let height = *count as f64 / top as f64 * PLOT_HEIGHT;
            y -= height;
            parts.push(Part {
                ending: ending.as_str(),
                x: format!("{x:.1}"),
                y: format!("{y:.1}"),
                width: format!("{width:.1}"),
                height: format!("{height:.1}"),
            });
        }
        Self { begin, parts, counts: counts.iter().map(|count| grouped(*count)).collect() }
    }
}

/// The next of 4, 8, 12, 16, 20, 40, 80, …: so that a quarter is a whole number.
fn round_up(most: u64) -> u64 {
    let mut unit = 4_u64;
    loop {
        let steps = [1, 2, 3, 4, 5].map(|step| unit.saturating_mul(step));
        match steps.into_iter().find(|top| *top >= most) {
            Some(top) => return top,
            None => unit = unit.saturating_mul(10),
        }
    }
}

fn lines(top: u64) -> Vec<Line> {
    let line = |quarter: u64| Line {
        y: BOTTOM - quarter as f64 / 4.0 * PLOT_HEIGHT,
        label: grouped(top / 4 * quarter),
    };
    (0..=4).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn total(timeline: &Timeline) -> u64 {
        timeline.bars.values().flatten().sum()
    }

    #[test]
    fn a_second_stays_a_second() {
        let mut timeline = Timeline::new();
        timeline.add(at("2026-11-22T08:00:00.000000000Z"), Ending::Ok);
        timeline.add(at("2026-11-22T08:01:29.000000000Z"), Ending::Denied);
        assert_eq!((timeline.width, timeline.span()), (1, 90));
    }

    #[test]
    fn no_call_is_lost_when_bars_are_joined() {
        let mut timeline = Timeline::new();
        for year in 1970..=9998 {
            timeline.add(at(&format!("{year}-11-22T08:00:00.000000000Z")), Ending::Failed);
            assert!(timeline.span() <= MAX_BARS, "{year}");
        }
        assert_eq!(total(&timeline), 8_029);
    }

    #[test]
    fn a_clock_that_was_set_back_widens_the_other_way() {
        let mut timeline = Timeline::new();
        timeline.add(at("2026-11-22T08:00:00.000000000Z"), Ending::Ok);
        timeline.add(at("2026-11-21T08:00:00.000000000Z"), Ending::Ok);
        assert_eq!(timeline.unit(), "1 hour");
        assert_eq!(total(&timeline), 2);
        let chart = timeline.chart().unwrap();
        assert_eq!(chart.bars.first().unwrap().begin, "2026-11-21 08:00");
    }

    #[test]
    fn the_axis_ends_above_the_highest_bar_and_has_whole_quarters() {
        for (most, top) in [(0, 4), (4, 4), (5, 8), (9, 12), (21, 40), (81, 120), (1_000, 1_200)] {
            assert_eq!(round_up(most), top);
        }
        assert!(round_up(u64::MAX) == u64::MAX);
    }
}
