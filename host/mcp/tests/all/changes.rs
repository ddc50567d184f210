//! Being told that the list has changed, in both eras.

use serde_json::{Value, json};

use crate::fixture::entry;
use crate::support::{Client, Request, Running};

async fn listen(server: &Running, notifications: Value) -> Client {
    let mut client = server.connect().await;
    let listen = Request::stateless("subscriptions/listen", json!({"notifications": notifications}));
    client.send(&listen.bytes(server.address)).await;
    assert_eq!(client.head().await.status, 200);
    client
}

#[tokio::test]
async fn a_subscriber_is_told_of_another_list_and_finds_it() {
    let server = Running::start().await;
    let mut client = listen(&server, json!({"toolsListChanged": true})).await;
    let acknowledged = client.event().await.unwrap();
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
    assert_eq!(acknowledged["params"]["notifications"], json!({"toolsListChanged": true}));
    server.fixture.replace(vec![entry("another")]);
    let told = client.event().await.unwrap();
    assert_eq!(told["method"], "notifications/tools/list_changed");
    assert_eq!(told["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], json!(1));
    let list = server.result("tools/list", json!({})).await;
    assert_eq!(list["tools"][0]["name"], "another");
}

#[tokio::test]
async fn a_subscriber_to_something_else_is_not_told() {
    let server = Running::start().await;
    let mut client = listen(&server, json!({"promptsListChanged": true})).await;
    assert_eq!(client.event().await.unwrap()["params"]["notifications"], json!({}));
    server.fixture.replace(vec![entry("another")]);
    // The next thing it hears is the end.
    let served = server.stop();
    let last = client.event().await.unwrap();
    assert_eq!((&last["id"], last.get("method")), (&json!(1), None));
    served.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_session_is_told_of_another_list() {
    let server = Running::start().await;
    let session = server.session().await;
    let mut client = server.connect().await;
    client.send(&Request::stream(&session).bytes(server.address)).await;
    assert_eq!(client.head().await.status, 200);
    server.fixture.replace(vec![entry("another")]);
    assert_eq!(client.event().await.unwrap()["method"], "notifications/tools/list_changed");
}

#[tokio::test]
async fn a_session_that_says_twice_that_it_has_begun_is_told_once() {
    let server = Running::start().await;
    let session = server.session().await;
    let begun = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(server.ask(&Request::in_session(&session, begun)).await.status, 202);
    let mut client = server.connect().await;
    client.send(&Request::stream(&session).bytes(server.address)).await;
    assert_eq!(client.head().await.status, 200);
    for tool in ["one", "two"] {
        server.fixture.replace(vec![entry(tool)]);
        assert_eq!(client.event().await.unwrap()["method"], "notifications/tools/list_changed");
    }
    // Had the first change been told twice, there would be more than these two.
    server.stop().await.unwrap().unwrap();
    assert_eq!(client.event().await, None);
}

#[tokio::test]
async fn a_subscription_more_than_there_may_be_is_refused() {
    let server = Running::start().await;
    let mut clients = Vec::new();
    for _ in 0..mpp_mcp::limits::MAX_SUBSCRIPTIONS {
        let mut client = listen(&server, json!({"toolsListChanged": true})).await;
        assert!(client.event().await.is_some());
        clients.push(client);
    }
    let mut client = listen(&server, json!({"toolsListChanged": true})).await;
    let refused = loop {
        let message = client.event().await.unwrap();
        if message.get("error").is_some() {
            break message;
        }
    };
    assert_eq!(refused["error"], json!({"code": -32603, "message": "there are 256 subscriptions already"}));
}
