//! What a client calls a server.

use std::fmt;
use std::str::FromStr;

/// Longest name. Clients put it before the names of tools, and what a model is
/// told of may have 64 characters in all.
const MAX_CHARS: usize = 32;

/// A name that every client takes: ASCII letters, digits, `-` and `_`, at most
/// [`MAX_CHARS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServerName(String);

impl ServerName {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ServerName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if (1..=MAX_CHARS).contains(&text.len()) && text.chars().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("a name is 1 to {MAX_CHARS} ASCII letters, digits, - and _"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_some_client_would_not_take_is_none() {
        for name in ["mpp", "Work_2", "-", &"a".repeat(32)] {
            assert_eq!(name.parse::<ServerName>().unwrap().as_str(), name);
        }
        for name in ["", "a b", "a.b", "ä", "a\n", &"a".repeat(33)] {
            assert!(name.parse::<ServerName>().is_err(), "{name:?}");
        }
    }
}
