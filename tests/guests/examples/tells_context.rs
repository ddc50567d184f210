//! Tells what it knows of the call.

use mpp_guest::Context;
use mpp_guest::schemars::{self, JsonSchema};
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
struct Known {
    invocation_id: Option<String>,
    agent: Option<String>,
    time_limit_ms: u64,
}

/// Tells what it knows.
#[mpp_guest::tool]
fn tell(context: &Context) -> Known {
    Known {
        invocation_id: context.invocation_id().map(str::to_owned),
        agent: context.agent().map(str::to_owned),
        time_limit_ms: u64::try_from(context.time_limit().as_millis()).unwrap_or(u64::MAX),
    }
}

mpp_guest::export!(tell);
