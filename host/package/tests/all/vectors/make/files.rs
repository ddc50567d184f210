//! P1 to P7: what becomes of a file on its way.

use super::{
    Vector,
    documents::{HELLO, HELLO_1_1, RELEASE_KEY},
    format::{PACKAGE_TYPE, PREAMBLE, base64, encoding, keyid, leb, section, sign},
};

pub fn vectors() -> Vec<Vector> {
    [good(), changed(), appended(), moved(), lengths(), cut(), manifests()].into_iter().flatten().collect()
}

fn good() -> Vec<Vector> {
    vec![
        Vector::new("ok-embedded", "accepted", "A signed package.", HELLO.signed()),
        Vector::new("ok-detached", "accepted", "A signature in a file of its own.", HELLO.envelope())
            .detached_from("hello-1.0.0.mpp"),
        Vector::new("ok-listed", "accepted", "A package that the index lists.", HELLO.signed())
            .under("root-1 index-1"),
    ]
}

/// The good package with one text replaced by another.
fn replaced(from: &str, to: &str) -> Vec<u8> {
    let good = HELLO.signed();
    let at = good.windows(from.len()).position(|bytes| bytes == from.as_bytes());
    let at = at.unwrap_or_else(|| panic!("{from} is not in the package"));
    [&good[..at], to.as_bytes(), &good[at + from.len()..]].concat()
}

fn flipped(at: usize) -> Vec<u8> {
    let mut bytes = HELLO.signed();
    bytes[at] ^= 1;
    bytes
}

fn changed() -> Vec<Vector> {
    let key = keyid(RELEASE_KEY);
    let other = format!("{}{}", if key.starts_with('0') { '1' } else { '0' }, &key[1..]);
    let statement = &base64(&HELLO.payload())[..8];
    let signature = base64(&sign(RELEASE_KEY, &encoding(PACKAGE_TYPE, &HELLO.payload())));
    vec![
        Vector::new(
            "p01-component",
            "statement-mismatch digest",
            "A bit of the component was changed.",
            flipped(PREAMBLE.len() + section("note", b"X").len() - 1),
        ),
        Vector::new(
            "p01-manifest",
            "statement-mismatch digest",
            "The package may now read other variables.",
            replaced("LANG", "HOME"),
        ),
        Vector::new(
            "p01-payload",
            "invalid-signature",
            "A letter of the signed statement was changed.",
            replaced(statement, &statement.replacen('y', "x", 1)),
        ),
        Vector::new(
            "p01-signature",
            "invalid-signature",
            "A letter of the signature was changed.",
            replaced(
                &signature,
                &format!("{}{}", if signature.starts_with('A') { 'B' } else { 'A' }, &signature[1..]),
            ),
        ),
        Vector::new(
            "p01-keyid",
            "untrusted-key",
            "A digit of the key's name was changed.",
            replaced(&key, &other),
        ),
        Vector::new(
            "p01-section-name",
            "malformed unknown-section",
            "The signature section has another name, still one of this format.",
            replaced("mpp:signature", "mpp:signaturd"),
        ),
        Vector::new(
            "p02-core-module",
            "malformed core-module",
            "The preamble is that of a core module.",
            [&b"\0asm\x01\0\0\0"[..], &HELLO.signed()[PREAMBLE.len()..]].concat(),
        ),
        Vector::new(
            "p02-other-version",
            "malformed not-a-component",
            "The preamble is that of another version of the component format.",
            [&b"\0asm\x0e\0\x01\0"[..], &HELLO.signed()[PREAMBLE.len()..]].concat(),
        ),
    ]
}

fn appended() -> Vec<Vector> {
    let behind = |extra: &[u8]| [&HELLO.signed(), extra].concat();
    let signature = HELLO.envelope();
    vec![
        Vector::new(
            "p03-section",
            "malformed behind-signature",
            "A section behind the signature.",
            behind(&section("note", b"Y")),
        ),
        Vector::new(
            "p03-second-signature",
            "malformed behind-signature",
            "The same signature twice.",
            behind(&section("mpp:signature", signature.as_bytes())),
        ),
        Vector::new("p03-line-break", "malformed truncated", "A line break behind the file.", behind(b"\n")),
        Vector::new("p03-zero", "malformed truncated", "A byte of zero behind the file.", behind(b"\0")),
    ]
}

