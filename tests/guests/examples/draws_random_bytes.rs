//! Draws random bytes.

use mpp_guest::schemars::{self, JsonSchema};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Draw {
    bytes: u32,
}

/// Draws bytes and returns them in hexadecimal.
#[mpp_guest::tool]
fn draw(input: Draw) -> String {
    mpp_guest::random::bytes(input.bytes as usize).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Asks the host for many bytes at once, as the SDK would not.
#[mpp_guest::tool]
fn draw_at_once(input: Draw) -> u64 {
    mpp_guest::bindings::mpp::tool::random::bytes(input.bytes).len() as u64
}

mpp_guest::export!(draw, draw_at_once);
