use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Input {
    text: String,
}

/// Counts words.
#[mpp_guest::tool(description = "Counts words")]
fn word_count(input: Input) -> String {
    input.text
}

mpp_guest::export!(word_count);

fn main() {}
