//! Text that people and models will read: bounded, and free of characters that
//! move a terminal's cursor or reorder what stands beside them.

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("is empty")]
    Empty,
    /// Over its limit.
    #[error("is {found} bytes long, and at most {limit} are allowed")]
    TooLong {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// A control or direction-changing character.
    #[error("holds the character U+{code:04X}, which could change how the text around it is shown")]
    Character {
        /// Its code point.
        code: u32,
    },
}

/// Accepts one line.
pub(crate) fn line(text: &str, limit: usize) -> Result<(), TextError> {
    check(text, limit, |_| false)
}

/// Accepts lines and tabs.
pub(crate) fn paragraph(text: &str, limit: usize) -> Result<(), TextError> {
    check(text, limit, |c| matches!(c, '\n' | '\t'))
}

fn check(text: &str, limit: usize, layout: fn(char) -> bool) -> Result<(), TextError> {
    if text.trim().is_empty() {
        return Err(TextError::Empty);
    }
    if text.len() > limit {
        return Err(TextError::TooLong { found: text.len(), limit });
    }
    match text.chars().find(|&c| !layout(c) && misleads(c)) {
        Some(c) => Err(TextError::Character { code: c.into() }),
        None => Ok(()),
    }
}

/// Control characters (terminal escapes), line and paragraph separators, and
/// the bidirectional controls of "Trojan Source" (CVE-2021-42574).
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Most characters of a foreign text that a message shows.
const QUOTED_CHARS: usize = 48;

/// Most characters of another crate's message, which can quote a foreign text.
const MESSAGE_CHARS: usize = 300;

/// Quotes a text that came from outside for a message: escaped and cut.
pub(crate) fn quoted(text: &str) -> String {
    let (head, more) = cut(text, QUOTED_CHARS);
    format!("{head:?}{more}")
}

/// Takes over a message that can hold parts of a foreign text: escaped and cut.
pub(crate) fn message(text: &str) -> String {
    let (head, more) = cut(text, MESSAGE_CHARS);
    let escaped = head.chars().map(|c| if misleads(c) { c.escape_unicode().to_string() } else { c.into() });
    escaped.collect::<String>() + more
}

fn cut(text: &str, chars: usize) -> (&str, &'static str) {
    match text.char_indices().nth(chars) {
        Some((end, _)) => (&text[..end], "…"),
        None => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_text_in_a_message_is_escaped_and_cut() {
        assert_eq!(quoted("a\u{1b}\u{202e}b"), "\"a\\u{1b}\\u{202e}b\"");
        assert_eq!(quoted(&"é".repeat(49)), format!("\"{}\"…", "é".repeat(48)));
        assert_eq!(message("a \"b\"\u{1b}\n"), "a \"b\"\\u{1b}\\u{a}");
        assert_eq!(message(&"é".repeat(301)).chars().count(), 301);
    }

    #[test]
    fn a_terminal_escape_is_refused() {
        assert_eq!(line("a\u{1b}[2Jb", 100), Err(TextError::Character { code: 0x1b }));
    }

    #[test]
    fn a_direction_override_is_refused() {
        assert_eq!(line("a\u{202e}b", 100), Err(TextError::Character { code: 0x202e }));
    }

    #[test]
    fn a_line_break_belongs_in_a_paragraph_only() {
        assert_eq!(paragraph("a\n\tb", 100), Ok(()));
        assert_eq!(line("a\nb", 100), Err(TextError::Character { code: 0x0a }));
    }

    #[test]
    fn the_limit_is_in_bytes_and_inclusive() {
        assert_eq!(line("éé", 4), Ok(()));
        assert_eq!(line("ééa", 4), Err(TextError::TooLong { found: 5, limit: 4 }));
        assert_eq!(line(" \u{a0}", 4), Err(TextError::Empty));
    }
}
