//! Paths as a tool sees them.

use std::fmt;

use thiserror::Error;

use crate::text::{parsed_from_text, serialized_as_text};

/// Longest path in bytes: `PATH_MAX` of Linux, beyond which the operating
/// system refuses anyway.
pub const MAX_PATH_BYTES: usize = 4096;

/// An absolute, normalised path of the *guest's* view of the file system.
///
/// It starts with `/`; its components are neither empty nor `.` nor `..`; it
/// has no trailing slash (but `/` itself is a path), no NUL or other control
/// character, and at most [`MAX_PATH_BYTES`] bytes. Comparison is by component
/// and byte for byte, so the case of letters counts.
///
/// As an entry of a permission it covers itself and everything below.
///
/// ```
/// use mpp_policy::GuestPath;
/// let data = GuestPath::parse("/data")?;
/// assert!(data.covers(&GuestPath::resolve("/data/./in//a.csv")?));
/// assert!(!data.covers(&GuestPath::resolve("/data/../etc/passwd")?));
/// assert!(!data.covers(&GuestPath::parse("/database")?));
/// # Ok::<(), mpp_policy::PathError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuestPath(String);

/// Why text is not a path. Blames who wrote it: the publisher or operator for
/// [`GuestPath::parse`], the tool for [`GuestPath::resolve`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PathError {
    /// It does not start with `/`.
    #[error("the path is not absolute: start it with `/`")]
    NotAbsolute,
    /// It is longer than [`MAX_PATH_BYTES`].
    #[error("the path is longer than {MAX_PATH_BYTES} bytes")]
    TooLong,
    /// It holds a NUL or another control character.
    #[error("the path holds a control character")]
    ControlCharacter,
    /// It has a component `.` or `..` where a normalised path is asked for.
    #[error("the path has a component `.` or `..`: write where it leads")]
    DotComponent,
    /// It has two slashes in a row.
    #[error("the path has an empty component: write one slash, not two")]
    EmptyComponent,
    /// It ends in a slash and is not `/`.
    #[error("the path ends in a slash: leave it out, an entry covers what is below anyway")]
    TrailingSlash,
    /// It has more `..` than components before them.
    #[error("the path leads above `/`")]
    AboveRoot,
}

impl GuestPath {
    /// Takes a path that is already normalised, as manifests and policies hold
    /// it. Refuses any other spelling, so that what a person reads is what is
    /// compared.
    ///
    /// # Errors
    /// [`PathError`] says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let inner = after_root(text)?;
        if inner.is_empty() {
            return Ok(Self("/".to_owned()));
        }
        if inner.ends_with('/') && !text.contains("//") {
            return Err(PathError::TrailingSlash);
        }
        for component in inner.split('/') {
            match component {
                "" => return Err(PathError::EmptyComponent),
                "." | ".." => return Err(PathError::DotComponent),
                _ => {}
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes a path as a running tool says it, and resolves it by its text
    /// alone: `.`, repeated and trailing slashes are dropped, and `..` removes
    /// the component before it.
    ///
    /// No symbolic link is consulted. Links are the host's to follow, below the
    /// entry that covers the result.
    ///
    /// # Errors
    /// [`PathError`] says which rule the text breaks; `..` above `/` is
    /// refused, not ignored.
    pub fn resolve(text: &str) -> Result<Self, PathError> {
        let mut components = Vec::new();
        for component in after_root(text)?.split('/') {
            match component {
                "" | "." => {}
                ".." => {
                    components.pop().ok_or(PathError::AboveRoot)?;
                }
                name => components.push(name),
            }
        }
        Ok(Self(format!("/{}", components.join("/"))))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `other` is this path or below it.
    pub fn covers(&self, other: &Self) -> bool {
        self.strip(other).is_some()
    }

    /// The way from here to `inner`, without a leading slash and empty where
    /// both are equal; `None` where this path does not cover `inner`.
    pub fn strip<'a>(&self, inner: &'a Self) -> Option<&'a str> {
        if self.0 == "/" {
            return inner.0.strip_prefix('/');
        }
        let rest = inner.0.strip_prefix(&self.0)?;
        if rest.is_empty() {
            return Some(rest);
        }
        rest.strip_prefix('/')
    }

    /// What both paths cover: the lower of the two where one covers the other.
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        if self.covers(other) {
            Some(other.clone())
        } else if other.covers(self) {
            Some(self.clone())
        } else {
            None
        }
    }

    /// The components in order; none for `/`.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|component| !component.is_empty())
    }
}

/// Checks what both makers check and returns the text after the first slash.
fn after_root(text: &str) -> Result<&str, PathError> {
    if text.len() > MAX_PATH_BYTES {
        return Err(PathError::TooLong);
    }
    if text.chars().any(char::is_control) {
        return Err(PathError::ControlCharacter);
    }
    text.strip_prefix('/').ok_or(PathError::NotAbsolute)
}

impl fmt::Display for GuestPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

