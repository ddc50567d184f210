//! A server, and a client that writes what it likes.

use std::net::SocketAddr;

use mpp_mcp::http::{self, Access, ServeError, Settings};
use mpp_mcp::{About, Server};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::fixture::Fixture;

/// The newest revision, in which every request stands alone.
pub const STATELESS: &str = "2026-07-28";

/// The newest revision with sessions.
pub const SESSIONS: &str = "2025-11-25";

/// A server over HTTP on a port of its own.
pub struct Running {
    pub address: SocketAddr,
    pub fixture: Fixture,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), ServeError>>,
}

pub fn about() -> About {
    About {
        name: "fixture".to_owned(),
        title: None,
        version: "1.2.3".to_owned(),
        instructions: Some("Ask for nothing twice.".to_owned()),
        agent: Some("planner".to_owned()),
    }
}

pub fn open() -> Settings {
    Settings { access: Access::Loopback, names: Vec::new(), origins: Vec::new() }
}

impl Running {
    pub async fn start() -> Self {
        Self::with(Fixture::default(), open()).await
    }

    pub async fn with(fixture: Fixture, settings: Settings) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::new(fixture.clone(), about());
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(http::serve(server, listener, settings, async {
            let _ = stopped.await;
        }));
        Self { address, fixture, stop, served }
    }

    /// Tells the server to stop; the handle is its end.
    pub fn stop(self) -> JoinHandle<Result<(), ServeError>> {
        let _ = self.stop.send(());
        self.served
    }

    pub async fn connect(&self) -> Client {
        Client(BufReader::new(TcpStream::connect(self.address).await.unwrap()))
    }

    /// Sends one request on a connection of its own, and reads the answer to its end.
    pub async fn ask(&self, request: &Request) -> Answer {
        let mut client = self.connect().await;
        client.send(&request.bytes(self.address)).await;
        client.answer().await
    }

    /// The result of a request in the newest revision.
    pub async fn result(&self, method: &str, params: Value) -> Value {
        let answer = self.ask(&Request::stateless(method, params)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.last()["result"].clone()
    }

    /// Begins a session, and returns its id.
    pub async fn session(&self) -> String {
        let params = json!({
            "protocolVersion": SESSIONS, "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}
        });
        let begin =
            Request::message(json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}));
        let answer = self.ask(&begin).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let session = answer.header("mcp-session-id").expect("a session has an id").to_owned();
        let begun = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let answer = self.ask(&Request::in_session(&session, begun)).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        session
    }
}

/// A request with whatever head and body.
#[derive(Clone)]
pub struct Request {
    method: &'static str,
    pub head: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// A message with the headers that every one needs.
    pub fn message(message: Value) -> Self {
        let head = [("Accept", "application/json, text/event-stream"), ("Content-Type", "application/json")];
        let head = head.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self { method: "POST", head, body: message.to_string().into_bytes() }
    }

    /// A request with id 1 in the newest revision.
    pub fn stateless(method: &str, mut params: Value) -> Self {
        let name = params.get("name").or(params.get("uri")).and_then(Value::as_str).map(str::to_owned);
        let meta = params.as_object_mut().unwrap().entry("_meta").or_insert_with(|| json!({}));
        for (key, value) in [
            ("protocolVersion", json!(STATELESS)),
            ("clientInfo", json!({"name": "tests", "version": "1"})),
            ("clientCapabilities", json!({})),
        ] {
            meta[format!("io.modelcontextprotocol/{key}")] = value;
        }
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let mut request =
            Self::message(message).line("MCP-Protocol-Version", STATELESS).line("Mcp-Method", method);
        if let Some(name) = name {
            request = request.line("Mcp-Name", &name);
        }
        request
    }

    pub fn call(tool: &str, arguments: Value) -> Self {
        Self::stateless("tools/call", json!({"name": tool, "arguments": arguments}))
    }

    pub fn in_session(session: &str, message: Value) -> Self {
        Self::message(message).line("MCP-Protocol-Version", SESSIONS).line("Mcp-Session-Id", session)
    }

