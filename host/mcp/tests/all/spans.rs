//! The span of a request: what it is called, what it holds, and how it ends.

use serde_json::json;

use crate::support::{Fields, Listening, Request, Running, SESSIONS};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn fields<const N: usize>(fields: [(&'static str, &str); N]) -> Fields {
    fields.map(|(name, value)| (name, value.to_owned())).into()
}

/// How the span of a call of this tool ends.
async fn end_of(tool: &str) -> [Option<String>; 3] {
    let listening = Listening::start();
    let server = Running::start().await;
    server.ask(&Request::call(tool, json!({}))).await;
    let [span] = listening.spans().try_into().unwrap();
    ["error.type", "otel.status_code", "rpc.response.status_code"].map(|name| span.get(name).cloned())
}

fn end(fields: [Option<&str>; 3]) -> [Option<String>; 3] {
    fields.map(|value| value.map(str::to_owned))
}

#[tokio::test]
async fn the_span_of_a_call_holds_what_the_conventions_ask_for_and_no_more() {
    let listening = Listening::start();
    let server = Running::start().await;
    let arguments = json!({"secret": "canary"});
    let params =
        json!({"name": "echo", "arguments": arguments, "_meta": {"traceparent": TRACE, "other": "canary"}});
    server.result("tools/call", params).await;
    assert_eq!(
        listening.spans(),
        [fields([
            ("gen_ai.operation.name", "execute_tool"),
            ("gen_ai.tool.name", "echo"),
            ("jsonrpc.request.id", "1"),
            ("mcp.method.name", "tools/call"),
            ("mcp.protocol.version", "2026-07-28"),
            ("network.protocol.name", "http"),
            ("network.protocol.version", "1.1"),
            ("network.transport", "tcp"),
            ("otel.kind", "server"),
            ("otel.name", "tools/call echo"),
        ])]
    );
    let traced: Vec<String> = server.fixture.traced().iter().map(ToString::to_string).collect();
    assert_eq!(traced, [TRACE]);
}

#[tokio::test]
async fn requests_of_a_session_have_spans_that_name_it() {
    let listening = Listening::start();
    let server = Running::start().await;
    let session = server.session().await;
    let list = json!({"jsonrpc": "2.0", "id": "seven", "method": "tools/list"});
    assert_eq!(server.ask(&Request::in_session(&session, list)).await.status, 200);
    let [begin, list] = listening.spans().try_into().unwrap();
    assert_eq!(begin["otel.name"], "initialize");
    assert_eq!(list["otel.name"], "tools/list");
    assert_eq!(list["mcp.session.id"], session);
    assert_eq!(list["mcp.protocol.version"], SESSIONS);
    assert_eq!(list["jsonrpc.request.id"], "seven");
    assert_eq!(list.get("gen_ai.operation.name"), None);
}

#[tokio::test]
async fn a_discovery_has_a_span() {
    let listening = Listening::start();
    let server = Running::start().await;
    server.result("server/discover", json!({})).await;
    assert_eq!(listening.spans()[0]["otel.name"], "server/discover");
}

#[tokio::test]
async fn a_span_says_how_its_call_failed() {
    assert_eq!(end_of("test_error_handling").await, end([Some("tool_error"), Some("ERROR"), None]));
    assert_eq!(end_of("unavailable").await, end([Some("-32603"), Some("ERROR"), Some("-32603")]));
    assert_eq!(end_of("panic").await, end([Some("-32603"), Some("ERROR"), Some("-32603")]));
}

#[tokio::test]
async fn a_request_that_was_wrong_is_no_error_of_the_server() {
    assert_eq!(end_of("gone").await, end([None, None, Some("-32602")]));
    assert_eq!(end_of("unknown").await, end([None, None, Some("-32602")]));
}

#[tokio::test]
async fn a_tool_that_a_client_made_up_is_in_no_span() {
    let listening = Listening::start();
    let server = Running::start().await;
    server.ask(&Request::call("made-up", json!({}))).await;
    let [span] = listening.spans().try_into().unwrap();
    assert_eq!(span["otel.name"], "tools/call");
    assert_eq!(span.get("gen_ai.tool.name"), None);
}

#[tokio::test]
async fn the_span_of_a_call_that_nobody_waits_for_says_so() {
    // One that wants to know how far it is goes another way than one that does not.
    let plain = Request::call("hold", json!({}));
    let with_progress = json!({"name": "hold", "arguments": {}, "_meta": {"progressToken": "t"}});
    for request in [plain, Request::stateless("tools/call", with_progress)] {
        let listening = Listening::start();
        let server = Running::start().await;
        let mut client = server.connect().await;
        client.send(&request.bytes(server.address)).await;
        server.fixture.until_held(|held| held.began == 1).await;
        drop(client);
        server.fixture.until_held(|held| held.dropped == 1).await;
        server.stop().await.unwrap().unwrap();
        let [span] = listening.spans().try_into().unwrap();
        assert_eq!(span["error.type"], "cancelled");
        assert_eq!(span["otel.status_code"], "ERROR");
    }
}
