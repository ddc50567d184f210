//! Schemes and methods.

use std::fmt;

use thiserror::Error;

use crate::text::{parsed_from_text, serialized_as_text};

/// How a request travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Under TLS.
    Https,
}

/// A request method (RFC 9110 section 9). `CONNECT` and `TRACE` are not here:
/// no tool needs a tunnel or an echo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
    /// `PATCH`
    Patch,
    /// `OPTIONS`
    Options,
}

/// The text is neither `http` nor `https`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the scheme is neither `http` nor `https`")]
pub struct SchemeError;

/// The text is not the name of a method that a tool may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the method is not one of GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS, in upper case")]
pub struct MethodError;

impl Scheme {
    /// Both schemes.
    pub const ALL: [Self; 2] = [Self::Http, Self::Https];

    /// Takes `http` or `https`.
    ///
    /// # Errors
    /// [`SchemeError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, SchemeError> {
        Self::ALL.into_iter().find(|scheme| scheme.as_str() == text).ok_or(SchemeError)
    }

    /// The name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port of a URL that names none.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 7] =
        [Self::Get, Self::Head, Self::Post, Self::Put, Self::Delete, Self::Patch, Self::Options];

    /// Takes a name in upper case: methods are case-sensitive.
    ///
    /// # Errors
    /// [`MethodError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, MethodError> {
        Self::ALL.into_iter().find(|method| method.as_str() == text).ok_or(MethodError)
    }

    /// The name in upper case, as it is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Patch => "PATCH",
            Self::Options => "OPTIONS",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

parsed_from_text!(Scheme, SchemeError, "`http` or `https`");
serialized_as_text!(Scheme);
parsed_from_text!(Method, MethodError, "a request method in upper case");
serialized_as_text!(Method);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for method in Method::ALL {
            assert_eq!(Method::parse(method.as_str()), Ok(method));
        }
        for scheme in Scheme::ALL {
            assert_eq!(Scheme::parse(scheme.as_str()), Ok(scheme));
        }
    }

    #[test]
    fn other_spellings_and_methods_are_refused() {
        for text in ["", "get", "Get", "CONNECT", "TRACE", "GET "] {
            assert_eq!(Method::parse(text), Err(MethodError), "{text}");
        }
        for text in ["", "HTTPS", "ftp", "ws", "https:"] {
            assert_eq!(Scheme::parse(text), Err(SchemeError), "{text}");
        }
    }
}
