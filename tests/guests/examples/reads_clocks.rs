//! Reads clocks, through the contract and through the standard library.

use std::time::{Duration, Instant, SystemTime};

/// The time of day in seconds since 1970, by the contract.
#[mpp_guest::tool]
fn now() -> u64 {
    seconds(mpp_guest::clock::now())
}

/// The time of day in seconds since 1970, by the standard library.
#[mpp_guest::tool]
fn std_now() -> u64 {
    seconds(SystemTime::now())
}

/// Whether neither steady clock goes back.
#[mpp_guest::tool]
fn steady() -> bool {
    let (first, std_first) = (mpp_guest::clock::monotonic(), Instant::now());
    let (second, std_second) = (mpp_guest::clock::monotonic(), Instant::now());
    first <= second && std_first <= std_second
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

mpp_guest::export!(now, std_now, steady);
