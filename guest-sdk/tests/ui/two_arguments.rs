use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
struct Input {
    text: String,
}

#[derive(Serialize, JsonSchema)]
struct Output {
    words: usize,
}

/// Counts words.
#[mpp_guest::tool]
fn word_count(text: String, limit: u32) -> Output {
    let _ = limit;
    Output { words: text.len() }
}

mpp_guest::export!(word_count);

fn main() {}
