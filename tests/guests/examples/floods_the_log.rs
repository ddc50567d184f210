//! Says more than anybody wants to read.

use std::io::Write as _;

use mpp_guest::Result;
use mpp_guest::schemars::{self, JsonSchema};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Flood {
    times: u32,
    text: String,
}

/// Logs a text again and again.
#[mpp_guest::tool]
fn log(input: Flood) {
    for _ in 0..input.times {
        mpp_guest::log::info!("{}", input.text);
    }
}

/// Prints a text again and again.
#[mpp_guest::tool]
fn print(input: Flood) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for _ in 0..input.times {
        out.write_all(input.text.as_bytes())?;
    }
    out.flush()?;
    Ok(())
}

mpp_guest::export!(log, print);
