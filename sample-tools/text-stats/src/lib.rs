//! Counts what a text holds and estimates how long it takes to read.
//!
//! The smallest useful tool: it declares no permission, so its component
//! imports nothing but the host's log.

mod count;

use mpp_guest::schemars::{self, JsonSchema};
use mpp_guest::tool;
use serde::{Deserialize, Serialize};

/// A careful reader's speed: somewhat below the mean of 238 words a minute that
/// Brysbaert (2019) finds for adults reading English non-fiction silently.
const WORDS_PER_MINUTE: u32 = 200;

/// Enough to see what a text is about.
const TOP_WORDS: u32 = 10;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// The text to count.
    text: String,
    /// How many of the most frequent words to list.
    #[serde(default = "top_words")]
    #[schemars(range(max = 100))]
    top_words: u32,
    /// Reading speed that the reading time is computed with.
    #[serde(default = "words_per_minute")]
    #[schemars(range(min = 1, max = 2000))]
    words_per_minute: u32,
}

fn top_words() -> u32 {
    TOP_WORDS
}

fn words_per_minute() -> u32 {
    WORDS_PER_MINUTE
}

#[derive(Serialize, JsonSchema)]
struct Output {
    /// Size in bytes as UTF-8.
    bytes: u64,
    /// Unicode scalar values. An accent or emoji made of several counts as
    /// several; a line break counts too.
    characters: u64,
    /// Pieces between white space, as `wc -w` counts them.
    words: u64,
    /// Different words, after the folding described at `top_words`.
    unique_words: u64,
    /// Lines; a last line counts with or without its line break.
    lines: u64,
    /// Sentences, estimated by their punctuation.
    sentences: u64,
    /// The most frequent words in lower case without the punctuation around
    /// them, most frequent first, equally frequent ones in alphabetical order.
    top_words: Vec<WordCount>,
    /// Time to read the text, in seconds, rounded up.
    reading_seconds: u64,
    /// The reading speed behind `reading_seconds`.
    words_per_minute: u32,
}

#[derive(Serialize, JsonSchema)]
struct WordCount {
    /// The word.
    word: String,
    /// How often it occurs.
    count: u64,
}

/// Counts the characters, words, lines and sentences of a text, lists its most
/// frequent words, and estimates its reading time. Use it to judge the length
/// of a text exactly instead of guessing.
#[tool(name = "text-stats", title = "Text statistics")]
fn text_stats(input: Input) -> Output {
    let counts = count::count(&input.text, input.top_words as usize);
    Output {
        bytes: counts.bytes,
        characters: counts.characters,
        words: counts.words,
        unique_words: counts.unique_words,
        lines: counts.lines,
        sentences: counts.sentences,
        top_words: counts.top_words.into_iter().map(|(word, count)| WordCount { word, count }).collect(),
        reading_seconds: count::reading_seconds(counts.words, input.words_per_minute),
        words_per_minute: input.words_per_minute,
    }
}

mpp_guest::export!(text_stats);