    /// The stream of a session.
    pub fn stream(session: &str) -> Self {
        let request = Self { method: "GET", head: Vec::new(), body: Vec::new() };
        request
            .line("Accept", "text/event-stream")
            .line("MCP-Protocol-Version", SESSIONS)
            .line("Mcp-Session-Id", session)
    }

    pub fn end(session: &str) -> Self {
        let request = Self { method: "DELETE", head: Vec::new(), body: Vec::new() };
        request.line("MCP-Protocol-Version", SESSIONS).line("Mcp-Session-Id", session)
    }

    /// With another line in its head, in place of one of that name.
    pub fn line(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.head.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.head.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub fn bytes(&self, address: SocketAddr) -> Vec<u8> {
        let mut head = format!("{} /mcp HTTP/1.1\r\n", self.method);
        if !self.head.iter().any(|(name, _)| name == "Host") {
            head += &format!("Host: {address}\r\n");
        }
        for (name, value) in &self.head {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("Content-Length: {}\r\n\r\n", self.body.len());
        [head.as_bytes(), &self.body].concat()
    }
}

/// One connection.
pub struct Client(BufReader<TcpStream>);

impl Client {
    pub async fn send(&mut self, bytes: &[u8]) {
        // A server that has refused may have closed already.
        let _ = self.0.write_all(bytes).await;
    }

    /// The head of an answer.
    pub async fn head(&mut self) -> Answer {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut head).await.unwrap(), 0, "no answer after {head:?}");
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: Vec::new() }
    }

    /// An answer to its end.
    pub async fn answer(&mut self) -> Answer {
        let mut answer = self.head().await;
        if let Some(length) = answer.header("content-length") {
            answer.body = vec![0; length.parse().unwrap()];
            self.0.read_exact(&mut answer.body).await.unwrap();
        } else if answer.header("transfer-encoding").is_some() {
            while let Some(chunk) = self.chunk().await {
                answer.body.extend(chunk);
            }
        }
        answer
    }

    /// The next piece of a streamed answer; `None` at its end, or if it broke off.
    pub async fn chunk(&mut self) -> Option<Vec<u8>> {
        let mut length = String::new();
        if self.0.read_line(&mut length).await.ok()? == 0 {
            return None;
        }
        let length = usize::from_str_radix(length.trim(), 16).unwrap();
        let mut chunk = vec![0; length + 2];
        self.0.read_exact(&mut chunk).await.ok()?;
        chunk.truncate(length);
        (length > 0).then_some(chunk)
    }

    /// The next message of a stream; what keeps it open and what primes it is left out.
    pub async fn event(&mut self) -> Option<Value> {
        loop {
            if let Some(message) = events(&self.chunk().await?).pop() {
                return Some(message);
            }
        }
    }

    /// Its two halves; the second one writes a request.
    pub fn split(self) -> (OwnedReadHalf, impl AsyncFnMut(&[u8]) -> std::io::Result<()>) {
        let (read, mut write) = self.0.into_inner().into_split();
        (read, async move |bytes: &[u8]| write.write_all(bytes).await)
    }

    /// Whether the server has closed the connection without another byte.
    pub async fn is_closed(&mut self) -> bool {
        matches!(self.0.read(&mut [0]).await, Ok(0) | Err(_))
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let line = |line: &'_ str| -> Option<(usize, usize)> {
            let (found, _) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then_some((found.len() + 1, line.len()))
        };
        self.head.lines().find_map(|text| line(text).and_then(|(from, to)| text.get(from..to)).map(str::trim))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Every message of the answer, in either form.
    pub fn messages(&self) -> Vec<Value> {
        if self.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")) {
            return events(&self.body);
        }
        vec![serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))]
    }

    /// The last message: the one that answers.
    pub fn last(&self) -> Value {
        self.messages().pop().unwrap()
    }

    /// The code and words of an error.
    pub fn error(&self) -> (i64, String) {
        let error = &self.last()["error"];
        (error["code"].as_i64().unwrap(), error["message"].as_str().unwrap().to_owned())
    }
}

fn events(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data:").map(str::trim));
    data.filter(|data| !data.is_empty()).map(|data| serde_json::from_str(data).unwrap()).collect()
}
