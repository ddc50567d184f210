//! Which addresses are on the public internet.
//!
//! A name that a tool may dial can resolve to anything: to the host itself, to
//! its neighbours, to the cloud's metadata service. So every address is judged
//! before it is dialled, and only globally reachable unicast is dialled without
//! the operator's word ([`crate::OperatorPolicy::allowed_networks`]).
//!
//! The tables follow the IANA IPv4 and IPv6 Special-Purpose Address Registries.
//! For IPv6 the rule is the other way round: nothing is global but 2000::/3,
//! the only space that IANA allocates from, less its special ranges.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use thiserror::Error;

/// An address that a tool may not dial. Blames nobody: a name may resolve to it
/// by mistake, or to mislead the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{address} is not on the public internet ({range}); the operator can allow its network")]
pub struct AddressRefused {
    /// The address.
    pub address: IpAddr,
    /// What its range is for.
    pub range: &'static str,
}

type V4Range = (Ipv4Net, &'static str);
type V6Range = (Ipv6Net, &'static str);

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8, name: &'static str) -> V4Range {
    (Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix), name)
}

const fn v6(segments: [u16; 4], prefix: u8, name: &'static str) -> V6Range {
    let [a, b, c, d] = segments;
    let address = Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0);
    (Ipv6Net::new_assert(address, prefix), name)
}

/// IPv4 that is not dialled. A narrower range stands before a wider one.
const V4_SPECIAL: [V4Range; 18] = [
    v4(0, 0, 0, 0, 8, "this network, RFC 791"),
    v4(10, 0, 0, 0, 8, "private use, RFC 1918"),
    v4(100, 64, 0, 0, 10, "carrier-grade NAT, RFC 6598"),
    v4(127, 0, 0, 0, 8, "loopback, RFC 1122"),
    // Reachable from inside a virtual machine only, and answered by its host.
    v4(168, 63, 129, 16, 32, "cloud platform service"),
    v4(169, 254, 169, 254, 32, "cloud metadata service"),
    v4(169, 254, 0, 0, 16, "link-local, RFC 3927"),
    v4(172, 16, 0, 0, 12, "private use, RFC 1918"),
    v4(192, 0, 0, 0, 24, "IETF protocol assignments, RFC 6890"),
    v4(192, 0, 2, 0, 24, "documentation, RFC 5737"),
    v4(192, 88, 99, 0, 24, "6to4 relay anycast, RFC 7526"),
    v4(192, 168, 0, 0, 16, "private use, RFC 1918"),
    v4(198, 18, 0, 0, 15, "benchmarking, RFC 2544"),
    v4(198, 51, 100, 0, 24, "documentation, RFC 5737"),
    v4(203, 0, 113, 0, 24, "documentation, RFC 5737"),
    v4(224, 0, 0, 0, 4, "multicast, RFC 5771"),
    v4(255, 255, 255, 255, 32, "limited broadcast, RFC 8190"),
    v4(240, 0, 0, 0, 4, "reserved, RFC 1112"),
];

/// IPv6 outside 2000::/3 that has a name, and what inside it is not dialled.
const V6_SPECIAL: [V6Range; 18] = [
    (Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 128), "unspecified, RFC 4291"),
    (Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128), "loopback, RFC 4291"),
    v6([0, 0, 0, 0], 96, "IPv4-compatible, RFC 4291"),
    v6([0x64, 0xff9b, 1, 0], 48, "local-use translation, RFC 8215"),
    v6([0x100, 0, 0, 0], 64, "discard-only, RFC 6666"),
    v6([0x100, 0, 0, 1], 64, "dummy prefix, RFC 9780"),
    v6([0x2001, 0, 0, 0], 32, "Teredo, RFC 4380"),
    v6([0x2001, 2, 0, 0], 48, "benchmarking, RFC 5180"),
    v6([0x2001, 0, 0, 0], 23, "IETF protocol assignments, RFC 2928"),
    v6([0x2001, 0xdb8, 0, 0], 32, "documentation, RFC 3849"),
    v6([0x2002, 0, 0, 0], 16, "6to4, RFC 3056"),
    v6([0x3fff, 0, 0, 0], 20, "documentation, RFC 9637"),
    v6([0x5f00, 0, 0, 0], 16, "segment routing, RFC 9602"),
    (Ipv6Net::new_assert(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), 128), "cloud metadata service"),
    v6([0xfc00, 0, 0, 0], 7, "unique local, RFC 4193"),
    v6([0xfe80, 0, 0, 0], 10, "link-local, RFC 4291"),
    v6([0xfec0, 0, 0, 0], 10, "site-local, RFC 3879"),
    v6([0xff00, 0, 0, 0], 8, "multicast, RFC 4291"),
];

