//! The change of a text as one hunk of a unified diff.
//!
//! What is connected is one entry, so what changes is one stretch of lines. All
//! before the first different line and behind the last is the same: the hunk says
//! neither too little nor, for one entry, too much.
//!
//! The lines around it are for a person who looks at them now. Somebody else's
//! entry may hold a key, and what a pipe reads is often kept: [`Around::NOTHING`].

use anstyle::{AnsiColor, Style};

use crate::output::{Streams, plain};

/// How much of what does not change is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    /// Lines before and after.
    lines: usize,
    /// Characters before and after, where a line is too long to be shown.
    characters: usize,
}

impl Around {
    /// For a person at a terminal.
    pub(super) const SOME: Self = Self { lines: 3, characters: 40 };
    /// For a pipe.
    pub(super) const NOTHING: Self = Self { lines: 0, characters: 0 };
}

/// Longest line that is shown whole, in characters: two of a usual terminal's.
const MAX_LINE: usize = 160;

/// What a line of the diff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    File,
    Hunk,
    Same,
    Removed,
    Added,
}

/// Shows the change of a file. `None` stands for no file.
pub(super) fn show(
    path: &str,
    (old, new): (Option<&str>, Option<&str>),
    around: Around,
    streams: &mut Streams<'_>,
) {
    for (kind, line) in lines(path, (old, new), around) {
        let line = plain(&line);
        let style = kind.style();
        streams.say(&if streams.colour { format!("{style}{line}{style:#}") } else { line });
    }
}

fn lines(path: &str, (old, new): (Option<&str>, Option<&str>), around: Around) -> Vec<(Kind, String)> {
    let name = |text: Option<&str>| text.map_or("/dev/null", |_| path);
    let mut lines =
        vec![(Kind::File, format!("--- {}", name(old))), (Kind::File, format!("+++ {}", name(new)))];
    let (old, new) = (split(old), split(new));
    let hunk = Hunk::between(&old, &new, around.lines);
    lines.push((Kind::Hunk, hunk.heading()));
    let (removed, added) = cropped(&old[hunk.removed()], &new[hunk.added()], around.characters);
    let before = &old[hunk.first..hunk.start];
    let behind = &old[hunk.old_end..hunk.old_end + hunk.behind];
    push(&mut lines, Kind::Same, before.iter().map(|line| shortened(line)));
    push(&mut lines, Kind::Removed, removed);
    push(&mut lines, Kind::Added, added);
    push(&mut lines, Kind::Same, behind.iter().map(|line| shortened(line)));
    lines
}

/// Lines with their ends.
fn split(text: Option<&str>) -> Vec<&str> {
    text.unwrap_or_default().split_inclusive('\n').collect()
}

fn push(lines: &mut Vec<(Kind, String)>, kind: Kind, texts: impl IntoIterator<Item = String>) {
    for text in texts {
        match text.strip_suffix('\n') {
            Some(line) => lines.push((kind, kind.mark(line.strip_suffix('\r').unwrap_or(line)))),
            None => {
                lines.push((kind, kind.mark(&text)));
                lines.push((kind, "\\ No newline at end of file".to_owned()));
            }
        }
    }
}

impl Kind {
    fn mark(self, line: &str) -> String {
        match self {
            Self::File | Self::Hunk => line.to_owned(),
            Self::Same => format!(" {line}"),
            Self::Removed => format!("-{line}"),
            Self::Added => format!("+{line}"),
        }
    }

    fn style(self) -> Style {
        match self {
            Self::File => Style::new().bold(),
            Self::Hunk => AnsiColor::Cyan.on_default(),
            Self::Same => Style::new(),
            Self::Removed => AnsiColor::Red.on_default(),
            Self::Added => AnsiColor::Green.on_default(),
        }
    }
}

/// Where two texts differ, in lines: from `start` to `old_end` of the one and to
/// `new_end` of the other; shown from `first`, and `behind` lines more.
#[derive(Debug)]
struct Hunk {
    first: usize,
    start: usize,
    old_end: usize,
    new_end: usize,
    behind: usize,
}

impl Hunk {
    fn between(old: &[&str], new: &[&str], around: usize) -> Self {
        let start = same(old.iter(), new.iter());
        let end = same(old[start..].iter().rev(), new[start..].iter().rev());
        Self {
            first: start.saturating_sub(around),
            start,
            old_end: old.len() - end,
            new_end: new.len() - end,
            behind: end.min(around),
        }
    }

    fn removed(&self) -> std::ops::Range<usize> {
        self.start..self.old_end
    }

    fn added(&self) -> std::ops::Range<usize> {
        self.start..self.new_end
    }

    fn heading(&self) -> String {
        let range = |end: usize| {
            let lines = end + self.behind - self.first;
            // Of no lines, the one before them is named.
            let first = if lines == 0 { self.first } else { self.first + 1 };
            format!("{first},{lines}")
        };
        format!("@@ -{} +{} @@", range(self.old_end), range(self.new_end))
    }
}

/// How many items two sequences begin with alike.
fn same<T: PartialEq>(one: impl Iterator<Item = T>, other: impl Iterator<Item = T>) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).count()
}

/// The lines that differ, without what they begin and end with alike where one of
/// them is too long: a whole configuration can be in one line.
fn cropped(removed: &[&str], added: &[&str], around: usize) -> (Vec<String>, Vec<String>) {
    let whole = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    let is_long = |line: &&str| line.chars().count() > MAX_LINE;
    if !removed.iter().chain(added).any(is_long) {
        return (whole(removed), whole(added));
    }
    let (removed, added) = (removed.concat(), added.concat());
    let head = same(removed.chars(), added.chars());
    let rest = |text: &str| text.chars().skip(head).collect::<String>();
    let tail = same(rest(&removed).chars().rev(), rest(&added).chars().rev());
    let crop = |text: &str| {
        let middle = within(text, head.saturating_sub(around), tail.saturating_sub(around));
        middle.split_inclusive('\n').map(str::to_owned).collect()
    };
    (crop(&removed), crop(&added))
}

/// A text without that many characters of its head and its tail.
fn within(text: &str, head: usize, tail: usize) -> String {
    let length = text.chars().count() - head - tail;
    let middle: String = text.chars().skip(head).take(length).collect();
    let mark = |cut: usize| if cut > 0 { "…" } else { "" };
    // The line's end is the line's, and not of what it says.
    let end = if text.ends_with('\n') && tail > 0 { "\n" } else { "" };
    format!("{}{middle}{}{end}", mark(head), mark(tail))
}

/// A line that does not differ, as far as it is shown.
fn shortened(line: &str) -> String {
    match line.char_indices().nth(MAX_LINE) {
        Some((cut, _)) => format!("{}…{}", &line[..cut], if line.ends_with('\n') { "\n" } else { "" }),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests;
