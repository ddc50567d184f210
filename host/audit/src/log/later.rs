//! What is waited for without a thread.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::commit::OnDisk;
use crate::Receipt;
use crate::error::LogError;

/// The end of a call that is on its way to the disk
/// ([`Call::ending`](crate::Call::ending), [`OpenCall::ending`](crate::OpenCall::ending)).
///
/// The outcome was given its place in the log before there was this value, or there is an
/// error for it. Ready
///
/// - where durability is strict: when the outcome is durable. Only then may output be released;
/// - where it is relaxed: at once. The receipt is worth nothing before the next
///   [`flush`](crate::Log::flush) or checkpoint;
/// - where more is queued than memory should hold: when that is written, in any case;
/// - where another process has the log: when it has answered, as above;
/// - when it is known that the outcome is not on record, or nobody can tell: with an error.
pub type Ending = Later<Receipt>;

/// The beginning of a call that is on its way to the disk
/// ([`Call::durably`](crate::Call::durably), [`OpenCall::durably`](crate::OpenCall::durably)).
///
/// Ready at once where the intent is durable already or durability is relaxed, unless the log
/// has stopped; otherwise when the intent is durable, or it is known that it will not be. Before
/// that the call may have no effect.
pub type Durably = Later<()>;

/// An answer of the log that is there, or comes: an [`Ending`], or [`Durably`].
///
/// Needs no runtime, and blocks for short locks only, unless it is the last that holds the
/// log: then it closes it, which waits for the disk. What it waits for is under way when
/// there is this value, whether or not anybody looks at it, and dropping it undoes nothing: a
/// record becomes durable all the same. Once it was ready, it is not again.
#[must_use = "nothing is released before it says so"]
pub struct Later<T>(State<T>);

enum State<T> {
    /// `None` once it was given.
    Ready(Option<Result<T, LogError>>),
    /// When a record of this process is durable.
    OnDisk { answer: T, on_disk: OnDisk, _held: Held },
    /// From elsewhere.
    Elsewhere(Pin<Box<dyn Future<Output = Result<T, LogError>> + Send>>),
}

/// What is kept until the answer is there.
type Held = Option<Box<dyn Any + Send>>;

impl<T> Later<T> {
    /// The answer is there.
    pub(crate) fn ready(result: Result<T, LogError>) -> Self {
        Self(State::Ready(Some(result)))
    }

    /// This is the answer when a record is durable: at once, where there is nothing to wait for.
    pub(crate) fn on_disk(answer: T, on_disk: Option<OnDisk>) -> Self {
        match on_disk {
            Some(on_disk) => Self(State::OnDisk { answer, on_disk, _held: None }),
            None => Self::ready(Ok(answer)),
        }
    }

    /// When somebody else has answered.
    pub(crate) fn elsewhere(answer: impl Future<Output = Result<T, LogError>> + Send + 'static) -> Self {
        Self(State::Elsewhere(Box::pin(answer)))
    }

    /// Keeps this until the answer is there.
    pub(crate) fn holding(mut self, held: impl Any + Send) -> Self {
        if let State::OnDisk { _held, .. } = &mut self.0 {
            *_held = Some(Box::new(held));
        }
        self
    }
}

impl<T: Copy + Unpin> Future for Later<T> {
    type Output = Result<T, LogError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let result = match &mut self.0 {
            State::Ready(result) => return result.take().map_or(Poll::Pending, Poll::Ready),
            State::OnDisk { answer, on_disk, .. } => {
                let answer = *answer;
                Pin::new(on_disk).poll(context).map_ok(|()| answer)
            }
            State::Elsewhere(answer) => answer.as_mut().poll(context),
        };
        if result.is_ready() {
            self.0 = State::Ready(None);
        }
        result
    }
}

impl<T> fmt::Debug for Later<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            State::Ready(_) => "Later(ready)",
            State::OnDisk { .. } => "Later(on its way to the disk)",
            State::Elsewhere(_) => "Later(asked for)",
        })
    }
}
