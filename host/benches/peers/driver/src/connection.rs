//! One connection to a server of MCP, and one call after the other over it.
//!
//! MCP is spoken in revision 2026-07-28, where each request stands alone.

use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use http_body_util::BodyExt as _;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

use crate::trouble::{Trouble, Trying as _};
use crate::work::{self, TOOL};

/// The revision that is spoken.
const REVISION: &str = "2026-07-28";

/// An open connection.
pub struct Connection {
    runtime: Runtime,
    sender: SendRequest<String>,
    url: Uri,
    body: String,
    /// The whole of an answer that was right. Another one is read, too.
    right: Option<Bytes>,
}

impl Connection {
    /// Opens one to `url`, which names an address and a port.
    pub fn open(url: &str) -> Result<Self, Trouble> {
        let trouble = |error: &dyn Error| Trouble::Http { who: url.to_owned(), why: error.to_string() };
        let runtime = Builder::new_current_thread().enable_all().build().trying("a runtime")?;
        let url: Uri = url.parse().map_err(|error| trouble(&error))?;
        let authority = url.authority().map(ToString::to_string).unwrap_or_default();
        let address: SocketAddr = authority.parse().map_err(|error| trouble(&error))?;
        let sender = runtime.block_on(connect(address)).map_err(|error| trouble(&*error))?;
        Ok(Self { runtime, sender, url, body: body(), right: None })
    }

    /// One call, timed from before the request is sent until all of the answer is
    /// there.
    pub fn call(&mut self) -> Result<Duration, Trouble> {
        let request = self.request().map_err(|error| self.trouble(&error))?;
        let began = Instant::now();
        let (status, answer) =
            self.runtime.block_on(ask(&mut self.sender, request)).map_err(|error| self.trouble(&error))?;
        let elapsed = began.elapsed();
        self.check(status, answer)?;
        Ok(elapsed)
    }

    fn request(&self) -> Result<Request<String>, hyper::http::Error> {
        Request::post(self.url.path())
            .header("host", self.url.authority().map_or("", |authority| authority.as_str()))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", REVISION)
            .header("mcp-method", "tools/call")
            .header("mcp-name", TOOL)
            .body(self.body.clone())
    }

    fn check(&mut self, status: StatusCode, answer: Bytes) -> Result<(), Trouble> {
        if self.right.as_ref() == Some(&answer) {
            return Ok(());
        }
        let document: Option<Value> = serde_json::from_slice(&answer).ok();
        let structured = document.as_ref().map(|document| &document["result"]["structuredContent"]);
        match structured {
            Some(structured) if status == StatusCode::OK => {
                work::check(&self.url.to_string(), &structured.to_string())?;
                self.right = Some(answer);
                Ok(())
            }
            _ => Err(Trouble::Wrong {
                who: self.url.to_string(),
                answer: format!("{status}: {}", String::from_utf8_lossy(&answer)),
            }),
        }
    }

    fn trouble(&self, error: &dyn Error) -> Trouble {
        Trouble::Http { who: self.url.to_string(), why: error.to_string() }
    }
}

async fn connect(address: SocketAddr) -> Result<SendRequest<String>, Box<dyn Error>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn ask(
    sender: &mut SendRequest<String>,
    request: Request<String>,
) -> Result<(StatusCode, Bytes), hyper::Error> {
    let response = sender.send_request(request).await?;
    let status = response.status();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}

/// The request, in MCP's words.
fn body() -> String {
    json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {
            "name": TOOL, "arguments": work::arguments(),
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": REVISION,
                "io.modelcontextprotocol/clientInfo": {"name": "peers", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    })
    .to_string()
}
