//! One client on a pair of streams.

use std::time::Duration;

use mpp_mcp::limits::MAX_MESSAGE_BYTES;
use mpp_mcp::stdio::{self, REST_TIME, StdioError};
use mpp_mcp::{Server, Transport};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::fixture::{Fixture, entry};
use crate::support::{SESSIONS, STATELESS, about};

struct Session {
    fixture: Fixture,
    input: DuplexStream,
    output: BufReader<DuplexStream>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), StdioError>>,
}

fn start() -> Session {
    let fixture = Fixture::default();
    let server = Server::new(fixture.clone(), about());
    let (input, read) = tokio::io::duplex(1024 * 1024);
    let (write, output) = tokio::io::duplex(1024 * 1024);
    let (stop, stopped) = oneshot::channel();
    let served = tokio::spawn(stdio::serve(server, (read, write), async {
        let _ = stopped.await;
    }));
    Session { fixture, input, output: BufReader::new(output), stop, served }
}

impl Session {
    async fn send(&mut self, message: &Value) {
        self.line(&message.to_string()).await;
    }

    async fn line(&mut self, line: &str) {
        self.input.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// The next message; `None` at the end.
    async fn next(&mut self) -> Option<Value> {
        let mut line = String::new();
        match self.output.read_line(&mut line).await.unwrap() {
            0 => None,
            _ => Some(serde_json::from_str(&line).unwrap()),
        }
    }

    async fn begin(&mut self) {
        let params = json!({
            "protocolVersion": SESSIONS, "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}
        });
        self.send(&json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params})).await;
        assert_eq!(self.next().await.unwrap()["result"]["protocolVersion"], SESSIONS);
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
    }
}

fn stateless(id: u32, method: &str, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": STATELESS,
        "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

#[tokio::test]
async fn a_client_of_either_era_calls_a_tool() {
    let mut session = start();
    session.send(&stateless(1, "server/discover", json!({}))).await;
    assert_eq!(
        session.next().await.unwrap()["result"]["capabilities"],
        json!({"tools": {"listChanged": true}})
    );
    session.send(&stateless(2, "tools/call", json!({"name": "test_simple_text"}))).await;
    let answer = session.next().await.unwrap();
    assert_eq!((&answer["id"], &answer["result"]["resultType"]), (&json!(2), &json!("complete")));

    let mut session = start();
    session.begin().await;
    session
        .send(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo"}}))
        .await;
    let answer = session.next().await.unwrap();
    assert_eq!(answer["result"]["structuredContent"], json!({}));
    assert_eq!(answer["result"].get("resultType"), None);
    let caller = session.fixture.callers().remove(0);
    assert_eq!((caller.transport, caller.session), (Transport::Stdio, None));
}

#[tokio::test]
async fn a_client_of_either_era_is_told_of_another_list() {
    let mut session = start();
    session.begin().await;
    session.fixture.replace(vec![entry("another")]);
    assert_eq!(session.next().await.unwrap()["method"], "notifications/tools/list_changed");

    let mut session = start();
    let listen = stateless(1, "subscriptions/listen", json!({"notifications": {"toolsListChanged": true}}));
    session.send(&listen).await;
    let acknowledged = session.next().await.unwrap();
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
    session.fixture.replace(vec![entry("another")]);
    assert_eq!(session.next().await.unwrap()["method"], "notifications/tools/list_changed");
    session
        .send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}))
        .await;
    session.send(&stateless(2, "tools/list", json!({}))).await;
    assert_eq!(session.next().await.unwrap()["result"]["tools"][0]["name"], "another");
}

#[tokio::test]
async fn a_call_is_cancelled_by_saying_so() {
    let mut session = start();
    session.send(&stateless(1, "tools/call", json!({"name": "hold"}))).await;
    session.fixture.until_held(|held| held.began == 1).await;
    session
        .send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}))
        .await;
    session.fixture.until_held(|held| held.dropped == 1).await;
    // A request that was cancelled is not answered.
    session.send(&stateless(2, "tools/call", json!({"name": "echo"}))).await;
    assert_eq!(session.next().await.unwrap()["id"], 2);
}

