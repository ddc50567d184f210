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

struct Tools;

impl Tools {
    /// Counts words.
    #[mpp_guest::tool]
    fn word_count(&self, input: Input) -> Output {
        Output { words: input.text.len() }
    }
}

fn main() {}
