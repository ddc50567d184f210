//! What is decided while a person is asked: by another command, which comes
//! first.

use std::ffi::OsString;
use std::io::{self, BufRead, Read};

use mpp_cli::home::Environment;
use mpp_cli::output::{Streams, Terminal};
use mpp_host::package::RootParts;
use serde_json::{Value, json};

use super::documents::{
    INDEX, ROOT, index, listed, listed_as, release, revoked, role, root, sign_index, sign_root,
};
use super::{operator, refresh, update};
use crate::cli::{User, text};

/// Somebody at a terminal who says yes, once something else has happened.
struct Late<F: FnOnce()> {
    first: Option<F>,
    answer: &'static [u8],
}

impl<F: FnOnce()> Read for Late<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.answer.read(buffer)
    }
}

impl<F: FnOnce()> BufRead for Late<F> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if let Some(first) = self.first.take() {
            first();
        }
        Ok(self.answer)
    }

    fn consume(&mut self, bytes: usize) {
        self.answer = &self.answer[bytes..];
    }
}

/// Runs a command whose question is answered with yes after `first`. Returns
/// its status and what it said.
fn answered_after(user: &User, arguments: &[&str], first: impl FnOnce()) -> (u8, String) {
    let environment = Environment::of([("MPP_HOME", user.path("").as_os_str())]);
    let mut err = Vec::new();
    let mut streams = Streams {
        input: Box::new(Late { first: Some(first), answer: b"yes\n" }),
        out: Box::new(io::sink()),
        err: Box::new(&mut err),
        terminal: Terminal { input: true, out: false, err: true },
        colour: false,
    };
    let line = ["mpp"].iter().chain(arguments).map(OsString::from);
    let status = mpp_cli::run(line, &environment, &mut streams);
    drop(streams);
    (status, String::from_utf8(err).expect("what is said is UTF-8"))
}

/// An operator of an index with release 1.
fn operator_of_release_1() -> User {
    let user = operator();
    refresh(&user, &sign_index(index(1, vec![listed(&release(1))]), &[INDEX])).done();
    user
}

fn revoke(user: &User) {
    refresh(user, &sign_index(index(2, vec![listed_as(&release(1), revoked())]), &[INDEX])).done();
}

/// The root names another release key.
fn rotate(user: &User) {
    let rotated = RootParts { release: role(&[ROOT]), ..root(2) };
    update(user, &sign_root(rotated, &[ROOT])).done();
}

/// Refused with this code, on record; nothing is installed or remembered.
#[track_caller]
fn is_not_installed(user: &User, code: &str, (status, said): (u8, String)) {
    assert_eq!(status, 3, "{said}");
    assert!(said.contains("[y/N]") && said.contains("is refused"), "{said}");
    let body = user.last_record()["body"].clone();
    assert_eq!(json!([body["stage"], body["code"]]), json!(["signature", code]));
    assert_eq!(user.run(["list", "--json"]).done().json()["packages"], json!([]));
    let shown = user.run(["trust", "show", "com.example", "--json"]).done().json();
    assert_eq!(shown["accepted"], json!([]));
    let granted = user.records().into_iter().filter(|record| record["kind"] == "policy-change");
    assert_eq!(granted.collect::<Vec<Value>>(), Vec::<Value>::new());
}

#[test]
fn a_package_that_is_revoked_while_somebody_is_asked_is_not_installed() {
    let user = operator_of_release_1();
    let file = text(&user.write("package.mpp", release(1)));
    let ended = answered_after(&user, &["install", &file], || revoke(&user));
    is_not_installed(&user, "revoked", ended);
}

#[test]
fn a_package_whose_key_is_removed_while_somebody_is_asked_is_neither_installed_nor_remembered() {
    let user = operator_of_release_1();
    let file = text(&user.write("package.mpp", release(1)));
    let ended = answered_after(&user, &["install", &file], || rotate(&user));
    is_not_installed(&user, "untrusted-key", ended);
}

#[test]
fn a_package_that_is_revoked_while_somebody_is_asked_does_not_run() {
    let user = operator_of_release_1();
    let file = text(&user.write("package.mpp", release(1)));
    let run = ["run", &file, "--input", super::INPUT];
    let ended = answered_after(&user, &run, || revoke(&user));
    is_not_installed(&user, "revoked", ended);
}
