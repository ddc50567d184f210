//! A tool that needs nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
struct Input {
    /// The text whose words are counted.
    text: String,
}

#[derive(Serialize, JsonSchema)]
struct Output {
    /// How many words the text has.
    words: usize,
}

/// Counts the words of a text.
#[mpp_guest::tool]
fn word_count(input: Input) -> Output {
    Output { words: input.text.split_whitespace().count() }
}

mpp_guest::export!(word_count);
