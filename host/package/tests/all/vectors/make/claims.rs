//! P8, P19, P20 and P23: packages that claim to be others, to be large, to be
//! signed.

use super::{
    Vector,
    documents::{HELLO, HELLO_1_1, RELEASE_KEY, Release, STRANGER},
    format::{PACKAGE_TYPE, PREAMBLE, canonical, envelope, keyid, raw_envelope, section, sign},
};

pub fn vectors() -> Vec<Vector> {
    [other(), sizes(), codes()].into_iter().flatten().collect()
}

fn other() -> Vec<Vector> {
    let renamed = Release { name: "better", ..HELLO };
    let theirs = Release { publisher: "com.other", ..HELLO };
    // The names of one package, and the bytes of another.
    let mut statement = HELLO_1_1.statement();
    statement["predicate"] = HELLO.statement()["predicate"].clone();
    statement["predicate"]["size"] = HELLO_1_1.statement()["predicate"]["size"].clone();
    statement["predicate"]["manifestDigest"] = HELLO_1_1.statement()["predicate"]["manifestDigest"].clone();
    statement["subject"][0]["name"] = HELLO.statement()["subject"][0]["name"].clone();
    let named = canonical(&statement);
    vec![
        Vector::new(
            "p08-other-version",
            "statement-mismatch digest",
            "The detached signature of another version.",
            HELLO.envelope(),
        )
        .detached_from("hello-1.1.0.mpp"),
        Vector::new(
            "p08-renamed",
            "statement-mismatch digest",
            "The package has another name than when it was signed.",
            renamed.with_envelope(&HELLO.envelope()),
        ),
        Vector::new(
            "p08-other-publisher",
            "untrusted-publisher",
            "A pinned key signs for another publisher.",
            theirs.signed(),
        ),
        Vector::new(
            "p08-claimed-publisher",
            "untrusted-key",
            "A stranger's key signs for a publisher that is trusted.",
            Release { signers: &[STRANGER], ..HELLO }.signed(),
        ),
        Vector::new(
            "p08-stated-version",
            "statement-mismatch version",
            "The signed statement calls these bytes an older version.",
            HELLO_1_1.with_envelope(&envelope(PACKAGE_TYPE, named.as_bytes(), &[RELEASE_KEY])),
        ),
    ]
}

fn sizes() -> Vec<Vector> {
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    vec![
        Vector::new(
            "p19-four-gigabytes",
            "malformed truncated",
            "A section says that it is 4 GiB long.",
            [PREAMBLE, b"\x01\xff\xff\xff\xff\x0f\0"].concat(),
        ),
        Vector::new(
            "p19-beyond-32-bits",
            "malformed length",
            "A length of 2^32.",
            [PREAMBLE, b"\x01\x80\x80\x80\x80\x10\0"].concat(),
        ),
        Vector::new(
            "p19-deep-manifest",
            "malformed manifest-json",
            "A manifest of 65 lists in each other.",
            [PREAMBLE, &section("mpp:manifest", deep.as_bytes())].concat(),
        ),
        Vector::new(
            "p19-deep-envelope",
            "malformed envelope-json",
            "A signature of 65 lists in each other.",
            HELLO.with_envelope(&deep),
        ),
    ]
}

fn codes() -> Vec<Vector> {
    let elsewhere = raw_envelope(
        PACKAGE_TYPE,
        &HELLO.payload(),
        &[(keyid(RELEASE_KEY), &sign(RELEASE_KEY, b"something else"))],
    );
    vec![
        Vector::new("p20-unsigned", "unsigned", "A package that was never signed.", HELLO_1_1.unsigned()),
        Vector::new("p20-nobody", "untrusted-publisher", "Nobody is trusted here.", HELLO.signed())
            .under("nobody"),
        Vector::new(
            "p20-invalid",
            "invalid-signature",
            "The trusted key signed something else.",
            HELLO.with_envelope(&elsewhere),
        ),
        Vector::new(
            "p20-expired",
            "expired",
            "The signature has ended.",
            Release { not_after: Some("2026-11-22T08:00:59Z"), ..HELLO }.signed(),
        )
        .at("2026-11-22T08:01:00Z"),
        Vector::new("p20-malformed", "malformed not-a-component", "A ZIP archive.", b"PK\x03\x04mcpb"),
        Vector::new(
            "p23-stripped",
            "unsigned",
            "A release that the index lists, without its signature.",
            HELLO.unsigned(),
        )
        .under("root-1 index-1 accepted-1.0.0"),
    ]
}
