//! `mpp:tool/clock`: the machine's clocks. Linked only where granted, so that
//! calling it needs no further check.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime};

use crate::bindings::mpp::tool::clock;
use crate::sandbox::Sandbox;

/// What monotonic time counts from: the first use in this process, which tells
/// a tool nothing about the machine.
fn origin() -> Instant {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    *ORIGIN.get_or_init(Instant::now)
}

impl clock::Host for Sandbox {
    fn now(&mut self) -> wasmtime::Result<u64> {
        self.journal.count(|counters| counters.host_calls += 1);
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Ok(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
    }

    fn monotonic(&mut self) -> wasmtime::Result<u64> {
        self.journal.count(|counters| counters.host_calls += 1);
        Ok(u64::try_from(origin().elapsed().as_nanos()).unwrap_or(u64::MAX))
    }
}
