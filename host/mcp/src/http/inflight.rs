//! Requests under way, and waiting for their end.
//!
//! A request is under way until the last byte of its answer was handed to the
//! connection, or the client is gone.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tokio::sync::watch;

/// Counts requests under way. A clone counts the same ones.
#[derive(Clone)]
pub(super) struct Inflight(Arc<watch::Sender<()>>);

/// One request.
pub(super) struct Underway(#[expect(dead_code, reason = "it counts by being there")] watch::Receiver<()>);

impl Inflight {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(())))
    }

    /// One more, until it is dropped.
    pub(super) fn begin(&self) -> Underway {
        Underway(self.0.subscribe())
    }

    /// Returns once none is under way.
    pub(super) async fn none(&self) {
        self.0.closed().await;
    }
}

impl Underway {
    /// Goes on until the answer is sent.
    pub(super) fn until_sent(self, answer: Response) -> Response {
        answer.map(|body| Body::new(Counted { body, _underway: self }))
    }
}

struct Counted {
    body: Body,
    _underway: Underway,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
