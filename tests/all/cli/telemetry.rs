//! What `mpp serve` tells a collector, and what it does not.

pub(super) mod collector;
pub(super) mod otlp;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;

use serde_json::{Value, json};

use self::collector::Collector;
use self::otlp::Span;
use super::{Ended, User};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// `SPAN_KIND_SERVER`.
const SERVER: u64 = 2;

/// `STATUS_CODE_ERROR`.
const ERROR: u64 = 2;

/// A call of the newest revision, which is part of a trace.
fn call(arguments: &Value, flags: &str) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "canary", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
        "traceparent": format!("00-{TRACE}-{PARENT}-{flags}"),
    });
    let params = json!({"name": "text-stats", "arguments": arguments, "_meta": meta});
    json!({"jsonrpc": "2.0", "id": "seven", "method": "tools/call", "params": params})
}

/// Serves one request on standard streams, and ends.
fn serve<const N: usize>(request: &Value, variables: [(&str, &str); N]) -> Ended {
    let user = User::with_text_stats();
    let mut command = user.mpp(["serve"]);
    command.envs(variables).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command can be started");
    let mut input = child.stdin.take().expect("it was asked for");
    writeln!(input, "{request}").expect("the command reads its input");
    drop(input);
    Ended::of(child.wait_with_output().expect("the command ends"))
}

/// What a collector was told of one request: its only span, if any, and whether
/// its duration was.
fn told(request: &Value) -> (Option<Span>, bool) {
    let collector = Collector::start();
    let ended = serve(request, [("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url)]).done();
    assert!(ended.out.contains("seven"), "{}", ended.out);
    assert!(!ended.err.contains("canary"), "{}", ended.err);
    let (mut spans, mut durations) = (Vec::new(), false);
    for sent in collector.sent() {
        assert!(!contains(&sent.body, "canary"), "{}", String::from_utf8_lossy(&sent.body));
        match sent.path.as_str() {
            "/v1/traces" => spans.extend(otlp::spans(&sent.body)),
            "/v1/metrics" => durations |= contains(&sent.body, "mcp.server.operation.duration"),
            other => panic!("nothing is sent to {other}"),
        }
    }
    assert!(spans.len() <= 1, "{spans:?}");
    (spans.pop(), durations)
}

fn contains(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

/// What the span of a call on standard streams holds, and this.
fn attributes(further: Option<(&str, &str)>) -> BTreeMap<String, String> {
    let always = [
        ("gen_ai.operation.name", "execute_tool"),
        ("gen_ai.tool.name", "text-stats"),
        ("jsonrpc.request.id", "seven"),
        ("mcp.method.name", "tools/call"),
        ("mcp.protocol.version", "2026-07-28"),
        ("network.transport", "pipe"),
    ];
    always.into_iter().chain(further).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn a_call_is_a_span_of_its_callers_trace_and_a_duration() {
    let (span, duration) = told(&call(&json!({"text": "canary"}), "01"));
    let span = span.expect("there is a span");
    assert_eq!((span.trace.as_str(), span.parent.as_str()), (TRACE, PARENT));
    assert_eq!((span.name.as_str(), span.kind, span.status), ("tools/call text-stats", SERVER, 0));
    assert_eq!(span.attributes, attributes(None));
    assert!(duration);
}

#[test]
fn a_call_that_failed_is_a_span_that_says_so() {
    let (span, _) = told(&call(&json!({"text": ["canary"]}), "01"));
    let span = span.expect("there is a span");
    assert_eq!(span.status, ERROR);
    assert_eq!(span.attributes, attributes(Some(("error.type", "tool_error"))));
}

#[test]
fn a_caller_who_does_not_sample_has_no_span_here_and_is_counted() {
    let (span, duration) = told(&call(&json!({"text": "canary"}), "00"));
    assert!(span.is_none(), "{span:?}");
    assert!(duration);
}

#[test]
fn a_collector_that_never_answers_costs_a_span_and_no_call() {
    // Connections wait to be accepted, and are not.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("it has an address"));
    let request = call(&json!({"text": "canary"}), "01");
    let ended = serve(&request, [("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str())]).done();
    assert!(ended.out.contains("\"isError\":false"), "{}", ended.out);
    ended.saying(&["warning: 1 of 1 spans were lost", &url]);
}

/// Clients hand their variables down to the servers they start.
#[test]
fn a_collector_that_is_asked_for_in_another_protocol_is_told_nothing_and_stops_nothing() {
    let collector = Collector::start();
    let request = call(&json!({"text": "canary"}), "01");
    let asked = [("OTEL_EXPORTER_OTLP_ENDPOINT", &*collector.url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")];
    let ended = serve(&request, asked).done();
    assert!(ended.out.contains("\"isError\":false"), "{}", ended.out);
    ended.saying(&["warning: traces are not sent", "OTEL_EXPORTER_OTLP_PROTOCOL asks for \"grpc\""]);
    assert_eq!(collector.sent().len(), 0);
}
