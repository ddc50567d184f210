//! Where a tool may send requests.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::host_name::HostNameError;
use crate::host_pattern::HostPattern;
use crate::http::{Method, Scheme};
use crate::path_prefix::PathPrefix;
use crate::target::HttpTarget;

/// One entry of `network.outbound`: hosts and a port, optionally narrowed to a
/// scheme, to methods, and to URL paths below a prefix.
///
/// ```
/// use mpp_policy::{HttpTarget, Method, Outbound};
/// let entry = Outbound::parse("*.example.com:443")?;
/// let target = HttpTarget::parse(Method::Get, "https://API.example.com/v1")?;
/// assert!(entry.permits(&target));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outbound {
    host: HostPattern,
    port: u16,
    scheme: Option<Scheme>,
    methods: Option<BTreeSet<Method>>,
    path_prefix: Option<PathPrefix>,
}

/// Why text is not an outbound entry. Blames the publisher or operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OutboundError {
    /// It is a URL.
    #[error("the entry is a URL: write `host:port`, and narrow by `scheme` and `path_prefix`")]
    Url,
    /// It names no port.
    #[error("the entry names no port: write `host:port`")]
    NoPort,
    /// Its port is not a decimal number from 1 to 65535.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// Its host is not a host name.
    #[error(transparent)]
    Host(#[from] HostNameError),
    /// A wildcard covers a whole top-level domain.
    #[error("the wildcard covers a whole top-level domain: name at least `*.example.com`")]
    WildcardTooWide,
    /// A wildcard stands somewhere else than first, or for part of a label.
    #[error("a wildcard stands for whole labels at the start only: `*.example.com`")]
    Wildcard,
    /// What is in brackets is not an IPv6 address in its one spelling.
    #[error(
        "the IPv6 address is not in its usual form: write `[2001:db8::1]:443`, a mapped IPv4 address as IPv4"
    )]
    Ipv6,
    /// A list of methods is empty.
    #[error("the list of methods is empty and permits nothing: leave the entry out")]
    NoMethods,
}

impl Outbound {
    /// Takes `host:port`, `*.host:port`, `192.0.2.1:port` or
    /// `[2001:db8::1]:port`: any scheme, any method, any path.
    ///
    /// # Errors
    /// [`OutboundError`] says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, OutboundError> {
        if text.contains("://") {
            return Err(OutboundError::Url);
        }
        let (host, port) = split_port(text)?;
        Ok(Self {
            host: HostPattern::parse(host)?,
            port: parse_port(port)?,
            scheme: None,
            methods: None,
            path_prefix: None,
        })
    }

    /// This entry for one scheme only.
    #[must_use]
    pub fn with_scheme(self, scheme: Scheme) -> Self {
        Self { scheme: Some(scheme), ..self }
    }

    /// This entry for these methods only.
    ///
    /// # Errors
    /// [`OutboundError::NoMethods`] if there are none.
    pub fn with_methods(self, methods: impl IntoIterator<Item = Method>) -> Result<Self, OutboundError> {
        let methods: BTreeSet<_> = methods.into_iter().collect();
        if methods.is_empty() {
            return Err(OutboundError::NoMethods);
        }
        Ok(Self { methods: Some(methods), ..self })
    }

    /// This entry for paths below a prefix only.
    #[must_use]
    pub fn with_path_prefix(self, prefix: PathPrefix) -> Self {
        Self { path_prefix: Some(prefix), ..self }
    }

    /// The hosts.
    pub fn host(&self) -> &HostPattern {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The only scheme, or `None` for both.
    pub fn scheme(&self) -> Option<Scheme> {
        self.scheme
    }

    /// The only methods (never an empty set), or `None` for all.
    pub fn methods(&self) -> Option<&BTreeSet<Method>> {
        self.methods.as_ref()
    }

    /// The only paths, or `None` for all.
    pub fn path_prefix(&self) -> Option<&PathPrefix> {
        self.path_prefix.as_ref()
    }

    /// `host:port` of this entry, without what narrows it.
    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Whether scheme, methods or path are narrowed.
    pub fn is_narrowed(&self) -> bool {
        self.scheme.is_some() || self.methods.is_some() || self.path_prefix.is_some()
    }

    /// Whether a request may go out under this entry. The addresses that the
    /// name resolves to are judged apart from it.
    #[must_use]
    pub fn permits(&self, target: &HttpTarget) -> bool {
        let Self { host, port, scheme, methods, path_prefix } = self;
        host.matches(target.host())
            && *port == target.port()
            && scheme.is_none_or(|scheme| scheme == target.scheme())
            && methods.as_ref().is_none_or(|methods| methods.contains(&target.method()))
            && path_prefix.as_ref().is_none_or(|prefix| prefix.covers_path(target.path()))
    }

    /// Whether this entry permits whatever `other` permits.
    pub fn covers(&self, other: &Self) -> bool {
        let Self { host, port, scheme, methods, path_prefix } = self;
        host.covers(&other.host)
            && *port == other.port
            && covers_narrowing(scheme, &other.scheme, |a, b| a == b)
            && covers_narrowing(methods, &other.methods, BTreeSet::is_superset)
            && covers_narrowing(path_prefix, &other.path_prefix, PathPrefix::covers)
    }

    /// The entry that permits what both permit, if there is anything.
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        if self.port != other.port {
            return None;
        }
        Some(Self {
            host: self.host.intersect(&other.host)?,
            port: self.port,
            scheme: intersect_narrowing(self.scheme.as_ref(), other.scheme.as_ref(), |a, b| {
                (a == b).then_some(*a)
            })?,
            methods: intersect_narrowing(self.methods.as_ref(), other.methods.as_ref(), common_methods)?,
            path_prefix: intersect_narrowing(
                self.path_prefix.as_ref(),
                other.path_prefix.as_ref(),
                PathPrefix::intersect,
            )?,
        })
    }
}

