//! Tools as authors write them.
use mpp_guest::{Context, Response, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
struct Input {
    /// Text.
    text: String,
}

#[derive(Serialize, JsonSchema)]
struct Output {
    words: usize,
}

/// Counts words.
///
/// Second paragraph.
#[mpp_guest::tool]
fn word_count(Input { text }: Input) -> Output {
    Output {
        words: text.split_whitespace().count(),
    }
}

/// A.
#[mpp_guest::tool(name = "x.y", title = "Hm")]
fn fallible(input: Input, context: &Context) -> Result<Output> {
    let _ = context;
    input.text.parse::<u8>()?;
    Ok(word_count(input))
}

/// B.
#[mpp_guest::tool]
fn nothing() {}

/// C.
#[mpp_guest::tool]
fn parts(_: &Context) -> std::result::Result<Response, String> {
    Ok(Response::new())
}

mpp_guest::export!(word_count, fallible, nothing, parts);
