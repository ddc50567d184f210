//! P10, and of P11 what concerns lengths: envelopes that can be read in two
//! ways, or were made for another document.

use serde_json::{Value, json};

use super::{
    Kind, Vector,
    documents::{HELLO, INDEX_KEY, RELEASE_KEY, index, next_root, root, signed_index, signed_root},
    format::{
        INDEX_TYPE, PACKAGE_TYPE, ROOT_TYPE, base64, canonical, encoding, envelope, keyid, raw_envelope, sign,
    },
};

pub fn vectors() -> Vec<Vector> {
    [encodings(), spellings(), types(), documents()].into_iter().flatten().collect()
}

/// The envelope of the good package with a text in it replaced, as a detached
/// signature.
fn detached(name: &'static str, expect: &str, comment: &str, from: &str, to: &str) -> Vector {
    let good = HELLO.envelope();
    assert!(good.contains(from), "{from} is not in the envelope");
    Vector::new(name, expect, comment, good.replacen(from, to, 1)).detached_from("hello-1.0.0.mpp")
}

/// The last letter of a payload whose base64 ends with `=`, with a bit set that
/// the decoder would throw away.
fn with_stray_bit(encoded: &str) -> String {
    let (head, padding) = encoded.split_at(encoded.find('=').expect("it is padded"));
    let last = char::from(head.as_bytes()[head.len() - 1] + 1);
    format!("{}{last}{padding}", &head[..head.len() - 1])
}

fn encodings() -> Vec<Vector> {
    let payload = base64(&HELLO.payload());
    let signature = base64(&sign(RELEASE_KEY, &encoding(PACKAGE_TYPE, &HELLO.payload())));
    let unpadded = signature.trim_end_matches('=');
    let urlsafe = signature.replace('+', "-").replace('/', "_");
    assert_ne!(signature, urlsafe);
    let of_length = |length: usize| base64(&[&[7; 64][..], &[7]].concat()[..length]);
    vec![
        detached(
            "p10-stray-bits",
            "malformed signature-encoding",
            "Bits in the last letter of a signature that a lenient decoder throws away.",
            &signature,
            &with_stray_bit(&signature),
        ),
        detached(
            "p10-unpadded",
            "malformed signature-encoding",
            "A signature without its padding.",
            &signature,
            unpadded,
        ),
        detached(
            "p10-url-alphabet",
            "malformed signature-encoding",
            "A signature in the alphabet for URLs.",
            &signature,
            &urlsafe,
        ),
        detached(
            "p10-payload-spaced",
            "malformed payload-encoding",
            "A space in the payload's base64.",
            &payload,
            &format!(" {payload}"),
        ),
        detached(
            "p11-63-bytes",
            "malformed signature-encoding",
            "A signature of 63 bytes.",
            &signature,
            &of_length(63),
        ),
        detached(
            "p11-65-bytes",
            "malformed signature-encoding",
            "A signature of 65 bytes.",
            &signature,
            &of_length(65),
        ),
    ]
}

fn spellings() -> Vec<Vector> {
    let good: Value = serde_json::from_str(&HELLO.envelope()).expect("it is JSON");
    let list = json!([good["payload"], good["payloadType"], good["signatures"]]);
    let key = keyid(RELEASE_KEY);
    let many: Vec<_> = (1..=17).map(|seed| (keyid(seed), &[0_u8; 64][..])).collect();
    let malformed = "malformed envelope-json";
    let plain = |name, expect: &str, comment: &str, bytes: String| {
        Vector::new(name, expect, comment, bytes).detached_from("hello-1.0.0.mpp")
    };
    vec![
        plain("p10-trailing", malformed, "A digit behind the document.", HELLO.envelope() + "0"),
        detached("p10-key-twice", malformed, "The payload twice.", "{", "{\"payload\":\"e30=\","),
        detached(
            "p10-key-escaped",
            malformed,
            "The payload twice, once with an escape in its name.",
            "{",
            "{\"p\\u0061yload\":\"e30=\",",
        ),
        detached("p10-key-unknown", malformed, "A key that nobody knows.", "{", "{\"alg\":\"none\","),
        detached("p10-key-renamed", malformed, "A signature without the name of its key.", "keyid", "kid"),
        detached("p10-keyid-upper", malformed, "The name of a key in capitals.", &key, &key.to_uppercase()),
        plain("p10-list", malformed, "The values of an envelope as a list.", canonical(&list)),
        plain(
            "p10-no-signatures",
            "malformed no-signatures",
            "No signature.",
            raw_envelope(PACKAGE_TYPE, &HELLO.payload(), &[]),
        ),
        plain(
            "p10-seventeen-signatures",
            "malformed too-many-signatures",
            "Seventeen signatures.",
            raw_envelope(PACKAGE_TYPE, b"{}", &many),
        ),
    ]
}

