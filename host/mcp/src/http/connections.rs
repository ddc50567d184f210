//! Connections: how many, for how long, and how they end.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use super::limits::{CLOSE_TIME, HEAD_TIME, MAX_CONNECTIONS, MAX_HEAD_BYTES, MAX_HEAD_LINES};
use super::patient::Patient;

/// How long to wait when the system has no room for a connection: whoever has
/// one may be done by then.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Serves until `stop`. Then nobody is let in, whoever is idle goes, and the
/// others until `end` and a moment longer.
pub(super) async fn serve<S>(
    listener: TcpListener,
    service: S,
    stop: impl Future<Output = ()>,
    end: impl Future<Output = ()>,
) where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static,
{
    let open = GracefulShutdown::new();
    let mut stop = pin!(stop);
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let next = next(&listener, &places);
        let (stream, place) = tokio::select! {
            biased;
            () = &mut stop => break,
            next = next => next,
        };
        let Some(place) = place else { break };
        // Answers are small, and a client waits for each.
        let _ = stream.set_nodelay(true);
        let connection = protocol().serve_connection(TokioIo::new(Patient::new(stream)), service.clone());
        let connection = open.watch(connection);
        tokio::spawn(async move {
            // How a client's connection ends is nobody's concern.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    close(open, end).await;
}

async fn close(open: GracefulShutdown, end: impl Future<Output = ()>) {
    let mut closed = pin!(open.shutdown());
    tokio::select! {
        () = &mut closed => return,
        () = end => {}
    }
    let _ = timeout(CLOSE_TIME, closed).await;
}

/// The next connection, once there is a place for it.
async fn next(listener: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            // Gone again before it was let in, or too many files are open.
            Err(_) => sleep(NO_ROOM).await,
        }
    }
}

fn protocol() -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
    protocol.max_buf_size(MAX_HEAD_BYTES).max_headers(MAX_HEAD_LINES);
    protocol
}
