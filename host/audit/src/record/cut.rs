//! Cuts texts and lists down to their share of a record, or of what is kept beside it.

use super::LogLine;
use crate::limits::{MAX_LOG_BYTES, MAX_LOG_LINE_BYTES, MAX_NAME_BYTES, MAX_TEXT_BYTES};

/// The first lines and the last: how it began, and what it said before it ended.
pub(super) fn log(said: Vec<LogLine>, knife: &mut Knife) -> Vec<LogLine> {
    let mut lines: Vec<Slice> = said.into_iter().map(Slice::of).collect();
    let mut room = MAX_LOG_BYTES;
    let first = fitting(&mut room, MAX_LOG_BYTES / 2, lines.iter());
    let last = fitting(&mut room, 0, lines[first..].iter().rev());
    lines.drain(first..lines.len() - last);
    knife.cut = lines.iter().fold(knife.cut, |cut, slice| cut.saturating_add(slice.cut));
    lines.into_iter().map(|slice| slice.line).collect()
}

/// How many lines, one after the other, leave at least so much room.
fn fitting<'s>(room: &mut usize, left: usize, lines: impl Iterator<Item = &'s Slice>) -> usize {
    lines
        .take_while(|slice| {
            let rest = room.checked_sub(slice.bytes).filter(|rest| *rest >= left);
            *room = rest.unwrap_or(*room);
            rest.is_some()
        })
        .count()
}

/// A log line that is not too long.
struct Slice {
    line: LogLine,
    /// Its length in a JSON array, with the comma.
    bytes: usize,
    /// Bytes cut from it.
    cut: u64,
}

impl Slice {
    fn of(LogLine { level, text }: LogLine) -> Self {
        let mut knife = Knife { cut: 0 };
        let line = LogLine { level: knife.name(level), text: knife.cut(text, MAX_LOG_LINE_BYTES) };
        let bytes = r#"{"level":,"text":},"#.len() + encoded_len(&line.level) + encoded_len(&line.text);
        Self { line, bytes, cut: knife.cut }
    }
}

/// Cuts texts that are too long, and counts what it took.
pub(super) struct Knife {
    pub(super) cut: u64,
}

/// Room for the mark that says how much was cut.
const MARK_BYTES: usize = 40;

impl Knife {
    pub(super) fn name(&mut self, text: String) -> String {
        self.cut(text, MAX_NAME_BYTES)
    }

    /// A name that may be absent.
    pub(super) fn opt(&mut self, text: Option<String>) -> Option<String> {
        text.map(|text| self.name(text))
    }

    pub(super) fn text(&mut self, text: String) -> String {
        self.cut(text, MAX_TEXT_BYTES)
    }

    /// The text if it has room, otherwise its beginning and a mark. `most` is
    /// the room for the text with its quotes, as encoded.
    pub(super) fn cut(&mut self, text: String, most: usize) -> String {
        if is_short(&text, most) || encoded_len(&text) <= most {
            return text;
        }
        let mut room = most - MARK_BYTES;
        let mut kept = 0;
        for character in text.chars() {
            let Some(left) = room.checked_sub(encoded_char(character)) else {
                break;
            };
            room = left;
            kept += character.len_utf8();
        }
        let gone = text.len() - kept;
        self.cut = self.cut.saturating_add(gone as u64);
        format!("{}…[cut {gone} bytes]", &text[..kept])
    }
}

/// Whether a string has room whatever is in it. No byte takes more than six: `\u0001`.
fn is_short(text: &str, most: usize) -> bool {
    text.len() <= (most - 2) / 6
}

/// Length of a string in JSON, with its quotes.
pub(super) fn encoded_len(text: &str) -> usize {
    2 + text.chars().map(encoded_char).sum::<usize>()
}

fn encoded_char(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        other => other.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(text: &str) -> LogLine {
        LogLine { level: "info".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn the_first_and_the_last_log_lines_are_kept() {
        let said: Vec<LogLine> = (0..100_000).map(|n| line(&format!("line {n}"))).collect();
        let kept = log(said.clone(), &mut Knife { cut: 0 });
        assert_eq!(kept.first(), said.first());
        assert_eq!(kept.last(), said.last());
        assert!(kept.len() < said.len());
    }

    #[test]
    fn log_lines_that_have_room_are_all_kept_once() {
        // More than half the room, so that both ends are used.
        let said: Vec<LogLine> = (10..40).map(|n| line(&format!("{n}").repeat(15_000))).collect();
        let mut knife = Knife { cut: 0 };
        assert_eq!(log(said.clone(), &mut knife), said);
        assert_eq!(knife.cut, 0);
    }

    #[test]
    fn a_text_of_just_the_right_length_is_whole_and_one_more_is_cut() {
        let mut knife = Knife { cut: 0 };
        let fits = "x".repeat(MAX_NAME_BYTES - 2);
        assert_eq!(knife.name(fits.clone()), fits);
        assert_eq!(knife.cut, 0);
        let cut = knife.name(format!("{fits}x"));
        assert!(cut.ends_with("x…[cut 39 bytes]"), "{cut}");
        assert_eq!(knife.cut, 39);
    }

    proptest! {
        #[test]
        fn the_encoded_length_is_that_of_the_encoder(text in any::<String>()) {
            let json = serde_json::to_string(&text).expect("strings have a JSON form");
            prop_assert_eq!(encoded_len(&text), json.len());
        }

        #[test]
        fn what_is_short_has_room(text in "(\u{1}|\"|é|𝄞|x){0,60}") {
            prop_assert!(!is_short(&text, MAX_NAME_BYTES) || encoded_len(&text) <= MAX_NAME_BYTES);
        }

        #[test]
        fn a_cut_text_has_room(text in "(\u{1}|\"|é|𝄞|x){0,400}") {
            let mut knife = Knife { cut: 0 };
            let kept = knife.name(text.clone());
            prop_assert!(encoded_len(&kept) <= MAX_NAME_BYTES);
            prop_assert_eq!(knife.cut == 0, kept == text);
        }

        #[test]
        fn a_log_stays_within_its_room(texts in proptest::collection::vec(("(\u{1}|x){0,20}", 1..20_000_usize), 0..40)) {
            let said = texts.iter().map(|(text, times)| line(&text.repeat(*times))).collect();
            let kept = log(said, &mut Knife { cut: 0 });
            let json = serde_json::to_string(&kept).expect("log lines have a JSON form");
            // The brackets; each line has brought room for its comma.
            prop_assert!(json.len() <= MAX_LOG_BYTES + 2);
        }
    }
}
