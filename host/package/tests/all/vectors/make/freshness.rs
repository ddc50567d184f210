//! P13 and P14: documents that have ended or were kept back, and releases that
//! were withdrawn.

use serde_json::json;

use super::{
    Kind, Vector,
    documents::{HELLO, HELLO_1_1, INDEX_KEY, RELEASE_KEY, Release, index, root, signed_index, signed_root},
};

/// The last second of `index-1`, and the first after it.
const LAST_SECOND: &str = "2026-12-22T08:00:00Z";
const ENDED: &str = "2026-12-22T08:00:01Z";

/// After the end of `root-1`.
const NEXT_YEAR: &str = "2028-01-01T00:00:00Z";

pub fn vectors() -> Vec<Vector> {
    [ended(), set_back(), documents(), withdrawn(), taken_back()].into_iter().flatten().collect()
}

fn ended() -> Vec<Vector> {
    let hello = |name, expect, comment| Vector::new(name, expect, comment, HELLO.signed());
    vec![
        hello("p13-last-second", "accepted", "The last second of the index.")
            .under("root-1 index-1")
            .at(LAST_SECOND),
        hello("p13-stale-index", "stale-index", "The index has ended.").under("root-1 index-1").at(ENDED),
        hello("p13-no-index", "no-index", "The publisher keeps an index, and none is here.").under("root-1"),
        hello("p13-index-superseded", "no-index", "The root names other keys for the index that is here.")
            .under("root-1 index-1 root-2-index"),
        hello("p13-ended-root", "root-expired", "The root has ended.").under("root-1-plain").at(NEXT_YEAR),
        hello(
            "p13-accepted-before",
            "accepted",
            "The index has ended, and the package was accepted before that.",
        )
        .under("root-1 index-1 accepted-1.0.0")
        .at(ENDED),
        hello(
            "p13-accepted-before-refused",
            "stale-index",
            "The index has ended, and the operator lets nothing run without one.",
        )
        .under("refuse root-1 index-1 accepted-1.0.0")
        .at(ENDED),
        Vector::new(
            "p13-other-accepted-before",
            "stale-index",
            "The index has ended, and another release of the package was accepted before that.",
            HELLO_1_1.signed(),
        )
        .under("root-1 index-1 accepted-1.0.0")
        .at(ENDED),
    ]
}

fn set_back() -> Vec<Vector> {
    let short = Release {
        issued_at: "2026-11-21T08:00:00Z",
        not_after: Some("2026-11-22T07:00:00Z"),
        signers: &[RELEASE_KEY],
        ..HELLO
    };
    vec![
        Vector::new(
            "p13-clock-set-back",
            "expired",
            "The clock stands before the end of the signature, and the root was made after it.",
            short.signed(),
        )
        .under("root-1-plain")
        .at("2026-11-22T06:00:00Z"),
        Vector::new(
            "p13-clock-set-back-index",
            "stale-index",
            "The clock stands before the end of the index, and the newest root was made after it.",
            HELLO.signed(),
        )
        .under("root-1 index-1 root-2-late")
        .at("2026-12-01T08:00:00Z"),
    ]
}

fn documents() -> Vec<Vector> {
    vec![
        Vector::new(
            "p13-index",
            "index-expired",
            "An index that has ended.",
            signed_index(&index(2, &[]), &[INDEX_KEY]),
        )
        .of(Kind::Index)
        .under("root-1 index-1")
        .at(ENDED),
        Vector::new("p13-root", "root-expired", "A root that has ended.", signed_root(&root(1), &[11, 12]))
            .of(Kind::Root)
            .under("nobody")
            .at(NEXT_YEAR),
        Vector::new(
            "p13-next-root",
            "root-expired",
            "The next root, which has ended.",
            signed_root(&root(2), &[11, 12]),
        )
        .of(Kind::NextRoot)
        .under("root-1")
        .at(NEXT_YEAR),
        Vector::new(
            "p13-root-between",
            "accepted",
            "The next root; the one that is trusted has ended.",
            signed_root(&root(3), &[11, 12]),
        )
        .of(Kind::NextRoot)
        .under("root-1 root-2-short")
        .at("2026-12-02T08:00:00Z"),
    ]
}

fn withdrawn() -> Vec<Vector> {
    let second = "root-1 index-1 index-2";
    let unlisted = Release { version: "1.2.0", sequence: 3, ..HELLO };
    let anew = Release { sequence: 9, ..HELLO };
    vec![
        Vector::new("p14-revoked", "revoked", "A release that was revoked.", HELLO.signed()).under(second),
        Vector::new("p14-signed-anew", "revoked", "A revoked release, signed anew.", anew.signed())
            .under(second),
        Vector::new(
            "p14-accepted-before",
            "revoked",
            "A release that was accepted, and then revoked.",
            HELLO.signed(),
        )
        .under("root-1 index-1 accepted-1.0.0 index-2"),
        Vector::new(
            "p14-revoked-by-ended-index",
            "revoked",
            "A release that was revoked by an index that has ended.",
            HELLO.signed(),
        )
        .under("root-1 index-1 accepted-1.0.0 index-2")
        .at(ENDED),
        Vector::new("p14-yanked", "yanked", "A release that was yanked.", HELLO_1_1.signed()).under(second),
        Vector::new(
            "p14-other-bytes",
            "not-as-indexed",
            "A version that the index knows as other bytes.",
            HELLO.signed(),
        )
        .under("root-1 index-1-other-bytes"),
        Vector::new("p14-unlisted", "unlisted", "A release that the index does not list.", unlisted.signed())
            .under(second),
    ]
}

fn taken_back() -> Vec<Vector> {
    let offered = |name, comment, releases: &[serde_json::Value]| {
        Vector::new(name, "index-unrevokes", comment, signed_index(&index(3, releases), &[INDEX_KEY]))
            .of(Kind::Index)
            .under("root-1 index-1 index-2")
    };
    let mut other = HELLO.listed("active");
    other["digest"] = json!(HELLO_1_1.digest());
    vec![
        offered("p14-active-again", "A revoked release is active again.", &[HELLO.listed("active")]),
        offered("p14-yanked-only", "A revoked release is only yanked.", &[HELLO.listed("yanked")]),
        offered("p14-not-listed", "A revoked release is no longer listed.", &[]),
        offered("p14-replaced", "A revoked release has made way for other bytes.", &[other]),
    ]
}