fn types() -> Vec<Vector> {
    let payload = HELLO.payload();
    let signed_as = |kind: &str| {
        let signature = sign(RELEASE_KEY, &encoding(kind, &payload));
        HELLO.with_envelope(&raw_envelope(PACKAGE_TYPE, &payload, &[(keyid(RELEASE_KEY), &signature)]))
    };
    let bare = sign(RELEASE_KEY, &payload);
    let bare = raw_envelope(PACKAGE_TYPE, &payload, &[(keyid(RELEASE_KEY), &bare)]);
    vec![
        Vector::new(
            "p10-type-unknown",
            "malformed payload-type",
            "A type of document that nobody knows.",
            HELLO.with_envelope(&envelope("application/vnd.in-toto+json", &payload, &[RELEASE_KEY])),
        ),
        Vector::new(
            "p10-type-of-an-index",
            "malformed payload-type",
            "A statement that was signed and is shown as an index.",
            HELLO.with_envelope(&envelope(INDEX_TYPE, &payload, &[RELEASE_KEY])),
        ),
        Vector::new(
            "p10-signed-as-index",
            "invalid-signature",
            "A signature over the same payload as an index.",
            signed_as(INDEX_TYPE),
        ),
        Vector::new(
            "p10-signed-bare",
            "invalid-signature",
            "A signature over the payload without its type.",
            HELLO.with_envelope(&bare),
        ),
        Vector::new(
            "p10-index-of-a-package",
            "malformed-index payload-type",
            "The signature of a package, offered as an index.",
            HELLO.envelope(),
        )
        .of(Kind::Index)
        .under("root-1"),
        Vector::new(
            "p10-index-signed-as-package",
            "index-not-signed index-invalid",
            "An index whose signature was made over it as a statement.",
            raw_envelope(
                INDEX_TYPE,
                canonical(&index(1, &[])).as_bytes(),
                &[(
                    keyid(INDEX_KEY),
                    &sign(INDEX_KEY, &encoding(PACKAGE_TYPE, canonical(&index(1, &[])).as_bytes())),
                )],
            ),
        )
        .of(Kind::Index)
        .under("root-1"),
        Vector::new(
            "p10-root-as-index",
            "malformed-index payload-type",
            "A root, offered as an index.",
            signed_root(&root(1), &[11, 12, INDEX_KEY]),
        )
        .of(Kind::Index)
        .under("root-1"),
        Vector::new(
            "p10-index-as-root",
            "malformed-root payload-type",
            "An index that the root keys signed, offered as the next root.",
            signed_index(&index(2, &[]), &[11, 12]),
        )
        .of(Kind::NextRoot)
        .under("root-1"),
    ]
}

fn documents() -> Vec<Vector> {
    let twice = |text: String| text.replacen("\"version\":", "\"version\":9,\"version\":", 1);
    let statement =
        canonical(&HELLO.statement()).replacen("\"sequence\":1", "\"sequence\":9,\"sequence\":1", 1);
    let (next, first) = (twice(canonical(&next_root())), twice(canonical(&index(1, &[]))));
    let mut two = HELLO.statement();
    two["subject"] = json!([two["subject"][0], two["subject"][0]]);
    let mut other = HELLO.statement();
    other["predicateType"] = json!("https://slsa.dev/provenance/v1");
    let signed =
        |payload: &str| HELLO.with_envelope(&envelope(PACKAGE_TYPE, payload.as_bytes(), &[RELEASE_KEY]));
    vec![
        Vector::new(
            "p10-statement-key-twice",
            "invalid-statement json",
            "The signed statement has two sequence numbers.",
            signed(&statement),
        ),
        Vector::new(
            "p10-statement-two-subjects",
            "invalid-statement subjects",
            "The signed statement is about two packages.",
            signed(&canonical(&two)),
        ),
        Vector::new(
            "p10-statement-type",
            "invalid-statement type",
            "A signed statement of another kind about this package.",
            signed(&canonical(&other)),
        ),
        Vector::new(
            "p10-root-key-twice",
            "malformed-root json",
            "The next root has two versions.",
            envelope(ROOT_TYPE, next.as_bytes(), &[12, 13]),
        )
        .of(Kind::NextRoot)
        .under("root-1"),
        Vector::new(
            "p10-index-key-twice",
            "malformed-index json",
            "The index has two versions.",
            envelope(INDEX_TYPE, first.as_bytes(), &[INDEX_KEY]),
        )
        .of(Kind::Index)
        .under("root-1"),
    ]
}
