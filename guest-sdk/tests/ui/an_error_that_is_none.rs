use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Input {
    text: String,
}

struct Reason;

/// Counts words.
#[mpp_guest::tool]
fn word_count(input: Input) -> Result<String, Reason> {
    drop(input);
    Err(Reason)
}

mpp_guest::export!(word_count);

fn main() {}
