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
fn word_count(context: &mpp_guest::Context, input: Input) -> Output {
    let _ = context;
    Output { words: input.text.len() }
}

mpp_guest::export!(word_count);

fn main() {}
