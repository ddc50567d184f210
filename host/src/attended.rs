//! A call and its caller.
//!
//! While the caller is there, the call runs in the caller's task: a task of its own
//! would cost more than the sandbox. When the caller goes away, the call is told so,
//! and what is left of it, which ends with its record, runs in a task of its own.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::error::HostFault;
use crate::invoke::{CallError, Report};

type Ended = Result<Report, CallError>;

/// A call that somebody waits for.
pub(crate) struct Attended {
    /// `None` when it has ended.
    call: Option<BoxFuture<'static, Ended>>,
    /// Dropped when the caller goes away: that is how the call learns of it.
    caller_is_there: Option<oneshot::Sender<()>>,
    /// Where the rest of the call runs then.
    runtime: Handle,
}

impl Attended {
    /// A call that ends by itself soon after the sender is dropped.
    pub(crate) fn begin(
        call: impl Future<Output = Ended> + Send + 'static,
        caller_is_there: oneshot::Sender<()>,
    ) -> Result<Self, CallError> {
        let runtime =
            Handle::try_current().map_err(|error| CallError::Fault(HostFault(error.to_string())))?;
        // What a panic leaves behind is not looked at again.
        let call = AssertUnwindSafe(call).catch_unwind().map(|ended| match ended {
            Ok(ended) => ended,
            Err(panic) => Err(CallError::Fault(HostFault::panic(&*panic))),
        });
        Ok(Self { call: Some(call.boxed()), caller_is_there: Some(caller_is_there), runtime })
    }
}

impl Future for Attended {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        let Some(call) = &mut self.call else {
            return Poll::Ready(Err(CallError::Fault(HostFault("the call has ended already".to_owned()))));
        };
        let ended = std::task::ready!(call.as_mut().poll(context));
        self.call = None;
        Poll::Ready(ended)
    }
}

impl Drop for Attended {
    fn drop(&mut self) {
        drop(self.caller_is_there.take());
        if let Some(call) = self.call.take() {
            drop(self.runtime.spawn(call));
        }
    }
}
