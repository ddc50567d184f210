use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Input {
    text: String,
}

struct Output {
    words: usize,
}

/// Counts words.
#[mpp_guest::tool]
fn word_count(input: Input) -> mpp_guest::Result<Output> {
    Ok(Output { words: input.text.len() })
}

mpp_guest::export!(word_count);

fn main() {}
