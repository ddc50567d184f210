//! A call, from the request to its answer.
//!
//! The one place where calls are judged, run and answered, whichever way they came.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use rmcp::ErrorData;
use rmcp::model::{CallToolRequestParams, CallToolResult};

use crate::context::Context;
use crate::era::Era;
use crate::server::{MAX_CALLS, Shared};
use crate::span::{self, Asked};
use crate::{Call, Ended, Tools, Transport, caller, progress};

/// Answers a call within its span.
pub(crate) async fn answer<T: Tools>(
    shared: &Shared<T>,
    transport: Transport,
    request: CallToolRequestParams,
    context: &impl Context,
) -> Result<CallToolResult, ErrorData> {
    let listing = shared.tools.listing();
    let tool = listing.find(&request.name).map(|listed| listed.name());
    let asked = Asked { method: "tools/call", tool, context, transport };
    span::within(asked, &shared.tools, admitted(shared, transport, request, context)).await
}

/// Answers a call if there is a place for it, and as long as the client waits.
async fn admitted<T: Tools>(
    shared: &Shared<T>,
    transport: Transport,
    request: CallToolRequestParams,
    context: &impl Context,
) -> Result<CallToolResult, ErrorData> {
    let Ok(_place) = shared.calls.try_acquire() else {
        let busy = format!("the server is busy: {MAX_CALLS} calls are running");
        return Err(ErrorData::internal_error(busy, None));
    };
    let name = request.name.clone();
    // Dropping the call is what stops the guest.
    let ended = tokio::select! {
        biased;
        () = context.cancelled() => return Err(ErrorData::internal_error("the call was cancelled", None)),
        ended = run(shared, transport, request, context) => ended,
    };
    let any_structure = Era::of(context).takes_any_structure();
    ended.into_result(&name, any_structure)
}

/// Runs a call, and passes on its progress meanwhile.
async fn run<T: Tools>(
    shared: &Shared<T>,
    transport: Transport,
    request: CallToolRequestParams,
    context: &impl Context,
) -> Ended {
    let told = context.peer().zip(context.meta().get_progress_token());
    let (progress, mut steps) = told
        .map(|(peer, token)| {
            let (progress, steps) = progress::to_client(token);
            (progress, (steps, peer))
        })
        .unzip();
    let call = Call {
        tool: request.name.into_owned(),
        arguments: request.arguments.unwrap_or_default(),
        caller: caller::of(context, transport, &shared.about),
        progress,
    };
    let called = unbroken(shared.tools.call(call));
    let ended = match &mut steps {
        None => called.await,
        Some((steps, peer)) => tokio::select! {
            ended = called => ended,
            never = steps.forward(peer) => match never {},
        },
    };
    if let Some((steps, peer)) = &mut steps {
        steps.rest(peer).await;
    }
    ended
}

/// A call that panics is an error like any other of the host's: without an answer
/// the client would wait for ever.
async fn unbroken(call: impl Future<Output = Ended>) -> Ended {
    let ended = AssertUnwindSafe(call).catch_unwind().await;
    ended.unwrap_or_else(|_| Ended::Unavailable("the host failed".to_owned()))
}
