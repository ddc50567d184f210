//! A server on this machine with one large answer.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::runtime::Runtime;

use crate::tree::{numbered, sum};

/// Bytes that the answer repeats.
const PIECE: usize = 64 << 10;

/// The server, in this process, on threads of its own.
pub struct Server {
    address: SocketAddr,
    sum: u64,
    _runtime: Runtime,
}

impl Server {
    /// Listens, on a port of its own, to give an answer of so many bytes.
    pub fn start(bytes: usize) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        listener.set_nonblocking(true).expect("it is a socket");
        let address = listener.local_addr().expect("it is bound");
        let piece = numbered(1, PIECE);
        let sum = sum(&piece).wrapping_mul((bytes / PIECE) as u64);
        let answer = Repeated { piece: piece.into(), left: bytes / PIECE };
        let runtime = Runtime::new().expect("a runtime");
        runtime.spawn(serve(listener, answer));
        Self { address, sum, _runtime: runtime }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The sum of the answer.
    pub fn sum(&self) -> u64 {
        self.sum
    }
}

async fn serve(listener: TcpListener, answer: Repeated) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("it is a socket");
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let answer = answer.clone();
        let service = service_fn(move |_: Request<Incoming>| {
            let answer = Response::new(answer.clone());
            async { Ok::<_, Infallible>(answer) }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// The same bytes, so many times.
#[derive(Clone)]
struct Repeated {
    piece: Bytes,
    left: usize,
}

impl Body for Repeated {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let left = self.left.checked_sub(1);
        Poll::Ready(left.map(|left| {
            self.left = left;
            Ok(Frame::data(self.piece.clone()))
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact((self.left * self.piece.len()) as u64)
    }
}
