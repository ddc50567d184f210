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

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::task::Waker;

    use super::*;

    fn failed(ended: Ended) -> String {
        match ended {
            Err(CallError::Fault(HostFault(why))) => why,
            other => panic!("{other:?} instead of a fault"),
        }
    }

    fn over() -> Ended {
        Err(CallError::Form("over".to_owned()))
    }

    #[tokio::test]
    async fn a_call_that_panics_is_the_hosts_fault() {
        let (here, _gone) = oneshot::channel();
        let call = Attended::begin(async { panic!("on purpose") }, here).unwrap();
        assert_eq!(failed(call.await), "a panic: on purpose");
    }

    #[test]
    fn without_a_runtime_nothing_begins() {
        let (here, _gone) = oneshot::channel();
        let begun = Attended::begin(pending(), here).map(|_| ());
        assert!(matches!(begun, Err(CallError::Fault(_))));
    }

    #[tokio::test]
    async fn what_is_left_of_a_call_runs_when_its_caller_is_gone() {
        let (here, gone) = oneshot::channel();
        let (tell, told) = oneshot::channel();
        let call = async move {
            gone.await.unwrap_err();
            tell.send("on record").unwrap();
            over()
        };
        let mut call = Box::pin(Attended::begin(call, here).unwrap());
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(call);
        assert_eq!(told.await, Ok("on record"));
    }

    #[tokio::test]
    async fn a_call_that_nobody_looked_at_runs_all_the_same() {
        let (here, gone) = oneshot::channel();
        let (tell, told) = oneshot::channel();
        let call = async move {
            gone.await.unwrap_err();
            tell.send(()).unwrap();
            over()
        };
        drop(Attended::begin(call, here).unwrap());
        assert_eq!(told.await, Ok(()));
    }

    #[tokio::test]
    async fn a_call_that_has_ended_is_not_run_again() {
        let (here, gone) = oneshot::channel();
        let mut call = Attended::begin(ready(over()), here).unwrap();
        assert!(matches!((&mut call).await, Err(CallError::Form(_))));
        assert_eq!(failed((&mut call).await), "the call has ended already");
        drop(call);
        gone.await.unwrap_err();
    }
}
