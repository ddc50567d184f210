//! A server over Streamable HTTP, at [`PATH`].
//!
//! A request is checked from the outside in, and refused at the first thing that
//! is wrong with it:
//!
//! | what | refused with |
//! |---|---|
//! | its `Host` names this server | 400, 403 |
//! | its `Origin`, if any, may use this server | 403 |
//! | it shows the token, where there is one | 401 |
//! | its body is there in time, and no longer than any | 408, 413 |
//! | its body is a message of JSON-RPC | 400 and the error -32700 or -32600 |
//! | there is room for its session | 503 |
//! | its headers agree with its body, and all else that the protocol asks | as the protocol says |
//!
//! A call that stands alone and needs no more than an answer is answered here
//! (`direct`); every other request is the protocol's transport's.
//!
//! What a client can use up has a limit each ([`limits`]). It does not speak TLS;
//! a proxy in front of it does that.
//!
//! A client that ends its request before the answer cancels the call, in
//! 2026-07-28. Before, it does that with a notification, and may come back for the
//! answer.

mod connections;
mod cors;
mod direct;
mod gate;
mod inflight;
pub mod limits;
mod message;
mod patient;
mod routes;
mod token;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;
use tokio::time::timeout;

use self::gate::Gate;
use self::inflight::Inflight;
use self::limits::{CLOSE_TIME, SESSION_IDLE_TIME, STOP_TIME};
use crate::handler::Handler;
use crate::limits::MAX_MESSAGE_BYTES;
use crate::{Server, Tools, Transport};

pub use routes::PATH;
pub use token::{Token, TokenError};

/// Who may use a server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who may ask.
    pub access: Access,
    /// Names of this server beyond those of the loopback and its own address, without
    /// ports: as clients name it that come through a proxy, or over a network.
    pub names: Vec<String>,
    /// Origins (`https://app.example`) whose pages may use this server, beyond its own:
    /// their browsers are told so (CORS).
    pub origins: Vec<String>,
}

/// Who may ask.
#[derive(Clone, Debug)]
pub enum Access {
    /// Every program on this machine. Refused at an address that others can reach.
    Loopback,
    /// Whoever shows the token.
    Token(Token),
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Others could reach it, and it has no token.
    #[error("{0} can be reached from other machines, so the server needs a token")]
    Exposed(SocketAddr),
    /// What should be a name of the server is none.
    #[error("{0:?} is not the name of a host, without a port")]
    Name(String),
    /// What should be an origin is none.
    #[error("{0:?} is not an origin, such as https://app.example")]
    Origin(String),
    /// The listener does not know its address.
    #[error("the listener has no address: {0}")]
    Address(#[source] io::Error),
}

impl Settings {
    /// Whether a server at `address` can be served so. [`serve`] asks the same; this is
    /// for whoever says where the server is before.
    pub fn check(&self, address: SocketAddr) -> Result<(), ServeError> {
        let Self { access, names, origins } = self;
        match access {
            Access::Loopback if !address.ip().is_loopback() => Err(ServeError::Exposed(address)),
            Access::Loopback | Access::Token(_) => Gate::new(address, names, origins).map(drop),
        }
    }
}

/// Serves until `stop` is there. Then nobody else is let in, calls that run are
/// answered, and after [`limits::STOP_TIME`] what still runs is cancelled.
pub async fn serve<T: Tools>(
    server: Server<T>,
    listener: TcpListener,
    settings: Settings,
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let address = listener.local_addr().map_err(ServeError::Address)?;
    settings.check(address)?;
    let Settings { access, names, origins } = settings;
    let token = match access {
        Access::Token(token) => Some(token),
        Access::Loopback => None,
    };
    let gate = Gate::new(address, &names, &origins)?;
    let sessions = Arc::new(sessions());
    let config = protocol(&gate);
    let cut = config.cancellation_token.clone();
    let inflight = Inflight::new();
    let shared = Arc::clone(&server.0);
    let handler = move || Ok(Handler::new(Arc::clone(&shared), Transport::Http));
    let service = StreamableHttpService::new(handler, Arc::clone(&sessions), config);
    let service = routes::of(routes::Served {
        gate,
        token,
        shared: Arc::clone(&server.0),
        service,
        sessions,
        inflight: inflight.clone(),
        direct: true,
    });
    let stop = async {
        stop.await;
        server.stop();
    };
    let end = async {
        let _ = timeout(STOP_TIME, inflight.none()).await;
        cut.cancel();
    };
    connections::serve(listener, service, stop, end).await;
    // What was cancelled puts that on record.
    let _ = timeout(CLOSE_TIME, server.0.idle()).await;
    Ok(())
}

/// The protocol's own settings. It checks `Host` once more, in its own way; the
/// gate has checked `Origin`.
fn protocol(gate: &Gate) -> StreamableHttpServerConfig {
    StreamableHttpServerConfig::default()
        .with_allowed_hosts(gate.names())
        .with_json_response(true)
        .with_max_request_body_bytes(MAX_MESSAGE_BYTES)
}

fn sessions() -> LocalSessionManager {
    let mut sessions = LocalSessionManager::default();
    sessions.session_config.keep_alive = Some(SESSION_IDLE_TIME);
    sessions
}
