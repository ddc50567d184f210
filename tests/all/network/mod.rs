//! The network: what is dialled is what was granted, and nothing follows from it.

mod answers;
mod boundary;
mod requests;

use std::net::{Ipv4Addr, SocketAddr};

use serde_json::{Value, json};

use crate::support::server::{Answer, Authority, Server};
use crate::support::{Loaded, Scene, guests};

/// A name that the hosts of these tests know.
const NAME: &str = "api.example.com";

/// A guest that may dial what `outbound` says, on a host that knows [`NAME`] to
/// be `address`, and whose operator allows addresses of this machine.
async fn dialling(outbound: Value, address: SocketAddr) -> Scene {
    declaring(outbound).await.host_address(NAME, address).allows_network("127.0.0.0/8")
}

async fn declaring(outbound: Value) -> Scene {
    Scene::of(guests::DIALS).await.declares(json!({"network": {"outbound": outbound}}))
}

/// A server that answers `hello` to everything.
fn hello() -> Server {
    Server::http(|_| Answer::page("text/plain", "hello"))
}

/// As [`hello`], for HTTPS.
fn hello_https(authority: &Authority, names: &[&str]) -> Server {
    Server::https(authority, names, |_| Answer::page("text/plain", "hello"))
}

/// The port of an address, in an outbound entry for this machine.
fn local(server: &Server) -> String {
    format!("127.0.0.1:{}", server.address().port())
}

/// An address that nobody listens at, because it is no longer bound.
fn nobody() -> SocketAddr {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("a port has an address")
}

/// Sends one request by `GET`.
async fn dial(tool: &Loaded, url: &str) -> crate::support::Ended {
    tool.call("dial", json!({"url": url})).await
}

/// The kind of the error that one request by `GET` meets.
async fn fail(tool: &Loaded, url: &str) -> String {
    tool.call("fail", json!({"url": url})).await.text()
}
