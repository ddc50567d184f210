//! Time. Needs `permissions.clock`.
//!
//! A tool that calls nothing here, nothing of `random` and no host over the
//! network gives equal answers to equal calls.
//!
//! On `wasm32-wasip2` `std::time` works as well; on `wasm32-unknown-unknown` its
//! clocks panic, and these do not.

use std::time::{Duration, SystemTime};

use crate::bindings::mpp::tool::clock as wit;
use crate::host_only::host_only;

/// The time of day.
pub fn now() -> SystemTime {
    host_only("clock");
    SystemTime::UNIX_EPOCH + Duration::from_nanos(wit::now())
}

/// The time since an arbitrary start, on a clock that never goes back.
pub fn monotonic() -> Duration {
    host_only("clock");
    Duration::from_nanos(wit::monotonic())
}