fn split_port(text: &str) -> Result<(&str, &str), OutboundError> {
    match text.rsplit_once(':') {
        // The last colon of an address without a port is inside the brackets.
        Some((_, port)) if port.ends_with(']') => Err(OutboundError::NoPort),
        Some(parts) => Ok(parts),
        None => Err(OutboundError::NoPort),
    }
}

fn parse_port(text: &str) -> Result<u16, OutboundError> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    match text.parse() {
        Ok(port) if plain => Ok(port),
        _ => Err(OutboundError::Port),
    }
}

/// Absent narrowing covers everything and is covered by nothing but itself.
fn covers_narrowing<T>(a: &Option<T>, b: &Option<T>, covers: impl Fn(&T, &T) -> bool) -> bool {
    match (a, b) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(a), Some(b)) => covers(a, b),
    }
}

/// `None` where nothing is left; `Some(None)` where neither side narrows.
fn intersect_narrowing<T: Clone>(
    a: Option<&T>,
    b: Option<&T>,
    both: impl Fn(&T, &T) -> Option<T>,
) -> Option<Option<T>> {
    match (a, b) {
        (None, None) => Some(None),
        (Some(one), None) | (None, Some(one)) => Some(Some(one.clone())),
        (Some(a), Some(b)) => both(a, b).map(Some),
    }
}

