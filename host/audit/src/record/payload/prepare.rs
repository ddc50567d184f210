//! From a text to what is kept of it and what binds it.

use super::pointer::redact;
use super::{Algorithm, Bound, Field, Keep, Kept, Salt, commit};

/// A payload on its way: what its record says of it, and what is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prepared {
    pub(crate) field: Field,
    /// For the record.
    pub(crate) bound: Bound,
    /// To be kept in any case.
    pub(crate) salt: Salt,
    /// To be kept: what `bound` covers. `None` where only the salt is.
    pub(crate) stored: Option<Vec<u8>>,
}

/// Draws a salt, does to the text what the operator chose, and commits to the result.
pub(crate) fn prepare(field: Field, text: String, keep: &Keep) -> Result<Prepared, getrandom::Error> {
    let salt = Salt::draw()?;
    let (kept, text) = match keep {
        Keep::Whole => (Kept::Whole, text),
        Keep::Commitment => (Kept::Commitment, text),
        Keep::Redacted(pointers) => match redacted(field, &text, pointers) {
            Some(redacted) => (Kept::Redacted, redacted),
            None => (Kept::Commitment, text),
        },
    };
    let commit = commit(&salt, field, text.as_bytes());
    let bound = Bound { bytes: text.len() as u64, alg: Algorithm::HmacSha256, commit, kept };
    let stored = (kept != Kept::Commitment).then(|| text.into_bytes());
    Ok(Prepared { field, bound, salt, stored })
}

/// The list of calls is one document a line; all else is one document.
fn redacted(field: Field, text: &str, pointers: &[super::JsonPointer]) -> Option<String> {
    if field == Field::Calls {
        text.lines().map(|line| redact(line, pointers).map(|line| line + "\n")).collect()
    } else {
        redact(text, pointers)
    }
}
