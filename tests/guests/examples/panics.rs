//! Panics.

use mpp_guest::schemars::{self, JsonSchema};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Panic {
    message: String,
}

/// Panics with a message.
#[mpp_guest::tool]
fn panic(input: Panic) -> String {
    panic!("{}", input.message)
}

mpp_guest::export!(panic);
