//! Where the time of a call goes, for a caller who asks.
//!
//! ```text
//! intent ─ input ─ queue ─ instantiate ─ guest and its host calls ─ teardown ─ output ─ outcome
//! ```
//!
//! The stages follow one another without gaps, so their sum is the time of the call.
//! Nothing is measured unless [`Request::timed`](crate::Request::timed) asks for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use wasmtime::{CallHook, Store};

use crate::sandbox::Sandbox;

/// How long each stage of a call took. One that was not reached took no time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stages {
    /// Naming the call and handing its intent to the log.
    pub intent: Duration,
    /// Parsing the input, checking it against the signed schema, writing it anew.
    pub input: Duration,
    /// Waiting for a place in the pool.
    pub queue: Duration,
    /// Making the store and the instance.
    pub instantiate: Duration,
    /// The guest's own work.
    pub guest: Duration,
    /// What the host did for the guest while it ran, waiting for a disk or a network
    /// included: every import, and memory that grows.
    pub host_calls: Duration,
    /// Taking the instance and the store down.
    pub teardown: Duration,
    /// Parsing the answer, checking it against its schema, writing it for the record.
    pub output: Duration,
    /// Handing the outcome to the log and, where the log is
    /// [strict](mpp_audit::Durability::Strict), waiting until it is on disk.
    pub outcome: Duration,
}

impl Stages {
    /// All of them: the time of the call.
    #[must_use]
    pub fn total(&self) -> Duration {
        let Self { intent, input, queue, instantiate, guest, host_calls, teardown, output, outcome } = *self;
        intent + input + queue + instantiate + guest + host_calls + teardown + output + outcome
    }
}

/// Measures the stages of one call, or nothing.
pub(crate) struct Stopwatch(Option<Laps>);

struct Laps {
    since: Instant,
    stages: Stages,
}

impl Stopwatch {
    /// One that runs if it is `asked` for.
    pub(crate) fn start(asked: bool) -> Self {
        Self(asked.then(|| Laps { since: Instant::now(), stages: Stages::default() }))
    }

    /// Ends a stage; the next begins.
    pub(crate) fn lap(&mut self, stage: fn(&mut Stages) -> &mut Duration) {
        if let Self(Some(Laps { since, stages })) = self {
            let now = Instant::now();
            *stage(stages) += now - *since;
            *since = now;
        }
    }

    /// Follows what the guest in `store` asks of the host.
    pub(crate) fn follow(&self, store: &mut Store<Sandbox>) -> HostCalls {
        HostCalls(self.0.is_some().then(|| time_host_calls(store)))
    }

    /// Ends the guest's stage, of which a part were `calls`.
    pub(crate) fn lap_of_guest(&mut self, calls: HostCalls) {
        self.lap(|stages| &mut stages.guest);
        if let (Self(Some(Laps { stages, .. })), HostCalls(Some(nanos))) = (self, calls) {
            let calls = Duration::from_nanos(nanos.load(Ordering::Relaxed)).min(stages.guest);
            stages.guest -= calls;
            stages.host_calls += calls;
        }
    }

    pub(crate) fn stages(self) -> Option<Stages> {
        self.0.map(|laps| laps.stages)
    }
}

/// The nanoseconds that the host has worked for a guest, if they are counted.
pub(crate) struct HostCalls(Option<Arc<AtomicU64>>);

/// While a host function hands a result over, it calls the guest for memory, which
/// may ask the host in turn: the host works where it was called last and has not
/// called the guest since.
fn time_host_calls(store: &mut Store<Sandbox>) -> Arc<AtomicU64> {
    let nanos = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&nanos);
    let (mut calls, mut since) = (0_u32, Instant::now());
    let count = move |since: Instant| {
        let took = u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        counted.fetch_add(took, Ordering::Relaxed);
    };
    store.call_hook(move |_, hook| {
        match hook {
            CallHook::CallingHost => (calls, since) = (calls + 1, Instant::now()),
            CallHook::ReturningFromHost => {
                calls = calls.saturating_sub(1);
                count(since);
            }
            // Within a host function; outside of one it is the call itself.
            CallHook::CallingWasm if calls > 0 => count(since),
            CallHook::CallingWasm => {}
            CallHook::ReturningFromWasm => since = Instant::now(),
        }
        Ok(())
    });
    nanos
}
