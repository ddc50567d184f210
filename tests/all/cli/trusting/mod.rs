//! An operator and a publisher with a root: whom to trust, what came of it, and
//! what runs then. The documents are made with the library.

mod answering;
mod documents;
mod domain;
mod explaining;
mod following;
mod forgetting;
mod pinning;
mod policy;
mod refreshing;
mod showing;
mod site;
mod withdrawing;

use std::fs;

use mpp_host::package::Digest;
use serde_json::{Value, json};

use self::documents::{INDEX, ROOT, index, listed, release, root, sign_index, sign_root};
use super::{Ended, User, text};

const INPUT: &str = r#"{"text": "to be or not to be"}"#;

/// An operator who pinned the first root of `com.example`.
fn operator() -> User {
    operator_of(&sign_root(root(1), &[ROOT]))
}

/// An operator who pinned this root of `com.example`.
fn operator_of(root: &[u8]) -> User {
    let user = User::new();
    let file = text(&user.write("pinned.json", root));
    user.run(["trust", "add", "com.example", &file, "--yes"]).done();
    user
}

/// An operator who took the first index, which lists release 1, and installed
/// that.
fn operator_with_release_1() -> User {
    let user = operator();
    let package = release(1);
    refresh(&user, &sign_index(index(1, vec![listed(&package)]), &[INDEX])).done();
    install(&user, &package).done();
    user
}

fn add(user: &User, root: &[u8]) -> Ended {
    let file = text(&user.write("added.json", root));
    user.run(["trust", "add", "com.example", &file, "--yes"])
}

fn update(user: &User, root: &[u8]) -> Ended {
    let file = text(&user.write("newer-root.json", root));
    user.run(["trust", "update", "com.example", &file])
}

fn refresh(user: &User, index: &[u8]) -> Ended {
    let file = text(&user.write("newer-index.json", index));
    user.run(["trust", "refresh", "com.example", &file])
}

fn install(user: &User, package: &[u8]) -> Ended {
    let file = text(&user.write("package.mpp", package));
    user.run(["install", &file, "--grant"])
}

fn run(user: &User) -> Ended {
    user.run(["run", "text-stats", "--input", INPUT])
}

/// The trust file; nothing where there is none.
fn trust_file(user: &User) -> Option<Vec<u8>> {
    fs::read(user.path("config/trust.json")).ok()
}

/// The document is refused with this status: whom the operator trusts is as it
/// was, byte for byte, and the refusal of these bytes is on record.
#[track_caller]
fn refuses(user: &User, document: &[u8], (status, code): (i32, &str), act: impl FnOnce() -> Ended) -> Ended {
    let before = trust_file(user);
    let ended = act().failed(status, &["error: ", "  why: "]);
    assert_eq!(trust_file(user), before);
    let record = user.last_record();
    assert_eq!(record["kind"], "refusal");
    let body = &record["body"];
    let found = json!([body["stage"], body["code"], body["presented"], body["package"]]);
    assert_eq!(found, json!(["trust", code, Digest::of(document), Value::Null]));
    ended
}

/// The package is refused with this code, which is on record.
#[track_caller]
fn refused_as(user: &User, code: &str, ended: Ended) -> Ended {
    let ended = ended.failed(3, &["is refused"]);
    let body = user.last_record()["body"].clone();
    assert_eq!(json!([body["stage"], body["code"]]), json!(["signature", code]));
    ended
}

/// The last change of trust on record: action, subject, and the version before.
#[track_caller]
fn last_change(user: &User) -> Value {
    let record = user.last_record();
    assert_eq!(record["kind"], "trust-change");
    let body = &record["body"];
    json!([body["publisher"], body["action"], body["subject"], body["replaced_version"]])
}
