//! The order of a call's records: an intent, its denials, one end.

use std::collections::BTreeMap;

use super::FaultKind;

/// The calls that have begun and not ended. Holds as many as run at once.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// The identity of each, by the number of its intent.
    open: BTreeMap<u64, Box<str>>,
    begun: u64,
    denials: u64,
}

impl Calls {
    /// Record `seq` is the intent of a call.
    pub(super) fn begin(&mut self, seq: u64, id: &str) {
        self.begun += 1;
        self.open.insert(seq, id.into());
    }

    /// A record of a call that has begun and not ended, or so it says.
    pub(super) fn deny(&mut self, intent: u64, id: &str) -> Result<(), FaultKind> {
        self.denials += 1;
        match self.open.get(&intent) {
            Some(open) if **open == *id => Ok(()),
            _ => Err(FaultKind::NoOpenCall { intent }),
        }
    }

    /// The last record of a call, or so it says.
    pub(super) fn end(&mut self, intent: u64, id: &str) -> Result<(), FaultKind> {
        match self.open.remove(&intent) {
            Some(open) if *open == *id => Ok(()),
            _ => Err(FaultKind::NoOpenCall { intent }),
        }
    }

    /// The intents of the calls that are open, ascending.
    pub(super) fn open(&self) -> impl Iterator<Item = u64> {
        self.open.keys().copied()
    }

    /// How many calls are open.
    pub(super) fn count(&self) -> u64 {
        self.open.len() as u64
    }

    /// How many calls have begun.
    pub(super) const fn begun(&self) -> u64 {
        self.begun
    }

    /// How many denials there were.
    pub(super) const fn denials(&self) -> u64 {
        self.denials
    }
}
