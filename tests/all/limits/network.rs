//! What a tool sends. What it may receive, and how often it may ask, is tested
//! with the network.

use mpp_host::policy::{Limits, LimitsRequest};
use serde_json::{Value, json};

use crate::support::server::{Answer, Server};
use crate::support::{Ended, Scene, guests};

const NAME: &str = "api.example.com";

/// Sends one request, with something that its tool adds to it.
async fn send(limits: Limits, requested: LimitsRequest, tool: &str, more: Value) -> (Ended, usize) {
    let server = Server::http(|_| Answer::page("text/plain", "hello"));
    let scene =
        Scene::of(guests::DIALS).await.declares(json!({"network": {"outbound": [format!("{NAME}:80")]}}));
    let scene = scene.host_address(NAME, server.address()).allows_network("127.0.0.0/8");
    let mut input = json!({"url": format!("http://{NAME}/"), "post": true});
    if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
        input.extend(more);
    }
    let ended = scene.limits(limits).requests(requested).load().call(tool, input).await;
    (ended, server.received().len())
}

#[tokio::test]
async fn a_request_that_fills_its_limit_is_sent_and_one_byte_more_is_not() {
    let limits = Limits { http_request_bytes: 1000, ..Limits::DEFAULT };
    let (ended, received) =
        send(limits, LimitsRequest::NONE, "dial", json!({"body": "x".repeat(1000)})).await;
    ended.completed();
    assert_eq!((ended.record.usage.http_request_bytes, received), (1000, 1));

    let (ended, received) =
        send(limits, LimitsRequest::NONE, "fail", json!({"body": "x".repeat(1001)})).await;
    assert_eq!(ended.text(), "limit");
    assert_eq!((ended.record.usage.http_request_bytes, received), (0, 0));
}

#[tokio::test]
async fn a_package_lowers_what_it_may_send() {
    let request = LimitsRequest { http_bytes: Some(10), ..LimitsRequest::NONE };
    let (ended, received) = send(Limits::DEFAULT, request, "fail", json!({"body": "x".repeat(11)})).await;
    assert_eq!((ended.text().as_str(), received), ("limit", 0));
    let request = LimitsRequest { http_requests: Some(0), ..LimitsRequest::NONE };
    let (ended, received) = send(Limits::DEFAULT, request, "fail", json!({})).await;
    assert_eq!((ended.text().as_str(), received), ("limit", 0));
}

/// Headers are no way around the limit on bodies.
#[tokio::test]
async fn the_headers_of_a_request_are_limited_too() {
    const MOST: usize = 64 << 10;
    // Together with its name, the value fills the limit or exceeds it.
    let header = |bytes: usize| json!({"headers": [["x-a", "x".repeat(bytes - 3)]]});
    let (ended, received) = send(Limits::DEFAULT, LimitsRequest::NONE, "dial", header(MOST)).await;
    ended.completed();
    assert_eq!(received, 1);
    let (ended, received) = send(Limits::DEFAULT, LimitsRequest::NONE, "fail", header(MOST + 1)).await;
    assert_eq!((ended.text().as_str(), received), ("invalid-request", 0));

    let headers = |count: usize| json!({"headers": vec![["x-a", "1"]; count]});
    let (ended, _) = send(Limits::DEFAULT, LimitsRequest::NONE, "dial", headers(128)).await;
    ended.completed();
    let (ended, received) = send(Limits::DEFAULT, LimitsRequest::NONE, "fail", headers(129)).await;
    assert_eq!((ended.text().as_str(), received), ("invalid-request", 0));
}
