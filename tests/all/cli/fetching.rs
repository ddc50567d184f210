//! Documents that the command fetches over HTTPS.

use std::fs;
use std::process::Command;

use super::{Ended, PUBLISHER, User, text};
use crate::support::server::{Answer, Authority, Received, Server};

/// A publisher's server, which shows its key.
fn server(authority: &Authority) -> Server {
    let key = fs::read(PUBLISHER.public_key()).expect("the publisher has a public key");
    Server::https(authority, &["localhost"], move |request: &Received| match request.target.as_str() {
        "/key.pem" => Answer::page("application/x-pem-file", key.clone()),
        "/moved.pem" => Answer::redirect("/key.pem"),
        "/plain.pem" => Answer::redirect("http://localhost/key.pem"),
        _ => Answer::Full { status: 404, headers: Vec::new(), body: Vec::new() },
    })
}

fn url(server: &Server, host: &str, path: &str) -> String {
    format!("https://{host}:{}{path}", server.address().port())
}

/// `mpp trust add` of what lies at a URL, whoever the shell's proxy is.
fn add(user: &User, url: &str, ca_file: Option<&str>) -> Ended {
    let mut command = user.mpp(["trust", "add", "com.example", url, "--yes"]);
    command.args(ca_file.map(|file| format!("--ca-file={file}")));
    Ended::of(without_proxy(&mut command).output().expect("the command can be started"))
}

fn without_proxy(command: &mut Command) -> &mut Command {
    ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"].iter().fold(command, Command::env_remove)
}

#[test]
fn a_key_is_fetched_from_a_server_whose_authority_is_named() {
    let (user, authority) = (User::new(), Authority::new());
    let server = server(&authority);
    let ca_file = text(&user.write("authority.pem", authority.pem()));
    add(&user, &url(&server, "localhost", "/moved.pem"), Some(&ca_file)).done();
    user.run(["verify", &text(&PUBLISHER.text_stats())]).done();
    let asked: Vec<String> = server.received().into_iter().map(|request| request.target).collect();
    assert_eq!(asked, ["/moved.pem", "/key.pem"]);
}

#[test]
fn a_server_of_an_unknown_authority_is_status_8_and_names_the_option() {
    let (user, authority) = (User::new(), Authority::new());
    let server = server(&authority);
    let url = url(&server, "localhost", "/key.pem");
    let words = [&format!("cannot fetch {url}"), "no authority that is trusted here", "--ca-file FILE"];
    add(&user, &url, None).failed(8, &words);
    // Another authority is no better, though it has the same name.
    let other = text(&user.write("other.pem", Authority::new().pem()));
    add(&user, &url, Some(&other)).failed(8, &words);
    assert_eq!(server.received(), []);
}

#[test]
fn a_certificate_for_another_name_is_status_8() {
    let (user, authority) = (User::new(), Authority::new());
    let server = server(&authority);
    let ca_file = text(&user.write("authority.pem", authority.pem()));
    let url = url(&server, "127.0.0.1", "/key.pem");
    add(&user, &url, Some(&ca_file)).failed(8, &["TLS failed", "not valid for name \"127.0.0.1\""]);
    assert_eq!(server.received(), []);
}

#[test]
fn a_document_that_cannot_be_had_is_status_8_and_pins_nothing() {
    let (user, authority) = (User::new(), Authority::new());
    let server = server(&authority);
    let ca_file = text(&user.write("authority.pem", authority.pem()));
    let add = |path| add(&user, &url(&server, "localhost", path), Some(&ca_file));
    add("/nothing").failed(8, &["the server answers 404 Not Found", "next: check the URL"]);
    add("/plain.pem").failed(8, &["redirects to http://localhost/key.pem: that would leave https"]);
    assert!(!user.path("config/trust.json").exists());
}

#[test]
fn a_url_that_is_not_https_is_status_2() {
    let user = User::new();
    add(&user, "http://example.com/key.pem", None).failed(2, &["use https://"]);
    add(&user, "file:///etc/hosts", None).failed(2, &["file:// is not supported"]);
}
