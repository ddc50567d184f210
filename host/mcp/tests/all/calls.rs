//! Calls, and what becomes of them.

use mpp_mcp::{Client, Transport};
use serde_json::{Value, json};

use crate::support::{Request, Running, SESSIONS, STATELESS};

#[tokio::test]
async fn a_call_is_answered_in_one_message() {
    let server = Running::start().await;
    let answer = server.ask(&Request::call("echo", json!({"words": 2}))).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        answer.last()["result"],
        json!({
            "resultType": "complete",
            "content": [{"type": "text", "text": "{\"words\":2}"}],
            "structuredContent": {"words": 2},
            "isError": false,
            "_meta": {"dev.mpp/outcome": {"kind": "ok", "invocation": "0190"}},
        })
    );
}

#[tokio::test]
async fn a_failure_of_a_tool_is_a_result_and_one_of_the_host_is_an_error() {
    let server = Running::start().await;
    let result = server.result("tools/call", json!({"name": "test_error_handling"})).await;
    assert_eq!(result["isError"], json!(true));
    assert_eq!(result["_meta"]["dev.mpp/outcome"], json!({"kind": "tool-error", "code": "failed"}));
    let error = async |tool| server.ask(&Request::call(tool, json!({}))).await.error();
    assert_eq!(error("unavailable").await, (-32603, "the audit log is full".to_owned()));
    assert_eq!(error("gone").await, (-32602, "there is no tool \"gone\"".to_owned()));
    assert_eq!(error("panic").await, (-32603, "the host failed".to_owned()));
    assert_eq!(error("unknown").await, (-32602, "there is no tool \"unknown\"".to_owned()));
}

#[tokio::test]
async fn whoever_runs_a_call_is_told_who_makes_it() {
    let server = Running::start().await;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let params = json!({"name": "echo", "_meta": {"traceparent": trace, "tracestate": "vendor=1"}});
    server.result("tools/call", params).await;
    let session = server.session().await;
    let call = json!({"jsonrpc": "2.0", "id": "seven", "method": "tools/call", "params": {"name": "echo"}});
    assert_eq!(server.ask(&Request::in_session(&session, call)).await.status, 200);

    let [stateless, in_session] = server.fixture.callers().try_into().unwrap();
    let client = Some(Client { name: "tests".to_owned(), version: "1".to_owned() });
    assert_eq!(stateless.agent.as_deref(), Some("planner"));
    assert_eq!(stateless.client, client);
    assert_eq!(stateless.session, None);
    assert_eq!(stateless.request, "1");
    assert_eq!(stateless.trace.as_ref().map(ToString::to_string).as_deref(), Some(trace));
    assert_eq!(stateless.trace.as_ref().and_then(|trace| trace.state()), Some("vendor=1"));
    assert_eq!(stateless.protocol.as_deref(), Some(STATELESS));
    assert_eq!(stateless.transport, Transport::Http);
    assert_eq!(in_session.client, client);
    assert_eq!(in_session.session, Some(session));
    assert_eq!(in_session.request, "seven");
    assert_eq!(in_session.trace, None);
    assert_eq!(in_session.protocol.as_deref(), Some(SESSIONS));
}

#[tokio::test]
async fn a_session_that_a_client_claims_where_there_are_none_is_not_believed() {
    let server = Running::start().await;
    let request = Request::call("echo", json!({})).line("Mcp-Session-Id", "of-somebody-else");
    assert_eq!(server.ask(&request).await.status, 200);
    assert_eq!(server.fixture.callers()[0].session, None);
}

#[tokio::test]
async fn nor_is_one_where_an_older_revision_is_served_without() {
    let server = Running::start().await;
    let params = json!({"name": "echo", "arguments": {}, "_meta": {
        "io.modelcontextprotocol/protocolVersion": SESSIONS,
        "io.modelcontextprotocol/clientCapabilities": {},
    }});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    assert_eq!(server.ask(&Request::in_session("of-somebody-else", message)).await.status, 200);
    assert_eq!(server.fixture.callers()[0].session, None);
}

