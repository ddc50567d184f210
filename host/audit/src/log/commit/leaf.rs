//! What a checkpoint will have to cover, record by record.

use crate::Hash;
use crate::packs::PackEnd;
use crate::record::{Entry, Record};

/// A line as its writer made it: what a checkpoint will have to cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) hash: Hash,
    /// Length of the line with its newline.
    pub(crate) bytes: u64,
    pub(crate) change: Change,
}

/// What a record does to the calls that are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Nothing,
    /// It begins a call, which is named by its number.
    Begins,
    /// It ends the call that this record began.
    Ends(u64),
}

impl Change {
    /// That of a line. What is no record changes nothing.
    pub(crate) fn of_line(line: &[u8]) -> Self {
        Record::decode(line).map_or(Self::Nothing, |record| Self::of(&record.entry))
    }

    pub(crate) fn of(entry: &Entry) -> Self {
        match entry {
            Entry::Intent(_) => Self::Begins,
            Entry::Outcome(outcome) => Self::Ends(outcome.intent),
            Entry::Recovered(recovered) => Self::Ends(recovered.intent),
            Entry::Header(_)
            | Entry::Heartbeat(_)
            | Entry::Torn(_)
            | Entry::Lost(_)
            | Entry::Denial(_)
            | Entry::Erasure(_)
            | Entry::Retention(_)
            | Entry::Hold(_)
            | Entry::Event(_) => Self::Nothing,
        }
    }
}

/// What can be signed.
pub(crate) struct Ready {
    pub(crate) leaves: Vec<Leaf>,
    /// Where the packs end after the last durable record: that of `leaves`, or a later one.
    pub(crate) packs: Option<PackEnd>,
}
