//! Tries to remember one call in the next.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

static CALLS: AtomicU64 = AtomicU64::new(0);
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

use mpp_guest::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
struct Note {
    secret: String,
}

#[derive(Serialize, JsonSchema)]
struct Memory {
    calls: u64,
    seen: Vec<String>,
}

/// Remembers, and tells what it remembers.
#[mpp_guest::tool]
fn remember(input: Note) -> Memory {
    let calls = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    let mut seen = SEEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    seen.push(input.secret);
    Memory { calls, seen: seen.clone() }
}

mpp_guest::export!(remember);
