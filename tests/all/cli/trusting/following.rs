//! `mpp trust update`: one version after the other, or not at all.

use mpp_host::package::RootParts;
use serde_json::json;

use super::documents::{
    INDEX, RELEASE, ROOT, THIEF, fingerprint, id, in_days, index, key, listed, name, release, role, root,
    sign_index, sign_root,
};
use super::site::Site;
use super::{install, last_change, operator, operator_of, refresh, refused_as, refuses, trust_file, update};
use crate::cli::{User, text};

/// The root key after the first, and the one after that.
const SECOND: u8 = 11;
const THIRD: u8 = 12;

/// Version 2, whose root key is [`SECOND`]: signed by both.
fn second() -> Vec<u8> {
    sign_root(RootParts { root: role(&[SECOND]), ..root(2) }, &[ROOT, SECOND])
}

/// Version 3, whose root key is [`THIRD`].
fn third() -> Vec<u8> {
    sign_root(RootParts { root: role(&[THIRD]), ..root(3) }, &[SECOND, THIRD])
}

#[test]
fn a_root_is_followed_to_the_next_version_on_record() {
    let user = operator();
    let second = second();
    update(&user, &second).done().saying(&[
        "com.example: root version 1 is followed by 2",
        &format!("root keys: now also {}", id(SECOND)),
        &format!("root keys: no longer {}", id(ROOT)),
    ]);
    let subject = json!({ "root": { "version": 2, "digest": fingerprint(&second) } });
    assert_eq!(last_change(&user), json!(["com.example", "update-root", subject, 1]));
    let before = (trust_file(&user), user.records().len());
    update(&user, &second).done().saying(&["root version 2 was trusted already"]);
    assert_eq!((trust_file(&user), user.records().len()), before);
}

#[test]
fn a_root_is_followed_over_several_versions_at_once_though_one_between_has_ended() {
    let user = operator();
    let second = RootParts { root: role(&[SECOND]), expires: in_days(-1), ..root(2) };
    let second = text(&user.write("root-2.json", sign_root(second, &[ROOT, SECOND])));
    let third = text(&user.write("root-3.json", third()));
    let update = ["trust", "update", "com.example", &second, &third];
    user.run(update).done().saying(&["root version 1 is followed by 3"]);
    assert_eq!(last_change(&user)[3], 1);
    assert_eq!(user.run(["trust", "show", "com.example", "--json"]).done().json()["root"]["version"], 3);
}

#[test]
fn newer_roots_are_fetched_from_where_the_trusted_one_says_until_there_is_none() {
    let site = Site::new();
    let at_site = |parts: RootParts| RootParts { location: Some(site.location()), ..parts };
    let user = operator_of(&sign_root(at_site(root(1)), &[ROOT]));
    let update = || user.run(["trust", "update", "com.example", &site.ca_file(&user)]);
    update().done().saying(&["no root is newer than version 1"]);
    site.put("/mpp/root-2.json", sign_root(at_site(root(2)), &[ROOT]));
    site.put("/mpp/root-3.json", sign_root(at_site(root(3)), &[ROOT]));
    update().done().saying(&["root version 1 is followed by 3"]);
    let asked = ["/mpp/root-2.json", "/mpp/root-2.json", "/mpp/root-3.json", "/mpp/root-4.json"];
    assert_eq!(site.asked(), asked);
}

#[test]
fn a_root_is_fetched_from_a_place_that_the_command_line_names() {
    let (user, site) = (operator(), Site::new());
    site.put("/second.json", second());
    let update = ["trust", "update", "com.example", &site.url("/second.json"), &site.ca_file(&user)];
    user.run(update).done().saying(&["root version 1 is followed by 2"]);
    let update = ["trust", "update", "com.example", &site.url("/third.json"), &site.ca_file(&user)];
    user.run(update).failed(8, &["404"]);
}

