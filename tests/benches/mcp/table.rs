//! What came of it, as a table for people.

use std::fmt;
use std::time::Duration;

use crate::AT_ONCE;
use crate::load::Sample;

/// A row for each that was called, and in it a cell for each number of calls at once.
pub struct Table {
    rows: Vec<(String, [Cell; AT_ONCE.len()])>,
}

/// All turns together.
#[derive(Default)]
struct Cell {
    latencies: Vec<Duration>,
    elapsed: Duration,
}

impl Table {
    /// An empty one. Others are compared with its first row.
    pub fn new(names: Vec<String>) -> Self {
        Self { rows: names.into_iter().map(|name| (name, Default::default())).collect() }
    }

    /// Adds a turn.
    pub fn add(&mut self, row: usize, at_once: usize, sample: Sample) {
        let column = AT_ONCE.iter().position(|&known| known == at_once).expect("a column");
        let cell = &mut self.rows[row].1[column];
        cell.latencies.extend(sample.latencies);
        cell.elapsed += sample.elapsed;
    }
}

impl Cell {
    fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency that so many of a thousand calls do not exceed.
    fn quantile(&self, of_a_thousand: usize) -> Duration {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        sorted[(sorted.len() - 1) * of_a_thousand / 1000]
    }
}

impl fmt::Display for Table {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let first = &self.rows[0];
        writeln!(
            to,
            "`text-stats` on {cores} cores, which the generator of load shares. Ratio: to {}.\n",
            first.0
        )?;
        for (column, at_once) in AT_ONCE.iter().enumerate() {
            writeln!(to, "| {at_once:>2} at once               | calls/s |      p50 |      p99 | ratio |")?;
            writeln!(to, "|--------------------------|--------:|---------:|---------:|------:|")?;
            for (name, cells) in &self.rows {
                let cell = &cells[column];
                let ratio = cell.per_second() / first.1[column].per_second();
                let [p50, p99] = [500, 990].map(|part| milliseconds(cell.quantile(part)));
                writeln!(to, "| {name:<24} | {:>7.0} | {p50} | {p99} | {ratio:>5.1} |", cell.per_second())?;
            }
            writeln!(to)?;
        }
        Ok(())
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:>5.2} ms", time.as_secs_f64() * 1000.0)
}
