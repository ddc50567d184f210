//! What is served, as whoever serves it sees it.
//!
//! [`Tools`] is the whole seam between the protocol and what runs the tools: the
//! protocol asks for the list, is told when it changes, and hands calls over. It
//! knows no package, no engine and no log.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::watch;

use crate::{Call, Ended, Listing, TraceContext};

/// Tools that can be listed and called.
///
/// Nothing here grants anything: a client can list and call, and that is all.
pub trait Tools: Send + Sync + 'static {
    /// What can be called now. Asked for with every request, so it must be cheap:
    /// a pointer to a list that is replaced as a whole.
    fn listing(&self) -> Arc<Listing>;

    /// Changes whenever the listing does. The value is the
    /// [generation](Listing::generation) that [`listing`](Self::listing) returns
    /// from then on.
    fn changes(&self) -> watch::Receiver<u64>;

    /// Runs one call to its end, and puts it on record once it begins. Of a tool by any name: the
    /// list may be another one than the client has seen.
    ///
    /// The future is dropped when the client cancels or is gone: the tool is
    /// stopped then, and the record says so. It may be dropped at any await.
    fn call(&self, call: Call) -> impl Future<Output = Ended> + Send;

    /// Told of the span of a request that is part of a trace, before it is entered:
    /// the place to give the span its parent. Not called where no span is built;
    /// whoever exports no spans need not care.
    fn traced(&self, span: &tracing::Span, trace: &TraceContext) {
        let _ = (span, trace);
    }
}
