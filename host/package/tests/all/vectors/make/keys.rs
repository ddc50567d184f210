//! P11: keys and signatures that accept more than their owner signed.

use curve25519_dalek::{
    Scalar, constants::EIGHT_TORSION, edwards::CompressedEdwardsY, edwards::EdwardsPoint,
    traits::Identity as _,
};
use serde_json::json;
use sha2::{Digest as _, Sha512};

use super::{
    Kind, Vector,
    documents::{HELLO, RELEASE_KEY, root, signed_root},
    format::{PACKAGE_TYPE, encoding, key, key_text, keyid, public, raw_envelope, sign},
};

/// The order of the group, little endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

pub fn vectors() -> Vec<Vector> {
    [keys(), signatures()].into_iter().flatten().collect()
}

/// The first root with another release key, which signs nothing here.
fn with_key(name: &'static str, comment: &str, key: &[u8; 32]) -> Vector {
    let mut root = root(1);
    root["roles"]["release"]["keys"] = json!([key_text(key)]);
    let bytes = signed_root(&root, &[11, 12]);
    Vector::new(name, "malformed-root json", comment, bytes).of(Kind::Root).under("nobody")
}

fn keys() -> Vec<Vector> {
    let order_eight = EIGHT_TORSION[1].compress().to_bytes();
    let honest = CompressedEdwardsY(public(RELEASE_KEY)).decompress().expect("it is a point");
    let mixed = (honest + EIGHT_TORSION[1]).compress().to_bytes();
    // y = p + 3, which is read as y = 3.
    let mut second = [0xff; 32];
    (second[0], second[31]) = (0xf0, 0x7f);
    let mut no_point = [0; 32];
    no_point[0] = 2;
    vec![
        with_key("p11-identity-key", "A key of order 1.", &EdwardsPoint::identity().compress().to_bytes()),
        with_key("p11-small-order-key", "A key of order 8.", &order_eight),
        with_key("p11-mixed-order-key", "An honest key with a part of order 8 added.", &mixed),
        with_key("p11-second-spelling", "A point written in a second way.", &second),
        with_key("p11-no-point", "Bytes that are no point of the curve.", &no_point),
    ]
}

/// The good package with this signature.
fn with_signature(name: &'static str, comment: &str, signature: &[u8; 64]) -> Vector {
    let envelope = raw_envelope(PACKAGE_TYPE, &HELLO.payload(), &[(keyid(RELEASE_KEY), signature)]);
    Vector::new(name, "invalid-signature", comment, HELLO.with_envelope(&envelope))
}

fn signatures() -> Vec<Vector> {
    let message = encoding(PACKAGE_TYPE, &HELLO.payload());
    vec![
        with_signature(
            "p11-s-above-the-order",
            "The group order was added to S.",
            &above_the_order(sign(RELEASE_KEY, &message)),
        ),
        with_signature(
            "p11-identity-r",
            "R is the identity, so that the signature commits to nothing.",
            &with_identity_as_r(&message),
        ),
        with_signature("p11-zeros", "A signature of zeros.", &[0; 64]),
    ]
}

fn above_the_order(mut signature: [u8; 64]) -> [u8; 64] {
    let mut carry = 0;
    for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    signature
}

/// S = k a, which the plain equation of RFC 8032 accepts.
fn with_identity_as_r(message: &[u8]) -> [u8; 64] {
    let r = EdwardsPoint::identity().compress().to_bytes();
    let hash = Sha512::new().chain_update(r).chain_update(public(RELEASE_KEY)).chain_update(message);
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    let s = (k * key(RELEASE_KEY).to_scalar()).to_bytes();
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r);
    signature[32..].copy_from_slice(&s);
    signature
}
