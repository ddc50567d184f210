//! What servers answer.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue, LOCATION};

use super::server::{Server, head, redirect};
use super::*;

#[test]
fn a_document_is_asked_for_as_it_is_and_without_credentials() {
    let server = Server::answering(["HTTP/1.1 200 OK\r\ncontent-length: 4\r\nset-cookie: a=b\r\n\r\nroot"]);
    assert_eq!(read(&server.url("/trust/1.root.json?a=b#c"), LIMIT).unwrap(), b"root");
    let request = server.requests.recv().unwrap();
    let mut lines: Vec<&str> = request.lines().filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    let host = server.origin.trim_start_matches("http://");
    let expected = [
        "GET /trust/1.root.json?a=b HTTP/1.1",
        "accept-encoding: identity",
        "accept: */*",
        &format!("host: {host}"),
        concat!("user-agent: mpp/", env!("CARGO_PKG_VERSION")),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_document_that_is_not_there_is_none_or_a_failure_that_says_so() {
    for status in ["404 Not Found", "410 Gone"] {
        let server =
            Server::answering([head(status, ""), head(status, ""), redirect("/2"), head(status, "")]);
        assert_eq!(read_if_there(&server.url("/")), Ok(None));
        assert_eq!(why(read(&server.url("/"), LIMIT)), [format!("the server answers {status}")]);
        assert_eq!(read_if_there(&server.url("/1")), Ok(None));
    }
}

#[test]
fn any_other_answer_is_a_failure_that_names_it() {
    for (status, next) in [
        ("204 No Content", "check the URL"),
        ("206 Partial Content", "check the URL"),
        ("304 Not Modified", "check the URL"),
        ("401 Unauthorized", "check the URL"),
        ("503 Service Unavailable", "try again later"),
    ] {
        let server = Server::answering([head(status, "")]);
        let url = server.url("/1.root.json");
        let failure = read_if_there(&url).unwrap_err();
        assert_eq!(failure.blame().status(), 8);
        assert_eq!(failure.what(), format!("cannot fetch {url}"));
        assert_eq!(failure.why(), [format!("the server answers {status}")]);
        assert_eq!(failure.what_next(), [format!("{next}, or get it another way and name the file")]);
    }
}

#[test]
fn a_few_redirects_are_followed_and_no_more() {
    let document = "HTTP/1.1 200 OK\r\n\r\nroot".to_owned();
    let server = Server::answering([redirect("/2"), redirect("3"), redirect("../4?a"), document]);
    assert_eq!(read(&server.url("/a/1"), LIMIT).unwrap(), b"root");
    let asked = ["GET /a/1 HTTP/1.1", "GET /2 HTTP/1.1", "GET /3 HTTP/1.1", "GET /4?a HTTP/1.1"];
    assert_eq!(server.asked(), asked);

    let circle = Server::answering(vec![redirect("/"); 5]);
    assert_eq!(why(read(&circle.url("/"), LIMIT)), ["the server redirects more than 3 times"]);
    assert_eq!(circle.asked().len(), 4);
}

#[test]
fn a_failure_after_a_redirect_names_both_urls() {
    let server = Server::answering([redirect("/2"), head("500 Internal Server Error", "")]);
    let failure = read(&server.url("/1"), LIMIT).unwrap_err();
    assert_eq!(failure.what(), format!("cannot fetch {}", server.url("/1")));
    let why = [
        format!("it redirects to {}", server.url("/2")),
        "the server answers 500 Internal Server Error".into(),
    ];
    assert_eq!(failure.why(), why);
}

#[test]
fn a_redirect_is_held_against_the_rules() {
    for (to, words) in [
        ("http://example.com/", "http:// is for a server on this machine only"),
        ("//example.com/", "http:// is for a server on this machine only"),
        ("file:///etc/passwd", "file:// is not supported"),
        ("https://somebody@example.com/", "a URL with a name or a password"),
    ] {
        let server = Server::answering([redirect(to)]);
        let why = why(read(&server.url("/"), LIMIT));
        let to = Url::parse(&server.origin).unwrap().join(to).unwrap();
        assert!(why[0].starts_with(&format!("the server redirects to {to}: {words}")), "{why:?}");
    }
}

#[test]
fn a_redirect_never_leaves_https_not_even_for_this_machine() {
    let from = Url::parse("https://example.com/a").unwrap();
    let redirected =
        |to| https::redirected(&from, &HeaderMap::from_iter([(LOCATION, HeaderValue::from_static(to))]));
    assert_eq!(redirected("/b"), Ok(Url::parse("https://example.com/b").unwrap()));
    let to = Url::parse("http://127.0.0.1/").unwrap();
    let why = "that would leave https".to_owned();
    assert_eq!(redirected("http://127.0.0.1/"), Err(Trouble::Redirect { to, why }));
}

#[test]
fn a_redirect_to_nowhere_is_a_failure() {
    let far = format!("location: /{}\r\n", "a".repeat(2048));
    for fields in ["", "location: http://[/\r\n", "location: /\u{fc}\r\n", &far] {
        let server = Server::answering([head("308 Permanent Redirect", fields)]);
        let why = why(read(&server.url("/"), LIMIT));
        assert_eq!(why, ["the server redirects without saying where to"], "{fields}");
    }
}

#[test]
fn a_document_that_never_ends_is_cut_off_by_the_clock() {
    let server = Server::dripping();
    let mut client = Client::new(&[], &Environment::of([])).unwrap();
    client.time = Duration::from_millis(200);
    let url = Url::parse(&server.url("/")).unwrap();
    let late = Runtime::start().unwrap().wait_for(client.get(&url, u64::MAX)).unwrap_err();
    assert_eq!(late, Trouble::Late(client.time).fetching(&url, &url));
    assert_eq!(late.why(), ["it did not arrive within 200ms"]);
}

#[test]
fn the_limit_counts_what_arrives_however_it_is_framed() {
    for (framing, body, over) in [
        ("content-length: 5", "12345", "content-length: 6\r\n\r\n123456"),
        ("connection: close", "12345", "connection: close\r\n\r\n123456"),
        (
            "transfer-encoding: chunked",
            "2\r\n12\r\n3\r\n345\r\n0\r\n\r\n",
            "transfer-encoding: chunked\r\n\r\n5\r\n12345\r\n1\r\n6\r\n",
        ),
    ] {
        let server = Server::answering([
            format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n{body}"),
            format!("HTTP/1.1 200 OK\r\n{over}"),
        ]);
        assert_eq!(read(&server.url("/"), 5).unwrap(), b"12345", "{framing}");
        assert_eq!(why(read(&server.url("/"), 5)), ["it is larger than 5 bytes"], "{framing}");
    }
}

#[test]
fn a_length_that_is_a_lie_is_not_believed() {
    let answer =
        |length: &str, body: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
    let broken = "the connection ended before the document did";
    for length in ["5", "1048576", "9223372036854775807"] {
        let server = Server::answering([answer(length, "1234")]);
        assert_eq!(why(read(&server.url("/"), LIMIT)), [broken], "{length}");
    }
    // What comes after the announced end is no part of the document (RFC 9112,
    // section 6.3).
    let server = Server::answering([answer("4", "12345")]);
    assert_eq!(read(&server.url("/"), LIMIT).unwrap(), b"1234");
}

#[test]
fn a_compressed_document_is_refused() {
    for coding in ["gzip", "br", "unheard-of"] {
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\n\r\n\u{1f}");
        let server = Server::answering([answer]);
        let why = why(read(&server.url("/"), LIMIT));
        assert_eq!(why, ["the server sends it compressed, and was asked not to"], "{coding}");
    }
}

#[test]
fn a_server_that_hangs_up_early_is_a_failure() {
    for answer in ["", "HTTP/1.1 200 OK\r\ncontent-"] {
        let server = Server::answering([answer]);
        let why = why(read(&server.url("/"), LIMIT));
        assert_eq!(why, ["the connection broke off: connection closed before message completed"], "{answer}");
    }
}
