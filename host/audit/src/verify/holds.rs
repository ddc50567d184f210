//! Payloads that must be kept.

use std::collections::{BTreeMap, BTreeSet};

use super::gone::Fields;

/// The holds that are in force. A hold that is placed twice is one.
#[derive(Debug, Default)]
pub(super) struct Holds {
    everything: bool,
    calls: BTreeSet<Box<str>>,
    /// Calls of which the records so far were looked for.
    known: BTreeSet<Box<str>>,
    /// Records of those that bind payloads, ascending, with the call.
    records: BTreeMap<u64, (Box<str>, Fields)>,
}

impl Holds {
    pub(super) fn place(&mut self, id: Option<&str>) {
        match id {
            None => self.everything = true,
            Some(id) => drop(self.calls.insert(id.into())),
        }
    }

    pub(super) fn lift(&mut self, id: Option<&str>) {
        match id {
            None => self.everything = false,
            Some(id) => {
                self.calls.remove(id);
                if self.known.remove(id) {
                    self.records.retain(|_, (call, _)| **call != *id);
                }
            }
        }
    }

    /// Whether all payloads are under a hold.
    pub(super) const fn cover_everything(&self) -> bool {
        self.everything
    }

    /// Whether the payloads of a call are under a hold.
    pub(super) fn cover(&self, call: &str) -> bool {
        self.everything || self.calls.contains(call)
    }

    /// The calls of which nobody has looked for the records yet.
    pub(super) fn unknown(&self) -> BTreeSet<Box<str>> {
        self.calls.difference(&self.known).cloned().collect()
    }

    /// All records so far were looked at for these calls.
    pub(super) fn looked_for(&mut self, calls: BTreeSet<Box<str>>) {
        self.known.extend(calls);
    }

    /// Whether a record of this call has to be told of.
    pub(super) fn want(&self, call: &str) -> bool {
        !self.known.is_empty() && self.known.contains(call)
    }

    /// A record of a call.
    pub(super) fn record(&mut self, seq: u64, call: &str, bound: Fields) {
        self.records.insert(seq, (call.into(), bound));
    }

    /// The records of calls under a hold that bind payloads, ascending.
    pub(super) fn records(&self) -> impl Iterator<Item = (u64, Fields)> {
        self.records.iter().map(|(seq, (_, bound))| (*seq, *bound))
    }
}
