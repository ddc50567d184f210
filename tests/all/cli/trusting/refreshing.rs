//! `mpp trust refresh`: the newer index, from a file or from where it lies.

use mpp_host::package::{Digest, DocumentType, Envelope, IndexParts, RootParts};
use serde_json::json;

use super::documents::{
    INDEX, ROOT, THIEF, in_days, index, listed, listed_as, name, release, revoked, role, root, sign_index,
    sign_root, yanked,
};
use super::site::Site;
use super::{add, last_change, operator, operator_of, operator_with_release_1, refresh, refuses, trust_file};
use crate::cli::{User, text};

fn digest(index: &[u8]) -> Digest {
    Digest::of(Envelope::parse(DocumentType::Index, index).expect("an envelope").payload())
}

#[test]
fn an_index_is_taken_on_record_and_gives_way_to_a_newer_one() {
    let user = operator();
    let (first, second) =
        (sign_index(index(1, vec![]), &[INDEX]), sign_index(index(5, vec![listed(&release(1))]), &[INDEX]));
    refresh(&user, &first).done().saying(&["com.example: index version 1 is taken"]);
    let subject = |version, index| json!({ "index": { "version": version, "digest": digest(index) } });
    assert_eq!(last_change(&user), json!(["com.example", "refresh-index", subject(1, &first), null]));
    refresh(&user, &second).done().saying(&["index version 1 is followed by 5"]);
    assert_eq!(last_change(&user), json!(["com.example", "refresh-index", subject(5, &second), 1]));
    let before = (trust_file(&user), user.records().len());
    refresh(&user, &second).done().saying(&["index version 5 was held already"]);
    assert_eq!((trust_file(&user), user.records().len()), before);
}

#[test]
fn an_index_that_is_older_or_forged_or_ended_or_another_publishers_is_refused() {
    let (user, package) = (operator(), release(1));
    refresh(&user, &sign_index(index(5, vec![listed_as(&package, revoked())]), &[INDEX])).done();
    let other = IndexParts { publisher: name("org.other"), ..index(6, vec![]) };
    let refused = [
        (sign_index(index(4, vec![]), &[INDEX]), "index-not-newer"),
        (sign_index(index(5, vec![]), &[INDEX]), "index-not-newer"),
        (sign_index(index(6, vec![]), &[THIEF]), "index-not-signed"),
        (
            sign_index(
                IndexParts { expires: in_days(-1), ..index(6, vec![listed_as(&package, revoked())]) },
                &[INDEX],
            ),
            "index-expired",
        ),
        (sign_index(other, &[INDEX]), "index-of-another"),
        (sign_index(index(6, vec![]), &[INDEX]), "index-unrevokes"),
        (sign_index(index(6, vec![listed_as(&package, yanked())]), &[INDEX]), "index-unrevokes"),
        (sign_root(root(6), &[INDEX]), "malformed-index"),
        (b"{}".to_vec(), "malformed-index"),
    ];
    for (document, code) in refused {
        refuses(&user, &document, (3, code), || refresh(&user, &document))
            .saying(&["newer-index.json is refused"]);
    }
}

#[test]
fn an_index_is_fetched_from_where_the_trusted_root_says() {
    let site = Site::new();
    let user = operator_of(&sign_root(RootParts { location: Some(site.location()), ..root(1) }, &[ROOT]));
    let refresh = || user.run(["trust", "refresh", "com.example", &site.ca_file(&user)]);
    refresh().failed(8, &["404"]);
    site.put("/mpp/index.json", sign_index(index(1, vec![]), &[INDEX]));
    refresh().done().saying(&["index version 1 is taken"]);
    let old = sign_index(index(1, vec![listed(&release(1))]), &[INDEX]);
    site.put("/mpp/index.json", old.clone());
    refuses(&user, &old, (3, "index-not-newer"), refresh);
    assert_eq!(site.asked(), ["/mpp/index.json"; 3]);
}

