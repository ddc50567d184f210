//! What blocks, for who must not.
//!
//! An answer of another process comes to a thread that waits for it. A task has one started
//! for that, which costs little beside the way there and back.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// What a thread of its own does. Dropped, it is done all the same.
pub(super) struct InThread<T>(Arc<Mutex<State<T>>>);

struct State<T> {
    /// `Some(None)` where the thread panicked.
    result: Option<Option<T>>,
    waker: Option<Waker>,
}

/// Begins to do this in a thread of its own.
pub(super) fn in_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<InThread<T>> {
    let state = Arc::new(Mutex::new(State { result: None, waker: None }));
    let done = Done(Arc::clone(&state));
    let thread = std::thread::Builder::new().name("mpp-audit-asks".to_owned());
    thread.spawn(move || {
        let result = work();
        done.with(result);
    })?;
    Ok(InThread(state))
}

/// Says what came of it, also where the thread panicked.
struct Done<T>(Arc<Mutex<State<T>>>);

impl<T> Done<T> {
    fn with(self, result: T) {
        lock(&self.0).result = Some(Some(result));
    }
}

impl<T> Drop for Done<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.0);
        state.result.get_or_insert(None);
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }
}

impl<T> Future for InThread<T> {
    /// `None` where the thread panicked.
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = lock(&self.0);
        match state.result.take() {
            Some(result) => Poll::Ready(result),
            None => {
                // Dropped without the lock: it may end a task.
                let old = state.waker.replace(context.waker().clone());
                drop(state);
                drop(old);
                Poll::Pending
            }
        }
    }
}

fn lock<T>(state: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    // Each part is put there as a whole.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
