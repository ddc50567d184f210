//! Text of strangers, made safe to look at.
//!
//! The name of a tool or of an agent is whatever somebody wrote. Characters that
//! are not seen, or that change how their neighbours are seen, can make a text
//! read as another: a reversed path, a name with a gap in it. They are replaced
//! by what they are, `\u{202e}`. Escaping for HTML comes after this, and does not
//! depend on it.

use std::fmt::{self, Write as _};

/// A text that shows all of its characters when it is displayed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Visible(String);

impl Visible {
    /// The first `limit` characters, and a sign where there were more.
    pub(crate) fn cut(text: &str, limit: usize) -> Self {
        match text.char_indices().nth(limit) {
            Some((end, _)) => Self(format!("{}…", &text[..end])),
            None => Self(text.to_owned()),
        }
    }
}

impl<T: Into<String>> From<T> for Visible {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Visible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .chars()
            .try_for_each(|c| if hides(c) { write!(f, "{}", c.escape_unicode()) } else { f.write_char(c) })
    }
}

/// Whether a character is a control, is not drawn, or reorders others. By
/// Unicode's `Default_Ignorable_Code_Point` and `Bidi_Control`, as far as a text
/// of names and sentences has no use for them.
fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_shown_as_what_it_is() {
        assert_eq!(Visible::from("a\u{202e}gpj.exe").to_string(), "a\\u{202e}gpj.exe");
        assert_eq!(Visible::from("pay\u{200b}pal").to_string(), "pay\\u{200b}pal");
        assert_eq!(Visible::from("two\nlines\t\0").to_string(), "two\\u{a}lines\\u{9}\\u{0}");
        assert_eq!(Visible::from("tag\u{e0041}").to_string(), "tag\\u{e0041}");
    }

    #[test]
    fn what_is_seen_stays_as_it_is() {
        for text in ["csv-report", "Überweisung", "日本語", "/tmp/a b", "<script>&\"'", "שלום"] {
            assert_eq!(Visible::from(text).to_string(), text);
        }
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(Visible::cut("äöü", 2).to_string(), "äö…");
        assert_eq!(Visible::cut("äöü", 3).to_string(), "äöü");
    }
}
