//! Goes through a text that is spelled in the one way that is known.

use crate::{Hash, Timestamp};

/// What is left of the text. Whatever a method does not find stays there.
pub(super) struct Cursor<'a> {
    text: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text }
    }

    /// All that is left.
    pub(super) const fn rest(&self) -> &'a str {
        self.text
    }

    /// Passes over the first so many bytes.
    pub(super) fn take(&mut self, bytes: usize) -> Option<&'a str> {
        let (taken, rest) = self.text.split_at_checked(bytes)?;
        self.text = rest;
        Some(taken)
    }

    pub(super) fn literal(&mut self, literal: &str) -> Option<()> {
        self.text = self.text.strip_prefix(literal)?;
        Some(())
    }

    /// A number without sign, fraction, exponent or leading zeros.
    pub(super) fn number(&mut self) -> Option<u64> {
        let digits = self.text.bytes().take_while(u8::is_ascii_digit).count();
        let number = &self.text[..digits];
        if digits > 1 && number.starts_with('0') {
            return None;
        }
        let number = number.parse().ok()?;
        self.text = &self.text[digits..];
        Some(number)
    }

    pub(super) fn number_or_null(&mut self) -> Option<()> {
        self.literal("null").or_else(|| self.number().map(drop))
    }

    /// A string in which nothing is escaped.
    pub(super) fn string(&mut self) -> Option<&'a str> {
        let text = self.text.strip_prefix('"')?;
        let end = text.bytes().position(|byte| byte < b' ' || matches!(byte, b'"' | b'\\'))?;
        let string = &text[..end];
        self.text = text[end..].strip_prefix('"')?;
        Some(string)
    }

    pub(super) fn string_or_null(&mut self) -> Option<()> {
        self.literal("null").or_else(|| self.string().map(drop))
    }

    /// Which of some strings it is.
    pub(super) fn one_of(&mut self, known: &[&str]) -> Option<usize> {
        let string = self.string()?;
        known.iter().position(|known| *known == string)
    }

    pub(super) fn hash(&mut self) -> Option<Hash> {
        self.string()?.parse().ok()
    }

    pub(super) fn time(&mut self) -> Option<Timestamp> {
        self.string()?.parse().ok()
    }
}
