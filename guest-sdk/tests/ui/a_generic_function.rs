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
fn word_count<T: AsRef<str>>(input: T) -> Output {
    Output { words: input.as_ref().len() }
}

mpp_guest::export!(word_count);

fn main() {}