fn moved() -> Vec<Vector> {
    let (unsigned, signed) = (HELLO.unsigned(), HELLO.signed());
    let slipped = [&unsigned, &section("payload", b"evil")[..], &signed[unsigned.len()..]].concat();
    vec![
        Vector::new(
            "p04-other-package",
            "statement-mismatch digest",
            "The signature of another version.",
            HELLO_1_1.with_envelope(&HELLO.envelope()),
        ),
        Vector::new(
            "p04-slipped-in",
            "statement-mismatch digest",
            "A section was put before the signature.",
            slipped,
        ),
    ]
}

/// The good package with the length at `at` padded by a byte.
fn padded(at: usize) -> Vec<u8> {
    let mut bytes = HELLO.signed();
    let last = (at..).find(|&at| bytes[at] & 0x80 == 0).expect("a length ends");
    bytes[last] |= 0x80;
    bytes.insert(last + 1, 0);
    bytes
}

fn lengths() -> Vec<Vector> {
    let first = PREAMBLE.len() + 1;
    vec![
        Vector::new("p05-section", "malformed length", "The length of a section is padded.", padded(first)),
        Vector::new(
            "p05-signature",
            "malformed length",
            "The length of the signature section is padded.",
            padded(HELLO.unsigned().len() + 1),
        ),
        Vector::new(
            "p05-name",
            "malformed length",
            "The length of a section's name is padded, and the section as long as that makes it.",
            [PREAMBLE, b"\0\x07\x84\0noteX", &HELLO.signed()[PREAMBLE.len() + 8..]].concat(),
        ),
    ]
}

fn cut() -> Vec<Vector> {
    let (unsigned, signed) = (HELLO.unsigned(), HELLO.signed());
    let cut = |length: usize| signed[..length].to_vec();
    vec![
        Vector::new(
            "p06-signature",
            "malformed truncated",
            "The last byte is missing.",
            cut(signed.len() - 1),
        ),
        Vector::new(
            "p06-whole-signature",
            "unsigned",
            "Cut where the signature begins.",
            cut(unsigned.len()),
        ),
        Vector::new("p06-manifest", "malformed truncated", "Cut in the manifest.", cut(unsigned.len() - 1)),
        Vector::new("p06-preamble", "malformed not-a-component", "Cut in the preamble.", cut(7)),
        Vector::new("p06-nothing", "malformed not-a-component", "An empty file.", cut(0)),
    ]
}

fn manifests() -> Vec<Vector> {
    let manifest = section("mpp:manifest", HELLO.manifest().as_bytes());
    let nested = [PREAMBLE, &manifest].concat();
    let nested = [PREAMBLE, b"\x04", &leb(nested.len()), &nested].concat();
    let behind = [PREAMBLE, &section("mpp:signature", HELLO.envelope().as_bytes()), &manifest].concat();
    let spaced = HELLO.manifest().replacen(':', ": ", 1);
    let doubled = HELLO.manifest().replacen('{', "{\"description\":\"Says hello.\",", 1);
    let with = |text: &str| [PREAMBLE, &section("mpp:manifest", text.as_bytes())].concat();
    vec![
        Vector::new(
            "p07-two",
            "malformed second-manifest",
            "Two manifests.",
            [HELLO.unsigned(), manifest.clone()].concat(),
        ),
        Vector::new(
            "p07-nested",
            "malformed no-manifest",
            "The only manifest is in a nested component.",
            nested,
        ),
        Vector::new("p07-behind", "malformed behind-signature", "A manifest behind the signature.", behind),
        Vector::new("p07-none", "malformed no-manifest", "A component without a manifest.", PREAMBLE),
        Vector::new(
            "p07-spaced",
            "malformed manifest-not-canonical",
            "A space in the manifest.",
            with(&spaced),
        ),
        Vector::new(
            "p07-key-twice",
            "malformed manifest-json",
            "A key of the manifest twice.",
            with(&doubled),
        ),
    ]
}
