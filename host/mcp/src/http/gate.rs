//! From where a request may come: `Host` and `Origin`.
//!
//! A page in a browser can send requests to this machine, and a name that its
//! owner points here makes them look as if they came from that page's own server
//! (DNS rebinding). Neither can forge two headers:
//!
//! - `Host` is one of the names of this server. Rebinding shows here.
//! - `Origin` is absent, as it is from programs; or the page came from this server;
//!   or its operator named the page's origin. Everything else is a page that has
//!   no business here, `null` and pages of other ports of this machine included.
//!
//! The protocol asks for both; a request that fails is answered with 403, and
//! nothing of it was read but its head.

use std::net::{IpAddr, SocketAddr};

use axum::http::header::{AsHeaderName, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri};

use super::ServeError;
use super::cors::Page;

/// Names of this machine for itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Who may ask.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    names: Vec<String>,
    origins: Vec<String>,
}

/// Why a request does not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stopped {
    /// No `Host`, two of them, or one that is none.
    #[error("the request needs one Host header")]
    NoHost,
    /// A name that is not ours.
    #[error("the Host header does not name this server")]
    Host,
    /// A page from elsewhere.
    #[error("pages of this origin may not use this server")]
    Origin,
}

impl Gate {
    /// For a server at `address` with further `names`, and `origins` whose pages may
    /// use it.
    pub(super) fn new(address: SocketAddr, names: &[String], origins: &[String]) -> Result<Self, ServeError> {
        let own = (!address.ip().is_unspecified()).then(|| bracketed(address.ip()));
        let mut known: Vec<String> = LOOPBACK.iter().map(ToString::to_string).chain(own).collect();
        for name in names {
            known.push(host_name(name).ok_or_else(|| ServeError::Name(name.clone()))?);
        }
        let origins = origins.iter().map(|text| origin(text).ok_or_else(|| ServeError::Origin(text.clone())));
        Ok(Self { names: known, origins: origins.collect::<Result<_, _>>()? })
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether a request passes, and which page from elsewhere it is of, if it is.
    pub(super) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<Option<Page>, Stopped> {
        let host = host(uri, headers).ok_or(Stopped::NoHost)?;
        if !self.names.contains(&host.host().to_ascii_lowercase()) {
            return Err(Stopped::Host);
        }
        let Some(origin) = headers.get(ORIGIN) else { return Ok(None) };
        let named = one(headers, ORIGIN).ok_or(Stopped::Origin)?.to_ascii_lowercase();
        if named == format!("http://{host}").to_ascii_lowercase() {
            return Ok(None);
        }
        if self.origins.contains(&named) { Ok(Some(Page(origin.clone()))) } else { Err(Stopped::Origin) }
    }
}

/// A name as it is compared: without a port, which proxies change.
fn host_name(text: &str) -> Option<String> {
    let name: Authority = text.parse().ok()?;
    (name.host() == text).then(|| text.to_ascii_lowercase())
}

/// An origin as browsers write it: scheme, host and a port that is not the
/// scheme's, and nothing after it (RFC 6454, section 6.2).
fn origin(text: &str) -> Option<String> {
    let (scheme, host) = text.split_once("://")?;
    let host: Authority = host.parse().ok()?;
    let usual = matches!((scheme, host.port_u16()), ("http", Some(80)) | ("https", Some(443)));
    let plain = matches!(scheme, "http" | "https") && !host.as_str().contains('@') && !usual;
    plain.then(|| text.to_ascii_lowercase())
}

/// Which server the request is for. A target in absolute form must agree with the
/// header (RFC 9112, section 3.2.2).
fn host(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    let named: Authority = one(headers, HOST)?.parse().ok()?;
    let agree = uri.authority().is_none_or(|target| *target == named);
    // Names and passwords have no place in a header.
    let plain = !named.as_str().contains('@');
    (agree && plain).then_some(named)
}

/// The value of a header that is there once.
fn one(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.to_str().ok())?
}

fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

#[cfg(test)]
mod tests;
