//! A server on the standard streams of a process that the client started.
//!
//! Nothing but messages goes to the output, a line each. The end of the input is
//! the end of the session: subscriptions end, and calls that run have
//! [`REST_TIME`] to be answered, as they do when the server is told to stop.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rmcp::service::ServerInitializeError;
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::{RoleServer, ServiceExt as _};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;

use crate::handler::Handler;
use crate::limits::MAX_MESSAGE_BYTES;
use crate::{Server, Tools, Transport};

/// How long calls that run may go on when the server is to stop.
pub const REST_TIME: Duration = Duration::from_secs(30);

/// Why a session did not come about, or broke off.
#[derive(Debug, thiserror::Error)]
pub enum StdioError {
    /// The client began with something else than a request. Its fault.
    #[error("the client did not begin a session: {0}")]
    Begin(String),
    /// The session ended in another way than a session does.
    #[error("the session broke off: {0}")]
    Broken(String),
}

/// The streams of this process. Where both are pipes, no thread waits for them.
#[must_use]
pub fn streams() -> (impl AsyncRead + Send + Unpin + 'static, impl AsyncWrite + Send + Unpin + 'static) {
    rmcp::transport::stdio_pipes()
}

/// Serves one client, until its input ends or `stop` is there.
pub async fn serve<T: Tools>(
    server: Server<T>,
    (input, output): (impl AsyncRead + Send + Unpin + 'static, impl AsyncWrite + Send + Unpin + 'static),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StdioError> {
    let input =
        UntilStopped { input, stop: Some(Box::pin(stop)), rest: Some(Box::pin(rest(server.clone()))) };
    let transport = AsyncRwTransport::<RoleServer, _, _>::new_server(input, output)
        .with_max_line_length(MAX_MESSAGE_BYTES);
    let handler = Handler::new(std::sync::Arc::clone(&server.0), Transport::Stdio);
    match handler.serve(transport).await {
        Ok(session) => {
            session.waiting().await.map_err(|error| StdioError::Broken(error.to_string()))?;
        }
        // It came and went, and asked for nothing.
        Err(ServerInitializeError::ConnectionClosed(_)) => {}
        Err(error) => return Err(StdioError::Begin(error.to_string())),
    }
    // What still runs was told to stop, and puts that on record.
    let _ = timeout(REST_TIME, server.0.idle()).await;
    Ok(())
}

/// Ends subscriptions, and waits for calls.
async fn rest<T: Tools>(server: Server<T>) {
    server.stop();
    let _ = timeout(REST_TIME, server.0.idle()).await;
}

type Waited = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An input that is read until it ends or the server is to stop, and then ends once
/// its calls have. What reads it gives less time to what still runs, and calls a
/// subscription something that runs.
struct UntilStopped<R> {
    input: R,
    /// `None` once it was there.
    stop: Option<Waited>,
    /// `None` once it is over.
    rest: Option<Waited>,
}

impl<R: AsyncRead + Unpin> AsyncRead for UntilStopped<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(stop) = &mut self.stop {
            if stop.as_mut().poll(context).is_pending() {
                let before = buffer.filled().len();
                ready!(Pin::new(&mut self.input).poll_read(context, buffer))?;
                if buffer.filled().len() > before {
                    return Poll::Ready(Ok(()));
                }
            }
            self.stop = None;
        }
        if let Some(rest) = &mut self.rest {
            ready!(rest.as_mut().poll(context));
            self.rest = None;
        }
        Poll::Ready(Ok(()))
    }
}
