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
        Ok(Self { method, url, scheme, host, port })
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
    if !Scheme::ALL.iter().any(|known| scheme.eq_ignore_ascii_case(known.as_str())) {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::outbound::Outbound;

    fn get(url: &str) -> Result<HttpTarget, TargetError> {
        HttpTarget::parse(Method::Get, url)
    }

    #[track_caller]
    fn refused(url: &str, error: TargetError) {
        assert_eq!(get(url), Err(error), "{url:?}");
    }

    #[test]
    fn a_url_is_taken_apart_once() {
        let target = get("HTTPS://API.Example.COM./a/../v1/x?q=1#part").unwrap();
        assert_eq!(target.method(), Method::Get);
        assert_eq!(target.scheme(), Scheme::Https);
        assert_eq!(target.host().to_string(), "api.example.com");
        assert_eq!(target.port(), 443);
        assert_eq!(target.authority(), "api.example.com:443");
        assert_eq!(target.path(), "/v1/x");
        assert_eq!(target.url().as_str(), "https://api.example.com/v1/x?q=1");
    }

    #[test]
    fn ports_are_explicit() {
        assert_eq!(get("http://example.com").unwrap().port(), 80);
        assert_eq!(get("https://example.com:80/").unwrap().port(), 80);
        assert_eq!(get("http://example.com:443/").unwrap().port(), 443);
        assert_eq!(get("http://example.com:/").unwrap().port(), 80);
        refused("http://example.com:0/", TargetError::Port);
        refused("http://example.com:65536/", TargetError::Malformed(url::ParseError::InvalidPort));
    }

    #[test]
    fn an_address_in_any_spelling_is_an_address() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://127.0.0.1./",
            "http://%31%32%37.0.0.1/",
            "http://①②⑦.0.0.1/",
        ] {
            assert_eq!(get(url).unwrap().authority(), "127.0.0.1:80", "{url}");
        }
        assert_eq!(get("http://[0:0::1]/").unwrap().authority(), "[::1]:80");
    }

    #[test]
    fn international_names_have_their_ascii_form() {
        let target = get("https://BÜCHER.example/").unwrap();
        assert_eq!(target.authority(), "xn--bcher-kva.example:443");
        let full_width_dot = get("https://api。example。com/").unwrap();
        assert_eq!(full_width_dot.authority(), "api.example.com:443");
    }

    #[test]
    fn user_information_is_refused_even_when_empty() {
        for url in [
            "https://api.example.com@evil.example/",
            "https://user:secret@example.com/",
            "https://@example.com/",
            "https://:@example.com/",
        ] {
            refused(url, TargetError::UserInformation);
        }
        assert!(get("https://example.com/@user?a=b@c").is_ok());
    }

    #[test]
    fn other_schemes_are_refused() {
        for url in [
            "",
            "example.com",
            "//example.com/",
            "https:example.com",
            "https:/example.com",
            "ftp://example.com/",
            "file:///etc/passwd",
            "ws://example.com/",
            "data:text/plain,x",
            "view-source:https://example.com/",
        ] {
            refused(url, TargetError::Scheme);
        }
    }

    #[test]
    fn a_url_without_a_host_is_refused() {
        for url in ["https://", "https:///", "https:///example.com/", "https://?x", "https://#x"] {
            refused(url, TargetError::NoHost);
        }
    }

    #[test]
    fn what_the_url_standard_would_repair_is_refused() {
        for url in [
            " https://example.com/",
            "https://exa\nmple.com/",
            "https://exam\tple.com/",
            "https://example.com\\@evil.example/",
            "https://example.com/a b",
            "https://example.com/\0",
            "https://example.com/\u{85}",
        ] {
            refused(url, TargetError::Character);
        }
    }

    #[test]
    fn hosts_that_no_entry_could_name_are_refused() {
        refused("https://a..b/", TargetError::Host(HostNameError::EmptyLabel));
        refused("https://example.com../", TargetError::Host(HostNameError::TrailingDot));
        refused("https://a!b/", TargetError::Host(HostNameError::Character));
        refused("https://-a.example/", TargetError::Host(HostNameError::Hyphen));
    }

    #[test]
    fn a_url_of_8192_bytes_is_the_longest_also_when_normalised() {
        let start = "https://example.com/";
        let longest = format!("{start}{}", "a".repeat(MAX_URL_BYTES - start.len()));
        assert!(get(&longest).is_ok());
        refused(&format!("{longest}a"), TargetError::TooLong);
        let grows = format!("{start}{}", "ü".repeat(4_000));
        refused(&grows, TargetError::TooLong);
    }

    fn any_url() -> impl Strategy<Value = String> {
        prop_oneof![
            "https?://[a-cA-C0-9x.@:%\\[\\]-]{0,20}(/[a-z.%2eF;/]{0,12})?",
            "https?://(\\[[0-9a-f:.]{2,12}\\]|[a-z.]{1,9}):?[0-9]{0,5}/",
            "\\PC{0,30}",
            ".{0,30}",
        ]
    }

    proptest! {
        #[test]
        fn parsing_again_changes_nothing(text in any_url()) {
            if let Ok(target) = get(&text) {
                prop_assert_eq!(get(target.url().as_str()), Ok(target));
            }
        }

        #[test]
        fn the_authority_is_the_entry_that_permits_it(text in any_url()) {
            if let Ok(target) = get(&text) {
                match Outbound::parse(&target.authority()) {
                    Ok(entry) => prop_assert!(entry.permits(&target)),
                    Err(_) => prop_assert!(matches!(target.host(), Host::Ip(IpAddr::V6(_)))),
                }
            }
        }

        #[test]
        fn url_and_parts_agree(text in any_url()) {
            if let Ok(target) = get(&text) {
                let url = target.url();
                prop_assert_eq!(url.host_str().unwrap(), target.host().to_string());
                prop_assert_eq!(url.port_or_known_default(), Some(target.port()));
                prop_assert_eq!(url.scheme(), target.scheme().as_str());
                prop_assert!(url.username().is_empty() && url.password().is_none());
                prop_assert!(url.fragment().is_none());
            }
        }
    }
}
