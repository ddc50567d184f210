//! What a server may do to a tool, and what it may not do to a host.

use std::time::{Duration, Instant};

use mpp_host::Outcome;
use mpp_host::audit::OutcomeKind;
use mpp_host::outcome::Stop;
use mpp_host::policy::Limits;
use serde_json::json;

use super::{NAME, dial, dialling, fail, hello_https, nobody};
use crate::support::server::{Answer, Authority, Server};

/// Far above what a call takes that does not hang.
const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let authority = Authority::new();
    let server = hello_https(&authority, &[NAME]);
    let scene = dialling(json!([format!("{NAME}:443")]), server.address()).await;
    let tool = scene.tls_roots(Authority::new().roots()).load();
    assert_eq!(fail(&tool, &format!("https://{NAME}/")).await, "tls");
    assert_eq!(server.received(), []);
}

#[tokio::test]
async fn without_any_authority_no_server_is_trusted() {
    let server = hello_https(&Authority::new(), &[NAME]);
    let tool = dialling(json!([format!("{NAME}:443")]), server.address()).await.load();
    assert_eq!(fail(&tool, &format!("https://{NAME}/")).await, "tls");
    assert_eq!(server.received(), []);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let server = hello_https(&authority, &["other.example.com"]);
    let scene = dialling(json!([format!("{NAME}:443")]), server.address()).await;
    let tool = scene.tls_roots(authority.roots()).load();
    assert_eq!(fail(&tool, &format!("https://{NAME}/")).await, "tls");
    assert_eq!(server.received(), []);
}

#[tokio::test]
async fn a_server_without_tls_is_not_spoken_to_in_clear() {
    let server = Server::http(|_| Answer::page("text/plain", "hello"));
    let scene = dialling(json!([format!("{NAME}:443")]), server.address()).await;
    let tool = scene.tls_roots(Authority::new().roots()).load();
    let kind = fail(&tool, &format!("https://{NAME}/")).await;
    assert!(["tls", "connection"].contains(&kind.as_str()), "{kind}");
    assert_eq!(server.received(), []);
}

#[tokio::test]
async fn nobody_there_is_a_failed_connection() {
    let tool = dialling(json!([format!("{NAME}:80")]), nobody()).await.load();
    assert_eq!(fail(&tool, &format!("http://{NAME}/")).await, "connection");
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_said_to_be_none() {
    for bytes in
        [&b"220 mail.example.com ESMTP\r\n"[..], b"", b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort"]
    {
        let server = Server::http(move |_| Answer::Bytes(bytes.to_vec()));
        let tool = dialling(json!([format!("{NAME}:80")]), server.address()).await.load();
        assert_eq!(fail(&tool, &format!("http://{NAME}/")).await, "protocol", "{bytes:?}");
    }
}

#[tokio::test]
async fn a_body_that_fills_the_limit_passes_and_one_byte_more_does_not() {
    for (bytes, expected) in [(1000, None), (1001, Some("limit"))] {
        let server = Server::http(move |_| Answer::page("text/plain", vec![b'x'; bytes]));
        let scene = dialling(json!([format!("{NAME}:80")]), server.address()).await;
        let tool = scene.limits(Limits { http_response_bytes: 1000, ..Limits::DEFAULT }).load();
        let url = format!("http://{NAME}/");
        match expected {
            None => assert_eq!(dial(&tool, &url).await.record.usage.http_response_bytes, 1000),
            Some(kind) => assert_eq!(fail(&tool, &url).await, kind),
        }
    }
}

/// The head of an answer and its whole body: nothing of it is unbounded.
#[tokio::test]
async fn an_answer_whose_head_never_ends_is_refused() {
    let server = Server::http(|_| {
        let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
        for number in 0..100_000 {
            head.extend_from_slice(format!("x-{number}: {}\r\n", "x".repeat(100)).as_bytes());
        }
        Answer::Bytes(head)
    });
    let tool = dialling(json!([format!("{NAME}:80")]), server.address()).await.load();
    assert_eq!(fail(&tool, &format!("http://{NAME}/")).await, "protocol");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_after_the_time_that_the_tool_gave_it() {
    for begun in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"] {
        let server = Server::http(move |_| Answer::Stall(begun.to_vec()));
        let tool = dialling(json!([format!("{NAME}:80")]), server.address()).await.load();
        let (before, input) = (Instant::now(), json!({"url": format!("http://{NAME}/"), "timeout_ms": 200}));
        assert_eq!(tool.call("fail", input).await.text(), "timeout");
        assert!(before.elapsed() < LONG);
    }
}

/// Time in host calls counts: the tool waits for a server that never answers,
/// and does not get to say when it has waited enough.
#[tokio::test]
async fn a_server_that_never_answers_does_not_hold_a_call_beyond_its_time() {
    for begun in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"] {
        let server = Server::http(move |_| Answer::Stall(begun.to_vec()));
        let time = Duration::from_millis(500);
        let scene = dialling(json!([format!("{NAME}:80")]), server.address()).await;
        let tool = scene.limits(Limits { time, ..Limits::DEFAULT }).load();
        let before = Instant::now();
        let ended = dial(&tool, &format!("http://{NAME}/")).await;
        assert!(before.elapsed() < LONG);
        // Whichever of the two clocks is first: the call's own, or that of the
        // request, which is given what is left of the call.
        match &ended.report.outcome {
            Outcome::Stopped(Stop::TimedOut(limit)) => {
                assert_eq!(*limit, time);
                assert_eq!(ended.record.outcome.kind, OutcomeKind::Timeout);
            }
            _ => assert!(ended.failed().contains("no answer in time")),
        }
        assert_eq!(ended.checks(), [format!("allowed network.outbound GET {NAME}:80")]);
        assert_eq!(ended.record.usage.http_requests, 1);
    }
}
