//! Searching one file, line by line, in bounded memory.

use crate::search::Match;
use regex::bytes::Regex;
use std::collections::VecDeque;
use std::io::{self, BufRead};

/// Bytes of a line that are looked at. Longer lines are data on one line, such
/// as minified code; the rest of such a line is passed over.
const MAX_LINE: usize = 1024 * 1024;

/// Characters of a line that are shown.
const MAX_SHOWN: usize = 300;

/// Characters before the match that are shown of a line longer than that.
const LEAD: usize = 60;

/// Whether a file that starts with `start` is no text. The test of grep and git:
/// text has no NUL byte.
pub fn is_binary(start: &[u8]) -> bool {
    start.contains(&0)
}

/// Gives each line of `reader` that `pattern` matches to `take`, with up to
/// `context` lines around it, until `take` says false. A line is given once: it
/// belongs to the match before it if that is near enough, otherwise to the one
/// after it.
pub fn search(
    reader: &mut impl BufRead,
    pattern: &Regex,
    context: usize,
    mut take: impl FnMut(Match) -> bool,
) -> io::Result<()> {
    let mut line = Vec::new();
    let mut number = 0;
    let mut before: VecDeque<String> = VecDeque::new();
    // The match whose `after` is still being filled.
    let mut open: Option<Match> = None;

    while next_line(reader, &mut line)? {
        number += 1;
        if let Some(found) = pattern.find(&line) {
            if let Some(done) = open.take()
                && !take(done)
            {
                return Ok(());
            }
            open = Some(Match {
                path: String::new(),
                line: number,
                column: String::from_utf8_lossy(&line[..found.start()]).chars().count() as u64 + 1,
                text: excerpt(&line, found.start()),
                before: before.drain(..).collect(),
                after: Vec::new(),
            });
            continue;
        }
        match &mut open {
            Some(last) if last.after.len() < context => last.after.push(excerpt(&line, 0)),
            _ if context == 0 => {}
            _ => {
                if before.len() == context {
                    before.pop_front();
                }
                before.push_back(excerpt(&line, 0));
            }
        }
    }
    if let Some(done) = open {
        take(done);
    }
    Ok(())
}

/// Reads the next line into `line`, without its end and cut at [`MAX_LINE`].
/// False at the end of the file.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut any = false;
    loop {
        let block = reader.fill_buf()?;
        if block.is_empty() {
            break;
        }
        any = true;
        let end = block.iter().position(|&byte| byte == b'\n');
        let part = &block[..end.unwrap_or(block.len())];
        line.extend_from_slice(&part[..part.len().min(MAX_LINE - line.len())]);
        let consumed = part.len() + usize::from(end.is_some());
        reader.consume(consumed);
        if end.is_some() {
            break;
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(any)
}

/// The line as text, and if it is long, the part of it around byte `at`.
fn excerpt(line: &[u8], at: usize) -> String {
    let start = String::from_utf8_lossy(&line[..at]).chars().count();
    let first = start.saturating_sub(LEAD);
    let text = String::from_utf8_lossy(line);
    let mut shown = text.chars();
    if text.chars().nth(MAX_SHOWN).is_none() {
        return text.into_owned();
    }
    let mut excerpt = String::new();
    if first > 0 {
        excerpt.push('…');
        shown.nth(first - 1);
    }
    excerpt.extend(shown.by_ref().take(MAX_SHOWN));
    if shown.next().is_some() {
        excerpt.push('…');
    }
    excerpt
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(text: &str, pattern: &str, context: usize) -> Vec<Match> {
        let mut all = Vec::new();
        let pattern = Regex::new(pattern).unwrap();
        search(&mut text.as_bytes(), &pattern, context, |one| {
            all.push(one);
            true
        })
        .unwrap();
        all
    }

    #[test]
    fn a_match_knows_its_line_and_its_column_in_characters() {
        let all = matches("one\r\nété two\n", "two", 0);
        assert_eq!((all[0].line, all[0].column), (2, 5));
        assert_eq!(all[0].text, "été two");
        assert!(all[0].before.is_empty() && all[0].after.is_empty());
    }

    #[test]
    fn every_line_is_shown_once_even_between_near_matches() {
        let all = matches("a\nb\nX1\nc\nX2\nd\ne\nf\ng\nX3", "X", 2);
        let shown: Vec<_> = all.iter().map(|m| (m.before.concat(), m.line, m.after.concat())).collect();
        let expected = [("ab", 3, "c"), ("", 5, "de"), ("fg", 10, "")];
        assert_eq!(shown, expected.map(|(b, n, a)| (b.to_owned(), n, a.to_owned())));
    }

    #[test]
    fn of_a_long_line_the_part_around_the_match_is_shown() {
        let line = format!("{}needle{}", "a".repeat(5000), "b".repeat(5000));
        let all = matches(&line, "needle", 0);
        assert_eq!(all[0].column, 5001);
        assert!(all[0].text.contains("aneedleb"));
        assert!(all[0].text.starts_with('…') && all[0].text.ends_with('…'));
        assert_eq!(all[0].text.chars().count(), MAX_SHOWN + 2);
    }

    #[test]
    fn an_endless_line_takes_bounded_memory_and_the_next_line_is_found() {
        let line = format!("{}\nnext", "x".repeat(3 * MAX_LINE));
        let mut buffer = Vec::new();
        let mut reader = line.as_bytes();
        assert!(next_line(&mut reader, &mut buffer).unwrap());
        assert_eq!(buffer.len(), MAX_LINE);
        assert!(next_line(&mut reader, &mut buffer).unwrap());
        assert_eq!(buffer, b"next");
        assert!(!next_line(&mut reader, &mut buffer).unwrap());
    }

    #[test]
    fn a_file_with_a_nul_byte_is_no_text() {
        assert!(is_binary(b"\x7fELF\0"));
        assert!(!is_binary("naïve".as_bytes()));
    }

    #[test]
    fn bytes_that_are_no_utf8_do_not_end_the_search() {
        let pattern = Regex::new("needle").unwrap();
        let mut found = 0;
        let mut reader: &[u8] = b"\xff\xfe needle\nneedle";
        search(&mut reader, &pattern, 0, |_| {
            found += 1;
            true
        })
        .unwrap();
        assert_eq!(found, 2);
    }
}
