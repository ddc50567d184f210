//! Serves the fixture: `serve_fixture` on the standard streams, `serve_fixture
//! 127.0.0.1:4100` over HTTP there. For the conformance suite.

mod fixture;

use std::error::Error;

use mpp_mcp::http::{self, Access, Settings};
use mpp_mcp::{About, Server, stdio};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let about = About {
        name: "mpp-mcp-fixture".to_owned(),
        title: None,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        instructions: None,
        agent: None,
    };
    let server = Server::new(fixture::Fixture::default(), about);
    let mut terminated = signal(SignalKind::terminate())?;
    let stop = async move {
        terminated.recv().await;
    };
    match std::env::args().nth(1) {
        None => stdio::serve(server, stdio::streams(), stop).await?,
        Some(address) => {
            let listener = TcpListener::bind(address).await?;
            eprintln!("http://{}{}", listener.local_addr()?, http::PATH);
            let settings = Settings { access: Access::Loopback, names: Vec::new(), origins: Vec::new() };
            http::serve(server, listener, settings, stop).await?;
        }
    }
    Ok(())
}
