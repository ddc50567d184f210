//! P12: older documents, skipped ones, and numbers that were run to their end.

use serde_json::json;

use super::{
    Kind, Vector,
    documents::{
        HELLO, HELLO_1_1, INDEX_KEY, NEXT_INDEX_KEY, NEXT_RELEASE_KEY, Release, index, next_root, role, root,
        signed_index, signed_root,
    },
};

pub fn vectors() -> Vec<Vector> {
    [releases(), indexes(), roots()].into_iter().flatten().collect()
}

fn releases() -> Vec<Vector> {
    let recovered = Release { signers: &[NEXT_RELEASE_KEY], ..HELLO_1_1 };
    let later = Release { sequence: 3, ..HELLO };
    vec![
        Vector::new(
            "p12-older-release",
            "rolled-back",
            "The release before the one that was accepted.",
            HELLO.signed(),
        )
        .under("root-1-plain accepted-1.1.0"),
        Vector::new(
            "p12-older-release-pinned",
            "rolled-back",
            "The release before the one that was accepted, where a key is pinned.",
            HELLO.signed(),
        )
        .under("pinned accepted-1.1.0"),
        Vector::new(
            "p12-same-release",
            "accepted",
            "The very release that was accepted.",
            HELLO_1_1.signed(),
        )
        .under("root-1-plain accepted-1.1.0"),
        Vector::new(
            "p12-older-version-newer-number",
            "accepted",
            "An older version with a newer sequence number: the publisher went back.",
            later.signed(),
        )
        .under("root-1-plain accepted-1.1.0"),
        Vector::new(
            "p12-last-number",
            "rolled-back",
            "Nothing comes after the last sequence number, as long as its key counts.",
            HELLO_1_1.signed(),
        )
        .under("root-1-plain accepted-last"),
        Vector::new(
            "p12-last-number-recovered",
            "accepted",
            "The key that signed the last sequence number is gone from the root, and the number with it.",
            recovered.signed(),
        )
        .under("root-1 index-1 accepted-last root-2 index-1-next-key"),
    ]
}

fn indexes() -> Vec<Vector> {
    let listed = [HELLO.listed("active")];
    let offered =
        |name, expect, comment, bytes: Vec<u8>| Vector::new(name, expect, comment, bytes).of(Kind::Index);
    let newer = signed_index(&index(2, &listed), &[INDEX_KEY]);
    let first = signed_index(&index(1, &listed), &[INDEX_KEY]);
    vec![
        offered("ok-index", "accepted", "A newer index.", newer.clone()).under("root-1 index-1"),
        offered("p12-older-index", "index-not-newer", "An index from before.", first.clone())
            .under("root-1 index-1 index-2"),
        offered(
            "p12-same-index-version",
            "index-not-newer",
            "Another index with the same version.",
            signed_index(&index(1, &[]), &[INDEX_KEY]),
        )
        .under("root-1 index-1"),
        offered("p12-same-index", "accepted", "The very index that is held.", first.clone())
            .under("root-1 index-1"),
        offered(
            "p12-last-index",
            "index-not-newer",
            "Nothing comes after the last version, as long as its key counts.",
            newer.clone(),
        )
        .under("root-1 index-last"),
        offered(
            "p12-last-index-recovered",
            "accepted",
            "The key that signed the last version is gone from the root, and the version with it.",
            signed_index(&index(1, &listed), &[NEXT_INDEX_KEY]),
        )
        .under("root-1 index-last root-2"),
        offered(
            "p12-spoiled-index",
            "index-not-newer",
            "An older index, where the newer one came with a false signature of a key that counts now.",
            first.clone(),
        )
        .under("root-1 index-2-spoiled root-2-both"),
        offered(
            "p12-index-by-old-key",
            "index-not-signed index-too-few",
            "A newer index, signed by the key that the root no longer names.",
            newer,
        )
        .under("root-1 index-1 root-2"),
        offered(
            "p12-index-unsigned",
            "index-not-signed index-too-few",
            "An index that the release key signed.",
            signed_index(&index(2, &listed), &[1]),
        )
        .under("root-1 index-1"),
    ]
}

fn roots() -> Vec<Vector> {
    let next = |name, expect, comment, bytes: Vec<u8>| {
        Vector::new(name, expect, comment, bytes).of(Kind::NextRoot).under("root-1")
    };
    let mut strangers = root(2);
    strangers["roles"]["root"] = role(&[14, 15], 2);
    let mut other = root(2);
    other["location"] = json!("https://example.com/mpp/");
    vec![
        next("ok-next-root", "accepted", "The next root.", signed_root(&next_root(), &[12, 13])),
        next(
            "p12-skipped-root",
            "root-not-next",
            "The root after the next.",
            signed_root(&root(3), &[11, 12]),
        ),
        next(
            "p12-older-root",
            "root-not-next",
            "The root before the one that is trusted.",
            signed_root(&root(1), &[12, 13]),
        )
        .under("root-1 root-2"),
        next(
            "p12-same-root-version",
            "root-not-next",
            "Another root with the version of the one that is trusted.",
            signed_root(&other, &[11, 12]),
        )
        .under("root-1 root-2-short"),
        next(
            "p12-root-by-old-keys",
            "root-not-signed own-too-few",
            "Signed by the old root keys only.",
            signed_root(&strangers, &[11, 12]),
        ),
        next(
            "p12-root-by-new-keys",
            "root-not-signed predecessor-too-few",
            "Signed by the new root keys only.",
            signed_root(&strangers, &[14, 15]),
        ),
        next(
            "p12-root-by-too-few-old-keys",
            "root-not-signed predecessor-too-few",
            "Signed by two of the new root keys, of which one is old.",
            signed_root(&next_root(), &[13, 14]),
        ),
        next(
            "p12-root-by-too-few-new-keys",
            "root-not-signed own-too-few",
            "Signed by two of the old root keys, of which one is new.",
            signed_root(&next_root(), &[11, 12]),
        ),
    ]
}
