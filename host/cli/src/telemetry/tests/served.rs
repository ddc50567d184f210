//! What is told of a server's requests.

use std::net::SocketAddr;
use std::sync::Arc;

use mpp_mcp::catalog::Annotations;
use mpp_mcp::http::{self, Access};
use mpp_mcp::{About, Call, Ended, Failure, FailureKind, Listing, Server, ToolEntry, Tools};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};

use super::*;

/// One tool, which repeats its arguments when it fails.
struct Failing(Arc<Listing>, watch::Sender<u64>);

impl Failing {
    fn new() -> Self {
        let Value::Object(schema) = json!({"type": "object"}) else { unreachable!() };
        let tool = ToolEntry {
            name: "fail".to_owned(),
            title: None,
            description: "Fails.".to_owned(),
            input_schema: Arc::new(schema),
            output_schema: None,
            icons: Vec::new(),
            annotations: Annotations::of(&mpp_policy::Permissions::none()),
            origin: None,
        };
        Self(Arc::new(Listing::new(1, [tool]).unwrap()), watch::Sender::new(1))
    }
}

impl Tools for Failing {
    fn listing(&self) -> Arc<Listing> {
        Arc::clone(&self.0)
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.1.subscribe()
    }

    async fn call(&self, call: Call) -> Ended {
        let message = Value::Object(call.arguments).to_string();
        Ended::Failed(Failure { kind: FailureKind::Tool, code: None, message, invocation: None })
    }

    fn traced(&self, span: &Span, trace: &TraceContext) {
        Telemetry::traced(span, trace);
    }
}

/// A call of the newest revision; the connection ends with the answer.
fn call(server: SocketAddr, arguments: &Value) -> String {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "canary", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
        "traceparent": format!("00-{TRACE}-{PARENT}-01"),
    });
    let params = json!({"name": "fail", "arguments": arguments, "_meta": meta});
    let body = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}).to_string();
    format!(
        "POST {} HTTP/1.1\r\nHost: {server}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n\
         Mcp-Method: tools/call\r\nMcp-Name: fail\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        http::PATH,
        body.len(),
    )
}

/// Calls the tool once, over HTTP, and returns the answer.
async fn called(arguments: Value) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let about = About {
        name: "tools".to_owned(),
        title: None,
        version: "1".to_owned(),
        instructions: None,
        agent: None,
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let settings = http::Settings { access: Access::Loopback, names: Vec::new(), origins: Vec::new() };
    let serving = http::serve(Server::new(Failing::new(), about), listener, settings, async {
        let _ = stopped.await;
    });
    let asking = async {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(call(address, &arguments).as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        drop(stop);
        answer
    };
    let (served, answer) = tokio::join!(serving, asking);
    served.unwrap();
    answer
}

#[test]
fn a_call_that_failed_is_told_of_and_what_was_said_in_it_is_not() {
    let (url, sent) = collector();
    let said = told(&environment(&url), Level::TRACE, || {
        // Of this thread alone, which is the one that listens.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = runtime.block_on(called(json!({"secret": "canary"})));
        assert!(answer.contains("canary"), "{answer}");
    });
    let mut sent: Vec<_> = sent.try_iter().collect();
    sent.sort_by(|a, b| a.head.cmp(&b.head));
    let [durations, spans] = sent.try_into().ok().unwrap();
    for part in [
        &bytes(TRACE)[..],
        &bytes(PARENT),
        b"tools/call fail",
        b"mcp.method.name",
        b"gen_ai.tool.name",
        b"execute_tool",
        b"jsonrpc.request.id",
        b"mcp.protocol.version",
        b"2026-07-28",
        b"network.transport",
        b"error.type",
        b"tool_error",
        b"service.name",
    ] {
        assert!(spans.has(part), "{:?}", String::from_utf8_lossy(part));
    }
    assert!(durations.has(b"mcp.server.operation.duration") && durations.has(b"tool_error"));
    assert!(!durations.has(b"jsonrpc.request.id"));
    assert!(!spans.has(b"canary") && !durations.has(b"canary") && !said.contains("canary"), "{said}");
}

#[test]
fn a_collector_that_is_gone_fails_no_call() {
    let gone = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let said = told(&environment(&format!("http://{gone}")), Level::WARN, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = runtime.block_on(called(json!({})));
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    });
    assert!(said.contains("warning: 1 of 1 spans were lost\n"), "{said}");
}
