//! Prefixes of URL paths that narrow an outbound entry.

use std::fmt;

use thiserror::Error;

use crate::text::{parsed_from_text, serialized_as_text};

/// Longest prefix in bytes. A prefix names an API, not a document.
pub const MAX_PATH_PREFIX_BYTES: usize = 1024;

/// The start of a URL path, in whole segments: `/v1` covers `/v1` and
/// `/v1/users`, not `/v10`.
///
/// It is spelled as the URL standard normalises it: it starts with `/`, has no
/// empty or dot segment, no trailing slash (but `/` itself is a prefix), and
/// what needs percent-encoding is encoded.
///
/// A request path that a server could read in two ways is covered by no prefix,
/// not even by `/`: one with an encoded slash, backslash, dot or NUL, encoded
/// once or twice, or with a segment that starts with `..` (some servers take
/// `..;x` for `..`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathPrefix(String);

/// Why text is not a path prefix. Blames the publisher or operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PathPrefixError {
    /// It does not start with `/`.
    #[error("the path prefix does not start with `/`")]
    NotAbsolute,
    /// Longer than [`MAX_PATH_PREFIX_BYTES`].
    #[error("the path prefix is longer than {MAX_PATH_PREFIX_BYTES} bytes")]
    TooLong,
    /// It ends in a slash, or has two in a row.
    #[error("the path prefix has an empty segment: write `/a/b`, without a slash at the end")]
    EmptySegment,
    /// It holds an encoded slash, backslash, dot or NUL, or a segment `..`.
    #[error("the path prefix could be read in two ways: no encoded slash, backslash or dot, no `..`")]
    Ambiguous,
    /// It is not spelled as URLs are normalised.
    #[error("the path prefix is not in normal form: no `.`, query or fragment, and percent-encode the rest")]
    NotNormalised,
}

/// Encoded bytes that servers are known to decode before or after they split a
/// path: `/`, `\`, `.`, NUL, and a percent sign in front of one of them.
const AMBIGUOUS: [&str; 8] = ["%2f", "%5c", "%2e", "%00", "%252f", "%255c", "%252e", "%2500"];

impl PathPrefix {
    /// Takes a prefix in its one spelling.
    ///
    /// # Errors
    /// [`PathPrefixError`] says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, PathPrefixError> {
        if text.len() > MAX_PATH_PREFIX_BYTES {
            return Err(PathPrefixError::TooLong);
        }
        let Some(inner) = text.strip_prefix('/') else {
            return Err(PathPrefixError::NotAbsolute);
        };
        if !inner.is_empty() && inner.split('/').any(str::is_empty) {
            return Err(PathPrefixError::EmptySegment);
        }
        if is_ambiguous(text) {
            return Err(PathPrefixError::Ambiguous);
        }
        match url::Url::parse(&format!("http://host.invalid{text}")) {
            Ok(url) if url.path() == text => Ok(Self(text.to_owned())),
            _ => Err(PathPrefixError::NotNormalised),
        }
    }

    /// The prefix as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a normalised URL path is at or below this prefix and can be read
    /// in one way only.
    pub fn covers_path(&self, path: &str) -> bool {
        !is_ambiguous(path) && self.is_start_of(path)
    }

    /// Whether every path that `other` covers is covered here.
    pub fn covers(&self, other: &Self) -> bool {
        self.is_start_of(&other.0)
    }

    /// What both cover: the longer of the two where one covers the other.
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        if self.covers(other) {
            Some(other.clone())
        } else if other.covers(self) {
            Some(self.clone())
        } else {
            None
        }
    }

    fn is_start_of(&self, path: &str) -> bool {
        if self.0 == "/" {
            return path.starts_with('/');
        }
        path.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

fn is_ambiguous(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    AMBIGUOUS.iter().any(|code| path.contains(code))
        || path.split('/').any(|segment| segment.starts_with(".."))
}

impl fmt::Display for PathPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

parsed_from_text!(PathPrefix, PathPrefixError, "a URL path that starts with `/`");
serialized_as_text!(PathPrefix);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn prefix(text: &str) -> PathPrefix {
        PathPrefix::parse(text).unwrap()
    }

    #[track_caller]
    fn refused(text: &str, error: PathPrefixError) {
        assert_eq!(PathPrefix::parse(text), Err(error), "{text:?}");
    }

    #[test]
    fn whole_segments_count() {
        let v1 = prefix("/v1");
        for path in ["/v1", "/v1/", "/v1/users", "/v1//x"] {
            assert!(v1.covers_path(path), "{path}");
        }
        for path in ["/", "/v10", "/V1", "/v2/v1", "//v1", "/%761"] {
            assert!(!v1.covers_path(path), "{path}");
        }
        assert!(prefix("/").covers_path("/anything"));
    }

    #[test]
    fn a_path_with_two_readings_is_covered_by_nothing() {
        for path in [
            "/v1%2f..%2fadmin",
            "/v1/%2E%2e/admin",
            "/v1%5C..%5cadmin",
            "/v1/..;/admin",
            "/v1/..;x=y/admin",
            "/v1/..%3b/admin",
            "/v1/%252e%252e/admin",
            "/v1/%252Fadmin",
            "/v1/a%00",
        ] {
            assert!(!prefix("/v1").covers_path(path), "{path}");
            assert!(!prefix("/").covers_path(path), "{path}");
        }
    }

    #[test]
    fn any_spelling_but_the_normal_one_is_refused() {
        refused("", PathPrefixError::NotAbsolute);
        refused("v1", PathPrefixError::NotAbsolute);
        refused("/v1/", PathPrefixError::EmptySegment);
        refused("//v1", PathPrefixError::EmptySegment);
        refused("/v1//a", PathPrefixError::EmptySegment);
        refused("/v1/../a", PathPrefixError::Ambiguous);
        refused("/v1/%2Fa", PathPrefixError::Ambiguous);
        refused("/v1/./a", PathPrefixError::NotNormalised);
        refused("/v1?a=b", PathPrefixError::NotNormalised);
        refused("/v1#a", PathPrefixError::NotNormalised);
        refused("/v 1", PathPrefixError::NotNormalised);
        refused("/v\t1", PathPrefixError::NotNormalised);
        refused("/v\\1", PathPrefixError::NotNormalised);
        refused("/ü", PathPrefixError::NotNormalised);
        refused(&"/a".repeat(513), PathPrefixError::TooLong);
    }

    proptest! {
        #[test]
        fn a_prefix_covers_itself_as_a_path(text in "(/[a-z0-9.%;~-]{1,4}){1,3}|/.{0,9}") {
            if let Ok(prefix) = PathPrefix::parse(&text) {
                prop_assert!(prefix.covers_path(&text));
                prop_assert!(prefix.covers(&prefix));
            }
        }

        #[test]
        fn an_intersection_covers_what_both_cover(
            a in "(/[ab]){1,2}", b in "(/[ab]){1,2}", path in "(/[ab]{1,2}){1,4}",
        ) {
            let (a, b) = (prefix(&a), prefix(&b));
            let both = a.intersect(&b);
            prop_assert_eq!(
                both.is_some_and(|both| both.covers_path(&path)),
                a.covers_path(&path) && b.covers_path(&path)
            );
        }
    }
}
