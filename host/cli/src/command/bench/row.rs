//! Many calls: one after the other, and several at once.
//!
//! Calls and floor are measured in turns, so that whatever else the machine does meets
//! both. With one caller that is one by one; with several, a tenth of the row each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use mpp_audit::Durability;
use mpp_host::Stages;
use tokio::task::JoinSet;

use super::measured::{Measured, Measuring, Once, Reach, breathe};
use super::times::Times;
use crate::exit::Failure;

/// How long a row takes at most, and its warm-up the tenth part of it.
const ROW_TIME: Duration = Duration::from_secs(10);

/// What the calls of a row may leave on the disk, in bytes of payloads.
const ROW_BYTES: u64 = 256 << 20;

/// Parts of a row with several callers.
const PARTS: u32 = 10;

/// Turns of a row with one caller for one call more, whose stages are timed. It is not
/// among the calls that are counted: timing takes time.
const TURNS_A_TIMED_CALL: usize = 8;

/// What is to be measured of each place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    /// Calls of each row.
    pub(super) calls: u32,
    /// Callers of the rows with several.
    pub(super) callers: u32,
}

/// One row: so many calls, and the floor that was measured in turns with them.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) durability: Durability,
    pub(super) callers: u32,
    pub(super) calls: Times,
    /// Nothing where there is none.
    pub(super) floor: Option<Times>,
    /// Of the calls that were timed; with one caller alone.
    pub(super) stages: Vec<Stages>,
}

impl Plan {
    /// How many callers each row has.
    pub(super) fn rows(self) -> impl Iterator<Item = u32> {
        [1, self.callers].into_iter().take(if self.callers > 1 { 2 } else { 1 })
    }
}

impl Row {
    /// Measures at most so many calls of so many callers.
    pub(super) async fn measure(
        measured: &Arc<Measured>,
        durability: Durability,
        callers: u32,
        calls: u32,
    ) -> Measuring<Self> {
        let fitting = ROW_BYTES / measured.payload_bytes.max(1);
        let calls = calls.min(u32::try_from(fitting).unwrap_or(u32::MAX)).max(1);
        warm_up(measured, calls).await?;
        let (calls, floor, stages) = if callers == 1 {
            one_by_one(measured, calls).await?
        } else {
            at_once(measured, callers, calls).await?
        };
        let floor = (measured.reach() != Reach::Nothing).then_some(floor);
        Ok(Self { durability, callers, calls, floor, stages })
    }
}

/// A tenth as many turns as are counted later. The call that said what to expect was
/// one, too, so that a tool which is called a few times is not called much more often.
async fn warm_up(measured: &Measured, calls: u32) -> Measuring {
    let begun = Instant::now();
    for turn in 0..calls as usize / 10 {
        if begun.elapsed() > ROW_TIME / 10 {
            break;
        }
        breathe(turn).await;
        measured.once(Once::Floor).await?;
        measured.once(Once::Call).await?;
    }
    Ok(())
}

type Found = (Times, Times, Vec<Stages>);

async fn one_by_one(measured: &Measured, calls: u32) -> Measuring<Found> {
    let (mut each, mut floor, mut stages) = (Vec::new(), Vec::new(), Vec::new());
    let begun = Instant::now();
    for turn in 0..calls as usize {
        if begun.elapsed() > ROW_TIME {
            break;
        }
        breathe(turn).await;
        floor.push(measured.once(Once::Floor).await?);
        each.push(measured.once(Once::Call).await?);
        if turn.is_multiple_of(TURNS_A_TIMED_CALL) {
            stages.extend(measured.call(true).await?.1);
        }
    }
    Ok((Times::one_by_one(each), Times::one_by_one(floor), stages))
}

async fn at_once(measured: &Arc<Measured>, callers: u32, calls: u32) -> Measuring<Found> {
    let until = Instant::now() + ROW_TIME;
    let part = calls.div_ceil(PARTS).max(callers).min(calls);
    let (mut each, mut floor) = (Gathered::default(), Gathered::default());
    let mut left = calls;
    while left > 0 && (left == calls || Instant::now() < until) {
        let part = part.min(left);
        left -= part;
        for (what, gathered) in [(Once::Floor, &mut floor), (Once::Call, &mut each)] {
            let begun = Instant::now();
            gathered.each.extend(of_callers(measured, what, callers, part, until).await?);
            gathered.whole += begun.elapsed();
        }
    }
    Ok((each.times(), floor.times(), Vec::new()))
}

/// The parts of a row.
#[derive(Default)]
struct Gathered {
    each: Vec<Duration>,
    whole: Duration,
}

impl Gathered {
    fn times(self) -> Times {
        Times::within(self.whole, self.each)
    }
}

/// So many calls by so many callers at once, of which each makes the next one as soon as it
/// has an answer.
async fn of_callers(
    measured: &Arc<Measured>,
    what: Once,
    callers: u32,
    calls: u32,
    until: Instant,
) -> Measuring<Vec<Duration>> {
    let left = Arc::new(AtomicU32::new(calls));
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        tasks.spawn(caller(Arc::clone(measured), what, Arc::clone(&left), until));
    }
    let mut times = Vec::with_capacity(calls as usize);
    while let Some(ended) = tasks.join_next().await {
        times.extend(ended.map_err(|error| Failure::host("a caller failed").because(error))??);
    }
    Ok(times)
}

async fn caller(
    measured: Arc<Measured>,
    what: Once,
    left: Arc<AtomicU32>,
    until: Instant,
) -> Measuring<Vec<Duration>> {
    let mut times = Vec::new();
    while (times.is_empty() || Instant::now() < until) && take_one(&left) {
        breathe(times.len()).await;
        times.push(measured.once(what).await?);
    }
    Ok(times)
}

fn take_one(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}
