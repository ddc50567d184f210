//! Cuts texts and lists down to their share of a record.

use serde::Serialize;

use super::{Check, LogLine, Verdict};
use crate::limits::{
    MAX_CHECKS_BYTES, MAX_LOG_BYTES, MAX_NAME_BYTES, MAX_RECORD_BYTES, MAX_RESOURCE_BYTES, MAX_TEXT_BYTES,
};

/// Denials find room before what was allowed, so that a tool cannot bury a
/// denial under a heap of allowed checks. The order stays as it was.
pub(super) fn checks(asked: &[Check], knife: &mut Knife) -> Vec<Check> {
    let mut room = MAX_CHECKS_BYTES;
    let mut kept: Vec<(usize, Check)> = Vec::new();
    for wanted in [Verdict::Denied, Verdict::Allowed] {
        for (place, check) in asked.iter().enumerate().filter(|(_, check)| check.verdict == wanted) {
            let mut slice = Knife { cut: 0 };
            let Check { permission, resource, verdict, reason, count } = check;
            let check = Check {
                permission: slice.name(permission),
                resource: slice.cut(resource, MAX_RESOURCE_BYTES),
                verdict: *verdict,
                reason: reason.as_deref().map(|reason| slice.cut(reason, MAX_RESOURCE_BYTES)),
                count: *count,
            };
            let Some(left) = room.checked_sub(item_len(&check)) else {
                break;
            };
            room = left;
            knife.cut = knife.cut.saturating_add(slice.cut);
            kept.push((place, check));
        }
    }
    kept.sort_by_key(|(place, _)| *place);
    kept.into_iter().map(|(_, check)| check).collect()
}

/// The first lines and the last: how it began, and what it said before it ended.
pub(super) fn log(said: &[LogLine], knife: &mut Knife) -> Vec<LogLine> {
    let slices: Vec<(LogLine, u64)> = said
        .iter()
        .map(|LogLine { level, text }| {
            let mut slice = Knife { cut: 0 };
            let line = LogLine { level: slice.name(level), text: slice.cut(text, MAX_RESOURCE_BYTES) };
            (line, slice.cut)
        })
        .collect();
    let mut used = 0;
    let mut first = 0;
    while first < slices.len() && used + item_len(&slices[first].0) <= MAX_LOG_BYTES / 2 {
        used += item_len(&slices[first].0);
        first += 1;
    }
    let mut last = slices.len();
    while last > first && used + item_len(&slices[last - 1].0) <= MAX_LOG_BYTES {
        used += item_len(&slices[last - 1].0);
        last -= 1;
    }
    let kept = slices[..first].iter().chain(&slices[last..]);
    kept.map(|(line, cut)| {
        knife.cut = knife.cut.saturating_add(*cut);
        line.clone()
    })
    .collect()
}

/// Length of a list item in JSON, with the comma after it.
fn item_len(item: &impl Serialize) -> usize {
    // These items are plain structs of strings and numbers: writing them cannot
    // fail, and if it could, an item as long as a record finds no room.
    serde_json::to_vec(item).map_or(MAX_RECORD_BYTES, |json| json.len() + 1)
}

/// Cuts texts that are too long, and counts what it took.
pub(super) struct Knife {
    pub(super) cut: u64,
}

/// Room for the mark that says how much was cut.
const MARK_BYTES: usize = 40;

impl Knife {
    pub(super) fn name(&mut self, text: &str) -> String {
        self.cut(text, MAX_NAME_BYTES)
    }

    pub(super) fn text(&mut self, text: &str) -> String {
        self.cut(text, MAX_TEXT_BYTES)
    }

    /// The text if it has room, otherwise its beginning and a mark. `most` is
    /// the room for the text with its quotes, as encoded.
    pub(super) fn cut(&mut self, text: &str, most: usize) -> String {
        if encoded_len(text) <= most {
            return text.to_owned();
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

    fn check(verdict: Verdict, resource: &str) -> Check {
        Check {
            permission: "filesystem.read".to_owned(),
            resource: resource.to_owned(),
            verdict,
            reason: None,
            count: 1,
        }
    }

    fn line(text: &str) -> LogLine {
        LogLine { level: "info".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_denial_is_not_buried_under_what_was_allowed() {
        let mut asked: Vec<Check> =
            (0..10_000).map(|n| check(Verdict::Allowed, &format!("/data/{n}"))).collect();
        asked.push(check(Verdict::Denied, "/etc/shadow"));
        let mut knife = Knife { cut: 0 };
        let kept = checks(&asked, &mut knife);
        assert_eq!(kept.last(), asked.last());
        assert_eq!(kept.first(), asked.first());
        assert!(kept.len() < asked.len());
        assert_eq!(knife.cut, 0, "what is dropped whole is not cut");
    }

    #[test]
    fn checks_keep_their_order() {
        let asked =
            [check(Verdict::Allowed, "/a"), check(Verdict::Denied, "/b"), check(Verdict::Allowed, "/c")];
        assert_eq!(checks(&asked, &mut Knife { cut: 0 }), asked);
    }

    #[test]
    fn the_first_and_the_last_log_lines_are_kept() {
        let said: Vec<LogLine> = (0..10_000).map(|n| line(&format!("line {n}"))).collect();
        let kept = log(&said, &mut Knife { cut: 0 });
        assert_eq!(kept.first(), said.first());
        assert_eq!(kept.last(), said.last());
        assert!(kept.len() < said.len());
    }

    #[test]
    fn log_lines_that_have_room_are_all_kept_once() {
        // More than half the room, so that both ends are used.
        let said: Vec<LogLine> = (0..6).map(|n| line(&format!("{n}").repeat(1000))).collect();
        assert_eq!(log(&said, &mut Knife { cut: 0 }), said);
    }

    #[test]
    fn a_text_of_just_the_right_length_is_whole_and_one_more_is_cut() {
        let mut knife = Knife { cut: 0 };
        let fits = "x".repeat(MAX_NAME_BYTES - 2);
        assert_eq!(knife.name(&fits), fits);
        assert_eq!(knife.cut, 0);
        let cut = knife.name(&format!("{fits}x"));
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
        fn a_cut_text_has_room(text in "(\u{1}|\"|é|𝄞|x){0,400}") {
            let mut knife = Knife { cut: 0 };
            let kept = knife.name(&text);
            prop_assert!(encoded_len(&kept) <= MAX_NAME_BYTES);
            prop_assert_eq!(knife.cut == 0, kept == text);
        }

        #[test]
        fn lists_stay_within_their_room(texts in proptest::collection::vec("(\u{1}|x){0,2000}", 0..40)) {
            let mut knife = Knife { cut: 0 };
            let lines: Vec<LogLine> = texts.iter().map(|text| line(text)).collect();
            prop_assert!(log(&lines, &mut knife).iter().map(item_len).sum::<usize>() <= MAX_LOG_BYTES);
            let asked: Vec<Check> = texts.iter().map(|text| check(Verdict::Denied, text)).collect();
            prop_assert!(checks(&asked, &mut knife).iter().map(item_len).sum::<usize>() <= MAX_CHECKS_BYTES);
        }
    }
}
