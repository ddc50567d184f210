//! The figures, a line for each.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::TURN;

/// Every turn: how many calls, and the processor's time they took.
#[derive(Default)]
pub struct Table(BTreeMap<(usize, &'static str), Vec<(usize, Duration)>>);

impl Table {
    pub fn add(&mut self, name: &'static str, at_once: usize, calls: usize, taken: Duration) {
        self.0.entry((at_once, name)).or_default().push((calls, taken));
    }

    /// The median of the turns: what else the machine does meets some of them.
    pub fn print(&self) {
        println!("{:>11}  {:10}  {:>10}  {:>16}", "connections", "", "calls/s", "µs/call (server)");
        for ((at_once, name), turns) in &self.0 {
            let calls = median(turns.iter().map(|(calls, _)| *calls as f64 / TURN.as_secs_f64()));
            let each = median(turns.iter().map(|(calls, taken)| taken.as_secs_f64() * 1e6 / *calls as f64));
            println!("{at_once:>11}  {name:10}  {calls:>10.0}  {each:>16.1}");
        }
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