#[tokio::test]
async fn what_is_no_message_ends_nothing() {
    let mut session = start();
    session.begin().await;
    session.line("nonsense").await;
    session.line("").await;
    session.line("[1]").await;
    session.send(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})).await;
    let mut answers = vec![session.next().await.unwrap()];
    while answers.last().unwrap()["id"] != 1 {
        answers.push(session.next().await.unwrap());
    }
    for error in &answers[..answers.len() - 1] {
        assert_eq!(error["error"]["code"], -32600, "{error}");
    }
}

#[tokio::test]
async fn a_line_longer_than_any_is_passed_over() {
    let mut session = start();
    session.begin().await;
    session.line(&"x".repeat(MAX_MESSAGE_BYTES + 1)).await;
    session.send(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})).await;
    assert_eq!(session.next().await.unwrap()["id"], 1);
}

#[tokio::test]
async fn a_client_that_begins_with_something_else_is_told_to_whom_that_is_due() {
    let mut session = start();
    session.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
    let error = session.served.await.unwrap().unwrap_err();
    assert!(matches!(error, StdioError::Begin(_)), "{error}");
}

#[tokio::test]
async fn a_client_that_asks_for_nothing_is_none() {
    let session = start();
    drop(session.input);
    session.served.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_call_that_runs_when_the_input_ends_is_answered() {
    let mut session = start();
    session.send(&stateless(1, "tools/call", json!({"name": "hold"}))).await;
    session.fixture.until_held(|held| held.began == 1).await;
    session.input.shutdown().await.unwrap();
    session.fixture.release();
    assert_eq!(session.next().await.unwrap()["result"]["content"][0]["text"], "released");
    session.served.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_that_runs_when_the_input_ends_has_its_time() {
    let mut session = start();
    session.send(&stateless(1, "tools/call", json!({"name": "hold"}))).await;
    session.fixture.until_held(|held| held.began == 1).await;
    session.input.shutdown().await.unwrap();
    tokio::time::sleep(REST_TIME - Duration::from_secs(1)).await;
    session.fixture.release();
    assert_eq!(session.next().await.unwrap()["result"]["content"][0]["text"], "released");
    session.served.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_subscription_ends_with_the_input() {
    let mut session = start();
    let listen = stateless(1, "subscriptions/listen", json!({"notifications": {"toolsListChanged": true}}));
    session.send(&listen).await;
    session.next().await.unwrap();
    let began = tokio::time::Instant::now();
    session.input.shutdown().await.unwrap();
    session.served.await.unwrap().unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn a_call_that_runs_when_the_server_is_to_stop_is_answered() {
    let mut session = start();
    session.send(&stateless(1, "tools/call", json!({"name": "hold"}))).await;
    session.fixture.until_held(|held| held.began == 1).await;
    let (stop, _) = oneshot::channel();
    let _ = std::mem::replace(&mut session.stop, stop).send(());
    // Nothing more is read.
    session.send(&stateless(2, "tools/call", json!({"name": "echo"}))).await;
    session.fixture.release();
    assert_eq!(session.next().await.unwrap()["id"], 1);
    assert_eq!(session.next().await, None);
    session.served.await.unwrap().unwrap();
    assert_eq!(session.fixture.callers().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_does_not_end_is_cancelled_in_the_end() {
    let mut session = start();
    session.send(&stateless(1, "tools/call", json!({"name": "hold"}))).await;
    session.fixture.until_held(|held| held.began == 1).await;
    let (stop, _) = oneshot::channel();
    let _ = std::mem::replace(&mut session.stop, stop).send(());
    let began = tokio::time::Instant::now();
    session.served.await.unwrap().unwrap();
    session.fixture.until_held(|held| held.dropped == 1).await;
    assert!(began.elapsed() >= REST_TIME && began.elapsed() < REST_TIME + Duration::from_secs(60));
}
