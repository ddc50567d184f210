//! On what a collector gets, and what becomes of a server whose collector is not well.

mod served;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tracing::subscriber::with_default;

use super::*;
use crate::output::{Streams, Terminal};
use crate::serve::Untold;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// Longer than any limit of ours, and shorter than the wait of what is not limited.
const FOR_EVER: Duration = Duration::from_secs(40);

/// One that is full.
const POOL: Pool = Pool { places: 1, taken: 1, waiting: 1, waited: 1 };

/// What was sent to a collector: its path, head and body.
struct Sent {
    head: String,
    body: Vec<u8>,
}

impl Sent {
    fn has(&self, part: &[u8]) -> bool {
        self.body.windows(part.len()).any(|window| window == part)
    }
}

/// A collector that takes everything.
fn collector() -> (String, mpsc::Receiver<Sent>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (send, sent) = mpsc::channel();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = BufReader::new(connection.unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                assert_ne!(connection.read_line(&mut head).unwrap(), 0);
            }
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            let mut body = vec![0; length.parse().unwrap()];
            connection.read_exact(&mut body).unwrap();
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            connection.get_mut().write_all(answer).unwrap();
            if send.send(Sent { head, body }).is_err() {
                break;
            }
        }
    });
    (url, sent)
}

fn environment(collector: &str) -> Environment {
    Environment::of([]).with("OTEL_EXPORTER_OTLP_ENDPOINT", collector)
}

/// What is told of what `happens`, and what is said.
fn told(environment: &Environment, level: Level, happens: impl FnOnce()) -> String {
    let (news, untold) = News::new();
    let (subscriber, telemetry) = prepare(environment, &news, level, || POOL).unwrap();
    with_default(subscriber, happens);
    telemetry.shutdown();
    said(untold)
}

fn said(mut untold: Untold) -> String {
    let mut err = Vec::new();
    untold.tell_rest(&mut Streams {
        input: Box::new(std::io::empty()),
        out: Box::new(std::io::sink()),
        err: Box::new(&mut err),
        terminal: Terminal::NONE,
        colour: false,
    });
    String::from_utf8(err).unwrap()
}

