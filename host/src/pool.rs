//! The places of the pool: how many calls run at once, and who waits for one.
//!
//! Calls get a place in the order in which they asked. What is seen from outside is
//! [`Pool`]: whoever watches a host learns from it that calls wait, before their
//! callers do.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

/// How full the pool of a host is at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Calls that may run at once ([`HostBuilder::concurrent_calls`](crate::HostBuilder::concurrent_calls)).
    pub places: u32,
    /// Calls that run.
    pub taken: u32,
    /// Calls that wait for a place.
    pub waiting: u32,
    /// Calls that have had to wait, since the host was built.
    pub waited: u64,
}

/// The places themselves.
pub(crate) struct Places {
    free: Semaphore,
    places: u32,
    waiting: AtomicU32,
    waited: AtomicU64,
}

impl Places {
    pub(crate) fn new(places: u32) -> Self {
        Self {
            free: Semaphore::new(places as usize),
            places,
            waiting: AtomicU32::new(0),
            waited: AtomicU64::new(0),
        }
    }

    /// A place, until it is dropped. `None` never happens: nobody closes the pool.
    pub(crate) async fn take(&self) -> Option<SemaphorePermit<'_>> {
        // A place that comes free goes to who waits, so nobody overtakes here.
        if let Ok(place) = self.free.try_acquire() {
            return Some(place);
        }
        let _waiting = Waiting::begin(self);
        self.free.acquire().await.ok()
    }

    pub(crate) fn look(&self) -> Pool {
        let Self { free, places, waiting, waited } = self;
        let left = u32::try_from(free.available_permits()).unwrap_or(u32::MAX);
        Pool {
            places: *places,
            taken: places.saturating_sub(left),
            waiting: waiting.load(Ordering::Relaxed),
            waited: waited.load(Ordering::Relaxed),
        }
    }
}

/// One call that waits, until it has a place or is cancelled.
struct Waiting<'a>(&'a AtomicU32);

impl<'a> Waiting<'a> {
    fn begin(places: &'a Places) -> Self {
        places.waited.fetch_add(1, Ordering::Relaxed);
        places.waiting.fetch_add(1, Ordering::Relaxed);
        Self(&places.waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn poll<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Poll<T> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn taken<'a>(
        take: std::pin::Pin<&mut impl Future<Output = Option<SemaphorePermit<'a>>>>,
    ) -> SemaphorePermit<'a> {
        match poll(take) {
            Poll::Ready(Some(place)) => place,
            _ => panic!("there is no place"),
        }
    }

    #[test]
    fn who_asked_first_gets_the_place_that_comes_free() {
        let places = Places::new(1);
        let place = taken(pin!(places.take()));
        let (mut first, mut second) = (pin!(places.take()), pin!(places.take()));
        assert!(poll(first.as_mut()).is_pending());
        assert!(poll(second.as_mut()).is_pending());
        drop(place);
        assert!(poll(pin!(places.take())).is_pending(), "nobody overtakes");
        assert!(poll(second.as_mut()).is_pending());
        drop(taken(first));
        drop(taken(second));
    }

    #[test]
    fn what_is_taken_and_who_waits_is_seen() {
        let places = Places::new(2);
        let (one, _two) = (taken(pin!(places.take())), taken(pin!(places.take())));
        assert_eq!(places.look(), Pool { places: 2, taken: 2, waiting: 0, waited: 0 });
        let mut third = Box::pin(places.take());
        assert!(poll(third.as_mut()).is_pending());
        assert_eq!(places.look(), Pool { places: 2, taken: 2, waiting: 1, waited: 1 });
        drop(one);
        let place = taken(third.as_mut());
        assert_eq!(places.look(), Pool { places: 2, taken: 2, waiting: 0, waited: 1 });
        drop(place);
        assert_eq!(places.look(), Pool { places: 2, taken: 1, waiting: 0, waited: 1 });
    }

    #[test]
    fn a_call_that_is_cancelled_waits_no_more() {
        let places = Places::new(1);
        let _place = taken(pin!(places.take()));
        let mut waits = Box::pin(places.take());
        assert!(poll(waits.as_mut()).is_pending());
        drop(waits);
        assert_eq!(places.look(), Pool { places: 1, taken: 1, waiting: 0, waited: 1 });
    }
}
