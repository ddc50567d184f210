//! Pinning a root: by its fingerprint, or not at all.

use mpp_host::package::RootParts;
use serde_json::json;

use super::documents::{RELEASE, ROOT, THIEF, fingerprint, id, in_days, key, name, root, sign_root};
use super::{add, last_change, operator, refuses, trust_file};
use crate::cli::{User, text};

fn first_root() -> Vec<u8> {
    sign_root(root(1), &[ROOT])
}

#[test]
fn a_root_is_shown_and_pinned_by_its_fingerprint_on_record() {
    let (user, root) = (User::new(), first_root());
    let file = text(&user.write("root.json", &root));
    let fingerprint = fingerprint(&root).to_string();
    let shown = [
        "publisher    com.example",
        "root         version 1",
        &format!("fingerprint  {fingerprint}"),
        "signs as     com.example",
        &format!("root keys, 1 of 1 must sign:\n  {}", id(ROOT)),
        &format!("release keys, 1 of 1 must sign:\n  {}", id(RELEASE)),
        "documents    come by hand",
        "next: mpp trust refresh com.example",
    ];
    user.run(["trust", "add", "com.example", &file, "--fingerprint", &fingerprint]).done().saying(&shown);
    let subject = json!({ "root": { "version": 1, "digest": fingerprint } });
    assert_eq!(last_change(&user), json!(["com.example", "pin-root", subject, null]));

    let another = User::new();
    let digits = fingerprint.strip_prefix("sha256:").expect("a digest names its hash");
    let root = String::from_utf8(root).expect("JSON is UTF-8");
    another.run_reading(&root, ["trust", "add", "com.example", "-", "--fingerprint", digits]).done();
    assert_eq!(trust_file(&another), trust_file(&user));
}

/// A root that was followed long ago is a root until it ends.
#[test]
fn whoever_pins_a_root_with_a_place_is_told_to_look_for_a_newer_one() {
    let place = "https://example.com/mpp/".parse().expect("a location");
    let placed = sign_root(RootParts { location: Some(place), ..root(1) }, &[ROOT]);
    add(&User::new(), &placed)
        .done()
        .saying(&["next: if there is a newer root: mpp trust update com.example"]);
    let by_hand = add(&User::new(), &first_root()).done();
    assert!(!by_hand.err.contains("mpp trust update"), "{}", by_hand.err);
}

#[test]
fn a_root_with_another_fingerprint_is_not_pinned() {
    let (user, root) = (User::new(), first_root());
    let file = text(&user.write("root.json", &root));
    let expected = "0".repeat(64);
    let ended = refuses(&user, &root, (4, "other-fingerprint"), || {
        user.run(["trust", "add", "com.example", &file, "--yes", "--fingerprint", &expected])
    });
    ended.saying(&[&format!("{expected} was expected"), "another root than you were told of"]);
    assert_eq!(trust_file(&user), None);
    user.run(["trust", "add", "com.example", &file, "--fingerprint", "sha256:0"])
        .failed(2, &["64 lower-case"]);
}

#[test]
fn a_root_is_not_pinned_where_nobody_can_be_asked() {
    let (user, root) = (User::new(), first_root());
    let file = text(&user.write("root.json", &root));
    let ended =
        refuses(&user, &root, (4, "not-confirmed"), || user.run(["trust", "add", "com.example", &file]));
    ended.saying(&["no terminal", "--fingerprint FINGERPRINT"]);
    assert_eq!(trust_file(&user), None);
}

#[test]
fn a_root_takes_the_place_of_the_keys_that_were_pinned() {
    let user = User::new();
    for seed in [RELEASE, THIEF] {
        let key = key(seed).public_key().to_string();
        user.run(["trust", "add", "com.example", &key, "--yes"]).done();
    }
    add(&user, &first_root()).done().saying(&["It takes the place of the 2 keys that are pinned now."]);
    let records = user.records();
    let changes: Vec<_> = records[records.len() - 3..].iter().map(|record| &record["body"]).collect();
    let found = changes.iter().map(|body| json!([body["action"], body["subject"]["key"]["id"]]));
    assert_eq!(
        found.collect::<Vec<_>>(),
        [json!(["unpin", id(RELEASE)]), json!(["unpin", id(THIEF)]), json!(["pin-root", null])]
    );
    let listed = user.run(["trust", "list", "--json"]).done().json();
    assert_eq!(listed["publishers"][0]["keys"], json!([]));
    assert_eq!(listed["publishers"][0]["root"]["version"], 1);
}

#[test]
fn a_root_that_is_none_or_another_publishers_is_refused_whatever_the_answer() {
    let user = User::new();
    let mut other = root(1);
    other.publisher = name("org.other");
    other.namespaces = vec![name("org.other")];
    let refused = [
        (b"{}".to_vec(), "malformed-root"),
        (sign_root(root(1), &[THIEF]), "root-not-signed"),
        (sign_root(other, &[ROOT]), "root-of-another"),
        (sign_root(RootParts { expires: in_days(-1), ..root(1) }, &[ROOT]), "root-expired"),
    ];
    for (document, code) in refused {
        refuses(&user, &document, (3, code), || add(&user, &document));
        assert_eq!(trust_file(&user), None, "{code}");
    }
}

#[test]
fn a_root_that_claims_a_name_of_somebody_else_is_refused() {
    let user = User::new();
    let key = key(THIEF).public_key().to_string();
    user.run(["trust", "add", "com.example.labs", &key, "--yes"]).done();
    let mut wide = root(1);
    wide.namespaces.push(name("com.example.labs"));
    let wide = sign_root(wide, &[ROOT]);
    refuses(&user, &wide, (3, "namespace-taken"), || add(&user, &wide))
        .saying(&["ask both publishers whose `com.example.labs` is", "mpp trust remove com.example.labs"]);
}

#[test]
fn a_pinned_root_gives_way_to_its_successors_only() {
    let user = operator();
    add(&user, &first_root()).done().saying(&["was pinned before"]);
    let second = sign_root(root(2), &[ROOT]);
    refuses(&user, &second, (2, "root-pinned"), || add(&user, &second))
        .saying(&["next: mpp trust update com.example"]);
    let before = trust_file(&user);
    let key = key(THIEF).public_key().to_string();
    user.run(["trust", "add", "com.example", &key, "--yes"])
        .failed(2, &["a root of `com.example` is pinned", "mpp trust update com.example"]);
    assert_eq!(trust_file(&user), before);
}

#[test]
fn a_publisher_that_is_removed_is_forgotten_and_that_is_on_record() {
    let user = operator();
    user.run(["trust", "remove", "com.example"]).done().saying(&["root version 1 removed"]);
    assert_eq!(last_change(&user)[1], "unpin-root");
    user.run(["trust", "remove", "com.example"]).failed(2, &["nothing is pinned for com.example"]);
    assert_eq!(user.run(["trust", "list", "--json"]).done().json(), json!({ "publishers": [] }));
}