/// A request, as far as it is seen here.
fn request(flags: &str) {
    let span = tracing::info_span!(
        target: mpp_mcp::SPAN_TARGET,
        "request",
        otel.name = "tools/call count",
        otel.kind = "server",
        mcp.method.name = "tools/call",
        gen_ai.tool.name = "count",
        jsonrpc.request.id = "seven",
        error.type = tracing::field::Empty,
    );
    let trace = TraceContext::parse(&format!("00-{TRACE}-{PARENT}-{flags}"), Some("vendor=1")).unwrap();
    Telemetry::traced(&span, &trace);
    span.in_scope(|| tracing::error!(target: "rmcp::service", argument = "canary", "canary"));
    span.record("error.type", "tool_error");
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn without_an_endpoint_no_span_is_built() {
    let subscriber = |environment: &Environment| {
        let (subscriber, telemetry) = prepare(environment, &News::new().0, Level::TRACE, || POOL).unwrap();
        telemetry.shutdown();
        subscriber
    };
    let asked = subscriber(&environment("http://localhost:4318"));
    let span = with_default(asked, || tracing::info_span!(target: mpp_mcp::SPAN_TARGET, "request"));
    let kind = span.metadata().expect("it is built where somebody asks for it");
    assert!(subscriber(&Environment::of([])).register_callsite(kind).is_never());
}

#[test]
fn a_request_is_a_span_of_its_callers_trace_and_a_duration() {
    let (url, sent) = collector();
    let environment = environment(&url).with("OTEL_EXPORTER_OTLP_HEADERS", "x-team=tools");
    assert_eq!(told(&environment, Level::WARN, || request("01")).matches("canary").count(), 0);
    let mut sent: Vec<_> = sent.try_iter().collect();
    sent.sort_by(|a, b| a.head.cmp(&b.head));
    let [durations, spans] = sent.try_into().ok().unwrap();
    assert!(spans.head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{}", spans.head);
    assert!(spans.head.contains("\r\nx-team: tools\r\n"), "{}", spans.head);
    for part in [&bytes(TRACE)[..], &bytes(PARENT), b"tools/call count", b"seven", b"vendor=1"] {
        assert!(spans.has(part), "{part:?}");
    }
    assert!(durations.head.starts_with("POST /v1/metrics HTTP/1.1\r\n"), "{}", durations.head);
    assert!(durations.has(b"mcp.server.operation.duration"));
    for attribute in [&b"mcp.method.name"[..], b"tools/call", b"count", b"error.type", b"tool_error"] {
        assert!(spans.has(attribute) && durations.has(attribute), "{attribute:?}");
    }
    assert!(!durations.has(b"seven"), "each request would be a series of its own");
    assert!(!spans.has(b"canary") && !durations.has(b"canary"));
}

#[test]
fn a_caller_who_does_not_sample_has_no_span_here_and_is_counted() {
    let (url, sent) = collector();
    told(&environment(&url), Level::WARN, || request("00"));
    let [durations] = sent.try_iter().collect::<Vec<_>>().try_into().ok().unwrap();
    assert!(durations.head.starts_with("POST /v1/metrics"), "{}", durations.head);
}

#[test]
fn a_collector_that_is_gone_costs_spans_which_are_counted_and_said_once() {
    let gone = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let environment = environment(&format!("http://user:canary@{gone}"))
        .with("OTEL_METRICS_EXPORTER", "none")
        .with("OTEL_EXPORTER_OTLP_TIMEOUT", "1");
    // Two deliveries, and then some.
    let said = told(&environment, Level::WARN, || (0..1_200).for_each(|_| request("01")));
    let origin = format!("http://{gone}");
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        [
            "warning: the collector does not take traces; this is said once",
            &format!("  why: {origin}: HTTP export failed: network error"),
            "warning: 1200 of 1200 spans were lost",
            &format!("  why: {origin}: it did not take them in time"),
        ]
    );
}

#[test]
fn a_collector_that_never_answers_holds_neither_a_request_nor_the_end() {
    // Connections wait to be accepted, and are not.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let environment = environment(&format!("http://{}", silent.local_addr().unwrap()))
        .with("OTEL_EXPORTER_OTLP_TIMEOUT", "60000");
    let (send, ended) = mpsc::channel();
    thread::spawn(move || {
        // More than wait at most.
        let said = told(&environment, Level::WARN, || (0..10_000).for_each(|_| request("01")));
        send.send(said)
    });
    let said = ended.recv_timeout(FOR_EVER).expect("it waits for the collector");
    assert!(said.contains("warning: 10000 of 10000 spans were lost\n"), "{said}");
}

#[test]
fn what_cannot_be_sent_is_said_and_stops_nothing() {
    let environment = environment("http://localhost:4317").with("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let said = told(&environment, Level::WARN, || assert!(tracing::Span::none().is_disabled()));
    assert!(
        said.starts_with("warning: traces are not sent\n  why: OTEL_EXPORTER_OTLP_PROTOCOL asks"),
        "{said}"
    );
}

#[test]
fn what_happens_is_said_on_lines_that_no_stranger_writes() {
    let said = told(&Environment::of([]), Level::INFO, || {
        tracing::warn!(target: "mpp_mcp::http", why = %"a\nb\u{1b}[2J", "a request was refused");
        tracing::info!(target: "mpp_cli::serve", tools = 2, "serving");
        tracing::debug!(target: "mpp_cli::serve", "not at this level");
        tracing::error!(target: "rmcp::service", "of a library");
    });
    assert_eq!(
        said,
        "warning: a request was refused\n  why: why: a\\nb\\u{1b}[2J\ninfo: serving; tools: 2\n"
    );
}

#[test]
fn a_value_is_shown_to_a_limit() {
    let said = told(&Environment::of([]), Level::WARN, || {
        tracing::warn!(target: "mpp_mcp", why = "ä".repeat(1_000), "refused");
    });
    assert_eq!(said, format!("warning: refused\n  why: why: {}…\n", "ä".repeat(200)));
}

#[test]
fn who_causes_a_line_over_and_over_does_not_drown_another() {
    let said = told(&Environment::of([]), Level::WARN, || {
        (0..1_000).for_each(|_| tracing::warn!(target: "mpp_mcp", "refused"));
        tracing::warn!(target: "mpp_mcp", "the log is full");
    });
    assert_eq!(said.lines().filter(|line| *line == "warning: refused").count(), 10);
    assert!(said.ends_with("warning: the log is full\n"), "{said}");
}
