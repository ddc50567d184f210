//! One cell, so that no spreadsheet runs it.

use std::borrow::Cow;

/// The text, with a `'` in front if a spreadsheet could take it for a formula, or
/// if it begins with one already.
pub(super) fn defused(text: &str) -> Cow<'_, str> {
    let first = text.trim_start().chars().next();
    let formula = first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'));
    if formula || text.starts_with(['\t', '\r', '\n', '\'']) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for formula in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u{a0}=1", "＝1", "＋1", "－1",
            "＠A",
        ] {
            assert_eq!(defused(formula), format!("'{formula}"));
        }
    }

    #[test]
    fn no_two_texts_become_one() {
        assert_eq!(defused("'=1"), "''=1");
        assert_eq!(defused("'"), "''");
    }

    #[test]
    fn every_other_text_stays_as_it_is() {
        for text in ["", "a=1", "1-1", "/tmp/x", "mail@example.com", "𝟙"] {
            assert_eq!(defused(text), text);
        }
    }
}
