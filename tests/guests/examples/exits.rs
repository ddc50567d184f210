//! Leaves instead of answering.

use mpp_guest::schemars::{self, JsonSchema};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Exit {
    status: i32,
}

/// Exits.
#[mpp_guest::tool]
fn exit(input: Exit) -> String {
    std::process::exit(input.status)
}

mpp_guest::export!(exit);
