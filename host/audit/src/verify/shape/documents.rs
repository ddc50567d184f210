//! Documents inside records: read once, and then known again.

use serde_json::Value;
use serde_json::value::RawValue;

use super::bound;
use super::cursor::Cursor;
use crate::limits::MAX_DOCUMENT_BYTES;
use crate::record::{Bound, strict};

/// Most documents that are remembered. A host runs few packages at a time, each
/// with permissions and limits of its own.
const MAX_KNOWN: usize = 48;

/// Documents that were read before, and hold.
///
/// The calls of one package have the same permissions and limits. What is the
/// same text is the same value, so a document is read the first time only.
#[derive(Debug, Default)]
pub(in super::super) struct Documents {
    known: Vec<Box<str>>,
}

impl Documents {
    /// Reads a document; what it binds, if it is not inside the record.
    pub(super) fn read(&mut self, cursor: &mut Cursor<'_>) -> Option<Option<Bound>> {
        if cursor.literal(r#"{"stored":"#).is_some() {
            let bound = bound(cursor)?;
            cursor.literal("}")?;
            return Some(Some(bound));
        }
        cursor.literal(r#"{"inline":"#)?;
        self.inline(cursor)?;
        cursor.literal("}")?;
        Some(None)
    }

    fn inline(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        // No object is the beginning of another one, so what begins with one that
        // is known is that one.
        if let Some(known) = self.known.iter().find(|known| cursor.rest().starts_with(&***known)) {
            return cursor.take(known.len()).map(drop);
        }
        let document = cursor.take(object_len(cursor.rest())?)?;
        if document.len() > MAX_DOCUMENT_BYTES || !holds(document) {
            return None;
        }
        if self.known.len() == MAX_KNOWN {
            self.known.clear();
        }
        self.known.push(document.into());
        Some(())
    }
}

/// The length of the object that a text begins with, if it is one.
fn object_len(text: &str) -> Option<usize> {
    if !text.starts_with('{') {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    Some(values.next()?.ok()?.get().len())
}

/// Most arrays and objects of a document that is read here. Then it cannot nest
/// so deep that the record around it is too deep for other readers.
const MAX_NESTED: usize = strict::MAX_DEPTH - 8;

/// Whether a document would be read in a whole record.
fn holds(document: &str) -> bool {
    document.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() <= MAX_NESTED
        && strict::check(document).is_ok()
        && serde_json::from_str::<Value>(document).is_ok()
}
