//! Calls in turns, so that whatever else the machine does meets everybody.

use std::time::Duration;

use crate::rows::Row;
use crate::trouble::Trouble;

/// How much is measured.
#[derive(Clone, Copy)]
pub struct Amount {
    /// How often everybody has their turn.
    pub rounds: usize,
    /// Whether a turn has all its calls, or a handful.
    pub whole_turns: bool,
    /// How often each cold start is made.
    pub starts: usize,
}

impl Amount {
    /// For a table: a process per call is called a thousand times, and ten of these
    /// are beyond the 99th percentile.
    pub const TABLE: Self = Self { rounds: 50, whole_turns: true, starts: 20 };

    /// To see that everything works.
    pub const QUICK: Self = Self { rounds: 1, whole_turns: false, starts: 1 };

    fn calls(self, turn: usize) -> usize {
        if self.whole_turns { turn } else { turn.min(3) }
    }
}

/// Measures every row that can be. The calls at the beginning of a turn do not count,
/// for they find the processor's caches as others left them.
pub fn in_turns(rows: &mut [&mut Row], amount: Amount) -> Result<(), Trouble> {
    for round in 1..=amount.rounds {
        for row in rows.iter_mut() {
            let calls = amount.calls(row.turn);
            let Some(peer) = row.peer() else { continue };
            peer.calls(calls.div_ceil(10))?;
            let times = peer.calls(calls)?;
            row.times.extend(times);
        }
        eprintln!("round {round} of {}", amount.rounds);
    }
    Ok(())
}

/// How long calls took, sorted.
pub struct Times(Vec<Duration>);

impl Times {
    /// Of at least one call.
    pub fn of(times: &[Duration]) -> Option<Self> {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        (!sorted.is_empty()).then_some(Self(sorted))
    }

    /// How many calls there were.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// What so many of a hundred calls do not exceed.
    pub fn percentile(&self, percent: usize) -> Duration {
        self.0[(self.0.len() - 1) * percent / 100]
    }

    /// Calls in a second, one after the other.
    pub fn per_second(&self) -> f64 {
        self.0.len() as f64 / self.0.iter().sum::<Duration>().as_secs_f64()
    }
}
