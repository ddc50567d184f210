use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Input {
    text: String,
}

/// Counts words.
#[mpp_guest::tool]
fn word_count(input: Input) -> impl serde::Serialize {
    input.text.len()
}

mpp_guest::export!(word_count);

fn main() {}
