//! A client that writes what it likes, and reads answers in either form.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;

/// One connection.
pub struct Client(pub(super) BufReader<TcpStream>);

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
