//! Many clients at once.

use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Request, Running};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_at_once_are_each_answered_with_their_own() {
    let server = Running::start().await;
    let mut calls = JoinSet::new();
    for number in 0..1_000 {
        let mut client = server.connect().await;
        let request = Request::call("echo", json!({"number": number})).bytes(server.address);
        calls.spawn(async move {
            client.send(&request).await;
            let answer = client.answer().await;
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!(answer.last()["result"]["structuredContent"], json!({"number": number}));
        });
    }
    assert_eq!(calls.join_all().await.len(), 1_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_run_at_once_and_end_when_their_clients_go() {
    let server = Running::start().await;
    let mut clients = Vec::new();
    for _ in 0..1_000 {
        let mut client = server.connect().await;
        client.send(&Request::call("hold", json!({})).bytes(server.address)).await;
        clients.push(client);
    }
    server.fixture.until_held(|held| held.began == 1_000).await;
    drop(clients);
    let held = server.fixture.until_held(|held| held.dropped == 1_000).await;
    assert_eq!(held.released, 0);
    // There is room for others again.
    assert_eq!(server.ask(&Request::call("echo", json!({}))).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_more_than_may_run_is_an_error_and_not_a_wait() {
    let server = Running::start().await;
    let mut clients = Vec::new();
    for _ in 0..mpp_mcp::limits::MAX_CALLS {
        let mut client = server.connect().await;
        client.send(&Request::call("hold", json!({})).bytes(server.address)).await;
        clients.push(client);
    }
    server.fixture.until_held(|held| held.began == mpp_mcp::limits::MAX_CALLS).await;
    let error = server.ask(&Request::call("echo", json!({}))).await.error();
    assert_eq!(error, (-32603, "the server is busy: 1024 calls are running".to_owned()));
    server.fixture.release();
    for client in &mut clients {
        assert_eq!(client.answer().await.last()["result"]["content"][0]["text"], "released");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_more_than_there_may_be_is_refused_and_requests_without_one_are_not() {
    let server = Running::start().await;
    let mut last = String::new();
    for _ in 0..mpp_mcp::http::limits::MAX_SESSIONS {
        last = server.session().await;
    }
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    let begin =
        Request::message(json!({"jsonrpc": "2.0", "id": 9, "method": "initialize", "params": params}));
    let answer = server.ask(&begin).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("60")));
    assert_eq!(answer.last()["id"], 9);
    assert_eq!(answer.error(), (-32603, "there are 512 sessions already".to_owned()));
    assert_eq!(server.ask(&Request::call("echo", json!({}))).await.status, 200);
    assert_eq!(server.ask(&Request::end(&last)).await.status, 204);
    assert_eq!(server.ask(&begin).await.status, 200);
}
