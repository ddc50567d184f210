//! `mpp verify --explain`: every check in its order, and which one failed.

use std::fs;

use mpp_host::package::{
    DocumentType, Envelope, Keyring, Package, RootParts, SignedRoot, embed, pre_authentication_encoding,
};
use serde_json::{Value, json};

use super::documents::{
    INDEX, RELEASE, ROOT, THIEF, id, in_days, index, key, listed, listed_as, release, release_by, revoked,
    root, sign_index, sign_root, unsigned, yanked,
};
use super::{install, operator, operator_with_release_1, refresh};
use crate::cli::openssl::openssl;
use crate::cli::{Ended, User, text};

const CHECKS: [&str; 12] = [
    "package",
    "signed",
    "publisher",
    "signatures",
    "statement",
    "contents",
    "time",
    "revocation",
    "root",
    "index",
    "listed",
    "sequence",
];

fn explain(user: &User, package: &[u8]) -> Ended {
    let file = text(&user.write("explained.mpp", package));
    user.run(["verify", &file, "--explain"])
}

/// What each check came to, as JSON says it.
fn states(user: &User, package: &[u8], status: i32) -> (Value, Vec<Value>) {
    let file = text(&user.write("explained.mpp", package));
    let ended = user.run(["verify", &file, "--explain", "--json"]).with_status(status);
    let document = ended.json();
    let checks = document["checks"].as_array().expect("the checks are a list");
    let words: Vec<_> = checks.iter().map(|check| check["check"].clone()).collect();
    assert_eq!(words, CHECKS);
    assert_eq!(document["verified"], status == 0);
    (document["code"].clone(), checks.iter().map(|check| check["state"].clone()).collect())
}

/// The package fails this check, with this code: all before it are passed, none
/// after it is made.
#[track_caller]
fn fails(user: &User, package: &[u8], check: &str, code: &str) {
    let (found, states) = states(user, package, 3);
    let place = CHECKS.iter().position(|known| *known == check).expect("it is a check");
    let expected = (0..CHECKS.len()).map(|at| match at.cmp(&place) {
        std::cmp::Ordering::Less => "passed",
        std::cmp::Ordering::Equal => "failed",
        std::cmp::Ordering::Greater => "not-made",
    });
    assert_eq!((found, states), (json!(code), expected.map(Value::from).collect()), "{check}");

    let ended = explain(user, package).with_status(3).saying(&["error: "]);
    let lines: Vec<_> = ended.out.lines().collect();
    assert_eq!(lines.len(), CHECKS.len());
    let starts = |range: &[&str], sign: &str| range.iter().all(|line| line.starts_with(sign));
    assert!(starts(&lines[..place], "ok     "), "{}", ended.out);
    assert!(lines[place].starts_with("FAILED "), "{}", ended.out);
    assert!(starts(&lines[place + 1..], "-      "), "{}", ended.out);
}

/// The JSON of the envelope that a package carries.
fn envelope(package: &[u8]) -> Value {
    let package = Package::parse(package).expect("a package");
    let envelope = package.envelope().expect("it is signed").to_json().expect("it can be written");
    serde_json::from_slice(&envelope).expect("it is JSON")
}

/// A package with another envelope.
fn with(package: &[u8], envelope: &Value) -> Vec<u8> {
    let envelope = Envelope::parse(DocumentType::Package, envelope.to_string().as_bytes());
    let package = Package::parse(package).expect("a package");
    embed(&package, &envelope.expect("an envelope")).expect("it fits")
}

/// An envelope whose signature by the release key holds, over `{}`. This library
/// signs nothing of the kind.
fn signed_nothing(user: &User) -> Value {
    user.write("key.pem", key(RELEASE).to_pem().expect("a key can be written").as_str());
    let kind = DocumentType::Package.payload_type();
    user.write("message", pre_authentication_encoding(kind, b"{}"));
    let home = user.home.path();
    assert!(openssl(
        home,
        &["pkeyutl", "-sign", "-rawin", "-inkey", "key.pem", "-in", "message", "-out", "sig"]
    ));
    assert!(openssl(home, &["base64", "-A", "-in", "sig", "-out", "sig.txt"]));
    let sig = fs::read_to_string(user.path("sig.txt")).expect("it was made");
    json!({ "payload": "e30=", "payloadType": kind, "signatures": [{ "keyid": id(RELEASE), "sig": sig }] })
}

