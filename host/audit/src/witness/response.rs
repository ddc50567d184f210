//! What a witness answers, as the log reads it.

use super::MAX_RESPONSE_BYTES;
use crate::note::{Note, NoteError, SignatureLine};
use crate::spelling::decimal;

/// Why an answer means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// Longer than any answer.
    #[error("an answer of a witness has at most {MAX_RESPONSE_BYTES} bytes, and this has {found}")]
    TooLong {
        /// Bytes found.
        found: usize,
    },
    /// Not signature lines.
    #[error(transparent)]
    Lines(#[from] NoteError),
    /// Not a size.
    #[error(
        "the answer of a witness that knows another size is that size, decimal, and a newline; this is not"
    )]
    Size,
}

/// Reads the body of a 200: one or more signature lines. Whose they are, and
/// whether they hold, is for
/// [`add_cosignatures`](crate::checkpoint::SignedCheckpoint::add_cosignatures).
pub fn parse_cosignatures(body: &[u8]) -> Result<Vec<SignatureLine>, ResponseError> {
    limited(body)?;
    Ok(Note::parse_signatures(body)?)
}

/// Reads the body of a 409: the size that the witness knows.
pub fn parse_conflict(body: &[u8]) -> Result<u64, ResponseError> {
    limited(body)?;
    let line = std::str::from_utf8(body).ok().and_then(|text| text.strip_suffix('\n'));
    line.and_then(decimal).ok_or(ResponseError::Size)
}

fn limited(body: &[u8]) -> Result<(), ResponseError> {
    if body.len() > MAX_RESPONSE_BYTES { Err(ResponseError::TooLong { found: body.len() }) } else { Ok(()) }
}
