//! What there is to be seen in a home.

use mpp_host::audit::{Receipt, verify_dir};

use super::home::Home;
use super::store::Store;

/// A home before a command, or after it.
#[derive(Debug)]
pub struct Seen {
    pub store: Store,
    /// The last record; none before a command has begun a log.
    pub log: Option<Receipt>,
    /// What comes of running the tool.
    pub run: Answer,
}

/// How a call of the tool ended, and what it printed.
pub type Answer = (Result<i32, i32>, String);

impl Seen {
    /// Looks at a home, and leaves it as it is.
    #[track_caller]
    pub fn of(home: &Home) -> Self {
        let home = home.copy();
        Self { store: Store::of(&home), log: log(&home, None), run: run(&home) }
    }
}

/// Verifies the log of a home, up to a record that was acknowledged before.
#[track_caller]
pub fn log(home: &Home, acknowledged: Option<Receipt>) -> Option<Receipt> {
    if !home.log().exists() {
        assert_eq!(acknowledged, None, "the log is gone");
        return None;
    }
    let acknowledged: Vec<_> = acknowledged.into_iter().collect();
    let directory = home.path().join("data/audit");
    let summary = verify_dir(&directory, &acknowledged).unwrap_or_else(|error| panic!("{error}"));
    Some(summary.head)
}

/// How many records a log has beyond the first, which begins it.
pub fn records(log: Option<Receipt>) -> u64 {
    log.map_or(0, |head| head.seq)
}

/// Runs the tool.
pub fn run(home: &Home) -> Answer {
    let ended = home.run(&["run", "guest", "--input", "{}"]);
    (ended.status, ended.out)
}
