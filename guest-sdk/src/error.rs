//! Why a tool did not do its work.

use std::error::Error as StdError;
use std::fmt;

use crate::Denial;
use crate::bindings::mpp::tool::types as wit;

/// What a tool function returns when it can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a tool did not do its work. The call ends regularly; the host reports
/// the error to the caller and records it.
///
/// Every error of the standard library and of other crates becomes one with
/// `?`, and so do `String` and `&str`: a [`Denial`] anywhere in the chain of
/// its sources makes [`Error::Denied`], everything else [`Error::Failed`] with
/// the messages of the chain. This is why `Error` does not implement
/// [`std::error::Error`] itself.
///
/// ```
/// use mpp_guest::{Error, Result};
///
/// fn median(numbers: &[String]) -> Result<f64> {
///     if numbers.is_empty() {
///         return Err(Error::invalid_input("`numbers` is empty: give at least one"));
///     }
///     let mut parsed = numbers
///         .iter()
///         .map(|number| number.parse())
///         .collect::<Result<Vec<f64>, _>>()?;
///     parsed.sort_by(f64::total_cmp);
///     Ok(parsed[parsed.len() / 2])
/// }
/// # assert!(median(&["x".into()]).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The arguments satisfy the schema and still make no sense. The text says
    /// which and why, for the model that made them.
    InvalidInput(String),
    /// Something that the tool needed was outside its boundary.
    Denied(Denial),
    /// Anything else that kept the tool from doing its work.
    Failed(String),
}

impl Error {
    /// Arguments that satisfy the schema and still make no sense. Say which
    /// argument and what would be right: a model reads it and tries again.
    pub fn invalid_input(reason: impl fmt::Display) -> Self {
        Self::InvalidInput(reason.to_string())
    }

    /// Anything else that kept the tool from doing its work.
    pub fn failed(reason: impl fmt::Display) -> Self {
        Self::Failed(reason.to_string())
    }

    /// The denial, if this is one.
    pub fn denial(&self) -> Option<&Denial> {
        match self {
            Self::Denied(denial) => Some(denial),
            Self::InvalidInput(_) | Self::Failed(_) => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidInput(reason) | Self::Failed(reason) => f.write_str(reason),
            Self::Denied(denial) => denial.fmt(f),
        }
    }
}

// The bound is wider than `E: std::error::Error`: it takes in `String`, `&str`
// and boxed errors. `Error` itself must stay outside of it, or this would
// overlap with `From<T> for T`.
impl<E> From<E> for Error
where
    E: Into<Box<dyn StdError>>,
{
    fn from(error: E) -> Self {
        let error = error.into();
        match denial_in(&*error) {
            Some(denial) => Self::Denied(denial.clone()),
            None => Self::Failed(chain(&*error)),
        }
    }
}

/// The denial that caused `error`, directly or through its sources.
fn denial_in<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e Denial> {
    sources(error).find_map(|error| {
        error.downcast_ref::<Denial>().or_else(|| {
            // `io::Error::source` skips the very error that it wraps.
            let wrapped = error.downcast_ref::<std::io::Error>()?.get_ref()?;
            wrapped.downcast_ref::<Denial>()
        })
    })
}

/// The messages of an error and its sources, each once: many errors repeat
/// their source in their own message.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    for message in sources(error).map(ToString::to_string) {
        if text.is_empty() {
            text = message;
        } else if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
    }
    text
}

fn sources<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

impl From<Error> for wit::ToolError {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidInput(reason) => Self::InvalidInput(reason),
            Error::Denied(denial) => Self::Denied(denial.into()),
            Error::Failed(reason) => Self::Failed(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::{Permission, fs, http};

    fn denial() -> Denial {
        Denial::new(Permission::FilesystemRead, "/secret", "not declared")
    }

    fn fs_denied() -> fs::Error {
        fs::Error::new("/secret", fs::ErrorKind::Denied(denial()))
    }

    #[test]
    fn a_denial_stays_a_denial_however_deep_it_is() {
        let around: Box<dyn StdError> = Box::new(io::Error::other(io::Error::from(fs_denied())));
        for error in [
            Error::from(denial()),
            Error::from(fs_denied()),
            Error::from(io::Error::from(fs_denied())),
            Error::from(io::Error::other(denial())),
            Error::from(around),
            Error::from(http::Error::new("https://a/", http::ErrorKind::Denied(denial()))),
        ] {
            assert_eq!(error, Error::Denied(denial()));
            assert_eq!(error.denial(), Some(&denial()));
        }
    }

    #[test]
    fn any_other_error_fails_with_the_messages_of_its_chain() {
        #[derive(Debug)]
        struct Outer(std::num::ParseIntError);
        impl fmt::Display for Outer {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("row 3")
            }
        }
        impl StdError for Outer {
            fn source(&self) -> Option<&(dyn StdError + 'static)> {
                Some(&self.0)
            }
        }
        let error = "x".parse::<u8>().map_err(Outer).expect_err("x is no number");
        assert_eq!(Error::from(error), Error::Failed("row 3: invalid digit found in string".to_owned()));
    }

    #[test]
    fn a_message_that_its_source_repeats_is_said_once() {
        let error = io::Error::from(fs::Error::new("/a", fs::ErrorKind::NotFound));
        assert_eq!(Error::from(error), Error::Failed("/a: there is nothing at this path".to_owned()));
    }

    #[test]
    fn text_is_a_failure() {
        assert_eq!(Error::from("no rows"), Error::failed("no rows"));
        assert_eq!(Error::from("no rows".to_owned()), Error::failed("no rows"));
    }

    #[test]
    fn the_kind_of_a_file_error_survives_std_io() {
        let kind = |kind| io::Error::from(fs::Error::new("/a", kind)).kind();
        assert_eq!(kind(fs::ErrorKind::Denied(denial())), io::ErrorKind::PermissionDenied);
        assert_eq!(kind(fs::ErrorKind::NotFound), io::ErrorKind::NotFound);
        assert_eq!(kind(fs::ErrorKind::NotUtf8), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_denial_says_permission_resource_and_reason() {
        assert_eq!(Error::from(denial()).to_string(), "filesystem.read of /secret denied: not declared");
    }
}
