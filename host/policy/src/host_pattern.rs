//! Patterns of hosts.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::host_name::HostName;
use crate::outbound::OutboundError;
use crate::target::Host;

/// Which hosts an outbound entry names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostPattern {
    /// This name only: `api.example.com`.
    Exact(HostName),
    /// Every name below this one, at any depth, and not the name itself:
    /// `*.example.com`. The name has at least two labels.
    Subdomains(HostName),
    /// This address, where the URL names it literally: `192.0.2.1`, `[2001:db8::1]`.
    Ip(IpAddr),
}

impl HostPattern {
    /// Takes the host part of an entry: a name, `*.` and a name, an IPv4
    /// address, or an IPv6 address in brackets.
    ///
    /// # Errors
    /// [`OutboundError`] says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, OutboundError> {
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or(OutboundError::Ipv6)?;
            return parse_ipv6(inner).map(|address| Self::Ip(address.into()));
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Ok(Self::Ip(address.into()));
        }
        if let Some(parent) = text.strip_prefix("*.") {
            return parse_subdomains(parent);
        }
        if text.contains('*') {
            return Err(OutboundError::Wildcard);
        }
        Ok(Self::Exact(HostName::parse(text)?))
    }

    /// Whether the pattern names this host.
    pub fn matches(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Exact(name), Host::Name(host)) => name == host,
            (Self::Subdomains(parent), Host::Name(host)) => host.is_below(parent),
            (Self::Ip(address), Host::Ip(host)) => address == host,
            (Self::Exact(_) | Self::Subdomains(_), Host::Ip(_)) | (Self::Ip(_), Host::Name(_)) => false,
        }
    }

    /// Whether every host that `other` names is named here.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Subdomains(parent), Self::Exact(name)) => name.is_below(parent),
            (Self::Subdomains(parent), Self::Subdomains(name)) => name == parent || name.is_below(parent),
            (a, b) => a == b,
        }
    }

    /// The hosts that both name: two patterns are nested or apart.
    pub(crate) fn intersect(&self, other: &Self) -> Option<Self> {
        if self.covers(other) {
            Some(other.clone())
        } else if other.covers(self) {
            Some(self.clone())
        } else {
            None
        }
    }
}

fn parse_subdomains(parent: &str) -> Result<HostPattern, OutboundError> {
    if parent.contains('*') {
        return Err(OutboundError::Wildcard);
    }
    let parent = HostName::parse(parent)?;
    if parent.labels() < 2 {
        return Err(OutboundError::WildcardTooWide);
    }
    Ok(HostPattern::Subdomains(parent))
}

/// One spelling only, and no mapped IPv4 address: that one is written as IPv4.
fn parse_ipv6(text: &str) -> Result<Ipv6Addr, OutboundError> {
    let address: Ipv6Addr = text.parse().map_err(|_| OutboundError::Ipv6)?;
    if address.to_ipv4_mapped().is_some() || address.to_string() != text {
        return Err(OutboundError::Ipv6);
    }
    Ok(address)
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(name) => name.fmt(f),
            Self::Subdomains(parent) => write!(f, "*.{parent}"),
            Self::Ip(IpAddr::V4(address)) => address.fmt(f),
            Self::Ip(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host_name::HostNameError;

    fn pattern(text: &str) -> HostPattern {
        HostPattern::parse(text).unwrap()
    }

    #[track_caller]
    fn refused(text: &str, error: OutboundError) {
        assert_eq!(HostPattern::parse(text), Err(error), "{text:?}");
    }

    #[test]
    fn a_wildcard_is_for_labels_in_front_and_not_for_the_name_itself() {
        let below = pattern("*.example.com");
        let name = |text| Host::Name(HostName::parse(text).unwrap());
        assert!(below.matches(&name("a.example.com")));
        assert!(below.matches(&name("a.b.example.com")));
        assert!(!below.matches(&name("example.com")));
        assert!(!below.matches(&name("evilexample.com")));
        assert!(!below.matches(&name("a.example.com.evil.example")));
    }

    #[test]
    fn a_wildcard_names_at_least_two_labels() {
        refused("*.com", OutboundError::WildcardTooWide);
        refused("*.localhost", OutboundError::WildcardTooWide);
    }

    #[test]
    fn a_wildcard_stands_first_and_alone() {
        for text in ["*", "a.*.example.com", "a*.example.com", "*.*.example.com", "*example.com"] {
            refused(text, OutboundError::Wildcard);
        }
        refused("*.", OutboundError::Host(HostNameError::Empty));
        refused("*.1.2.3.4", OutboundError::Host(HostNameError::LooksLikeAddress));
    }

    #[test]
    fn addresses_have_one_spelling() {
        assert_eq!(pattern("192.0.2.1"), HostPattern::Ip([192, 0, 2, 1].into()));
        assert_eq!(pattern("[2001:db8::1]").to_string(), "[2001:db8::1]");
        refused("192.0.2.01", OutboundError::Host(HostNameError::LooksLikeAddress));
        for text in [
            "[2001:DB8::1]",
            "[2001:db8:0::1]",
            "[::ffff:127.0.0.1]",
            "[::1",
            "[fe80::1%eth0]",
            "[]",
            "[192.0.2.1]",
        ] {
            refused(text, OutboundError::Ipv6);
        }
    }

    #[test]
    fn a_name_never_matches_an_address() {
        let address = Host::Ip([192, 0, 2, 1].into());
        assert!(!pattern("example.com").matches(&address));
        assert!(!pattern("*.example.com").matches(&address));
        assert!(pattern("192.0.2.1").matches(&address));
        assert!(!pattern("192.0.2.2").matches(&address));
    }
}
