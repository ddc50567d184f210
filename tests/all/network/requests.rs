//! What a tool may put into a request.

use serde_json::json;

use super::{NAME, dialling, hello};
use crate::support::server::{Answer, Server};

#[tokio::test]
async fn a_url_that_is_not_one_for_http_is_refused() {
    let server = hello();
    let tool = dialling(json!([format!("{NAME}:80")]), server.address()).await.load();
    for url in [
        "",
        "/",
        "api.example.com",
        "//api.example.com/",
        "ftp://api.example.com/",
        "file:///etc/passwd",
        "http://",
        "http:///path",
        "http://user@api.example.com/",
        "http://user:word@api.example.com/",
        "http://api.example.com:99999/",
        "http://[::1",
        "javascript:alert(1)",
        "data:text/plain,hello",
        "http://api.exa mple.com/",
        "ws://api.example.com/",
        "http://evil.example\\@api.example.com/",
    ] {
        let ended = tool.call("fail", json!({"url": url})).await;
        assert_eq!(ended.text(), "invalid-request", "{url}");
        assert_eq!(ended.checks(), [""; 0], "{url}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_tool_does_not_frame_messages() {
    let server = hello();
    let tool = dialling(json!([format!("{NAME}:80")]), server.address()).await.load();
    for (name, value) in [
        ("Host", "evil.example"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "close"),
        ("Upgrade", "h2c"),
        ("TE", "trailers"),
        ("Proxy-Authorization", "x"),
        ("x-a", "1\r\nx-b: 2"),
        ("x a", "1"),
        ("x-a\r\nx-b", "1"),
        ("", "1"),
        ("x-a", "a\0b"),
        (":authority", "evil.example"),
    ] {
        let input = json!({"url": format!("http://{NAME}/"), "headers": [[name, value]]});
        assert_eq!(tool.call("fail", input).await.text(), "invalid-request", "{name:?}: {value:?}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn what_a_tool_sends_arrives() {
    let server = Server::http(|request| Answer::page("text/plain", request.body.clone()));
    let tool = dialling(json!([format!("{NAME}:80")]), server.address()).await.load();
    let ended = tool
        .call(
            "dial",
            json!({"url": format!("http://{NAME}/"), "post": true, "body": "body", "headers": [["X-Test", "1"]]}),
        )
        .await;
    assert_eq!(ended.structured()["body"], "body");
    assert_eq!(ended.record.usage.http_request_bytes, 4);
    let [request] = server.received().try_into().expect("one request");
    assert_eq!(request.method, "POST");
    assert_eq!(request.header("x-test"), Some("1"));
    assert_eq!(request.header("content-length"), Some("4"));
}

/// Nothing of this machine or of an earlier call travels with a request.
#[tokio::test]
async fn the_host_adds_nothing_of_its_own_to_a_request() {
    let server = Server::http(|_| Answer::Full {
        status: 200,
        headers: vec![("set-cookie", "session=1".to_owned())],
        body: Vec::new(),
    });
    let tool = dialling(json!([format!("{NAME}:80")]), server.address()).await.load();
    for _ in 0..2 {
        tool.call("dial", json!({"url": format!("http://{NAME}/")})).await.completed();
    }
    for request in server.received() {
        let mut names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "host"]);
    }
}

#[tokio::test]
async fn each_request_is_charged_and_one_too_many_is_refused() {
    use mpp_host::policy::Limits;
    let server = hello();
    let scene = dialling(json!([format!("{NAME}:80")]), server.address()).await;
    let tool = scene.limits(Limits { http_requests: 3, ..Limits::DEFAULT }).load();
    let ended = tool.call("dial-until-it-fails", json!({"url": format!("http://{NAME}/")})).await;
    assert_eq!(ended.text(), "3: limit of the call: a call sends at most 3 requests");
    assert_eq!(ended.record.usage.http_requests, 3);
    assert_eq!(server.received().len(), 3);
    // The next call has its own three.
    tool.call("dial", json!({"url": format!("http://{NAME}/")})).await.completed();
}