parsed_from_text!(GuestPath, PathError, "an absolute, normalised path");
serialized_as_text!(GuestPath);

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    fn path(text: &str) -> GuestPath {
        GuestPath::parse(text).unwrap()
    }

    #[track_caller]
    fn refused(text: &str, error: PathError) {
        assert_eq!(GuestPath::parse(text), Err(error), "{text:?}");
    }

    #[test]
    fn a_normalised_path_is_taken_as_it_is() {
        for text in ["/", "/data", "/data/in put/ü.csv", "/..data/.git/a...", "/a\\b"] {
            assert_eq!(path(text).as_str(), text);
        }
    }

    #[test]
    fn any_other_spelling_is_refused() {
        refused("", PathError::NotAbsolute);
        refused("data", PathError::NotAbsolute);
        refused("./data", PathError::NotAbsolute);
        refused("C:\\data", PathError::NotAbsolute);
        refused("//", PathError::EmptyComponent);
        refused("//data", PathError::EmptyComponent);
        refused("/data//in", PathError::EmptyComponent);
        refused("/data//", PathError::EmptyComponent);
        refused("/data/", PathError::TrailingSlash);
        refused("/.", PathError::DotComponent);
        refused("/data/./in", PathError::DotComponent);
        refused("/data/..", PathError::DotComponent);
        refused("/../data", PathError::DotComponent);
    }

    #[test]
    fn control_characters_are_refused_by_both_makers() {
        for text in ["/a\0", "/a\n", "/\x1b[2J", "/a\x7f", "/a\u{9b}"] {
            refused(text, PathError::ControlCharacter);
            assert_eq!(GuestPath::resolve(text), Err(PathError::ControlCharacter));
        }
    }

    #[test]
    fn the_longest_path_has_4096_bytes() {
        let longest = format!("/{}", "a".repeat(MAX_PATH_BYTES - 1));
        assert_eq!(path(&longest).as_str().len(), 4096);
        refused(&format!("{longest}a"), PathError::TooLong);
        assert_eq!(GuestPath::resolve(&format!("{longest}/..")), Err(PathError::TooLong),);
    }

    #[test]
    fn a_tools_path_is_resolved_by_its_text() {
        for (said, meant) in [
            ("/", "/"),
            ("//", "/"),
            ("/data/", "/data"),
            ("/data/./in//a.csv", "/data/in/a.csv"),
            ("/data/../etc/passwd", "/etc/passwd"),
            ("/data/in/../..", "/"),
            ("/data/.../..a", "/data/.../..a"),
        ] {
            assert_eq!(GuestPath::resolve(said).unwrap().as_str(), meant, "{said}");
        }
    }

    #[test]
    fn above_the_root_there_is_nothing() {
        for text in ["/..", "/data/../..", "/./../data"] {
            assert_eq!(GuestPath::resolve(text), Err(PathError::AboveRoot), "{text}");
        }
    }

    #[test]
    fn a_tools_path_must_be_absolute() {
        for text in ["", "data", "../data"] {
            assert_eq!(GuestPath::resolve(text), Err(PathError::NotAbsolute), "{text}");
        }
    }

    #[test]
    fn a_path_covers_itself_and_what_is_below() {
        assert!(path("/data").covers(&path("/data")));
        assert!(path("/data").covers(&path("/data/in/a")));
        assert!(path("/").covers(&path("/data")));
        assert!(path("/").covers(&path("/")));
        assert!(!path("/data").covers(&path("/")));
        assert!(!path("/data").covers(&path("/database")));
        assert!(!path("/data").covers(&path("/Data/in")));
    }

    #[test]
    fn the_way_below_has_no_leading_slash() {
        assert_eq!(path("/data").strip(&path("/data/in/a")), Some("in/a"));
        assert_eq!(path("/data").strip(&path("/data")), Some(""));
        assert_eq!(path("/").strip(&path("/data")), Some("data"));
        assert_eq!(path("/").strip(&path("/")), Some(""));
        assert_eq!(path("/data").strip(&path("/database")), None);
    }

    #[test]
    fn two_paths_share_the_lower_one_or_nothing() {
        let lower = Some(path("/data/in"));
        assert_eq!(path("/data").intersect(&path("/data/in")), lower);
        assert_eq!(path("/data/in").intersect(&path("/")), lower);
        assert_eq!(path("/data/in").intersect(&path("/data/out")), None);
    }

    #[test]
    fn the_error_of_a_document_shows_the_path() {
        let error = serde_json::from_str::<GuestPath>("\"data\"").unwrap_err();
        assert!(
            error.to_string().starts_with("data: the path is not absolute: start it with `/`"),
            "{error}",
        );
    }

    /// Paths that are near the edges of the rules.
    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof!["[/a.]{0,12}", "/([ab.]{0,3}/){0,4}[ab.]{0,3}", ".{0,20}"]
    }

    proptest! {
        #[test]
        fn what_parses_resolves_to_itself(text in any_text()) {
            if let Ok(path) = GuestPath::parse(&text) {
                prop_assert_eq!(path.as_str(), &text);
                prop_assert_eq!(GuestPath::resolve(&text), Ok(path));
            }
        }

        #[test]
        fn what_resolves_is_normalised(text in any_text()) {
            if let Ok(path) = GuestPath::resolve(&text) {
                prop_assert_eq!(GuestPath::parse(path.as_str()), Ok(path));
            }
        }

        #[test]
        fn covering_is_what_the_standard_library_calls_starting_with(
            a in "(/[ab]{1,2}){0,3}",
            b in "(/[ab]{1,2}){0,3}",
        ) {
            let (a, b) = (GuestPath::resolve(&format!("/{a}")).unwrap(),
                          GuestPath::resolve(&format!("/{b}")).unwrap());
            let below = Path::new(b.as_str()).strip_prefix(a.as_str()).ok();
            prop_assert_eq!(a.covers(&b), below.is_some());
            prop_assert_eq!(a.strip(&b).map(Path::new), below);
        }

        #[test]
        fn an_intersection_is_covered_by_both(
            a in "(/[ab]){1,3}",
            b in "(/[ab]){1,3}",
        ) {
            let (a, b) = (path(&a), path(&b));
            prop_assert_eq!(a.intersect(&b), b.intersect(&a));
            if let Some(both) = a.intersect(&b) {
                prop_assert!(a.covers(&both) && b.covers(&both));
            }
        }
    }
}
