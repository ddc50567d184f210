//! One command, ended at each of its calls in turn.

use std::collections::BTreeSet;
use std::path::Path;

use super::home::{Ended, Home};
use super::seen::{Seen, log, records, run};
use super::store::Store;
use super::strace::{self, Call, Fault};

/// A command that changes something, and the home in which it does.
pub struct Change {
    home: Home,
    arguments: Vec<&'static str>,
    /// The files that it replaces, one after the other.
    order: Vec<&'static str>,
    old: Seen,
    new: Seen,
    /// How the command ends, and how it does when it is run once more.
    status: i32,
    again: i32,
    /// Its calls where nothing disturbs it.
    pub calls: Vec<Call>,
}

/// How far a command got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reached {
    Old,
    /// Some of its files are new: as many as come first in their order.
    Between,
    New,
}

impl Change {
    /// Runs a command undisturbed, to know its calls and what it comes to: this
    /// exit status, and these files replaced, in this order.
    #[track_caller]
    pub fn new(home: Home, arguments: &[&'static str], status: i32, order: &[&'static str]) -> Self {
        let changed = home.copy();
        let (ended, calls) = strace::calls(&changed, arguments);
        assert_eq!(ended.status, Ok(status), "{arguments:?}: {}", ended.err);
        let (old, new) = (Seen::of(&home), Seen::of(&changed));
        assert_eq!(old.store.differs(&new.store), order.iter().map(Path::new).collect::<BTreeSet<_>>());
        let again = changed.run(arguments).status.expect("nobody kills it");
        let (arguments, order) = (arguments.to_vec(), order.to_vec());
        Self { home, arguments, order, old, new, status, again, calls }
    }

    /// A command that does what it is asked.
    #[track_caller]
    pub fn done(home: Home, arguments: &[&'static str], order: &[&'static str]) -> Self {
        Self::new(home, arguments, 0, order)
    }

    /// Kills the command between any two of its calls, wherever the files are
    /// not as they were before.
    pub fn killed_anywhere(&self) {
        for call in strace::steps(&self.calls) {
            let (home, ended) = self.spoiled(call, Fault::Kill);
            let case = format!("killed at {}", call.text);
            assert_eq!(ended.status, Err(SIGKILL), "{case}: {}", ended.err);
            let reached = self.reached(&home, &case);
            self.works(&home, reached, &case);
            self.completes(&home, reached, &case);
        }
        for call in strace::beyond(&self.calls) {
            let (_, ended) = self.spoiled(&call, Fault::Kill);
            assert_eq!(ended.status, Ok(self.status), "there is another {}", call.name);
        }
    }

    /// Makes each of its calls fail: with an error of the disk, and where that
    /// can be, because it is full.
    pub fn failing_anywhere(&self) {
        // A descriptor is gone whatever close(2) says, and nobody asks.
        for call in self.calls.iter().filter(|call| call.name != "close") {
            self.failing(call, "EIO");
            if call.needs_room() {
                self.failing(call, "ENOSPC");
            }
        }
    }

    fn failing(&self, call: &Call, error: &'static str) {
        let (home, ended) = self.spoiled(call, Fault::Fail(error));
        let case = format!("{error} from {}", call.text);
        let reached = self.reached(&home, &case);
        if ended.status == Ok(self.status) {
            assert_eq!(Store::of(&home).says, self.new.store.says, "{case}: it says that it did its work");
        } else {
            // Its directory, or one of those above it that were made for it.
            let of_the_log = ["data/audit", "the audit log is unavailable"];
            let concerns_the_log =
                [&call.text, &ended.err].iter().any(|text| of_the_log.iter().any(|part| text.contains(part)));
            let status = if concerns_the_log { 7 } else { 1 };
            assert_eq!(ended.status, Ok(status), "{case}: {}", ended.err);
            assert!(ended.err.lines().any(|line| line.starts_with("error: ")), "{case}: {}", ended.err);
        }
        // What did not get its name is removed. A log that could not be begun
        // leaves its `*.new`, as its format says.
        let litter = Store::of(&home).litter;
        assert!(litter.iter().all(|file| file.starts_with("data/audit")), "{case}: {litter:?}");
        self.completes(&home, reached, &case);
    }

    fn spoiled(&self, call: &Call, fault: Fault) -> (Home, Ended) {
        let home = self.home.copy();
        let ended = strace::run(&home, &self.arguments, call, fault);
        (home, ended)
    }

    /// Each file is the old one or the new one, and none is new before those
    /// that come first, nor before the record of the change.
    fn reached(&self, home: &Home, case: &str) -> Reached {
        let store = Store::of(home);
        assert!(store.is_mix_of(&self.old.store, &self.new.store), "{case}: a third: {store:#?}");
        // One package that nobody names, one file without its name: harmless,
        // and no more than one interrupted command leaves.
        assert!(store.spare.len() <= self.old.store.spare.len() + 1, "{case}: {store:#?}");
        assert!(store.litter.len() <= self.old.store.litter.len() + 1, "{case}: {store:#?}");
        let (before, after) = (records(self.old.log), records(self.new.log));
        let records = records(log(home, self.old.log));
        assert!((before..=after).contains(&records), "{case}: {records} records");
        let is_new =
            |file: &&&str| store.says.get(Path::new(file)) == self.new.store.says.get(Path::new(file));
        let new = self.order.iter().take_while(is_new).count();
        assert_eq!(self.order.iter().filter(is_new).count(), new, "{case}: not in order: {store:#?}");
        if new == 0 {
            return Reached::Old;
        }
        assert_eq!(records, after, "{case}: a change without its record");
        if new == self.order.len() { Reached::New } else { Reached::Between }
    }

    /// The tool runs, or does not, as it does in a home where nothing happened.
    fn works(&self, home: &Home, reached: Reached, case: &str) {
        // In a copy: running a tool can have it remembered.
        let ran = run(&home.copy());
        match reached {
            Reached::Old => assert_eq!(ran, self.old.run, "{case}"),
            Reached::New => assert_eq!(ran, self.new.run, "{case}"),
            Reached::Between => assert!(ran == self.old.run || ran == self.new.run, "{case}: {ran:?}"),
        }
    }

    /// The same command, once more, leaves what it would have left.
    fn completes(&self, home: &Home, reached: Reached, case: &str) {
        let before = Store::of(home);
        let ended = home.run(&self.arguments);
        let status = if reached == Reached::New { self.again } else { self.status };
        assert_eq!(ended.status, Ok(status), "{case}, and again: {}", ended.err);
        let store = Store::of(home);
        assert_eq!(store.says, self.new.store.says, "{case}, and again");
        assert!(store.litter.is_subset(&before.litter), "{case}, and again: {store:#?}");
        assert!(store.spare.is_subset(&before.spare), "{case}, and again: {store:#?}");
        log(home, self.old.log);
    }
}

const SIGKILL: i32 = 9;
