//! What may be dialled.

use std::net::SocketAddr;

use mpp_host::policy::Permission::NetworkOutbound;
use serde_json::json;

use super::{NAME, declaring, dial, dialling, hello, hello_https, local};
use crate::support::server::{Answer, Authority, Server};

#[tokio::test]
async fn a_granted_host_is_dialled_and_the_request_is_on_record() {
    let server = hello();
    let tool = dialling(json!([format!("{NAME}:80")]), server.address()).await.load();
    let ended = dial(&tool, &format!("http://{NAME}/path?query")).await;
    assert_eq!(ended.structured()["body"], "hello");
    assert_eq!(ended.checks(), [format!("allowed network.outbound GET {NAME}:80")]);
    let usage = ended.record.usage;
    assert_eq!((usage.http_requests, usage.http_request_bytes, usage.http_response_bytes), (1, 0, 5));
    let [request] = server.received().try_into().expect("one request");
    assert_eq!((request.method.as_str(), request.target.as_str()), ("GET", "/path?query"));
    assert_eq!(request.header("host"), Some(NAME));
}

#[tokio::test]
async fn a_granted_host_is_dialled_over_tls() {
    let authority = Authority::new();
    let server = hello_https(&authority, &[NAME]);
    let scene = dialling(json!([format!("{NAME}:443")]), server.address()).await;
    let tool = scene.tls_roots(authority.roots()).load();
    let ended = dial(&tool, &format!("https://{NAME}/")).await;
    assert_eq!(ended.structured()["body"], "hello");
    assert_eq!(ended.checks(), [format!("allowed network.outbound GET {NAME}:443")]);
}

