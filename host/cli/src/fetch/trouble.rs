//! Why a document could not be fetched, and what a person can do about it.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use reqwest::StatusCode;
use rustls::CertificateError;
use url::Url;

use super::https::{CONNECT_TIME, MAX_REDIRECTS};
use crate::exit::{Blame, Failure};

/// What stood between this command and a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No server, or the connection to it broke off.
    Connection(String),
    /// The server's certificate is of an authority that nobody here believes.
    Untrusted,
    /// TLS failed in another way.
    Tls(String),
    /// An answer that is no document.
    Status(StatusCode),
    /// A redirect that does not say where to.
    Nowhere,
    /// A redirect that is not followed, and why.
    Redirect { to: Url, why: String },
    /// More redirects than are followed.
    TooManyRedirects,
    /// A body in another coding than its own.
    Encoded,
    /// A body over this limit, in bytes.
    TooLarge(u64),
    /// Nothing complete within this time.
    Late(Duration),
}

impl Trouble {
    /// The failure to fetch what the command line `named`, met where the
    /// redirects had led: `at`.
    pub(super) fn fetching(&self, named: &Url, at: &Url) -> Failure {
        let failure = Failure::new(Blame::Network, format!("cannot fetch {named}"));
        let failure = if at == named { failure } else { failure.because(format!("it redirects to {at}")) };
        failure.because(self.why()).next(self.next())
    }

    fn why(&self) -> String {
        match self {
            Self::Connection(why) => why.clone(),
            Self::Untrusted => {
                "no authority that is trusted here has issued the server's certificate".to_owned()
            }
            Self::Tls(why) => format!("TLS failed: {why}"),
            Self::Status(status) => format!("the server answers {status}"),
            Self::Nowhere => "the server redirects without saying where to".to_owned(),
            Self::Redirect { to, why } => format!("the server redirects to {to}: {why}"),
            Self::TooManyRedirects => format!("the server redirects more than {MAX_REDIRECTS} times"),
            Self::Encoded => "the server sends it compressed, and was asked not to".to_owned(),
            Self::TooLarge(limit) => format!("it is larger than {limit} bytes"),
            Self::Late(time) => format!("it did not arrive within {time:?}"),
        }
    }

    fn next(&self) -> &'static str {
        match self {
            Self::Untrusted => "if an authority of your own issued it: --ca-file FILE",
            Self::Connection(_) => "check the URL and the network, or get it another way and name the file",
            Self::Late(_) => "try again later, or get it another way and name the file",
            Self::Status(status) if status.is_server_error() => {
                "try again later, or get it another way and name the file"
            }
            Self::Tls(_)
            | Self::Status(_)
            | Self::Nowhere
            | Self::Redirect { .. }
            | Self::TooManyRedirects
            | Self::Encoded
            | Self::TooLarge(_) => "check the URL, or get it another way and name the file",
        }
    }
}

impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Self {
        let causes = causes(&error);
        let tls = causes.iter().find_map(|cause| cause.downcast_ref::<rustls::Error>());
        // The outer ones only say again that there was a request, and for what.
        let innermost = causes.last().map_or_else(String::new, ToString::to_string);
        match tls {
            Some(tls) => Self::from(tls),
            None if error.is_timeout() && error.is_connect() => {
                Self::Connection(format!("no connection within {CONNECT_TIME:?}"))
            }
            None if error.is_connect() => Self::Connection(format!("no connection: {innermost}")),
            None if causes.iter().any(|cause| is_end(*cause)) => {
                Self::Connection("the connection ended before the document did".to_owned())
            }
            None => Self::Connection(format!("the connection broke off: {innermost}")),
        }
    }
}

impl From<&rustls::Error> for Trouble {
    fn from(error: &rustls::Error) -> Self {
        match error {
            // An authority of the same name, with another key, is another one.
            rustls::Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature,
            ) => Self::Untrusted,
            _ => Self::Tls(error.to_string()),
        }
    }
}

/// Whether the other end stopped in the middle: of what it had announced, or
/// without the farewell of TLS, as somebody in between could make it seem.
fn is_end(error: &(dyn StdError + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof)
}

/// An error and what caused it, the innermost last.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> Vec<&'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error)).collect()
}

/// What caused an error. An `io::Error` does not name what it wraps as its
/// source, so it is opened.
fn cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}
