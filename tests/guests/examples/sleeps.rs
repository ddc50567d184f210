//! Waits in the host instead of working.

use std::time::Duration;

use mpp_guest::schemars::{self, JsonSchema};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Sleep {
    milliseconds: u64,
}

/// Sleeps.
#[mpp_guest::tool]
fn sleep(input: Sleep) -> String {
    std::thread::sleep(Duration::from_millis(input.milliseconds));
    "awake".to_owned()
}

mpp_guest::export!(sleep);
