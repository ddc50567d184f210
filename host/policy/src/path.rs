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
