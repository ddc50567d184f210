//! What a record says that other records and payloads are held against.

use crate::Hash;
use crate::record::{Bound, Entry, Field, HoldAction, Record};

/// What a record does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed<'a> {
    /// A call begins.
    Begins { id: &'a str },
    /// A call is denied something.
    Denies { intent: u64, id: &'a str },
    /// A call ends, in one way or another.
    Ends { intent: u64, id: &'a str },
    /// A payload was never durable.
    Loses { record: u64, field: Field },
    /// A payload is erased.
    Erases(Erased<'a>),
    /// The payloads of older records are destroyed.
    Retains { before: u64 },
    /// Payloads must be kept, those of one call or all.
    Places { id: Option<&'a str> },
    /// They need no longer be.
    Lifts { id: Option<&'a str> },
    /// Nothing to other records.
    Stands,
}

/// A payload that is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Erased<'a> {
    /// The record that binds it.
    pub(super) record: u64,
    /// The call that it belongs to; empty for none.
    pub(super) id: &'a str,
    pub(super) field: Field,
    pub(super) commit: Hash,
}

/// What a record does, and what it binds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said<'a> {
    pub(super) deed: Deed<'a>,
    /// In the order in which they are kept.
    pub(super) bound: Vec<(Field, Bound)>,
}

impl<'a> Said<'a> {
    pub(super) fn by(record: &'a Record) -> Self {
        Self { deed: Deed::by(&record.entry), bound: record.entry.payloads() }
    }

    /// The call that the record is of.
    pub(super) fn call(&self) -> Option<&'a str> {
        match self.deed {
            Deed::Begins { id } | Deed::Denies { id, .. } | Deed::Ends { id, .. } => Some(id),
            Deed::Loses { .. }
            | Deed::Erases(_)
            | Deed::Retains { .. }
            | Deed::Places { .. }
            | Deed::Lifts { .. }
            | Deed::Stands => None,
        }
    }
}

impl<'a> Deed<'a> {
    fn by(entry: &'a Entry) -> Self {
        match entry {
            Entry::Intent(intent) => Self::Begins { id: &intent.id },
            Entry::Denial(denial) => Self::Denies { intent: denial.intent, id: &denial.id },
            Entry::Outcome(outcome) => Self::Ends { intent: outcome.intent, id: &outcome.id },
            Entry::Recovered(recovered) => Self::Ends { intent: recovered.intent, id: &recovered.id },
            Entry::Lost(lost) => Self::Loses { record: lost.record, field: lost.field },
            Entry::Erasure(erasure) => {
                let (record, field, commit) = (erasure.record, erasure.field, erasure.commit);
                Self::Erases(Erased { record, id: &erasure.id, field, commit })
            }
            Entry::Retention(retention) => Self::Retains { before: retention.before },
            Entry::Hold(hold) => match hold.action {
                HoldAction::Place => Self::Places { id: hold.id.as_deref() },
                HoldAction::Lift => Self::Lifts { id: hold.id.as_deref() },
            },
            Entry::Header(_) | Entry::Heartbeat(_) | Entry::Torn(_) | Entry::Event(_) => Self::Stands,
        }
    }
}
