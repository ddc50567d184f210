//! Runs for ever.

/// Counts without end.
#[mpp_guest::tool]
fn spin() -> u64 {
    let mut count = 0_u64;
    loop {
        count = std::hint::black_box(count.wrapping_add(1));
    }
}

/// Logs without end.
#[mpp_guest::tool]
fn log() -> u64 {
    loop {
        mpp_guest::log::info!("again");
    }
}

mpp_guest::export!(spin, log);
