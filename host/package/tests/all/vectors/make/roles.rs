//! P9: whose signatures are counted, and how often.

use serde_json::{Value, json};

use super::{
    Kind, Vector,
    documents::{HELLO, RELEASE_KEY, Release, STRANGER, role, root, signed_root},
    format::{PACKAGE_TYPE, ROOT_TYPE, canonical, encoding, keyid, raw_envelope, sign},
};

/// The other release key of `root-1-two`.
const SECOND_KEY: u8 = 3;

pub fn vectors() -> Vec<Vector> {
    [roles(), roots(), packages()].into_iter().flatten().collect()
}

/// The first root with another `release` role.
fn with_release(role: Value) -> Vec<u8> {
    let mut root = root(1);
    root["roles"]["release"] = role;
    signed_root(&root, &[11, 12])
}

fn roles() -> Vec<Vector> {
    let one = [RELEASE_KEY];
    let seventeen: Vec<u8> = (1..=17).collect();
    let cases = [
        ("p09-threshold-zero", "malformed-root release-threshold", "A threshold of 0.", role(&one, 0)),
        ("p09-threshold-negative", "malformed-root json", "A threshold of -1.", role(&one, -1)),
        ("p09-threshold-above-keys", "malformed-root release-threshold", "Two of one key.", role(&one, 2)),
        ("p09-no-keys", "malformed-root release-without-keys", "A role without a key.", role(&[], 1)),
        (
            "p09-role-key-twice",
            "malformed-root release-key-twice",
            "Two of one key, twice.",
            role(&[1, 1], 2),
        ),
        (
            "p09-seventeen-keys",
            "malformed-root release-too-many-keys",
            "A role of 17 keys.",
            role(&seventeen, 1),
        ),
    ];
    let roots = cases.map(|(name, expect, comment, role)| {
        Vector::new(name, expect, comment, with_release(role)).of(Kind::Root).under("nobody")
    });
    roots.into()
}

fn roots() -> Vec<Vector> {
    let payload = canonical(&root(1));
    let signature = sign(11, &encoding(ROOT_TYPE, payload.as_bytes()));
    let two_names = raw_envelope(
        ROOT_TYPE,
        payload.as_bytes(),
        &[(keyid(11), &signature), (keyid(STRANGER), &signature)],
    );
    let borrowed =
        raw_envelope(ROOT_TYPE, payload.as_bytes(), &[(keyid(11), &signature), (keyid(12), &signature)]);
    let vectors = [
        Vector::new("ok-root", "accepted", "A root.", signed_root(&root(1), &[11, 12])),
        Vector::new(
            "p09-root-one-of-two",
            "root-not-signed own-too-few",
            "One root key signed, and two must.",
            signed_root(&root(1), &[11]),
        ),
        Vector::new(
            "p09-root-two-names",
            "root-not-signed own-too-few",
            "One signature under two names, one of them of a root key.",
            two_names,
        ),
        Vector::new(
            "p09-root-borrowed-name",
            "root-not-signed own-invalid",
            "One signature under the names of two root keys.",
            borrowed,
        ),
        Vector::new(
            "p09-root-by-others",
            "root-not-signed own-too-few",
            "Signed by the release key and the index key.",
            signed_root(&root(1), &[1, 21]),
        ),
    ];
    vectors.into_iter().map(|vector| vector.of(Kind::Root).under("nobody")).collect()
}

/// The envelope of the good package with the signatures of `seeds`, each under
/// the name of another key.
fn named(signatures: &[(u8, u8)]) -> Vec<u8> {
    let message = encoding(PACKAGE_TYPE, &HELLO.payload());
    let signatures: Vec<_> =
        signatures.iter().map(|&(name, seed)| (keyid(name), sign(seed, &message))).collect();
    let signatures: Vec<_> = signatures.iter().map(|(name, sig)| (name.clone(), &sig[..])).collect();
    HELLO.with_envelope(&raw_envelope(PACKAGE_TYPE, &HELLO.payload(), &signatures))
}

fn packages() -> Vec<Vector> {
    let both = Release { signers: &[RELEASE_KEY, SECOND_KEY], ..HELLO };
    let two =
        |name, expect, comment, bytes: Vec<u8>| Vector::new(name, expect, comment, bytes).under("root-1-two");
    let mut doubled: Value = serde_json::from_str(&HELLO.envelope()).expect("it is JSON");
    let signature = doubled["signatures"][0].clone();
    doubled["signatures"] = json!([signature, signature, signature]);
    vec![
        two("p09-two-of-two", "accepted", "Both release keys signed.", both.signed()),
        two("p09-one-of-two", "too-few-signatures", "One release key signed, and two must.", HELLO.signed()),
        two(
            "p09-one-key-two-names",
            "too-few-signatures",
            "One signature under two names, one of them of a release key.",
            named(&[(RELEASE_KEY, RELEASE_KEY), (STRANGER, RELEASE_KEY)]),
        ),
        two(
            "p09-borrowed-name",
            "invalid-signature",
            "One signature under the names of both release keys.",
            named(&[(RELEASE_KEY, RELEASE_KEY), (SECOND_KEY, RELEASE_KEY)]),
        ),
        Vector::new(
            "p09-one-false",
            "invalid-signature",
            "Where one key is enough and signed, the false signature of another that is trusted.",
            named(&[(RELEASE_KEY, RELEASE_KEY), (SECOND_KEY, STRANGER)]),
        )
        .under("root-1-either"),
        Vector::new(
            "p09-copied",
            "malformed key-twice",
            "The same signature three times.",
            HELLO.with_envelope(&canonical(&doubled)),
        ),
        Vector::new(
            "p09-hidden",
            "untrusted-key",
            "The signature of a trusted key under the name of a stranger.",
            named(&[(STRANGER, RELEASE_KEY)]),
        ),
        Vector::new(
            "p09-stranger-beside",
            "accepted",
            "A stranger signed as well.",
            named(&[(STRANGER, STRANGER), (RELEASE_KEY, RELEASE_KEY)]),
        ),
        Vector::new(
            "p09-nonsense-beside",
            "accepted",
            "A false signature under the name of a stranger: it is not looked at.",
            named(&[(STRANGER, RELEASE_KEY), (RELEASE_KEY, RELEASE_KEY)]),
        ),
    ]
}