#[tokio::test]
async fn an_undeclared_host_is_denied_and_not_dialled() {
    let server = hello();
    let tool = dialling(json!(["other.example.com:80"]), server.address()).await.load();
    let ended = dial(&tool, &format!("http://{NAME}/")).await;
    let why = ended.denied(NetworkOutbound, &format!("{NAME}:80"));
    assert!(why.contains("does not declare") && why.contains("outbound: [\"api.example.com:80\"]"), "{why}");
    assert_eq!(ended.checks(), [format!("denied network.outbound GET {NAME}:80")]);
    assert_eq!(ended.record.usage.http_requests, 0);
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn an_undeclared_port_is_denied_and_not_dialled() {
    let server = hello();
    let tool = dialling(json!([format!("{NAME}:443")]), server.address()).await.load();
    for (url, port) in [("http://api.example.com/", 80), ("http://api.example.com:8080/", 8080)] {
        dial(&tool, url).await.denied(NetworkOutbound, &format!("{NAME}:{port}"));
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn what_the_operator_did_not_approve_is_denied_as_the_operators_to_grant() {
    let server = hello();
    let scene = dialling(json!([format!("{NAME}:80"), "other.example.com:80"]), server.address()).await;
    let tool = scene.approves(json!({"network": {"outbound": ["other.example.com:80"]}})).load();
    let why = dial(&tool, &format!("http://{NAME}/")).await.denied(NetworkOutbound, &format!("{NAME}:80"));
    assert!(why.contains("operator"), "{why}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn an_entry_that_narrows_method_and_path_is_kept() {
    let server = hello();
    let entry = json!({"host": "api.example.com:80", "methods": ["GET"], "path_prefix": "/v1"});
    let tool = dialling(json!([entry]), server.address()).await.load();
    dial(&tool, "http://api.example.com/v1/things").await.completed();
    for url in [
        "http://api.example.com/v2/things",
        "http://api.example.com/v10",
        "http://api.example.com/v1/../admin",
        "http://api.example.com/v1/%2e%2e/admin",
        "http://api.example.com/v1/..%2fadmin",
    ] {
        dial(&tool, url).await.denied(NetworkOutbound, "api.example.com:80");
    }
    let ended = tool.call("dial", json!({"url": "http://api.example.com/v1/things", "post": true})).await;
    ended.denied(NetworkOutbound, "api.example.com:80");
    assert_eq!(ended.checks(), ["denied network.outbound POST api.example.com:80"]);
    assert_eq!(server.connections(), 1);
}

/// The same host by other spellings is the same host, and no spelling of it is
/// another.
#[tokio::test]
async fn a_host_is_matched_by_what_it_is() {
    let server = hello();
    let tool = dialling(json!([format!("{NAME}:80")]), server.address()).await.load();
    for url in ["http://API.Example.COM/", "http://api.example.com:80/", "http://api.example.com./"] {
        assert_eq!(dial(&tool, url).await.structured()["body"], "hello", "{url}");
    }
    let connections = server.connections();
    for url in [
        "http://evil-api.example.com/",
        "http://api.example.com.evil.example/",
        "http://xapi.example.com/",
        "http://example.com/",
        "http://sub.api.example.com/",
        "http://evil.example/http://api.example.com/",
    ] {
        let ended = dial(&tool, url).await;
        ended.denied_check(NetworkOutbound);
    }
    assert_eq!(server.connections(), connections);
}

#[tokio::test]
async fn a_name_below_a_wildcard_is_covered_and_the_name_itself_is_not() {
    let server = hello();
    let tool = dialling(json!(["*.example.com:80"]), server.address()).await.load();
    dial(&tool, &format!("http://{NAME}/")).await.completed();
    dial(&tool, "http://example.com/").await.denied(NetworkOutbound, "example.com:80");
    dial(&tool, "http://example.com.evil.example/")
        .await
        .denied(NetworkOutbound, "example.com.evil.example:80");
}

/// A name that is granted and leads to this machine, as after rebinding.
#[tokio::test]
async fn a_granted_name_with_a_private_address_is_denied_and_not_dialled() {
    let server = hello();
    let scene = declaring(json!([format!("{NAME}:80")])).await.host_address(NAME, server.address());
    let tool = scene.load();
    let ended = dial(&tool, &format!("http://{NAME}/")).await;
    let why = ended.denied(NetworkOutbound, &format!("GET {NAME}:80"));
    assert!(why.contains("127.0.0.1"), "{why}");
    let (allowed, denied) =
        (format!("allowed network.outbound GET {NAME}:80"), format!("denied network.outbound GET {NAME}:80"));
    assert_eq!(ended.checks(), [allowed, denied]);
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn no_spelling_of_a_private_address_gets_through_a_name() {
    for address in [
        "10.0.0.1:80",
        "172.16.0.1:80",
        "192.168.1.1:80",
        "169.254.169.254:80",
        "100.64.0.1:80",
        "0.0.0.0:80",
        "[::1]:80",
        "[::ffff:127.0.0.1]:80",
        "[::ffff:10.0.0.1]:80",
        "[64:ff9b::7f00:1]:80",
        "[fd00:ec2::254]:80",
        "[fe80::1]:80",
        "[2002:7f00:1::]:80",
        "[::]:80",
    ] {
        let address: SocketAddr = address.parse().expect("an address");
        let tool = declaring(json!([format!("{NAME}:80")])).await.host_address(NAME, address).load();
        let ended = dial(&tool, &format!("http://{NAME}/")).await;
        ended.denied(NetworkOutbound, &format!("GET {NAME}:80"));
    }
}

#[tokio::test]
async fn a_literal_private_address_is_denied_even_where_it_is_declared() {
    let server = hello();
    let port = server.address().port();
    let entries = json!([local(&server), format!("[::1]:{port}"), "169.254.169.254:80", "10.0.0.1:80"]);
    let tool = declaring(entries).await.load();
    for host in [
        format!("127.0.0.1:{port}"),
        format!("[::1]:{port}"),
        "169.254.169.254:80".into(),
        "10.0.0.1:80".into(),
    ] {
        let ended = dial(&tool, &format!("http://{host}/")).await;
        ended.denied(NetworkOutbound, &format!("GET {host}"));
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_literal_address_in_a_strange_spelling_is_the_address() {
    let server = hello();
    let port = server.address().port();
    let tool = declaring(json!([local(&server)])).await.load();
    for host in ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "%31%32%37.0.0.1"] {
        let ended = dial(&tool, &format!("http://{host}:{port}/")).await;
        ended.denied_check(NetworkOutbound);
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn an_undeclared_literal_address_is_denied() {
    let server = hello();
    let tool = dialling(json!([format!("{NAME}:80")]), server.address()).await.load();
    let resource = local(&server);
    dial(&tool, &format!("http://{resource}/")).await.denied(NetworkOutbound, &resource);
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_private_address_that_the_operator_allows_is_dialled_where_it_is_declared() {
    let server = hello();
    let tool = declaring(json!([local(&server)])).await.allows_network("127.0.0.0/8").load();
    let ended = dial(&tool, &format!("http://{}/", local(&server))).await;
    assert_eq!(ended.structured()["body"], "hello");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let target = hello();
    let location = format!("http://{}/", target.address());
    let server = Server::http(move |_| Answer::redirect(location.clone()));
    let scene = dialling(json!([format!("{NAME}:80"), local(&target)]), server.address()).await;
    let ended = dial(&scene.load(), &format!("http://{NAME}/")).await;
    assert_eq!(ended.structured()["status"], 302);
    assert_eq!(ended.structured()["location"], format!("http://{}/", target.address()));
    assert_eq!(ended.record.usage.http_requests, 1);
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn a_tool_that_follows_a_redirect_to_an_undeclared_host_is_denied() {
    let target = hello();
    let location = format!("http://{}/", target.address());
    let server = Server::http(move |_| Answer::redirect(location.clone()));
    let tool = dialling(json!([format!("{NAME}:80")]), server.address()).await.load();
    let ended = tool.call("follow", json!({"url": format!("http://{NAME}/")})).await;
    ended.denied(NetworkOutbound, &local(&target));
    let allowed = format!("allowed network.outbound GET {NAME}:80");
    assert_eq!(ended.checks(), [allowed, format!("denied network.outbound GET {}", local(&target))]);
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn a_tool_may_follow_a_redirect_to_a_declared_host() {
    let target = hello();
    let location = format!("http://{}/", target.address());
    let server = Server::http(move |_| Answer::redirect(location.clone()));
    let tool = dialling(json!([format!("{NAME}:80"), local(&target)]), server.address()).await.load();
    let ended = tool.call("follow", json!({"url": format!("http://{NAME}/")})).await;
    assert_eq!(ended.structured()["body"], "hello");
    assert_eq!(ended.record.usage.http_requests, 2);
}

#[tokio::test]
async fn a_name_in_the_hosts_file_of_one_host_is_unknown_to_another() {
    let tool = declaring(json!(["no-such-name.invalid:80"])).await.load();
    assert_eq!(super::fail(&tool, "http://no-such-name.invalid/").await, "name-not-resolved");
}
