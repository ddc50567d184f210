//! Files that somebody broke: nothing is called by what was there before, and
//! all comes back when they are mended.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::packages::TEXT_STATS;
use super::{Piped, User, text};

/// What a client is told of it: no place of this machine is in it.
const UNREADABLE: &str = "what is installed and trusted here cannot be read, so no tool is called";

/// What is said while a file of the home is broken, and that calls come back after.
fn broken(below: &str, contents: &str, says: &str) {
    let user = User::who_installed([&TEXT_STATS]);
    let mut client = Piped::start(&user, &[]);
    let mut call = || {
        let id = client.request("tools/call", json!({"name": "text-stats", "arguments": {"text": "a"}}));
        client.answer(id)
    };
    assert_eq!(call()["result"]["isError"], false);
    let path = user.path(below);
    let good = fs::read(&path).expect("there is a file");
    fs::write(&path, contents).expect("it can be written");
    let says = format!("{} {says}", text(&path));
    for _ in 0..2 {
        assert_eq!(call()["error"], json!({"code": -32603, "message": UNREADABLE}));
    }
    fs::write(&path, good).expect("it can be written");
    assert_eq!(call()["result"]["isError"], false);
    client.end().done().saying(&["warning: ", &says, "restore it from a backup"]);
    assert_eq!(user.calls_on_record().len(), 2);
}

#[test]
fn a_broken_trust_file_stops_calls_until_it_is_mended() {
    broken("config/trust.json", "{}", "does not say whom to trust, so nothing is trusted");
}

#[test]
fn a_broken_list_of_installed_packages_stops_calls_until_it_is_mended() {
    broken("data/installed.json", "[", "does not say what is installed");
}

/// The file of the only package.
fn package(user: &User) -> PathBuf {
    let mut packages = fs::read_dir(user.path("data/packages")).expect("there are packages");
    packages.next().expect("there is one").expect("it can be listed").path()
}

/// A call of a package whose file was changed after it was listed: its component,
/// of which nothing is read to list it, or all of it.
fn changed(change: impl FnOnce(&Path)) {
    let user = User::who_installed([&TEXT_STATS]);
    let mut client = Piped::start(&user, &[]);
    assert_eq!(client.tools(), ["text-stats"]);
    change(&package(&user));
    let id = client.request("tools/call", json!({"name": "text-stats", "arguments": {"text": "a"}}));
    let says = "the installed package com.example/text-stats is damaged";
    assert_eq!(client.answer(id)["error"], json!({"code": -32603, "message": says}));
    let warning = "warning: the installed package com.example/text-stats is damaged";
    client.end().done().saying(&[warning, "its file holds another package", "install it again"]);
    let [refusal] = <[Value; 1]>::try_from(user.refusals()).expect("one refusal");
    assert_eq!(refusal["body"]["code"], "not-as-installed");
    user.called_nothing();
}

#[test]
fn a_package_that_was_changed_since_it_was_listed_is_refused_on_record() {
    changed(|path| {
        let mut bytes = fs::read(path).expect("it can be read");
        bytes[200] ^= 1;
        fs::write(path, bytes).expect("it can be written");
    });
}

#[test]
fn another_package_in_the_file_of_an_installed_one_is_refused_on_record() {
    changed(|path| {
        fs::copy(&**super::packages::PANICS, path).expect("it can be written");
    });
}

#[test]
fn a_log_that_does_not_hold_stops_the_server_from_starting() {
    let user = User::who_installed([&TEXT_STATS]);
    let log = fs::read_to_string(user.log()).expect("there is a log");
    let lines: Vec<&str> = log.split_inclusive('\n').collect();
    fs::write(user.log(), lines[..lines.len() - 1].concat()).expect("it can be written");
    user.run(["serve"]).failed(7, &["audit log", "was cut off"]);
}
