//! Where a call can be stopped on its way: a server on this machine that a tool
//! asks, and that answers once the test says so.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::PATIENCE;
use crate::support::server::{Answer, Received, Server};

/// One for all tests, because a package declares its port.
static ROAD: LazyLock<Server> = LazyLock::new(|| Server::http(arrive));

/// What is at each place of the road.
static PLACES: LazyLock<Mutex<HashMap<String, Place>>> = LazyLock::new(Mutex::default);

/// Told of each change of a place.
static CHANGED: Condvar = Condvar::new();

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    arrived: usize,
    open: bool,
}

/// A place where calls are halted until it is opened or dropped.
pub(super) struct Halt(String);

fn places() -> MutexGuard<'static, HashMap<String, Place>> {
    PLACES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn arrive(request: &Received) -> Answer {
    let mut places = places();
    places.entry(request.target.clone()).or_default().arrived += 1;
    CHANGED.notify_all();
    while !places.get(&request.target).is_none_or(|place| place.open) {
        places = CHANGED.wait(places).unwrap_or_else(PoisonError::into_inner);
    }
    Answer::page("text/plain", "go on")
}

/// The port that a package has to declare.
pub(super) fn port() -> u16 {
    ROAD.address().port()
}

impl Halt {
    pub(super) fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let target = format!("/{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        places().insert(target.clone(), Place::default());
        Self(target)
    }

    /// What to call `dial` with.
    pub(super) fn input(&self) -> Value {
        json!({"url": format!("http://127.0.0.1:{}{}", port(), self.0)})
    }

    /// Waits until so many calls are halted, or were.
    #[track_caller]
    pub(super) fn until(&self, number: usize) {
        let too_few = |places: &mut HashMap<String, Place>| places[&self.0].arrived < number;
        let waited = CHANGED.wait_timeout_while(places(), PATIENCE, too_few);
        let (places, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!waited.timed_out(), "{number} calls were expected, {:?} came", places.get(&self.0));
    }

    /// Lets all go on, those that come later, too.
    pub(super) fn open(&self) {
        places().entry(self.0.clone()).or_default().open = true;
        CHANGED.notify_all();
    }
}

impl Drop for Halt {
    fn drop(&mut self) {
        self.open();
    }
}
