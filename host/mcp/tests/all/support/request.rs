//! Requests, right ones to begin with.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{SESSIONS, STATELESS};

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

    /// What a browser asks before it sends the request of a page.
    pub fn question() -> Self {
        let request = Self { method: "OPTIONS", head: Vec::new(), body: Vec::new() };
        request.line("Access-Control-Request-Method", "POST")
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
