//! The work that everybody does, and its one right answer.

use serde_json::{Value, json};

use crate::trouble::Trouble;

/// The tool that everybody has in a form of their own.
pub const TOOL: &str = "text-stats";

/// What it is asked.
pub fn arguments() -> Value {
    json!({"text": "to be or not to be, that is the question"})
}

/// What it has to answer.
pub fn answer() -> Value {
    json!({
        "bytes": 40, "characters": 40, "words": 10, "unique_words": 8, "lines": 1, "sentences": 1,
        "top_words": [
            {"word": "be", "count": 2}, {"word": "to", "count": 2}, {"word": "is", "count": 1},
            {"word": "not", "count": 1}, {"word": "or", "count": 1}, {"word": "question", "count": 1},
            {"word": "that", "count": 1}, {"word": "the", "count": 1},
        ],
        "reading_seconds": 3, "words_per_minute": 200,
    })
}

/// Holds what `who` answered, JSON, against the one right answer.
pub fn check(who: &str, answered: &str) -> Result<(), Trouble> {
    match serde_json::from_str::<Value>(answered) {
        Ok(value) if value == answer() => Ok(()),
        _ => Err(Trouble::Wrong { who: who.to_owned(), answer: answered.trim_end().to_owned() }),
    }
}
