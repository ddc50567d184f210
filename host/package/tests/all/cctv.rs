//! P11: the edge cases of Ed25519 that the Community Cryptography Test Vectors
//! collect, through the path that packages take.
//!
//! Verifiers differ on these (RFC 8032 leaves some of them open), so each is
//! given with the oddities of its points, and a verifier is described by those it
//! allows. Ours allows none.

use std::collections::BTreeSet;

use mpp_package::{InvalidSignature, KeyError, PublicKey, Signature};

/// One vector a line: key, signature, message, oddities.
const VECTORS: &str = include_str!("../../../../tests/vectors/ed25519/cctv.tsv");

/// The oddities of a key: it has a small order, or a part of small order, or is
/// written in a second way.
const OF_KEYS: [&str; 3] = ["low_order_A", "low_order_component_A", "non_canonical_A"];

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    let byte = |at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    assert_eq!(hex.len(), 2 * N);
    std::array::from_fn(byte)
}

struct Vector<'a> {
    key: [u8; 32],
    signature: Signature,
    message: &'a str,
    oddities: BTreeSet<&'a str>,
}

fn vectors() -> impl Iterator<Item = Vector<'static>> {
    VECTORS.lines().map(|line| {
        let fields: Vec<_> = line.split('\t').collect();
        let [key, signature, message, oddities] = fields[..] else { panic!("{line}") };
        let oddities = oddities.split(',').filter(|oddity| !oddity.is_empty()).collect();
        Vector { key: bytes(key), signature: Signature::from_bytes(bytes(signature)), message, oddities }
    })
}

/// P11.
#[test]
fn a_key_is_imported_exactly_if_nothing_about_it_is_odd() {
    let mut imported = 0;
    for Vector { key, oddities, .. } in vectors() {
        let odd = OF_KEYS.iter().any(|oddity| oddities.contains(oddity));
        let expected = match (odd, oddities.contains("non_canonical_A")) {
            (_, true) => Some(KeyError::NotAPoint),
            (true, false) => Some(KeyError::Weak),
            (false, false) => None,
        };
        imported += usize::from(expected.is_none());
        assert_eq!(PublicKey::from_bytes(&key).err(), expected, "{oddities:?}");
    }
    assert_eq!((vectors().count(), imported), (914, 28));
}

/// P11: the one signature among them whose points are both of prime order.
#[test]
fn a_signature_holds_exactly_if_nothing_about_it_is_odd() {
    let mut held = 0;
    for Vector { key, signature, message, oddities } in vectors() {
        let verified = match PublicKey::from_bytes(&key) {
            Ok(key) => key.verify(message.as_bytes(), &signature),
            // What cannot be imported verifies nothing.
            Err(_) => Err(InvalidSignature),
        };
        assert_eq!(verified.is_ok(), oddities.is_empty(), "{oddities:?}");
        held += usize::from(verified.is_ok());
    }
    assert_eq!(held, 1);
}
