//! The counting itself: text in, numbers out.

use std::collections::HashMap;

/// What a text holds.
pub struct Counts {
    pub bytes: u64,
    pub characters: u64,
    pub words: u64,
    pub unique_words: u64,
    pub lines: u64,
    pub sentences: u64,
    /// Most frequent first; equally frequent ones in alphabetical order.
    pub top_words: Vec<(String, u64)>,
}

/// Counts `text` and keeps the `top` most frequent words.
pub fn count(text: &str, top: usize) -> Counts {
    let mut frequencies: HashMap<String, u64> = HashMap::new();
    let mut words = 0;
    for piece in text.split_whitespace() {
        words += 1;
        let word = bare(piece);
        if !word.is_empty() {
            *frequencies.entry(word.to_lowercase()).or_default() += 1;
        }
    }
    let unique_words = frequencies.len() as u64;

    let mut top_words: Vec<_> = frequencies.into_iter().collect();
    // The order of a hash map is no order: sort by every part of the entry, so
    // that equal texts give equal answers.
    top_words.sort_unstable_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
    top_words.truncate(top);

    Counts {
        bytes: text.len() as u64,
        characters: text.chars().count() as u64,
        words,
        unique_words,
        lines: text.lines().count() as u64,
        sentences: sentences(text),
        top_words,
    }
}

/// Whole seconds, rounded up, that `words` take at `per_minute`.
pub fn reading_seconds(words: u64, per_minute: u32) -> u64 {
    (words * 60).div_ceil(u64::from(per_minute.max(1)))
}

/// A piece of text without the punctuation around it: `"(don't!)"` is `don't`.
fn bare(piece: &str) -> &str {
    piece.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Counts the places where a sentence ends: `.`, `!`, `?` or `…` (quotes and
/// brackets may follow) before white space or the end, or one of their East
/// Asian forms anywhere. Words after the last such place are a sentence too.
/// "e.g. this" is counted wrongly, as it is by every count that does not
/// understand the text.
fn sentences(text: &str) -> u64 {
    let mut count = 0;
    let mut has_words = false;
    let mut ended = false;
    for c in text.chars() {
        match c {
            '。' | '！' | '？' => {
                count += u64::from(has_words);
                has_words = false;
            }
            '.' | '!' | '?' | '…' => ended = true,
            '"' | '\'' | '”' | '’' | '»' | ')' | ']' => {}
            c if c.is_whitespace() => {
                count += u64::from(ended && has_words);
                has_words &= !ended;
                ended = false;
            }
            c => {
                has_words |= c.is_alphanumeric();
                ended = false;
            }
        }
    }
    count + u64::from(has_words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_holds_nothing() {
        let counts = count("", 10);
        assert_eq!((counts.bytes, counts.characters, counts.words), (0, 0, 0));
        assert_eq!((counts.lines, counts.sentences), (0, 0));
        assert!(counts.top_words.is_empty());
    }

    #[test]
    fn characters_are_unicode_scalar_values_and_bytes_are_utf8() {
        let counts = count("né 🦀", 0);
        assert_eq!((counts.characters, counts.bytes), (4, 8));
    }

    #[test]
    fn a_last_line_counts_with_or_without_its_newline() {
        assert_eq!(count("a\nb\n", 0).lines, 2);
        assert_eq!(count("a\r\nb", 0).lines, 2);
    }

    #[test]
    fn words_are_folded_and_bared_before_they_are_ranked() {
        let counts = count("The cat (the CAT!) saw the dog -- don't.", 3);
        assert_eq!(counts.words, 9);
        assert_eq!(counts.unique_words, 5);
        let expected = [("the", 3), ("cat", 2), ("dog", 1)];
        assert_eq!(counts.top_words, expected.map(|(word, n)| (word.to_owned(), n)));
    }

    #[test]
    fn a_decimal_point_ends_no_sentence_and_a_quoted_stop_ends_one() {
        assert_eq!(count("Pi is 3.14. \"Really?\" she said. Yes", 0).sentences, 4);
        assert_eq!(count("... ?!", 0).sentences, 0);
    }

    #[test]
    fn a_sentence_in_east_asian_punctuation_needs_no_space() {
        assert_eq!(count("今日は。元気？はい", 0).sentences, 3);
    }

    #[test]
    fn reading_time_is_rounded_up_to_the_second() {
        assert_eq!(reading_seconds(0, 200), 0);
        assert_eq!(reading_seconds(1, 200), 1);
        assert_eq!(reading_seconds(400, 200), 120);
    }
}
