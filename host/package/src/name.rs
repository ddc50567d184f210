//! The names a package goes by. Each is ASCII with one spelling, so that two
//! names that look alike are alike.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::text;

/// Longest publisher name in bytes: the longest DNS name.
pub const MAX_PUBLISHER_BYTES: usize = 253;

/// Longest label of a publisher name in bytes: the longest DNS label.
const MAX_LABEL_BYTES: usize = 63;

/// Longest package name in bytes, so that `NAME-VERSION.mpp` fits any file system.
pub const MAX_PACKAGE_NAME_BYTES: usize = 64;

/// Longest tool name in bytes, as MCP has it.
pub const MAX_TOOL_NAME_BYTES: usize = 128;

/// Makes a name type whose only maker is `parse`.
macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $accepts:ident, $form:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $type(String);

        impl $type {
            /// Reads a name, or says what form it must have.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                if $accepts(text) {
                    return Ok(Self(text.to_owned()));
                }
                Err(NameError { found: text::quoted(text), form: $form })
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl FromStr for $type {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::parse(text)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
    };
}

name!(
    /// Who publishes: a reverse-DNS name such as `com.example`.
    ///
    /// At least two labels of `a-z`, `0-9` and inner `-`, the first one
    /// beginning with a letter; at most [`MAX_PUBLISHER_BYTES`].
    PublisherName,
    is_publisher,
    "a reverse-DNS name in lower case with at least two labels, such as `com.example`"
);

name!(
    /// What a publisher calls a package: `a-z`, then `a-z`, `0-9` and `-`; at
    /// most [`MAX_PACKAGE_NAME_BYTES`].
    PackageName,
    is_package,
    "1 to 64 of `a-z`, `0-9` and `-`, beginning with a letter, such as `csv-report`"
);

name!(
    /// What a model calls a tool: `A-Z a-z 0-9 _ . -`; at most
    /// [`MAX_TOOL_NAME_BYTES`].
    ToolName,
    is_tool,
    "1 to 128 of `A-Z`, `a-z`, `0-9`, `_`, `.` and `-`, such as `csv_report`"
);

impl PublisherName {
    /// Whether this is `other` or a name below it: `com.example.labs` is within
    /// `com.example`, `com.example-labs` is not.
    pub fn is_within(&self, other: &Self) -> bool {
        match self.0.strip_prefix(other.as_str()) {
            Some(rest) => rest.is_empty() || rest.starts_with('.'),
            None => false,
        }
    }

    /// This name, and each one above it with two labels or more.
    pub fn and_above(&self) -> impl Iterator<Item = Self> + '_ {
        let ends = self.0.match_indices('.').skip(1).map(|(end, _)| end).chain([self.0.len()]);
        ends.map(|end| Self(self.0[..end].to_owned())).collect::<Vec<_>>().into_iter().rev()
    }

    /// The DNS name that belongs to it: its labels in reverse.
    pub fn domain(&self) -> String {
        self.0.rsplit('.').collect::<Vec<_>>().join(".")
    }
}

/// A text that is not the name it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found} is not a name of this kind: write {form}")]
pub struct NameError {
    /// The text found, quoted and cut.
    found: String,
    /// The form it must have.
    form: &'static str,
}

fn is_publisher(text: &str) -> bool {
    text.len() <= MAX_PUBLISHER_BYTES
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.contains('.')
        && text.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL_BYTES).contains(&label.len())
        && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn is_package(text: &str) -> bool {
    text.len() <= MAX_PACKAGE_NAME_BYTES
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn is_tool(text: &str) -> bool {
    (1..=MAX_TOOL_NAME_BYTES).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publisher_is_a_lower_case_reverse_dns_name() {
        for good in ["com.example", "io.github.some-one", "a.b", "com.4you", "com.xn--bcher-kva"] {
            assert_eq!(PublisherName::parse(good).map(|n| n.to_string()), Ok(good.to_owned()));
        }
        let bad = [
            "",
            "com",
            "Com.example",
            "com.Example",
            ".com",
            "com.",
            "com..example",
            "com.-a",
            "com.a-",
            "4com.example",
            "com.exa_mple",
            "com.example/..",
            "com.exämple",
            "com. a",
        ];
        for bad in bad {
            assert!(PublisherName::parse(bad).is_err(), "{bad:?}");
        }
        assert!(PublisherName::parse(&format!("com.{}", "a".repeat(64))).is_err());
        assert!(PublisherName::parse(&["abc"; 64].join(".")).is_err());
    }

    #[test]
    fn a_name_is_within_those_it_continues_at_a_label() {
        let name = |text: &str| PublisherName::parse(text).unwrap();
        assert!(name("com.example").is_within(&name("com.example")));
        assert!(name("com.example.labs").is_within(&name("com.example")));
        assert!(!name("com.example-labs").is_within(&name("com.example")));
        assert!(!name("com.example").is_within(&name("com.example.labs")));
    }

    #[test]
    fn the_names_above_a_name_end_before_the_top_level() {
        let name = PublisherName::parse("com.example.labs.x").unwrap();
        let above: Vec<_> = name.and_above().map(|name| name.to_string()).collect();
        assert_eq!(above, ["com.example.labs.x", "com.example.labs", "com.example"]);
        assert_eq!(name.domain(), "x.labs.example.com");
    }

    #[test]
    fn a_package_name_is_safe_as_a_file_name() {
        for good in ["a", "csv-report", "a1", &"a".repeat(64)] {
            assert!(PackageName::parse(good).is_ok(), "{good:?}");
        }
        for bad in ["", "1a", "-a", "A", "a/b", "a.b", "..", "a b", &"a".repeat(65)] {
            assert!(PackageName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_tool_name_is_what_mcp_allows() {
        for good in ["a", "A.b_c-1", &"x".repeat(128)] {
            assert!(ToolName::parse(good).is_ok(), "{good:?}");
        }
        for bad in ["", "a b", "a/b", "ä", "a\n", &"x".repeat(129)] {
            assert!(ToolName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_refused_name_is_quoted_and_cut() {
        let message = PackageName::parse(&format!("\u{1b}[2J{}", "x".repeat(1000))).unwrap_err().to_string();
        assert!(message.starts_with("\"\\u{1b}[2Jxxx"), "{message}");
        assert!(message.len() < 250, "{message}");
    }
}
