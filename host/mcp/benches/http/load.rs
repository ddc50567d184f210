//! A client that writes the same request again and again, and takes little time itself.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Deserializer, Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::server::{self, Server, TOOL};

const STATELESS: &str = "2026-07-28";
const SESSIONS: &str = "2025-11-25";

/// What comes before the structured answer in a result.
const STRUCTURED: &[u8] = br#""structuredContent":"#;

/// Requests for one server.
pub struct Load {
    pub name: &'static str,
    address: SocketAddr,
    /// Lines of the head beyond those of every request.
    lines: Vec<(&'static str, String)>,
    meta: Option<Value>,
}

impl Load {
    pub fn stateless(server: &Server) -> Self {
        Self { name: "stateless", ..alone(server.tools) }
    }

    pub fn session(server: &Server) -> Self {
        let session = ("mcp-session-id", begun(server.tools));
        let lines = vec![("mcp-protocol-version", SESSIONS.to_owned()), session];
        Self { name: "session", address: server.tools, lines, meta: None }
    }

    pub fn nothing(server: &Server) -> Self {
        Self { name: "nothing", ..alone(server.nothing) }
    }

    /// Calls for `time`, with so many connections, each at least once; how often in all.
    pub fn run(&self, at_once: usize, time: Duration) -> usize {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut connections = Vec::new();
            for id in 0..at_once {
                connections.push((Connection::open(self.address).await, self.request(id)));
            }
            let until = Instant::now() + time;
            let mut callers = JoinSet::new();
            for (connection, request) in connections {
                callers.spawn(connection.calls(request, until));
            }
            callers.join_all().await.into_iter().sum()
        })
    }

    /// A call by this id: no two at a time have the same one.
    fn request(&self, id: usize) -> Vec<u8> {
        let arguments = json!({"text": "to be or not to be, that is the question"});
        let mut params = json!({"name": TOOL, "arguments": arguments});
        if let Some(meta) = &self.meta {
            params["_meta"] = meta.clone();
        }
        let message = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
        bytes(self.address, &message, &self.lines)
    }
}

/// Calls that stand alone.
fn alone(address: SocketAddr) -> Load {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": STATELESS,
        "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let lines = [("mcp-protocol-version", STATELESS), ("mcp-method", "tools/call"), ("mcp-name", TOOL)];
    let lines = lines.map(|(name, value)| (name, value.to_owned())).into();
    Load { name: "", address, lines, meta: Some(meta) }
}

/// A session, and its id.
fn begun(address: SocketAddr) -> String {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let params = json!({
        "protocolVersion": SESSIONS, "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}
    });
    let begin = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
    let told = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    runtime.block_on(async {
        let mut connection = Connection::open(address).await;
        let head = connection.ask(&bytes(address, &begin, &[])).await;
        let head = String::from_utf8_lossy(&connection.answer[..head]).into_owned();
        let line = head.lines().find_map(|line| line.strip_prefix("mcp-session-id: "));
        let session = line.expect("a session has an id").to_owned();
        let lines = [("mcp-protocol-version", SESSIONS.to_owned()), ("mcp-session-id", session.clone())];
        connection.ask(&bytes(address, &told, &lines)).await;
        session
    })
}

fn bytes(address: SocketAddr, message: &Value, lines: &[(&str, String)]) -> Vec<u8> {
    let body = message.to_string();
    let mut text = format!(
        "POST {} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         accept: application/json, text/event-stream\r\ncontent-length: {}\r\n",
        mpp_mcp::http::PATH,
        body.len()
    );
    for (name, value) in lines {
        text += &format!("{name}: {value}\r\n");
    }
    format!("{text}\r\n{body}").into_bytes()
}

/// A connection that stays open, and the last answer on it.
struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("it is a socket");
        Self { stream, answer: Vec::new() }
    }

    /// One call after the other; how many. The first answer is read, and those after it
    /// have to hold the same bytes.
    async fn calls(mut self, request: Vec<u8>, until: Instant) -> usize {
        self.ask(&request).await;
        let expected = structured(&self.answer);
        for calls in 1.. {
            if Instant::now() >= until {
                return calls;
            }
            self.ask(&request).await;
            assert!(find(&self.answer, &expected).is_some(), "{}", String::from_utf8_lossy(&self.answer));
        }
        unreachable!("there is an end to it");
    }

    /// Sends a request and reads the answer to its end; how long its head is.
    async fn ask(&mut self, request: &[u8]) -> usize {
        self.stream.write_all(request).await.expect("the server reads");
        self.answer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.answer).await.expect("an answer");
            assert!(read > 0, "no end: {}", String::from_utf8_lossy(&self.answer));
            if let Some(head) = head_of_whole(&self.answer) {
                assert!(self.answer.starts_with(b"HTTP/1.1 20"), "{}", String::from_utf8_lossy(&self.answer));
                return head;
            }
        }
    }
}

/// The length of the head, if all of the answer is there.
fn head_of_whole(answer: &[u8]) -> Option<usize> {
    let head = find(answer, b"\r\n\r\n")? + 4;
    let body = &answer[head..];
    if find(&answer[..head], b"transfer-encoding").is_some() {
        return body.ends_with(b"\r\n0\r\n\r\n").then_some(head);
    }
    let length = find(&answer[..head], b"content-length: ").map_or(0, |at| {
        let digits = answer[at + 16..].iter().take_while(|byte| byte.is_ascii_digit());
        digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'))
    });
    (body.len() == length).then_some(head)
}

/// The structured answer in a result, which has to be the one expected.
fn structured(answer: &[u8]) -> Vec<u8> {
    let start = find(answer, STRUCTURED)
        .map(|at| at + STRUCTURED.len())
        .unwrap_or_else(|| panic!("no structured answer: {}", String::from_utf8_lossy(answer)));
    let mut values = Deserializer::from_slice(&answer[start..]).into_iter::<Value>();
    assert_eq!(values.next().expect("a value").expect("JSON"), server::answer());
    answer[start..start + values.byte_offset()].to_vec()
}

fn find(within: &[u8], wanted: &[u8]) -> Option<usize> {
    within.windows(wanted.len()).position(|window| window == wanted)
}
