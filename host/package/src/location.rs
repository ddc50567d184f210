//! Where a publisher puts its documents.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::text;

/// Longest location in bytes.
const MAX_BYTES: usize = 512;

const SCHEME: &str = "https://";

/// A directory on the web in which a publisher puts its documents:
/// `https://example.com/mpp/`, with [`Location::index`] and [`Location::root`]
/// below. It begins with `https://` and a host, ends with `/`, and has no user,
/// query or fragment, so that a name can be put behind it.
///
/// A hint where to look. What is found there counts for its signatures alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location(String);

/// A text that is no [`Location`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{found} is not a place for documents: write `https://`, a host and a path that ends with `/`, such as `https://example.com/mpp/`"
)]
pub struct LocationError {
    found: String,
}

impl Location {
    /// Reads a location.
    pub fn parse(text: &str) -> Result<Self, LocationError> {
        if is_location(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(LocationError { found: text::quoted(text) })
        }
    }

    /// Where the newest index lies.
    pub fn index(&self) -> String {
        format!("{self}index.json")
    }

    /// Where a version of the root lies. Every version stays there, so that
    /// whoever has an older one can follow.
    pub fn root(&self, version: u64) -> String {
        format!("{self}root-{version}.json")
    }

    /// The location as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_location(text: &str) -> bool {
    let Some((host, _path)) = text.strip_prefix(SCHEME).and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    text.len() <= MAX_BYTES
        && text.ends_with('/')
        && host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'))
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/:%+,=".contains(&b))
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        Self::parse(text)
    }
}

impl Serialize for Location {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_a_directory_on_the_web() {
        for good in ["https://example.com/", "https://example.com:8443/a/b/", "https://example.com/~me/"] {
            assert!(Location::parse(good).is_ok(), "{good}");
        }
        let bad = [
            "",
            "https://",
            "https:///",
            "https://example.com",
            "https://example.com/a",
            "http://example.com/",
            "https://me@example.com/",
            "https://example.com/?a=/",
            "https://example.com/#/",
            "https://example.com/ /",
            "https://exämple.com/",
            "https://example.com/\n/",
            "file:///etc/",
        ];
        for bad in bad {
            assert!(Location::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Location::parse(&format!("https://example.com/{}/", "a".repeat(512))).is_err());
    }

    #[test]
    fn documents_have_their_names_below_it() {
        let location = Location::parse("https://example.com/mpp/").unwrap();
        assert_eq!(location.index(), "https://example.com/mpp/index.json");
        assert_eq!(location.root(7), "https://example.com/mpp/root-7.json");
    }
}
