//! The work that everybody does: JSON in, JSON out, as the sample `text-stats` has
//! it, whose counting this is.

#[path = "../../../../../sample-tools/text-stats/src/count.rs"]
mod count;

use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    text: String,
    #[serde(default = "top_words")]
    top_words: u32,
    #[serde(default = "words_per_minute")]
    words_per_minute: u32,
}

fn top_words() -> u32 {
    10
}

fn words_per_minute() -> u32 {
    200
}

#[derive(Serialize)]
struct Output {
    bytes: u64,
    characters: u64,
    words: u64,
    unique_words: u64,
    lines: u64,
    sentences: u64,
    top_words: Vec<WordCount>,
    reading_seconds: u64,
    words_per_minute: u32,
}

#[derive(Serialize)]
struct WordCount {
    word: String,
    count: u64,
}

/// Counts the text in `input`, a JSON document.
///
/// # Errors
///
/// `input` is not what the tool takes.
pub fn answer(input: &str) -> Result<String, serde_json::Error> {
    let input: Input = serde_json::from_str(input)?;
    let counts = count::count(&input.text, input.top_words as usize);
    serde_json::to_string(&Output {
        bytes: counts.bytes,
        characters: counts.characters,
        words: counts.words,
        unique_words: counts.unique_words,
        lines: counts.lines,
        sentences: counts.sentences,
        top_words: counts.top_words.into_iter().map(|(word, count)| WordCount { word, count }).collect(),
        reading_seconds: count::reading_seconds(counts.words, input.words_per_minute),
        words_per_minute: input.words_per_minute,
    })
}