#[tokio::test]
async fn a_client_that_does_not_name_itself_has_no_name() {
    let server = Running::start().await;
    let mut message: Value = serde_json::from_slice(&Request::call("echo", json!({})).body).unwrap();
    for nameless in [json!(null), json!({"name": "without a version"})] {
        message["params"]["_meta"]["io.modelcontextprotocol/clientInfo"] = nameless;
        let request = Request::call("echo", json!({})).body(message.to_string());
        assert_eq!(server.ask(&request).await.status, 200);
    }
    assert_eq!(server.fixture.callers().iter().filter(|caller| caller.client.is_none()).count(), 2);
}

#[tokio::test]
async fn a_client_that_asks_for_progress_gets_it_before_the_answer() {
    let server = Running::start().await;
    let params = json!({"name": "test_tool_with_progress", "_meta": {"progressToken": "t"}});
    let answer = server.ask(&Request::stateless("tools/call", params)).await;
    let messages = answer.messages();
    let steps: Vec<&Value> = messages.iter().filter(|message| message["id"].is_null()).collect();
    let expected = [0.0, 50.0, 100.0].map(|done| {
        json!({
            "jsonrpc": "2.0", "method": "notifications/progress",
            "params": {"progressToken": "t", "progress": done, "total": 100.0}
        })
    });
    assert_eq!(steps, expected.iter().collect::<Vec<_>>());
    assert_eq!(messages.len(), 4);
    assert_eq!(answer.last()["result"]["content"][0]["text"], "done");
}

#[tokio::test]
async fn a_client_that_does_not_ask_for_progress_gets_none() {
    let server = Running::start().await;
    let answer = server.ask(&Request::call("test_tool_with_progress", json!({}))).await;
    assert_eq!(answer.messages().len(), 1);
}

#[tokio::test]
async fn a_client_that_is_gone_in_the_middle_of_a_call_has_cancelled_it() {
    let server = Running::start().await;
    let mut client = server.connect().await;
    client.send(&Request::call("hold", json!({})).bytes(server.address)).await;
    server.fixture.until_held(|held| held.began == 1).await;
    drop(client);
    let held = server.fixture.until_held(|held| held.dropped == 1).await;
    assert_eq!((held.began, held.released), (1, 0));
}

#[tokio::test]
async fn a_client_that_is_gone_while_it_is_told_of_progress_has_cancelled_the_call() {
    let server = Running::start().await;
    let mut client = server.connect().await;
    let params = json!({"name": "hold", "_meta": {"progressToken": 1}});
    client.send(&Request::stateless("tools/call", params).bytes(server.address)).await;
    server.fixture.until_held(|held| held.began == 1).await;
    drop(client);
    server.fixture.until_held(|held| held.dropped == 1).await;
}

#[tokio::test]
async fn in_a_session_a_call_is_cancelled_by_saying_so() {
    let server = Running::start().await;
    let session = server.session().await;
    let call = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "hold"}});
    let mut client = server.connect().await;
    client.send(&Request::in_session(&session, call).bytes(server.address)).await;
    server.fixture.until_held(|held| held.began == 1).await;
    let cancel = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}});
    assert_eq!(server.ask(&Request::in_session(&session, cancel)).await.status, 202);
    server.fixture.until_held(|held| held.dropped == 1).await;
}

// Calls have a few seconds to be answered first, which pass at once here.
#[tokio::test(start_paused = true)]
async fn the_end_of_a_session_is_the_end_of_its_calls() {
    let server = Running::start().await;
    let session = server.session().await;
    let call = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "hold"}});
    let mut client = server.connect().await;
    client.send(&Request::in_session(&session, call).bytes(server.address)).await;
    server.fixture.until_held(|held| held.began == 1).await;
    assert_eq!(server.ask(&Request::end(&session)).await.status, 204);
    server.fixture.until_held(|held| held.dropped == 1).await;
    let list = json!({"jsonrpc": "2.0", "id": 8, "method": "tools/list"});
    assert_eq!(server.ask(&Request::in_session(&session, list)).await.status, 404);
}
