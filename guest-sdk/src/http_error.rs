//! Why a request has no answer.

use std::fmt;

use crate::Denial;
use crate::bindings::mpp::tool::http as wit;

/// A request without an answer, with the URL it was sent to.
///
/// It becomes [`mpp_guest::Error`](crate::Error) with `?`, a denial staying a
/// denial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    url: String,
    kind: ErrorKind,
}

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No granted entry covers it, or its addresses are not allowed.
    Denied(Denial),
    /// Not a URL or header the host can send. The text says what is wrong.
    InvalidRequest(String),
    /// The name does not resolve.
    NameNotResolved(String),
    /// No connection, or it was lost.
    Connection(String),
    /// The peer's certificate or handshake was not accepted.
    Tls(String),
    /// The time for the request has passed.
    Timeout,
    /// A limit of the call: requests, or bytes sent and received. The text
    /// names it.
    Limit(String),
    /// The peer did not speak HTTP.
    Protocol(String),
}

impl Error {
    pub(crate) fn new(url: impl Into<String>, kind: impl Into<ErrorKind>) -> Self {
        Self { url: url.into(), kind: kind.into() }
    }

    /// The URL of the request.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Why there is no answer.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.url, self.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Denied(denial) => Some(denial),
            _ => None,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(denial) => denial.fmt(f),
            Self::InvalidRequest(reason) => write!(f, "not a request that can be sent: {reason}"),
            Self::NameNotResolved(reason) => write!(f, "the name does not resolve: {reason}"),
            Self::Connection(reason) => write!(f, "no connection: {reason}"),
            Self::Tls(reason) => write!(f, "no secure connection: {reason}"),
            Self::Timeout => f.write_str("no answer in time"),
            Self::Limit(limit) => write!(f, "limit of the call: {limit}"),
            Self::Protocol(reason) => write!(f, "the answer is not HTTP: {reason}"),
        }
    }
}

impl From<wit::Error> for ErrorKind {
    fn from(error: wit::Error) -> Self {
        match error {
            wit::Error::Denied(denial) => Self::Denied(denial.into()),
            wit::Error::InvalidRequest(reason) => Self::InvalidRequest(reason),
            wit::Error::NameNotResolved(reason) => Self::NameNotResolved(reason),
            wit::Error::Connection(reason) => Self::Connection(reason),
            wit::Error::Tls(reason) => Self::Tls(reason),
            wit::Error::Timeout => Self::Timeout,
            wit::Error::Limit(limit) => Self::Limit(limit),
            wit::Error::Protocol(reason) => Self::Protocol(reason),
        }
    }
}