fn common_methods(a: &BTreeSet<Method>, b: &BTreeSet<Method>) -> Option<BTreeSet<Method>> {
    let common: BTreeSet<_> = a & b;
    (!common.is_empty()).then_some(common)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(text: &str) -> Outbound {
        Outbound::parse(text).unwrap()
    }

    #[track_caller]
    fn refused(text: &str, error: OutboundError) {
        assert_eq!(Outbound::parse(text), Err(error), "{text:?}");
    }

    fn target(method: Method, url: &str) -> HttpTarget {
        HttpTarget::parse(method, url).unwrap()
    }

    #[test]
    fn an_entry_is_host_and_port() {
        let parsed = entry("api.example.com:8443");
        assert_eq!(parsed.host().to_string(), "api.example.com");
        assert_eq!(parsed.port(), 8443);
        assert!(!parsed.is_narrowed());
    }

    #[test]
    fn a_port_is_required_and_in_decimal() {
        for text in ["example.com", "[::1]", "192.0.2.1"] {
            refused(text, OutboundError::NoPort);
        }
        for text in [
            "a.example:",
            "a.example:0",
            "a.example:00",
            "a.example:0443",
            "a.example:+443",
            "a.example:65536",
            "a.example:*",
            "a.example:443 ",
            "a.example:443/v1",
        ] {
            refused(text, OutboundError::Port);
        }
    }

    #[test]
    fn a_url_is_not_an_entry() {
        refused("https://api.example.com", OutboundError::Url);
        refused("https://api.example.com:443/v1", OutboundError::Url);
    }

    #[test]
    fn nothing_but_a_host_stands_before_the_port() {
        refused(":443", OutboundError::Host(HostNameError::Empty));
        refused("::1:443", OutboundError::Host(HostNameError::Character));
        refused("a@example.com:443", OutboundError::Host(HostNameError::Character));
        refused("Example.com:443", OutboundError::Host(HostNameError::UpperCase));
    }

    #[test]
    fn host_and_port_must_both_match() {
        let api = entry("api.example.com:443");
        assert!(api.permits(&target(Method::Post, "https://api.example.com/x")));
        assert!(api.permits(&target(Method::Get, "http://api.example.com:443/")));
        assert!(!api.permits(&target(Method::Get, "http://api.example.com/")));
        assert!(!api.permits(&target(Method::Get, "https://example.com/")));
        assert!(!api.permits(&target(Method::Get, "https://api.example.com:8443/")));
    }

    #[test]
    fn narrowing_takes_away() {
        let narrow = entry("api.example.com:443")
            .with_scheme(Scheme::Https)
            .with_methods([Method::Get])
            .unwrap()
            .with_path_prefix(PathPrefix::parse("/v1").unwrap());
        assert!(narrow.permits(&target(Method::Get, "https://api.example.com/v1/x?q")));
        assert!(!narrow.permits(&target(Method::Get, "http://api.example.com:443/v1/x")));
        assert!(!narrow.permits(&target(Method::Post, "https://api.example.com/v1/x")));
        assert!(!narrow.permits(&target(Method::Get, "https://api.example.com/v10")));
        assert!(!narrow.permits(&target(Method::Get, "https://api.example.com/v1/../admin")));
        assert!(!narrow.permits(&target(Method::Get, "https://api.example.com/v1%2f..%2fadmin")));
    }

    #[test]
    fn no_methods_is_no_entry() {
        assert_eq!(entry("a.example:443").with_methods([]), Err(OutboundError::NoMethods),);
    }

    #[test]
    fn a_wildcard_and_a_name_below_it_share_the_name() {
        let below = entry("*.example.com:443");
        let api = entry("api.example.com:443");
        assert_eq!(below.intersect(&api), Some(api.clone()));
        assert_eq!(api.intersect(&below), Some(api));
        assert_eq!(below.intersect(&entry("example.com:443")), None);
        assert_eq!(below.intersect(&entry("api.example.com:80")), None);
        assert_eq!(below.intersect(&entry("*.b.example.com:443")), Some(entry("*.b.example.com:443")),);
    }

    #[test]
    fn disjoint_narrowing_leaves_nothing() {
        let base = entry("a.example:443");
        let (http, https) = (base.clone().with_scheme(Scheme::Http), base.clone().with_scheme(Scheme::Https));
        assert_eq!(http.intersect(&https), None);
        assert_eq!(http.intersect(&base), Some(http.clone()));
        let get = base.clone().with_methods([Method::Get]).unwrap();
        let post = base.clone().with_methods([Method::Post]).unwrap();
        assert_eq!(get.intersect(&post), None);
    }

    proptest! {
        #[test]
        fn what_parses_has_one_spelling(text in "[a-z0-9.*:\\[\\]-]{0,16}:[0-9]{1,5}|\\PC{0,20}") {
            if let Ok(entry) = Outbound::parse(&text) {
                prop_assert_eq!(entry.to_string(), text);
            }
        }
    }
}
