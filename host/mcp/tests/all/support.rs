//! A server, and whoever asks it.

mod client;
mod request;
mod spans;

use std::net::SocketAddr;

use mpp_mcp::http::{self, Access, ServeError, Settings};
use mpp_mcp::{About, Server};
use serde_json::{Value, json};
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use client::{Answer, Client};
pub use request::Request;
pub use spans::{Fields, Listening};

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
        spans::subscribe();
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