#[test]
fn an_accepted_package_passes_every_check() {
    let (user, package) = (operator_with_release_1(), release(1));
    let ended = explain(&user, &package).done();
    let digest = Package::parse(package.as_slice()).expect("a package").digest();
    let shown = user.run(["trust", "show", "com.example", "--json"]).done().json();
    let time = |document: &str, field: &str| shown[document][field].as_str().expect("a time").to_owned();
    let expected = [
        format!("ok     it is a package: {digest}"),
        "ok     it is signed: 1 signature".to_owned(),
        "ok     its publisher is trusted here: com.example, root version 1".to_owned(),
        format!("ok     the trusted keys have signed: 1 of the 1 needed: {}", id(RELEASE)),
        "ok     what is signed is about a package: text-stats 1.1.0 by com.example".to_owned(),
        format!("ok     about this very package: {digest}"),
        "ok     the signature has not ended: it has no end".to_owned(),
        "ok     it is not revoked: index version 1 does not revoke it".to_owned(),
        format!(
            "ok     the publisher's root has not ended: version 1 counts until {}",
            time("root", "expires")
        ),
        format!(
            "ok     the publisher's index is recent: version 1 of {} counts until {}",
            time("index", "issued_at"),
            time("index", "expires")
        ),
        "ok     the index lists it as active: active".to_owned(),
        "ok     no newer release was accepted here: release 1".to_owned(),
    ];
    let lines: Vec<_> = ended.out.lines().collect();
    assert_eq!(lines, expected);
    assert_eq!(states(&user, &package, 0), (Value::Null, vec![json!("passed"); 12]));
}

#[test]
fn a_publisher_with_pinned_keys_has_no_documents_to_check() {
    let user = User::new();
    let key = key(RELEASE).public_key().to_string();
    user.run(["trust", "add", "com.example", &key, "--yes"]).done();
    let (code, states) = states(&user, &release(1), 0);
    assert_eq!(code, Value::Null);
    assert_eq!(
        states[7..],
        [json!("not-made"), json!("not-made"), json!("not-made"), json!("not-made"), json!("passed")]
    );
}

#[test]
fn bytes_that_are_no_package_fail_the_first_check() {
    fails(&operator(), b"no package", "package", "malformed");
}

#[test]
fn a_package_that_is_not_signed_as_it_must_be_fails_the_checks_of_its_signature() {
    let user = operator();
    fails(&user, &unsigned(1), "signed", "unsigned");
    fails(&User::new(), &release(1), "publisher", "untrusted-publisher");
    fails(&user, &release_by(THIEF, 1, None), "signatures", "untrusted-key");
    let mut forged = envelope(&release(1));
    forged["signatures"][0]["sig"] = envelope(&release(2))["signatures"][0]["sig"].clone();
    fails(&user, &with(&release(1), &forged), "signatures", "invalid-signature");
}

#[test]
fn a_signature_over_something_else_fails_the_checks_of_its_contents() {
    let user = operator();
    fails(&user, &with(&release(1), &signed_nothing(&user)), "statement", "invalid-statement");
    fails(&user, &with(&release(1), &envelope(&release(2))), "contents", "statement-mismatch");
    fails(&user, &release_by(RELEASE, 1, Some(in_days(-1))), "time", "expired");
}

#[test]
fn a_release_that_its_publisher_does_not_stand_by_fails_the_checks_of_the_index() {
    let (user, package) = (operator(), release(1));
    fails(&user, &package, "index", "no-index");
    let mut version = 0;
    let mut take = |releases| {
        version += 1;
        refresh(&user, &sign_index(index(version, releases), &[INDEX])).done();
    };
    take(vec![listed(&release(2))]);
    fails(&user, &package, "listed", "unlisted");
    take(vec![listed_as(&package, yanked())]);
    fails(&user, &package, "listed", "yanked");
    take(vec![listed(&package), listed(&release(2))]);
    install(&user, &release(2)).done();
    fails(&user, &package, "sequence", "rolled-back");
    user.run(["trust", "policy", "--max-index-age", "7d"]).done();
    fails(&user, &package, "index", "stale-index");
    take(vec![listed_as(&package, revoked())]);
    fails(&user, &package, "revocation", "revoked");
}

#[test]
fn a_root_that_has_ended_fails_its_check() {
    let user = User::new();
    let then = in_days(-2).to_system_time();
    let ended = RootParts { expires: in_days(-1), ..root(1) };
    let mut keyring = Keyring::empty();
    let signed = SignedRoot::parse(&sign_root(ended, &[ROOT])).expect("a root");
    keyring.pin_root(signed, then).expect("it counted then");
    user.write("config/trust.json", keyring.to_json().expect("it can be written"));
    fails(&user, &release(1), "root", "root-expired");
}

#[test]
fn a_check_that_did_not_hold_and_was_let_pass_is_told_from_one_that_held() {
    let user = operator_with_release_1();
    let yanked = index(2, vec![listed_as(&release(1), yanked())]);
    refresh(&user, &sign_index(yanked, &[INDEX])).done();
    let (code, states) = states(&user, &release(1), 0);
    assert_eq!(code, Value::Null);
    let listed = CHECKS.iter().position(|check| *check == "listed").expect("it is a check");
    assert_eq!(states[listed], "excused");
    assert_eq!(states.iter().filter(|state| **state == "passed").count(), CHECKS.len() - 1);
    let lines = explain(&user, &release(1)).done().out;
    assert!(
        lines.contains("\nlapsed the index lists it as active: the publisher withdrew this release"),
        "{lines}"
    );
}
