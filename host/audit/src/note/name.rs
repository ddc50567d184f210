//! The name of a key.

use std::fmt;
use std::str::FromStr;

use super::MAX_KEY_NAME_BYTES;

/// The name of a key, and so of whoever signs with it: a log or a witness. Best
/// a URL without its scheme, such as `example.com/log42`, so that no two are alike.
///
/// Not empty, at most [`MAX_KEY_NAME_BYTES`] long, and without Unicode white
/// space, plus signs and control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(Box<str>);

/// Why a text cannot name a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyNameError {
    /// There is nothing.
    #[error("the name of a key is empty")]
    Empty,
    /// Too long.
    #[error("the name of a key has at most {MAX_KEY_NAME_BYTES} bytes, and this has {found}")]
    TooLong {
        /// Bytes found.
        found: usize,
    },
    /// White space, a plus sign or a control character.
    #[error(
        "the name of a key has no white space, plus sign or control character, and this has U+{code:04X}"
    )]
    Character {
        /// Its code point.
        code: u32,
    },
}

impl KeyName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = KeyNameError;

    fn from_str(text: &str) -> Result<Self, KeyNameError> {
        if text.is_empty() {
            return Err(KeyNameError::Empty);
        }
        if text.len() > MAX_KEY_NAME_BYTES {
            return Err(KeyNameError::TooLong { found: text.len() });
        }
        match text.chars().find(|&c| c == '+' || c.is_whitespace() || c.is_control()) {
            Some(c) => Err(KeyNameError::Character { code: c.into() }),
            None => Ok(Self(text.into())),
        }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyName({:?})", self.0)
    }
}
