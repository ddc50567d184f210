//! A client over HTTP that writes what it likes, and reads answers in either form.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};

use super::PATIENCE;
use super::message::{SESSIONS, STATELESS, calling, stateless};

/// A request: a right one to begin with.
#[derive(Clone)]
pub(super) struct Post {
    method: &'static str,
    lines: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Post {
    /// A message with the headers that every one needs.
    pub(super) fn message(message: &Value) -> Self {
        let post = Self { method: "POST", lines: Vec::new(), body: message.to_string().into_bytes() };
        let post = post.line("Accept", "application/json, text/event-stream");
        post.line("Content-Type", "application/json")
    }

    /// A request that stands alone, with id 1.
    pub(super) fn stateless(method: &str, params: Value) -> Self {
        Self::stateless_as(1, method, params)
    }

    pub(super) fn stateless_as(id: impl Into<Value>, method: &str, params: Value) -> Self {
        let name = params.get("name").and_then(Value::as_str).map(str::to_owned);
        let post = Self::message(&stateless(id, method, params));
        let post = post.line("MCP-Protocol-Version", STATELESS).line("Mcp-Method", method);
        match name {
            Some(name) => post.line("Mcp-Name", &name),
            None => post,
        }
    }

    pub(super) fn call(tool: &str, arguments: Value) -> Self {
        Self::stateless("tools/call", calling(tool, arguments))
    }

    pub(super) fn in_session(session: &str, message: &Value) -> Self {
        Self::message(message).line("MCP-Protocol-Version", SESSIONS).line("Mcp-Session-Id", session)
    }

    /// The stream of what a session is told.
    pub(super) fn stream(session: &str) -> Self {
        let post = Self { method: "GET", lines: Vec::new(), body: Vec::new() };
        let post = post.line("Accept", "text/event-stream").line("MCP-Protocol-Version", SESSIONS);
        post.line("Mcp-Session-Id", session)
    }

    /// Asks to be told of other lists.
    pub(super) fn subscribe() -> Self {
        Self::stateless("subscriptions/listen", json!({"notifications": {"toolsListChanged": true}}))
    }

    /// With this line in its head, in place of one of that name.
    pub(super) fn line(self, name: &str, value: &str) -> Self {
        let mut post = self.without(name);
        post.lines.push((name.to_owned(), value.to_owned()));
        post
    }

    pub(super) fn without(mut self, name: &str) -> Self {
        self.lines.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self
    }

    pub(super) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    fn bytes(&self, to: SocketAddr) -> Vec<u8> {
        let mut head = format!("{} /mcp HTTP/1.1\r\n", self.method);
        if !self.lines.iter().any(|(name, _)| name == "Host") {
            head += &format!("Host: {to}\r\n");
        }
        for (name, value) in &self.lines {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("Content-Length: {}\r\n\r\n", self.body.len());
        [head.as_bytes(), &self.body].concat()
    }
}

/// One connection.
pub(super) struct Connection(BufReader<TcpStream>);

impl Connection {
    /// A connection on which this was sent.
    pub(super) fn with(to: SocketAddr, post: &Post) -> Self {
        let stream = TcpStream::connect(to).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time can be set");
        let mut connection = Self(BufReader::new(stream));
        connection.send(&post.bytes(to));
        connection
    }

    fn send(&mut self, bytes: &[u8]) {
        // A server that has refused may have closed already.
        let _ = self.0.get_mut().write_all(bytes);
    }

    /// The head of an answer.
    pub(super) fn head(&mut self) -> Answer {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = self.0.read_line(&mut head).expect("there is an answer");
            assert_ne!(read, 0, "the answer broke off after {head:?}");
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Answer { status: status.expect("a status"), head, body: Vec::new() }
    }

    /// An answer to its end.
    pub(super) fn answer(&mut self) -> Answer {
        let mut answer = self.head();
        if let Some(length) = answer.header("content-length") {
            answer.body = vec![0; length.parse().expect("a length")];
            self.0.read_exact(&mut answer.body).expect("a body");
        } else if answer.header("transfer-encoding").is_some() {
            while let Some(chunk) = self.chunk() {
                answer.body.extend(chunk);
            }
        }
        answer
    }

    /// The next message of a stream; `None` at its end.
    pub(super) fn event(&mut self) -> Option<Value> {
        loop {
            if let Some(message) = events(&self.chunk()?).pop() {
                return Some(message);
            }
        }
    }

    fn chunk(&mut self) -> Option<Vec<u8>> {
        let mut length = String::new();
        if self.0.read_line(&mut length).expect("the stream goes on or ends") == 0 {
            return None;
        }
        let length = usize::from_str_radix(length.trim(), 16).expect("a length");
        let mut chunk = vec![0; length + 2];
        self.0.read_exact(&mut chunk).expect("a chunk");
        chunk.truncate(length);
        (length > 0).then_some(chunk)
    }
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines
            .map(|(found, value)| (found, value.trim()))
            .find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value))
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("an answer is UTF-8")
    }

    /// Every message of the answer, in either form.
    pub(super) fn messages(&self) -> Vec<Value> {
        if self.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")) {
            return events(&self.body);
        }
        vec![serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))]
    }

    /// The last message: the one that answers.
    pub(super) fn last(&self) -> Value {
        self.messages().pop().unwrap_or_else(|| panic!("no message: {self:?}"))
    }

    /// The result of the one that answers.
    #[track_caller]
    pub(super) fn result(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        let mut last = self.last();
        assert!(last.get("error").is_none(), "{last}");
        last["result"].take()
    }
}

fn events(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).expect("a stream is UTF-8");
    let data = text.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim);
    let data = data.filter(|data| !data.is_empty());
    data.map(|data| serde_json::from_str(data).expect("a message is JSON")).collect()
}
