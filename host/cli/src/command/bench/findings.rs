//! Everything that was found.

use std::time::Duration;

use mpp_audit::Durability;
use mpp_host::Stages;
use mpp_package::{Digest, Manifest, VerifiedPackage};

use super::ground::{Ground, OnGround};
use super::load::Before;
use super::measured::Reach;
use super::memory::Memory;
use super::row::Row;
use super::times::Times;

/// What a bench found out.
pub(super) struct Findings {
    pub(super) manifest: Manifest,
    pub(super) digest: Digest,
    /// Which of its tools.
    pub(super) tool: String,
    pub(super) in_users_log: bool,
    /// Whether each answer was asserted to be the same.
    pub(super) same_answer: bool,
    pub(super) floor: Reach,
    pub(super) before: Before,
    pub(super) rows: Vec<Row>,
    /// At the end; `None` where it is not known.
    pub(super) memory: Option<Memory>,
}

/// The median of one stage of the calls of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stage {
    /// As a person reads it.
    pub(super) name: &'static str,
    pub(super) median: Duration,
}

impl Findings {
    /// Puts together what was found, while what was measured is still there.
    pub(super) fn of(
        package: &VerifiedPackage,
        tool: String,
        ground: &Ground,
        before: Before,
        measured: OnGround,
    ) -> Self {
        let OnGround { rows, same_answer, floor } = measured;
        Self {
            manifest: package.manifest().clone(),
            digest: package.digest(),
            tool,
            in_users_log: ground.in_users_log(),
            same_answer,
            floor,
            before,
            rows,
            memory: Memory::of_this_process(),
        }
    }

    /// The floor of what is done without a call.
    pub(super) fn first_floor(&self) -> Option<&Times> {
        self.rows.first()?.floor.as_ref()
    }

    /// Where the time of a row's calls goes.
    pub(super) fn stages(&self, row: &Row) -> Vec<Stage> {
        let relaxed = self.rows.iter().find(|row| row.durability == Durability::Relaxed);
        stages(row, relaxed.map(|relaxed| median(&relaxed.stages, on_record)))
    }
}

/// The stages of a call in the order of its beginning, what has to do with one thing
/// together. `appending` is what it takes to put a call on record that waits for no disk.
fn stages(row: &Row, appending: Option<Duration>) -> Vec<Stage> {
    let Row { durability, stages, .. } = row;
    if stages.is_empty() {
        return Vec::new();
    }
    let of = |name, part| Stage { name, median: median(stages, part) };
    let mut found = vec![
        of("schema checks", |stages| stages.input + stages.output),
        of("queue", |stages| stages.queue),
        of("instantiate", |stages| stages.instantiate),
        of("guest", |stages| stages.guest),
        of("host calls", |stages| stages.host_calls),
        of("teardown", |stages| stages.teardown),
    ];
    let recording = median(stages, on_record);
    match (durability, appending) {
        (Durability::Relaxed, _) => found.push(Stage { name: "audit append", median: recording }),
        (Durability::Strict, None) => {
            found.push(Stage { name: "audit append and sync", median: recording });
        }
        (Durability::Strict, Some(appending)) => {
            let appending = appending.min(recording);
            found.push(Stage { name: "audit append", median: appending });
            found.push(Stage { name: "sync", median: recording - appending });
        }
    }
    found
}

fn on_record(stages: &Stages) -> Duration {
    stages.intent + stages.outcome
}

fn median(stages: &[Stages], part: fn(&Stages) -> Duration) -> Duration {
    Times::one_by_one(stages.iter().map(part).collect()).median()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    fn row(durability: Durability, outcome: u64) -> Row {
        let timed = Stages {
            intent: micros(2),
            input: micros(1),
            queue: micros(0),
            instantiate: micros(5),
            guest: micros(7),
            host_calls: micros(3),
            teardown: micros(4),
            output: micros(2),
            outcome: micros(outcome),
        };
        let none = Times::default;
        Row { durability, callers: 1, calls: none(), floor: Some(none()), stages: vec![timed; 3] }
    }

    fn named(stages: &[Stage], name: &str) -> Option<Duration> {
        stages.iter().find(|stage| stage.name == name).map(|stage| stage.median)
    }

    #[test]
    fn the_stages_are_the_whole_call() {
        for (durability, appending) in [
            (Durability::Relaxed, None),
            (Durability::Strict, None),
            (Durability::Strict, Some(micros(8))),
            (Durability::Strict, Some(micros(1_000))),
        ] {
            let row = row(durability, 100);
            let sum: Duration = stages(&row, appending).iter().map(|stage| stage.median).sum();
            assert_eq!(sum, row.stages[0].total(), "{durability}, {appending:?}");
        }
    }

    #[test]
    fn what_a_strict_call_takes_longer_to_be_on_record_is_the_sync() {
        let stages = stages(&row(Durability::Strict, 4_000), Some(micros(8)));
        assert_eq!(named(&stages, "audit append"), Some(micros(8)));
        assert_eq!(named(&stages, "sync"), Some(micros(3_994)));
    }

    #[test]
    fn without_a_relaxed_row_nobody_knows_what_the_sync_is() {
        let stages = stages(&row(Durability::Strict, 4_000), None);
        assert_eq!(named(&stages, "audit append and sync"), Some(micros(4_002)));
        assert_eq!((named(&stages, "audit append"), named(&stages, "sync")), (None, None));
    }

    #[test]
    fn what_was_not_timed_has_no_stages() {
        let untimed = Row { stages: Vec::new(), ..row(Durability::Relaxed, 5) };
        assert_eq!(stages(&untimed, None), []);
    }
}
