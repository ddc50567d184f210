//! What is trusted, shown to a person, to a program, and by `mpp doctor`.

use mpp_host::package::RootParts;
use serde_json::{Value, json};

use super::documents::{
    INDEX, RELEASE, ROOT, THIEF, fingerprint, id, in_days, index, key, listed, listed_as, release, revoked,
    root, sign_index, sign_root,
};
use super::{operator, operator_of, operator_with_release_1, refresh, trust_file};
use crate::cli::{User, text};

#[test]
fn publishers_are_listed_by_name_with_what_vouches_for_them_and_until_when() {
    let user = operator();
    let key = key(THIEF).public_key().to_string();
    user.run(["trust", "add", "app.first", &key, "--yes"]).done();
    let listed = || user.run(["trust", "list"]).done().out;
    let rows = listed();
    let rows: Vec<_> = rows.lines().collect();
    assert!(rows[1].starts_with("app.first"), "{rows:?}");
    assert!(rows[1].contains(&format!("key {}", id(THIEF))), "{rows:?}");
    assert!(rows[2].starts_with("com.example"), "{rows:?}");
    assert!(rows[2].contains("root version 1, until ") && rows[2].contains("none held"), "{rows:?}");
    refresh(&user, &sign_index(index(4, vec![]), &[INDEX])).done();
    assert!(listed().contains("version 4, until "), "{}", listed());
    user.run(["trust", "policy", "--max-index-age", "7d"]).done();
    assert!(listed().contains("version 4, ended at "), "{}", listed());
    let document = user.run(["trust", "list", "--json"]).done().json();
    let [first, second] = document["publishers"].as_array().expect("a list").as_slice() else {
        panic!("{document}");
    };
    assert_eq!(json!([first["publisher"], first["root"], first["index"]]), json!(["app.first", null, null]));
    let root = &second["root"];
    assert_eq!(
        json!([root["version"], root["ended"], root["namespaces"]]),
        json!([1, false, ["com.example"]])
    );
    let index = &second["index"];
    assert_eq!(json!([index["version"], index["ended"], index["superseded"]]), json!([4, true, false]));
}

#[test]
fn a_publisher_is_shown_with_its_roles_what_it_withdrew_and_what_was_accepted() {
    let user = operator_with_release_1();
    let releases = vec![listed(&release(1)), listed_as(&release(2), revoked())];
    refresh(&user, &sign_index(index(2, releases), &[INDEX])).done();
    let shown = user.run(["trust", "show", "com.example"]).done().out;
    for words in [
        "publisher    com.example\n",
        &format!("index keys, 1 of 1 must sign:\n  {}\n", id(INDEX)),
        ": 2 releases, 0 yanked, 1 revoked\n",
        "  com.example/text-stats 1.2.0 revoked since ",
        "package      com.example/text-stats, release 1, accepted\n",
    ] {
        assert!(shown.contains(words), "{words:?} is not in:\n{shown}");
    }
    let document = user.run(["trust", "show", "com.example", "--json"]).done().json();
    let release_role = json!({ "threshold": 1, "keys":
        [{ "fingerprint": id(RELEASE), "public_key": key(RELEASE).public_key().to_string() }] });
    assert_eq!(document["root"]["roles"]["release"], release_role);
    let withdrawn = &document["index"]["withdrawn"][0];
    assert_eq!(
        json!([withdrawn["version"], withdrawn["status"], withdrawn["reason"]]),
        json!(["1.2.0", "revoked", "leaks the text"])
    );
    let accepted = &document["accepted"][0];
    assert_eq!(
        json!([accepted["name"], accepted["sequence"], accepted["keys"]]),
        json!(["text-stats", 1, [id(RELEASE)]])
    );
}

#[test]
fn a_document_is_shown_with_what_would_become_of_it_and_nothing_changes() {
    let user = operator();
    let before = (trust_file(&user), user.records().len());
    let here = |document: &[u8]| -> Value {
        let file = text(&user.write("document.json", document));
        let shown = user.run(["trust", "show", &file]).done().out;
        assert!(shown.starts_with("publisher    com.example\n"), "{shown}");
        user.run(["trust", "show", &file, "--json"]).done().json()["here"].clone()
    };
    assert_eq!(here(&sign_root(root(1), &[ROOT])), "trusted");
    assert_eq!(here(&sign_root(root(2), &[ROOT])), "newer");
    assert_eq!(here(&sign_root(root(2), &[THIEF])), "root-not-signed");
    assert_eq!(here(&sign_index(index(1, vec![]), &[INDEX])), "newer");
    assert_eq!(here(&sign_index(index(1, vec![]), &[THIEF])), "index-not-signed");
    assert_eq!((trust_file(&user), user.records().len()), before);
}

#[test]
fn a_document_of_a_stranger_is_shown_with_its_fingerprint() {
    let (user, root) = (User::new(), sign_root(root(1), &[ROOT]));
    let file = text(&user.write("root.json", &root));
    let shown = user.run(["trust", "show", &file, "--json"]).done().json();
    assert_eq!(json!([shown["here"], shown["root"]["fingerprint"]]), json!(["new", fingerprint(&root)]));
    let file = text(&user.write("index.json", sign_index(index(1, vec![]), &[INDEX])));
    assert_eq!(user.run(["trust", "show", &file, "--json"]).done().json()["here"], "no-root");
    let file = text(&user.write("package.mpp", release(1)));
    user.run(["trust", "show", &file]).failed(3, &["neither a root nor an index"]);
    user.run(["trust", "show", "org.nobody"]).failed(2, &["not trusted here"]);
    user.run(["trust", "show", "/no/such/file"]).failed(2, &["there is no file"]);
}

/// What the doctor says about one subject: state and words.
fn findings(user: &User, subject: &str) -> Vec<(Value, String)> {
    let ended = user.run(["doctor", "--json"]);
    let found = ended.json()["findings"].as_array().expect("a list").clone();
    let of_subject = found.into_iter().filter(|finding| finding["subject"] == subject);
    of_subject
        .map(|finding| (finding["state"].clone(), finding["words"].as_str().expect("text").to_owned()))
        .collect()
}

#[track_caller]
fn one(user: &User, subject: &str, state: &str, words: &str) {
    match findings(user, subject).as_slice() {
        [(found, text)] => assert!(*found == state && text.contains(words), "{subject}: {found} {text}"),
        found => panic!("{subject}: {found:?}"),
    }
}

#[test]
fn a_doctor_says_whose_word_ends_soon_or_has_ended() {
    let user = operator();
    one(&user, "trust", "good", "1 by a root, 0 by pinned keys");
    one(&user, "root", "good", "com.example version 1, until");
    one(&user, "index", "bad", "com.example: none is held");
    user.run(["doctor"]).with_status(1).saying(&["index", "mpp trust refresh com.example"]);
    refresh(&user, &sign_index(index(1, vec![]), &[INDEX])).done();
    one(&user, "index", "good", "com.example version 1, until");
    user.run(["trust", "policy", "--max-index-age", "20d", "--when-stale", "refuse"]).done();
    one(&user, "index", "note", "ends soon");
    one(&user, "trust policy", "good", "20d at most; nothing runs without one (refuse)");
    user.run(["trust", "policy", "--max-index-age", "9d"]).done();
    one(&user, "index", "bad", "com.example version 1 ended at");

    let user = operator_of(&sign_root(RootParts { expires: in_days(13), index: None, ..root(1) }, &[ROOT]));
    one(&user, "root", "note", "com.example version 1 ends soon");
    assert_eq!(findings(&user, "index"), []);
}