#[test]
fn a_root_that_is_no_successor_is_refused() {
    let user = operator();
    let renamed = RootParts { publisher: name("org.other"), namespaces: vec![name("org.other")], ..root(2) };
    let refused = [
        // By somebody else.
        (sign_root(RootParts { root: role(&[THIEF]), ..root(2) }, &[THIEF]), "root-not-signed"),
        // By the trusted key, and not by its own.
        (sign_root(RootParts { root: role(&[SECOND]), ..root(2) }, &[ROOT]), "root-not-signed"),
        // By its own key, and not by the trusted one.
        (sign_root(RootParts { root: role(&[SECOND]), ..root(2) }, &[SECOND]), "root-not-signed"),
        // A version is skipped.
        (sign_root(root(3), &[ROOT]), "root-not-next"),
        // The version is the same, and what it says is not.
        (sign_root(RootParts { release: role(&[THIEF]), ..root(1) }, &[ROOT]), "root-not-next"),
        (sign_root(RootParts { expires: in_days(-1), ..root(2) }, &[ROOT]), "root-expired"),
        (sign_root(renamed, &[ROOT]), "root-of-another"),
        (sign_index(index(2, vec![]), &[INDEX]), "malformed-root"),
        (b"not JSON".to_vec(), "malformed-root"),
    ];
    for (document, code) in refused {
        refuses(&user, &document, (3, code), || update(&user, &document))
            .saying(&["newer-root.json is refused"]);
    }
    update(&user, &second()).done();
    let first = sign_root(root(1), &[ROOT, SECOND]);
    refuses(&user, &first, (3, "root-not-next"), || update(&user, &first));
}

#[test]
fn a_chain_with_one_bad_root_is_refused_as_a_whole_and_the_record_names_that_one() {
    let user = operator();
    let forged = sign_root(RootParts { root: role(&[SECOND]), ..root(2) }, &[SECOND]);
    let file = |name: &str, document: &[u8]| text(&user.write(name, document));
    let chain = |second: &[u8], third: &[u8]| {
        let (second, third) = (file("root-2.json", second), file("root-3.json", third));
        user.run(["trust", "update", "com.example", &second, &third])
    };
    refuses(&user, &forged, (3, "root-not-signed"), || chain(&forged, &third())).saying(&["root-2.json"]);
    refuses(&user, b"{}", (3, "malformed-root"), || chain(&second(), b"{}")).saying(&["root-3.json"]);
    let late =
        sign_root(RootParts { expires: in_days(-1), root: role(&[THIRD]), ..root(3) }, &[SECOND, THIRD]);
    refuses(&user, &late, (3, "root-expired"), || chain(&second(), &late)).saying(&["root-3.json"]);
    chain(&second(), &third()).done();
}

#[test]
fn an_index_whose_keys_sign_no_longer_is_superseded_until_a_new_one_is_taken() {
    let (user, package) = (operator(), release(1));
    refresh(&user, &sign_index(index(7, vec![listed(&package)]), &[INDEX])).done();
    let next = sign_root(RootParts { index: Some(role(&[SECOND])), ..root(2) }, &[ROOT]);
    update(&user, &next)
        .done()
        .saying(&["the keys that signed the index sign no longer", "mpp trust refresh com.example"]);
    refused_as(&user, "no-index", install(&user, &package)).saying(&["mpp trust refresh com.example"]);
    let old = sign_index(index(8, vec![listed(&package)]), &[INDEX]);
    refuses(&user, &old, (3, "index-not-signed"), || refresh(&user, &old));
    // The thief of the old key may have signed the highest number there is.
    refresh(&user, &sign_index(index(1, vec![listed(&package)]), &[SECOND])).done();
    install(&user, &package).done();
}

#[test]
fn a_release_key_that_is_gone_takes_with_it_what_it_signed() {
    let (user, package) = (operator(), release(9));
    refresh(&user, &sign_index(index(1, vec![listed(&package)]), &[INDEX])).done();
    install(&user, &package).done();
    update(&user, &sign_root(RootParts { release: role(&[SECOND]), ..root(2) }, &[ROOT])).done();
    refused_as(&user, "untrusted-key", super::run(&user));
    let again = super::documents::release_by(SECOND, 1, None);
    refresh(&user, &sign_index(index(2, vec![listed(&again), listed(&package)]), &[INDEX])).done();
    install(&user, &again).done();
}

#[test]
fn a_publisher_without_a_root_or_a_place_cannot_be_followed_by_itself() {
    operator().run(["trust", "update", "com.example"]).failed(2, &["names no place", "FILE|URL"]);
    let user = User::new();
    user.run(["trust", "update", "com.example"]).failed(2, &["no root of com.example", "mpp trust add"]);
    let key = key(RELEASE).public_key().to_string();
    user.run(["trust", "add", "com.example", &key, "--yes"]).done();
    user.run(["trust", "update", "com.example"]).failed(2, &["keys are pinned for it"]);
}
