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
fn word_count(input: impl Into<Input>) -> Output {
    Output { words: input.into().text.len() }
}

mpp_guest::export!(word_count);

fn main() {}
