//! Which payloads a record binds.

use super::payload::{Bound, Document, Field};
use super::{Entry, Event};

impl Entry {
    /// The payloads that the record binds, in the order in which they are kept.
    pub fn payloads(&self) -> Vec<(Field, Bound)> {
        let fields = match self {
            Self::Intent(intent) => [
                Some((Field::Input, intent.input)),
                document(Field::Declared, &intent.declared),
                document(Field::Granted, &intent.granted),
                document(Field::Limits, &intent.limits),
            ],
            Self::Outcome(outcome) => [
                outcome.output.map(|bound| (Field::Output, bound)),
                outcome.log.map(|bound| (Field::Log, bound)),
                outcome.calls.list.map(|bound| (Field::Calls, bound)),
                outcome.outcome.reason.map(|bound| (Field::Reason, bound)),
            ],
            Self::Denial(denial) => [Some((Field::Denial, denial.denial)), None, None, None],
            Self::Event(Event::PolicyChange(change)) => [
                document(Field::Declared, &change.declared),
                document(Field::Approved, &change.approved),
                None,
                None,
            ],
            Self::Header(_)
            | Self::Heartbeat(_)
            | Self::Torn(_)
            | Self::Lost(_)
            | Self::Recovered(_)
            | Self::Erasure(_)
            | Self::Retention(_)
            | Self::Hold(_)
            | Self::Event(Event::Refusal(_) | Event::Cache(_) | Event::TrustChange(_) | Event::Settings(_)) => {
                [None; 4]
            }
        };
        fields.into_iter().flatten().collect()
    }

    /// What the record says of one payload, if it binds one of this field.
    pub fn payload(&self, field: Field) -> Option<Bound> {
        self.payloads().into_iter().find(|(found, _)| *found == field).map(|(_, bound)| bound)
    }
}

fn document(field: Field, document: &Document) -> Option<(Field, Bound)> {
    match document {
        Document::Inline(_) => None,
        Document::Stored(bound) => Some((field, *bound)),
    }
}
