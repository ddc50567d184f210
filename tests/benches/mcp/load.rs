//! A generator of load: connections that stay open, each of which sends a request,
//! holds the answer against the one expected, and sends the next.
//!
//! It has one thread, so that the server has the rest of the machine.

use std::net::SocketAddr;
use std::pin::Pin;
use std::time::{Duration, Instant};

use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Deserializer, Value, json};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::server::Server;
use crate::{Called, TOOL, answer, arguments};

/// The revision that is spoken.
const REVISION: &str = "2026-07-28";

/// What comes before the structured answer in a result.
const STRUCTURED: &[u8] = br#""structuredContent":"#;

/// How long each call took, and all of them together.
pub struct Sample {
    pub latencies: Vec<Duration>,
    pub elapsed: Duration,
}

/// A server that gets load.
pub struct Load {
    name: String,
    generator: Generator,
    _server: Server,
}

impl Load {
    /// Of a server of MCP.
    pub fn new(name: String, server: Server) -> Self {
        let generator = Generator::new(server.address, &server.path);
        Self { name, generator, _server: server }
    }
}

impl Called for Load {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn call(&self, at_once: usize, time: Duration) -> Sample {
        self.generator.call(at_once, time)
    }
}

/// Sends requests to one address.
pub struct Generator {
    runtime: Runtime,
    asking: Asking,
}

/// What is asked, and where.
#[derive(Clone)]
struct Asking {
    address: SocketAddr,
    path: String,
    body: String,
}

impl Generator {
    /// One that calls the tool at this address.
    pub fn new(address: SocketAddr, path: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let body = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {
                "name": TOOL, "arguments": arguments(),
                "_meta": {
                    "io.modelcontextprotocol/protocolVersion": REVISION,
                    "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
                    "io.modelcontextprotocol/clientCapabilities": {},
                },
            },
        });
        Self { runtime, asking: Asking { address, path: path.to_owned(), body: body.to_string() } }
    }

    /// Calls for `time`, with so many connections.
    pub fn call(&self, at_once: usize, time: Duration) -> Sample {
        self.runtime.block_on(async {
            let mut connections = Vec::new();
            for _ in 0..at_once {
                connections.push(Connection::open(self.asking.clone()).await);
            }
            let began = Instant::now();
            let mut callers = JoinSet::new();
            for connection in connections {
                callers.spawn(connection.calls(began + time));
            }
            let latencies = callers.join_all().await.concat();
            Sample { latencies, elapsed: began.elapsed() }
        })
    }
}

/// A connection that stays open.
struct Connection {
    sender: SendRequest<String>,
    asking: Asking,
    /// The structured answer, byte for byte, once it was the one expected.
    seen: Option<Vec<u8>>,
}

impl Connection {
    async fn open(asking: Asking) -> Self {
        let stream = TcpStream::connect(asking.address).await.expect("the server listens");
        stream.set_nodelay(true).expect("it is a socket");
        let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP");
        tokio::spawn(connection);
        Self { sender, asking, seen: None }
    }

    /// One call after the other, at least one.
    async fn calls(mut self, until: Instant) -> Vec<Duration> {
        let mut latencies = Vec::new();
        let mut body = Vec::new();
        loop {
            let request = self.asking.request();
            let began = Instant::now();
            let response = self.sender.send_request(request).await.expect("an answer");
            assert_eq!(response.status(), StatusCode::OK);
            body.clear();
            read(response.into_body(), &mut body).await;
            latencies.push(began.elapsed());
            self.check(&body);
            if Instant::now() >= until {
                return latencies;
            }
        }
    }

    /// The first answer is read, and those after it have to hold the same bytes.
    fn check(&mut self, body: &[u8]) {
        match &self.seen {
            Some(seen) => assert!(find(body, seen).is_some(), "{}", String::from_utf8_lossy(body)),
            None => self.seen = Some(structured(body)),
        }
    }
}

impl Asking {
    fn request(&self) -> Request<String> {
        Request::post(self.path.as_str())
            .header("host", self.address.to_string())
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", REVISION)
            .header("mcp-method", "tools/call")
            .header("mcp-name", TOOL)
            .body(self.body.clone())
            .expect("a request")
    }
}

async fn read(mut body: Incoming, into: &mut Vec<u8>) {
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        if let Ok(data) = frame.expect("the answer comes to its end").into_data() {
            into.extend_from_slice(&data);
        }
    }
}

/// The structured answer in a result, which has to be the one expected.
fn structured(body: &[u8]) -> Vec<u8> {
    let start = find(body, STRUCTURED)
        .map(|at| at + STRUCTURED.len())
        .unwrap_or_else(|| panic!("no structured answer: {}", String::from_utf8_lossy(body)));
    let mut values = Deserializer::from_slice(&body[start..]).into_iter::<Value>();
    let value = values.next().expect("a value").expect("JSON");
    assert_eq!(value, answer());
    body[start..start + values.byte_offset()].to_vec()
}

fn find(within: &[u8], wanted: &[u8]) -> Option<usize> {
    within.windows(wanted.len()).position(|window| window == wanted)
}
