//! A server that does nothing: it reads a request, and always gives the same answer.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::pin::Pin;
use std::time::Duration;

use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::load::{Generator, Sample};
use crate::{Called, answer};

/// The server, in this process, on threads of its own.
pub struct Nothing {
    generator: Generator,
    _runtime: Runtime,
}

impl Nothing {
    /// Listens, on a port of its own.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        listener.set_nonblocking(true).expect("it is a socket");
        let address: SocketAddr = listener.local_addr().expect("it is bound");
        let runtime = Runtime::new().expect("a runtime");
        runtime.spawn(serve(listener));
        Self { generator: Generator::new(address, "/"), _runtime: runtime }
    }
}

impl Called for Nothing {
    fn name(&self) -> String {
        "nothing (hyper)".to_owned()
    }

    fn call(&self, at_once: usize, time: Duration) -> Sample {
        self.generator.call(at_once, time)
    }
}

async fn serve(listener: TcpListener) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("it is a socket");
    let text = answer().to_string();
    let result = json!({"content": [{"type": "text", "text": text}], "structuredContent": answer()});
    let body = json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string();
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("it is a socket");
        let body = body.clone();
        let service = service_fn(move |request| same(request, body.clone()));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn same(request: Request<Incoming>, body: String) -> Result<Response<String>, Infallible> {
    let mut read = request.into_body();
    while std::future::poll_fn(|context| Pin::new(&mut read).poll_frame(context)).await.is_some() {}
    Ok(Response::new(body))
}
