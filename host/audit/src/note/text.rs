//! A note, read or written.

use std::fmt;

use super::error::NoteError;
use super::line::SignatureLine;
use super::{MAX_NOTE_BYTES, MAX_SIGNATURES};

/// A note: a text and signatures over it, none of them verified. The text means
/// nothing until [`verify`](Self::verify) has found a known key.
///
/// `Display` writes exactly the bytes that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Ends with a newline.
    text: String,
    /// At least one.
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// Reads a whole note. Nothing may follow it.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        let note = plain_text(bytes)?;
        // The last empty line is the one that separates: no signature is empty.
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Form)?;
        Ok(Self { text: format!("{text}\n"), signatures: Self::signatures_of(lines)? })
    }

    /// Reads signature lines that stand alone, as a witness answers with.
    pub(crate) fn parse_signatures(bytes: &[u8]) -> Result<Vec<SignatureLine>, NoteError> {
        Self::signatures_of(plain_text(bytes)?)
    }

    fn signatures_of(lines: &str) -> Result<Vec<SignatureLine>, NoteError> {
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Form)?;
        if lines.split('\n').nth(MAX_SIGNATURES).is_some() {
            return Err(NoteError::TooManySignatures);
        }
        (1..).zip(lines.split('\n')).map(|(number, line)| SignatureLine::parse(number, line)).collect()
    }

    /// A note of a text, which ends with a newline, and its first signature.
    pub(crate) fn new(text: String, signature: SignatureLine) -> Result<Self, NoteError> {
        let note = Self { text, signatures: vec![signature] };
        // What is written can be read, and is the same note.
        if Self::parse(note.to_string().as_bytes())? == note { Ok(note) } else { Err(NoteError::Form) }
    }

    /// The text with its last newline: what is signed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, in their order.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Adds a signature of another key. One that names a key which has a line
    /// already takes that line's place: a key signs once.
    pub fn put(&mut self, signature: SignatureLine) -> Result<(), NoteError> {
        let same = |line: &SignatureLine| line.name() == signature.name() && line.id() == signature.id();
        match self.signatures.iter().position(same) {
            Some(place) => self.signatures[place] = signature,
            None if self.signatures.len() == MAX_SIGNATURES => return Err(NoteError::TooManySignatures),
            None => self.signatures.push(signature),
        }
        Ok(())
    }
}

/// UTF-8 of a bounded length without control characters other than newlines.
fn plain_text(bytes: &[u8]) -> Result<&str, NoteError> {
    if bytes.len() > MAX_NOTE_BYTES {
        return Err(NoteError::TooLong { found: bytes.len() });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| NoteError::NotUtf8)?;
    match text.chars().find(|&c| c < ' ' && c != '\n') {
        Some(c) => Err(NoteError::Control { code: c.into() }),
        None => Ok(text),
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
