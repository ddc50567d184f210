//! Where a request wants to go, as the host understood it.

use std::fmt;
use std::net::IpAddr;

use thiserror::Error;
use url::Url;

use crate::host_name::{HostName, HostNameError};
use crate::http::{Method, Scheme};

/// Longest URL in bytes, before and after normalising. Servers commonly refuse
/// a request line of more than 8 KiB.
pub const MAX_URL_BYTES: usize = 8192;

/// The host of a URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// A name, to be resolved.
    Name(HostName),
    /// An address, to be checked like one that a name resolves to.
    Ip(IpAddr),
}

/// A request's method and URL, parsed once. What is judged, what is dialled
/// and what is sent all come from this value.
///
/// The host is in lower-case ASCII without a trailing dot, or an address in
/// whatever spelling the URL had (`http://0x7f.1/` is 127.0.0.1). The port is
/// explicit. Dot segments of the path are resolved, and the fragment is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpTarget {
    method: Method,
    url: Url,
    scheme: Scheme,
    host: Host,
    port: u16,
}

/// Why a URL is not one that a tool may ask for. Blames the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TargetError {
    /// Longer than [`MAX_URL_BYTES`].
    #[error("the URL is longer than {MAX_URL_BYTES} bytes")]
    TooLong,
    /// It holds a space, a control character or a backslash.
    #[error("the URL holds a space, a control character or a backslash: percent-encode it")]
    Character,
    /// It does not start with `http://` or `https://`.
    #[error("the URL does not start with `http://` or `https://`")]
    Scheme,
    /// It names no host.
    #[error("the URL names no host")]
    NoHost,
    /// It carries a user name or password.
    #[error("the URL carries user information: send credentials in a header")]
    UserInformation,
    /// Its host is not one that can be asked for.
    #[error("the URL's host cannot be asked for: {0}")]
    Host(#[from] HostNameError),
    /// Its port is 0.
    #[error("the URL's port is 0")]
    Port,
    /// It does not parse.
    #[error("the URL does not parse: {0}")]
    Malformed(#[from] url::ParseError),
}

impl HttpTarget {
    /// Takes a method and an absolute URL.
    ///
    /// # Errors
    /// [`TargetError`] says what is wrong with the URL.
    pub fn parse(method: Method, text: &str) -> Result<Self, TargetError> {
        check_text(text)?;
        let mut url = Url::parse(text)?;
        url.set_fragment(None);
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::UserInformation);
        }
        let scheme = Scheme::parse(url.scheme()).map_err(|_| TargetError::Scheme)?;
        let host = normalise_host(&mut url)?;
        let port = url.port().unwrap_or(scheme.default_port());
        if port == 0 {
            return Err(TargetError::Port);
        }
        if url.as_str().len() > MAX_URL_BYTES {
            return Err(TargetError::TooLong);
        }
        Ok(Self {
            method,
            url,
            scheme,
            host,
            port,
        })
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The URL, normalised; the one to send.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The scheme.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port, the scheme's default where the URL names none.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path, normalised and percent-encoded.
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// `host:port`, as an outbound entry would name it.
    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// Refuses what the URL standard would quietly repair.
fn check_text(text: &str) -> Result<(), TargetError> {
    if text.len() > MAX_URL_BYTES {
        return Err(TargetError::TooLong);
    }
    let refused = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    if text.contains(refused) {
        return Err(TargetError::Character);
    }
    let (scheme, rest) = text.split_once("://").ok_or(TargetError::Scheme)?;
    if !Scheme::ALL
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known.as_str()))
    {
        return Err(TargetError::Scheme);
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    if authority.contains('@') {
        return Err(TargetError::UserInformation);
    }
    if authority.is_empty() {
        return Err(TargetError::NoHost);
    }
    Ok(())
}

/// Takes the host out of the URL and leaves it there in the same spelling.
fn normalise_host(url: &mut Url) -> Result<Host, TargetError> {
    let name = match url.host().ok_or(TargetError::NoHost)? {
        url::Host::Ipv4(address) => return Ok(Host::Ip(address.into())),
        url::Host::Ipv6(address) => return Ok(Host::Ip(address.into())),
        url::Host::Domain(name) => name,
    };
    let name = HostName::parse(name.strip_suffix('.').unwrap_or(name))?;
    url.set_host(Some(name.as_str()))?;
    Ok(Host::Name(name))
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Ip(IpAddr::V4(address)) => address.fmt(f),
            Self::Ip(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}
