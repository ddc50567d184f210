//! Serving over HTTP: where, and who may ask.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use clap::Args;
use mpp_mcp::http::{self, Access, ServeError, Settings, Token};
use mpp_mcp::{Server, Tools};

use crate::durable::{self, Readers};
use crate::exit::{Failure, Outcome};
use crate::home::Home;
use crate::output::Streams;

/// Where a server is unless it is told: of this machine alone.
const ADDRESS: &str = "127.0.0.1:6770";

/// How to serve over HTTP.
#[derive(Debug, Args)]
pub(super) struct Web {
    /// Serve over HTTP, here; with port 0 the system chooses one
    #[arg(long, value_name = "ADDRESS:PORT", num_args = 0..=1, default_missing_value = ADDRESS)]
    http: Option<SocketAddr>,
    /// Ask clients on this machine for the token, too
    #[arg(long, requires = "http")]
    token: bool,
    /// Clients may call this server by this name, as they do that come through a proxy; can be repeated
    #[arg(long, requires = "http", value_name = "NAME")]
    host: Vec<String>,
    /// Pages of this origin may use this server, such as https://app.example; can be repeated
    #[arg(long, requires = "http", value_name = "ORIGIN")]
    origin: Vec<String>,
}

/// A server that can be reached, and does not answer yet.
pub(super) struct Open {
    listener: TcpListener,
    settings: Settings,
}

impl Web {
    /// Listens, if it is to be HTTP.
    pub(super) fn open(&self, home: &Home, streams: &mut Streams<'_>) -> Outcome<Option<Open>> {
        let Self { http, token, host, origin } = self;
        let Some(address) = *http else {
            if streams.terminal.input {
                streams
                    .note("note", "a client speaks on standard input; `mpp connect` tells one to start this");
            }
            return Ok(None);
        };
        let cannot = |error: std::io::Error| cannot_listen(address, &error);
        let listener = TcpListener::bind(address).map_err(cannot)?;
        listener.set_nonblocking(true).map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let access = if *token || !address.ip().is_loopback() {
            let path = home.token_file();
            let token = make(&path)?;
            streams.note(
                "token",
                &format!("clients show it as `Authorization: Bearer …`; it is in {}", path.display()),
            );
            Access::Token(token)
        } else {
            Access::Loopback
        };
        let settings = Settings { access, names: host.clone(), origins: origin.clone() };
        settings.check(address).map_err(|error| not_served(&error))?;
        streams.line(&format!("http://{address}{}", http::PATH))?;
        streams.flush()?;
        Ok(Some(Open { listener, settings }))
    }
}

impl Open {
    /// Serves until it is told to stop.
    pub(super) async fn serve<T: Tools>(self, server: Server<T>, stop: impl Future<Output = ()>) -> Outcome {
        let Self { listener, settings } = self;
        let listener = tokio::net::TcpListener::from_std(listener)
            .map_err(|error| Failure::host("cannot listen").because(error))?;
        http::serve(server, listener, settings, stop).await.map_err(|error| not_served(&error))
    }
}

fn not_served(error: &ServeError) -> Failure {
    match error {
        ServeError::Name(_) | ServeError::Origin(_) => Failure::usage(error.to_string()),
        ServeError::Exposed(_) | ServeError::Address(_) => Failure::host("cannot serve").because_of(error),
    }
}

fn make(path: &Path) -> Outcome<Token> {
    if let Some(directory) = path.parent() {
        durable::make_directory(directory, Readers::Owner)?;
    }
    Token::open_or_make(path)
        .map_err(|error| Failure::host("there is no token to ask for").because_of(&error))
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> Failure {
    let failure = Failure::host(format!("cannot listen on {address}")).because(error);
    match error.kind() {
        std::io::ErrorKind::AddrInUse => failure
            .next("another server may run there; name another port: --http 127.0.0.1:0 takes a free one"),
        std::io::ErrorKind::AddrNotAvailable => failure.next("name an address that this machine has"),
        _ => failure,
    }
}
