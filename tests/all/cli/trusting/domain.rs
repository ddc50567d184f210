//! What the record of the publisher's domain proves.

use super::documents::{RELEASE, ROOT, THIEF, id, key, root, sign_root};
use super::site::Site;
use super::{refuses, trust_file};
use crate::cli::{User, text};

fn record(seed: u8) -> String {
    key(seed).public_key().to_domain_record()
}

#[test]
fn a_record_that_names_a_key_of_the_root_says_who_vouches_for_it() {
    let user = User::new();
    let root = text(&user.write("root.json", sign_root(root(1), &[ROOT])));
    let records = format!("\"v=spf1 -all\"\n{}\n{}\n", record(THIEF), record(ROOT));
    let record = text(&user.write("record.txt", records));
    let option = format!("--domain-record={record}");
    user.run(["trust", "add", "com.example", &root, "--yes", &option]).done().saying(&[
        &format!("example.com names the key {}, which signed this root", id(ROOT)),
        "whoever controls example.com vouches for it. It says nothing about the packages.",
        &format!("That holds if {record} is the record of example.com"),
    ]);
}

#[test]
fn a_record_is_fetched_from_a_server() {
    let (user, site) = (User::new(), Site::new());
    site.put("/.well-known/mcp-registry-auth", record(ROOT));
    let root = text(&user.write("root.json", sign_root(root(1), &[ROOT])));
    let option = format!("--domain-record={}", site.url("/.well-known/mcp-registry-auth"));
    let add = ["trust", "add", "com.example", &root, "--yes", &option, &site.ca_file(&user)];
    user.run(add).done().saying(&[&format!("example.com names the key {}", id(ROOT))]);
    assert_eq!(site.asked(), ["/.well-known/mcp-registry-auth"]);
}

#[test]
fn a_record_that_cannot_be_fetched_is_status_8_and_pins_nothing() {
    let (user, site) = (User::new(), Site::new());
    let root = text(&user.write("root.json", sign_root(root(1), &[ROOT])));
    let option = format!("--domain-record={}", site.url("/.well-known/mcp-registry-auth"));
    let add = ["trust", "add", "com.example", &root, "--yes", &option, &site.ca_file(&user)];
    user.run(add).failed(8, &["404"]);
    assert_eq!(trust_file(&user), None);
}

/// The release key of the root is no better than a stranger's: the owner of the
/// domain says nothing about a root that its key has not signed.
#[test]
fn a_record_that_names_other_keys_refuses_the_root() {
    let (user, root) = (User::new(), sign_root(root(1), &[ROOT]));
    let file = text(&user.write("root.json", &root));
    for (found, words) in [
        (record(THIEF), format!("names other keys: {}", id(THIEF))),
        (record(RELEASE), format!("names other keys: {}", id(RELEASE))),
        ("<html>".to_owned(), "holds no record".to_owned()),
    ] {
        let option = format!("--domain-record={}", text(&user.write("record.txt", found)));
        let ended = refuses(&user, &root, (4, "not-vouched-for"), || {
            user.run(["trust", "add", "com.example", &file, "--yes", &option])
        });
        ended.saying(&["example.com does not vouch for it", &words]);
        assert_eq!(trust_file(&user), None);
    }
}

#[test]
fn a_record_vouches_for_a_key_as_well_and_answers_no_question() {
    let user = User::new();
    let public = key(ROOT).public_key().to_string();
    let option = format!("--domain-record={}", text(&user.write("record.txt", record(ROOT))));
    user.run(["trust", "add", "com.example", &public, &option])
        .failed(4, &["which is the one to pin", "no terminal"]);
    assert_eq!(trust_file(&user), None);
    user.run(["trust", "add", "com.example", &public, &option, "--yes"]).done();
    let other = key(THIEF).public_key().to_string();
    user.run(["trust", "add", "com.example", &other, &option, "--yes"])
        .failed(4, &["example.com does not vouch for it"]);
    let listed = user.run(["trust", "list", "--json"]).done().json();
    assert_eq!(listed["publishers"][0]["keys"][0]["fingerprint"], id(ROOT));
    assert_eq!(listed["publishers"][0]["keys"][1], serde_json::Value::Null);
}
