use serde::Deserialize;

#[derive(Deserialize)]
struct Input {
    text: String,
}

/// Counts words.
#[mpp_guest::tool]
fn word_count(input: Input) -> String {
    input.text
}

mpp_guest::export!(word_count);

fn main() {}