/// The space of global unicast (RFC 4291 section 2.4, IANA).
const V6_GLOBAL: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// The well-known prefix of NAT64 (RFC 6052): the last 32 bits are the IPv4
/// address that is reached.
const NAT64: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Whether an address is globally reachable unicast.
pub fn is_global(address: IpAddr) -> bool {
    check_global(address).is_ok()
}

/// Refuses every address that is not globally reachable unicast. An IPv6
/// address that carries an IPv4 address (mapped, or NAT64) is judged as that.
///
/// # Errors
/// [`AddressRefused`] names what the range is for.
pub fn check_global(address: IpAddr) -> Result<(), AddressRefused> {
    let special = match address.to_canonical() {
        IpAddr::V4(inner) => special_v4(inner),
        IpAddr::V6(inner) => special_v6(inner),
    };
    match special {
        Some(range) => Err(AddressRefused { address, range }),
        None => Ok(()),
    }
}

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    V4_SPECIAL.iter().find(|(range, _)| range.contains(&address)).map(|(_, name)| *name)
}

fn special_v6(address: Ipv6Addr) -> Option<&'static str> {
    if NAT64.contains(&address) {
        let [.., a, b, c, d] = address.octets();
        return special_v4(Ipv4Addr::new(a, b, c, d));
    }
    V6_SPECIAL
        .iter()
        .find(|(range, _)| range.contains(&address))
        .map(|(_, name)| *name)
        .or_else(|| (!V6_GLOBAL.contains(&address)).then_some("not allocated for global use"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn range_of(address: &str) -> Option<&'static str> {
        check_global(address.parse().unwrap()).err().map(|refused| refused.range)
    }

    #[test]
    fn public_addresses_are_global() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "168.63.129.17",
            "192.0.1.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2606:4700:4700::1111",
            "2a00:1450:4001:81b::200e",
            "3fff:1000::1",
        ] {
            assert_eq!(range_of(address), None, "{address}");
            assert!(is_global(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn special_ipv4_is_refused_from_the_first_address_to_the_last() {
        for (first, last, name) in [
            ("0.0.0.0", "0.255.255.255", "this network, RFC 791"),
            ("10.0.0.0", "10.255.255.255", "private use, RFC 1918"),
            ("100.64.0.0", "100.127.255.255", "carrier-grade NAT, RFC 6598"),
            ("127.0.0.0", "127.255.255.255", "loopback, RFC 1122"),
            ("168.63.129.16", "168.63.129.16", "cloud platform service"),
            ("169.254.0.0", "169.254.255.255", "link-local, RFC 3927"),
            ("169.254.169.254", "169.254.169.254", "cloud metadata service"),
            ("172.16.0.0", "172.31.255.255", "private use, RFC 1918"),
            ("192.0.0.0", "192.0.0.255", "IETF protocol assignments, RFC 6890"),
            ("192.0.2.0", "192.0.2.255", "documentation, RFC 5737"),
            ("192.88.99.0", "192.88.99.255", "6to4 relay anycast, RFC 7526"),
            ("192.168.0.0", "192.168.255.255", "private use, RFC 1918"),
            ("198.18.0.0", "198.19.255.255", "benchmarking, RFC 2544"),
            ("198.51.100.0", "198.51.100.255", "documentation, RFC 5737"),
            ("203.0.113.0", "203.0.113.255", "documentation, RFC 5737"),
            ("224.0.0.0", "239.255.255.255", "multicast, RFC 5771"),
            ("240.0.0.0", "255.255.255.254", "reserved, RFC 1112"),
            ("255.255.255.255", "255.255.255.255", "limited broadcast, RFC 8190"),
        ] {
            assert_eq!(range_of(first), Some(name), "{first}");
            assert_eq!(range_of(last), Some(name), "{last}");
        }
    }

    #[test]
    fn special_ipv6_is_refused() {
        for (address, name) in [
            ("::", "unspecified, RFC 4291"),
            ("::1", "loopback, RFC 4291"),
            ("::8.8.8.8", "IPv4-compatible, RFC 4291"),
            ("64:ff9b:1::808:808", "local-use translation, RFC 8215"),
            ("100::1", "discard-only, RFC 6666"),
            ("100:0:0:1::1", "dummy prefix, RFC 9780"),
            ("2001::1", "Teredo, RFC 4380"),
            ("2001:2::1", "benchmarking, RFC 5180"),
            ("2001:20::1", "IETF protocol assignments, RFC 2928"),
            ("2001:1ff:ffff::", "IETF protocol assignments, RFC 2928"),
            ("2001:db8::1", "documentation, RFC 3849"),
            ("2002:a00:1::1", "6to4, RFC 3056"),
            ("3fff:fff::1", "documentation, RFC 9637"),
            ("5f00::1", "segment routing, RFC 9602"),
            ("fc00::1", "unique local, RFC 4193"),
            ("fdff::1", "unique local, RFC 4193"),
            ("fd00:ec2::254", "cloud metadata service"),
            ("fe80::1", "link-local, RFC 4291"),
            ("febf::1", "link-local, RFC 4291"),
            ("fec0::1", "site-local, RFC 3879"),
            ("ff02::1", "multicast, RFC 4291"),
            ("4000::1", "not allocated for global use"),
            ("1fff::1", "not allocated for global use"),
            ("::ffff:0:808:808", "not allocated for global use"),
        ] {
            assert_eq!(range_of(address), Some(name), "{address}");
        }
    }

    #[test]
    fn a_mapped_address_is_judged_as_the_ipv4_address() {
        assert_eq!(range_of("::ffff:127.0.0.1"), Some("loopback, RFC 1122"));
        assert_eq!(range_of("::ffff:169.254.169.254"), Some("cloud metadata service"),);
        assert_eq!(range_of("::ffff:8.8.8.8"), None);
    }

    #[test]
    fn a_nat64_address_is_judged_as_the_ipv4_address_behind_it() {
        assert_eq!(range_of("64:ff9b::10.0.0.1"), Some("private use, RFC 1918"));
        assert_eq!(range_of("64:ff9b::8.8.8.8"), None);
        assert_eq!(range_of("64:ff9b::1:0:0"), Some("not allocated for global use"),);
    }

    #[test]
    fn the_refusal_names_address_and_range() {
        let address = "10.0.0.1".parse().unwrap();
        assert_eq!(
            check_global(address).unwrap_err().to_string(),
            "10.0.0.1 is not on the public internet (private use, RFC 1918); \
             the operator can allow its network",
        );
    }

    proptest! {
        #[test]
        fn wrapping_ipv4_in_ipv6_changes_no_verdict(bits: u32) {
            let inner = Ipv4Addr::from(bits);
            let nat64 = Ipv6Addr::from(u128::from(0x64_ff9b_u32) << 96 | u128::from(bits));
            prop_assert_eq!(is_global(inner.to_ipv6_mapped().into()), is_global(inner.into()));
            prop_assert_eq!(is_global(nat64.into()), is_global(inner.into()));
        }

        #[test]
        fn what_the_standard_library_calls_special_is_not_global(bits: u32, wide: u128) {
            let (a, b) = (Ipv4Addr::from(bits), Ipv6Addr::from(wide));
            let special_a = a.is_private() || a.is_loopback() || a.is_link_local()
                || a.is_multicast() || a.is_documentation() || a.is_unspecified();
            let special_b = b.is_loopback() || b.is_multicast() || b.is_unique_local()
                || b.is_unicast_link_local() || b.is_unspecified();
            prop_assert!(!(special_a && is_global(a.into())));
            prop_assert!(!(special_b && is_global(b.into())));
        }
    }
}
