//! Names of environment variables.

use std::fmt;

use thiserror::Error;

use crate::text::{parsed_from_text, serialized_as_text};

/// Longest name in bytes; names in use are far shorter.
pub const MAX_ENV_NAME_BYTES: usize = 256;

/// The name of an environment variable: a letter or `_`, then letters, digits
/// and `_`, all ASCII, at most [`MAX_ENV_NAME_BYTES`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvName(String);

/// Why text is not the name of an environment variable. Blames who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EnvNameError {
    /// There is nothing.
    #[error("the name is empty")]
    Empty,
    /// Longer than [`MAX_ENV_NAME_BYTES`].
    #[error("the name is longer than {MAX_ENV_NAME_BYTES} bytes")]
    TooLong,
    /// It starts with a digit.
    #[error("the name starts with a digit")]
    LeadingDigit,
    /// It holds something other than letters, digits and `_`.
    #[error("the name holds a character other than A-Z, a-z, 0-9 and `_`")]
    Character,
}

impl EnvName {
    /// Takes a name.
    ///
    /// # Errors
    /// [`EnvNameError`] says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, EnvNameError> {
        if text.len() > MAX_ENV_NAME_BYTES {
            return Err(EnvNameError::TooLong);
        }
        match text.bytes().next() {
            None => return Err(EnvNameError::Empty),
            Some(b'0'..=b'9') => return Err(EnvNameError::LeadingDigit),
            Some(_) => {}
        }
        if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(EnvNameError::Character);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EnvName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

parsed_from_text!(EnvName, EnvNameError, "the name of an environment variable");
serialized_as_text!(EnvName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_digits_and_underscores() {
        for text in ["A", "_", "HOME", "lower_1", &"A".repeat(256)] {
            assert_eq!(EnvName::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for (text, error) in [
            ("", EnvNameError::Empty),
            ("1A", EnvNameError::LeadingDigit),
            ("A=B", EnvNameError::Character),
            ("A B", EnvNameError::Character),
            ("A\0", EnvNameError::Character),
            ("A-B", EnvNameError::Character),
            ("*", EnvNameError::Character),
            ("Ü", EnvNameError::Character),
            (&"A".repeat(257), EnvNameError::TooLong),
        ] {
            assert_eq!(EnvName::parse(text), Err(error), "{text:?}");
        }
    }
}
