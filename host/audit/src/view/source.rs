//! Where a view gets payloads from.

use crate::record::payload::{Bound, Field};
use crate::verify::ReadError;

/// Gives what is kept of payloads.
///
/// It is asked in the order of the records, and of the fields of a record, and
/// need not be asked for all of them.
pub(crate) trait PayloadSource {
    /// What there is of the payload that a record binds like this. What is given
    /// as kept has been held against the commitment.
    fn payload(&mut self, seq: u64, field: Field, bound: &Bound) -> Result<Found, ReadError>;
}

/// What there is of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// All that was to be kept, and just what the record binds.
    Kept(Vec<u8>),
    /// The salt, and no more was to be kept.
    Committed,
    /// It was erased.
    Erased,
    /// Nothing.
    Missing,
    /// Something other than what the record binds.
    Changed,
    /// Nobody looked.
    Unread,
}

/// Looks for no payloads.
pub(crate) struct NoPayloads;

impl PayloadSource for NoPayloads {
    fn payload(&mut self, _: u64, _: Field, _: &Bound) -> Result<Found, ReadError> {
        Ok(Found::Unread)
    }
}
