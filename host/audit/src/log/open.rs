//! What whoever opens a log would otherwise have to look for in all of it.
//!
//! The file `open` lists the calls that are open: begun, and not ended. It is made
//! anew before a checkpoint if others are open than before, and so is true of
//! every checkpoint from its own size on, up to the next time it is made. It is
//! ahead of the newest one if its writer was interrupted before it signed.
//!
//! ```text
//! 4711 4700 0 93412   records that were looked at, from the first on; and of an
//!                     earlier checkpoint, if there were packs by then: its records,
//!                     the newest pack, and how long it was
//! 4502            records that began a call and that none of these ended, ascending
//! 4698
//! ```
//!
//! The end of the packs is that of an earlier checkpoint: this one may never be
//! signed, and then its end would tell nothing. What is after it is gone through
//! once more, so the file is not made anew for every payload.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::commit::{Change, Leaf};
use crate::limits::MAX_OPEN_CALLS;
use crate::packs::PackEnd;

/// The calls that are open after so many records, by the record that began them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenCalls {
    size: u64,
    /// Where the packs ended.
    packs: Option<PackEnd>,
    calls: BTreeSet<u64>,
}

/// How much of a pack is gone through and written again when a log is opened, in
/// bytes, before it is worth two syncs to say where its end is: some hundred payloads.
/// A command that runs one tool opens the log for one call.
const MAX_PACK_TO_SEARCH: u64 = 128 << 10;

impl OpenCalls {
    /// None are open after so many records.
    pub(crate) const fn new(size: u64) -> Self {
        Self { size, packs: None, calls: BTreeSet::new() }
    }

    /// Reads the file. Every list has one text.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut lines = text.split_terminator('\n');
        let first = lines.next()?;
        let mut open = match first.split_once(' ') {
            Some((size, packs)) => Self { packs: Some(packs.parse().ok()?), ..Self::new(size.parse().ok()?) },
            None => Self::new(first.parse().ok()?),
        };
        for line in lines {
            open.calls.insert(line.parse().ok()?);
        }
        (open.calls.len() as u64 <= MAX_OPEN_CALLS && open.to_bytes() == bytes).then_some(open)
    }

    /// The file.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut text = match self.packs {
            Some(packs) => format!("{} {packs}\n", self.size),
            None => format!("{}\n", self.size),
        };
        // Writing to a string does not fail.
        for call in &self.calls {
            let _ = writeln!(text, "{call}");
        }
        text.into_bytes()
    }

    /// How many records were looked at.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// Where the packs ended at some time before.
    pub(crate) const fn packs(&self) -> Option<PackEnd> {
        self.packs
    }

    /// Takes over where the packs ended at a checkpoint that is signed. Says whether that is worth to be kept.
    pub(crate) fn packs_end(&mut self, signed: Option<PackEnd>) -> bool {
        let Some(end) = signed.filter(|end| end.records <= self.size) else { return false };
        let near = |before: &PackEnd| {
            before.pack == end.pack && end.offset.saturating_sub(before.offset) < MAX_PACK_TO_SEARCH
        };
        if self.packs.as_ref().is_some_and(near) {
            return false;
        }
        self.packs = Some(end);
        true
    }

    /// The same calls are open after so many records, if it is more.
    pub(crate) fn at(mut self, size: u64) -> Self {
        self.size = self.size.max(size);
        self
    }

    /// Looks at the records from number `first` on. Those that it has seen
    /// already change nothing, but for a call that was listed after its end. Says
    /// whether other calls are open now.
    pub(crate) fn follow(&mut self, first: u64, leaves: &[Leaf]) -> bool {
        let before = self.calls.clone();
        for (seq, leaf) in (first..).zip(leaves) {
            if seq >= self.size {
                self.size = seq + 1;
                self.apply(seq, leaf.change);
            } else if let Change::Ends(call) = leaf.change {
                // Nothing signs the file: what it lists has not ended all the same.
                self.calls.remove(&call);
            }
        }
        self.calls != before
    }

    fn apply(&mut self, seq: u64, change: Change) {
        match change {
            Change::Nothing => {}
            Change::Begins => drop(self.calls.insert(seq)),
            Change::Ends(call) => drop(self.calls.remove(&call)),
        }
    }

    /// Whether a call is open, by the record that began it.
    pub(crate) fn has(&self, call: u64) -> bool {
        self.calls.contains(&call)
    }

    /// The calls, by the record that began them, ascending.
    pub(crate) fn calls(&self) -> impl Iterator<Item = u64> {
        self.calls.iter().copied()
    }

    /// How many they are.
    pub(crate) fn count(&self) -> u64 {
        self.calls.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Hash;

    fn leaves(changes: &[Change]) -> Vec<Leaf> {
        changes.iter().map(|change| Leaf { hash: Hash::ZERO, bytes: 1, change: *change }).collect()
    }

    #[test]
    fn a_call_is_open_from_its_beginning_to_its_end() {
        let mut open = OpenCalls::new(1);
        let begun = leaves(&[Change::Begins, Change::Nothing, Change::Begins, Change::Ends(1)]);
        assert!(open.follow(1, &begun));
        assert_eq!((open.size(), open.calls().collect::<Vec<_>>()), (5, vec![3]));
        assert!(!open.follow(5, &leaves(&[Change::Begins, Change::Ends(5)])), "the same calls are open");
        assert!(open.follow(7, &leaves(&[Change::Ends(3)])));
        assert_eq!((open.size(), open.count()), (8, 0));
    }

    #[test]
    fn a_record_that_was_looked_at_changes_nothing() {
        let mut open = OpenCalls::new(3);
        assert!(!open.follow(1, &leaves(&[Change::Begins, Change::Begins])));
        assert!(!OpenCalls::new(1).at(9).follow(1, &leaves(&[Change::Begins])));
        assert_eq!(OpenCalls::new(9).at(1).size(), 9);
    }

    #[test]
    fn a_list_has_one_text() {
        let mut open = OpenCalls::new(1);
        open.follow(1, &leaves(&[Change::Begins, Change::Begins]));
        assert_eq!(open.to_bytes(), b"3\n1\n2\n");
        assert_eq!(OpenCalls::parse(b"3\n1\n2\n"), Some(open));
        assert_eq!(OpenCalls::parse(b"1\n"), Some(OpenCalls::new(1)));
        for wrong in [
            "",
            "\n",
            "3",
            "3\n2\n1\n",
            "3\n1\n1\n",
            "03\n",
            "+3\n",
            "3\n\n",
            "3\r\n",
            "x\n",
            "3\n 1\n",
            "3 0 0\n",
            "3 2 0 x\n",
        ] {
            assert_eq!(OpenCalls::parse(wrong.as_bytes()), None, "{wrong:?}");
        }
    }
}
