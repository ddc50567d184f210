//! P11: keys that would accept more than their owner signed.

use curve25519_dalek::{Scalar, constants::EIGHT_TORSION, edwards::EdwardsPoint, traits::Identity as _};
use mpp_package::{InvalidSignature, KeyError, PublicKey, Signature, SigningKey};
use sha2::{Digest as _, Sha512};

fn honest() -> SigningKey {
    SigningKey::from_seed(&[5; 32])
}

/// P11.
#[test]
fn the_eight_small_order_keys_are_refused() {
    for point in EIGHT_TORSION {
        assert_eq!(PublicKey::from_bytes(point.compress().as_bytes()), Err(KeyError::Weak));
    }
}

/// P11.
#[test]
fn an_honest_key_with_a_small_order_part_added_is_refused() {
    let bytes = *honest().public_key().as_bytes();
    let point = curve25519_dalek::edwards::CompressedEdwardsY(bytes).decompress().unwrap();
    for torsion in &EIGHT_TORSION[1..] {
        let mixed: EdwardsPoint = point + torsion;
        assert_eq!(PublicKey::from_bytes(mixed.compress().as_bytes()), Err(KeyError::Weak));
    }
}

/// P11.
#[test]
fn a_second_spelling_of_a_point_is_refused() {
    // y = p + n in place of y = n, for the 19 values that still fit in 255 bits,
    // with either sign of x.
    for sign in [0, 0x80] {
        for low in 0xed..=0xff {
            let mut bytes = [0xff; 32];
            bytes[0] = low;
            bytes[31] = 0x7f | sign;
            assert_eq!(PublicKey::from_bytes(&bytes), Err(KeyError::NotAPoint), "{low:x} {sign:x}");
        }
    }
    // x = 0 written as negative.
    let mut identity = [0; 32];
    identity[0] = 1;
    identity[31] = 0x80;
    assert_eq!(PublicKey::from_bytes(&identity), Err(KeyError::NotAPoint));
}

/// P11.
#[test]
fn bytes_that_are_no_point_are_refused() {
    let mut bytes = [0; 32];
    bytes[0] = 2;
    assert_eq!(PublicKey::from_bytes(&bytes), Err(KeyError::NotAPoint));
}

/// P11.
#[test]
fn a_signature_with_s_above_the_group_order_is_refused() {
    // The order of the group, little endian.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let signature = ed25519_dalek::Signer::sign(&ed25519_dalek::SigningKey::from_bytes(&[5; 32]), b"message");
    let mut bytes = signature.to_bytes();
    let key = honest().public_key();
    assert_eq!(key.verify(b"message", &Signature::from_bytes(bytes)), Ok(()));
    let mut carry = 0;
    for (byte, order) in bytes[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    let malleated = Signature::from_bytes(bytes);
    assert_eq!(key.verify(b"message", &malleated), Err(InvalidSignature));
}

/// P11: what only the owner of a key can make, and what the plain rules of RFC 8032
/// accept: `R` is the identity, so that the signature commits to nothing.
#[test]
fn a_signature_with_the_identity_as_r_is_refused() {
    let secret = ed25519_dalek::SigningKey::from_bytes(&[5; 32]);
    let identity = EdwardsPoint::identity().compress();
    let hash = Sha512::new()
        .chain_update(identity.as_bytes())
        .chain_update(secret.verifying_key().as_bytes())
        .chain_update(b"message");
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(identity.as_bytes());
    bytes[32..].copy_from_slice((k * secret.to_scalar()).as_bytes());

    let plain = ed25519_dalek::Signature::from_bytes(&bytes);
    assert!(ed25519_dalek::Verifier::verify(&secret, b"message", &plain).is_ok());
    let signature = Signature::from_bytes(bytes);
    assert_eq!(honest().public_key().verify(b"message", &signature), Err(InvalidSignature));
}

#[test]
fn the_text_of_a_key_has_one_spelling() {
    let text = honest().public_key().to_string();
    let cases = [
        text.replace("ed25519:", ""),
        text.replace("ed25519:", "ED25519:"),
        text.replace('=', ""),
        format!("{text}\n"),
        format!("{text}="),
        text.replace("ed25519:", "ed25519:AA"),
    ];
    for case in cases {
        assert_eq!(case.parse::<PublicKey>(), Err(KeyError::PublicForm), "{case:?}");
    }
}
