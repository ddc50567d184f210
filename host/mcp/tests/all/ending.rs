//! The end of a server.

use std::time::Duration;

use mpp_mcp::http::limits::STOP_TIME;
use serde_json::json;

use crate::support::{Request, Running};

#[tokio::test]
async fn a_call_that_runs_when_the_server_is_to_stop_is_answered() {
    let server = Running::start().await;
    let fixture = server.fixture.clone();
    let address = server.address;
    let mut client = server.connect().await;
    client.send(&Request::call("hold", json!({})).bytes(address)).await;
    fixture.until_held(|held| held.began == 1).await;
    let served = server.stop();
    // Nobody else is let in.
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!served.is_finished());
    fixture.release();
    let answer = client.answer().await;
    assert_eq!(answer.last()["result"]["content"][0]["text"], "released");
    assert!(client.is_closed().await);
    served.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_call_of_a_session_that_runs_when_the_server_is_to_stop_is_answered() {
    let server = Running::start().await;
    let fixture = server.fixture.clone();
    let session = server.session().await;
    let mut stream = server.connect().await;
    stream.send(&Request::stream(&session).bytes(server.address)).await;
    assert_eq!(stream.head().await.status, 200);
    let call = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "hold"}});
    let mut client = server.connect().await;
    client.send(&Request::in_session(&session, call).bytes(server.address)).await;
    fixture.until_held(|held| held.began == 1).await;
    let served = server.stop();
    fixture.release();
    let answer = client.answer().await;
    assert_eq!(answer.last()["result"]["content"][0]["text"], "released");
    // The session's stream has no end of its own, and is ended.
    assert_eq!(stream.event().await, None);
    served.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_idle_server_stops_at_once_with_connections_open() {
    let server = Running::start().await;
    let mut idle = server.connect().await;
    idle.send(&Request::stateless("tools/list", json!({})).bytes(server.address)).await;
    assert_eq!(idle.answer().await.status, 200);
    server.stop().await.unwrap().unwrap();
    assert!(idle.is_closed().await);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_runs_for_too_long_after_that_is_cancelled() {
    let server = Running::start().await;
    let fixture = server.fixture.clone();
    let mut client = server.connect().await;
    client.send(&Request::call("hold", json!({})).bytes(server.address)).await;
    fixture.until_held(|held| held.began == 1).await;
    let began = tokio::time::Instant::now();
    server.stop().await.unwrap().unwrap();
    let held = fixture.until_held(|held| held.dropped == 1).await;
    assert_eq!(held.released, 0);
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.text()), (500, "the server is stopping\n"));
    assert!(began.elapsed() >= STOP_TIME && began.elapsed() < STOP_TIME + Duration::from_secs(60));
}