/// A user who trusts `com.example` and `org.other`, each with a place of its own.
fn operator_of_two(site: &Site, other: &Site) -> User {
    let user = operator_of(&sign_root(RootParts { location: Some(site.location()), ..root(1) }, &[ROOT]));
    let second = RootParts {
        publisher: name("org.other"),
        namespaces: vec![name("org.other")],
        location: Some(other.location()),
        ..root(1)
    };
    let file = text(&user.write("other.json", sign_root(second, &[ROOT])));
    user.run(["trust", "add", "org.other", &file, "--yes"]).done();
    user
}

fn other_index(version: u64, seed: u8) -> Vec<u8> {
    sign_index(IndexParts { publisher: name("org.other"), ..index(version, vec![]) }, &[seed])
}

fn index_version(user: &User, publisher: &str) -> serde_json::Value {
    user.run(["trust", "show", publisher, "--json"]).done().json()["index"]["version"].clone()
}

#[test]
fn all_publishers_are_refreshed_though_one_cannot_be_reached() {
    let (site, other) = (Site::new(), Site::new());
    let user = operator_of_two(&site, &other);
    other.put("/mpp/index.json", other_index(1, INDEX));
    drop(site);
    let ended = user.run(["trust", "refresh", &other.ca_file(&user)]);
    ended.failed(
        8,
        &["cannot fetch https://localhost", "org.other: index version 1 is taken", "not every index"],
    );
    assert_eq!(index_version(&user, "org.other"), 1);
    assert_eq!(index_version(&user, "com.example"), json!(null));
}

#[test]
fn a_refused_index_is_graver_than_a_missing_one_and_keeps_no_other_away() {
    let site = Site::new();
    // Both publishers put their documents on one server.
    let user = operator_of_two(&site, &site);
    let refresh = || user.run(["trust", "refresh", &site.ca_file(&user)]);
    refresh().failed(8, &["404"]);
    site.put("/mpp/index.json", other_index(1, INDEX));
    let ended = refresh().failed(3, &["this is the index of `org.other`, not of `com.example`"]);
    ended.saying(&["org.other: index version 1 is taken"]);
    let records = user.records();
    let [refusal, change] = &records[records.len() - 2..] else { panic!("there are records") };
    assert_eq!(refusal["body"]["code"], "index-of-another");
    assert_eq!(change["body"]["publisher"], "org.other");
}

#[test]
fn what_is_withdrawn_is_told_once_and_what_is_installed_of_it_is_a_warning() {
    let user = operator_with_release_1();
    let releases = |first| vec![listed_as(&release(1), first), listed_as(&release(2), revoked())];
    let ended = refresh(&user, &sign_index(index(2, releases(yanked())), &[INDEX])).done();
    ended.saying(&[
        "warning: com.example/text-stats 1.1.0 is yanked: counts wrong; it is installed here",
        "\n  com.example/text-stats 1.2.0 is revoked: leaks the text\n",
    ]);
    let ended = refresh(&user, &sign_index(index(3, releases(revoked())), &[INDEX])).done();
    assert!(!ended.err.contains("1.2.0"), "{}", ended.err);
    ended.saying(&["1.1.0 is revoked: leaks the text; it is installed here, and runs no longer"]);
}

#[test]
fn a_publisher_without_an_index_or_a_place_is_not_refreshed_by_itself() {
    operator().run(["trust", "refresh"]).failed(2, &["no index to look for"]);
    operator().run(["trust", "refresh", "com.example"]).failed(2, &["names no place", "FILE|URL"]);
    let user = operator_of(&sign_root(RootParts { index: None, ..root(1) }, &[ROOT]));
    refresh(&user, &sign_index(index(1, vec![]), &[INDEX])).failed(2, &["com.example keeps no index"]);
    assert_eq!(user.last_record()["kind"], "trust-change");
    let user = User::new();
    refresh(&user, &sign_index(index(1, vec![]), &[INDEX])).failed(2, &["no root of com.example"]);
    add(&user, &sign_root(RootParts { index: Some(role(&[THIEF])), ..root(1) }, &[ROOT])).done();
    let index = sign_index(index(1, vec![]), &[INDEX]);
    refuses(&user, &index, (3, "index-not-signed"), || refresh(&user, &index));
}
