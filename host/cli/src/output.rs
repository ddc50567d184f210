//! What a person or a script sees: data on standard output, messages on
//! standard error, and nothing of a stranger's text that could steer a
//! terminal.

use std::io::{BufRead, IsTerminal, Read, Write};

use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;

use crate::exit::{Blame, Failure, Outcome, writing_output};
use crate::home::Environment;

/// Where the command reads and writes, and which ends are terminals.
///
/// [`Streams::process`] is the process's own; a test makes its own from
/// buffers, with every end not a terminal.
pub struct Streams<'a> {
    /// Standard input.
    pub input: Box<dyn BufRead + 'a>,
    /// Standard output: data, and nothing but data.
    pub out: Box<dyn Write + 'a>,
    /// Standard error: messages, questions, progress.
    pub err: Box<dyn Write + 'a>,
    /// Which ends are terminals.
    pub terminal: Terminal,
    /// Whether messages are coloured.
    pub colour: bool,
}

/// Which ends of the [`Streams`] are terminals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// A person can answer a question.
    pub input: bool,
    /// A person reads the data.
    pub out: bool,
    /// A person reads the messages.
    pub err: bool,
}

impl Terminal {
    /// Nobody is there: pipes and files.
    pub const NONE: Self = Self { input: false, out: false, err: false };
}

impl Streams<'static> {
    /// The streams of this process. Colour follows `NO_COLOR` and whether
    /// standard error is a terminal.
    pub fn process(environment: &Environment) -> Self {
        let terminal = Terminal {
            input: std::io::stdin().is_terminal(),
            out: std::io::stdout().is_terminal(),
            err: std::io::stderr().is_terminal(),
        };
        Self {
            input: Box::new(std::io::BufReader::new(std::io::stdin())),
            out: Box::new(std::io::stdout()),
            err: Box::new(std::io::stderr()),
            terminal,
            colour: terminal.err && environment.wants_colour(),
        }
    }
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const LABEL: Style = AnsiColor::Cyan.on_default();

impl Streams<'_> {
    /// Writes `text` and a line end to standard output.
    pub fn line(&mut self, text: &str) -> Outcome {
        writeln!(self.out, "{text}").map_err(|error| writing_output(&error))
    }

    /// Writes `text` to standard output as it is.
    pub fn text(&mut self, text: &str) -> Outcome {
        self.out.write_all(text.as_bytes()).map_err(|error| writing_output(&error))
    }

    /// Writes one JSON document to standard output: indented for a person,
    /// on one line for a pipe.
    pub fn json(&mut self, value: &impl Serialize) -> Outcome {
        let text = if self.terminal.out {
            serde_json::to_string_pretty(value)
        } else {
            serde_json::to_string(value)
        };
        let text = text.map_err(|error| Failure::host("cannot write this as JSON").because(error))?;
        self.line(&text)
    }

    /// Writes a table to standard output: aligned columns, no frame, as wide
    /// as the terminal where there is one.
    pub fn table(&mut self, header: &[&str], rows: Vec<Vec<String>>) -> Outcome {
        self.lay_out(header, rows, CellAlignment::Left)
    }

    /// As [`Streams::table`], with numbers in all columns but the first.
    pub fn figures(&mut self, header: &[&str], rows: Vec<Vec<String>>) -> Outcome {
        self.lay_out(header, rows, CellAlignment::Right)
    }

    fn lay_out(&mut self, header: &[&str], rows: Vec<Vec<String>>, aligned: CellAlignment) -> Outcome {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(header.iter().map(|name| heading(name)));
        table.column_iter_mut().skip(1).for_each(|column| column.set_cell_alignment(aligned));
        let width = console::Term::stdout().size_checked().map(|(_, columns)| columns);
        if let (true, Some(width)) = (self.terminal.out, width) {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        for row in rows {
            table.add_row(row.iter().map(|cell| plain_line(cell)));
        }
        let text = table.to_string();
        for line in text.lines() {
            self.line(line.trim_end().strip_prefix(' ').unwrap_or(line.trim_end()))?;
        }
        Ok(())
    }

    /// Reads standard input to its end, at most `limit` bytes.
    pub fn read_input(&mut self, limit: u64) -> Outcome<Vec<u8>> {
        let mut bytes = Vec::new();
        (&mut self.input)
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::host("cannot read standard input").because(error))?;
        if bytes.len() as u64 > limit {
            return Err(Failure::usage(format!("standard input is larger than {limit} bytes")));
        }
        Ok(bytes)
    }

    /// Makes sure that everything written has left this process.
    pub fn flush(&mut self) -> Outcome {
        // A message that cannot be shown must not fail a command that worked.
        let _ = self.err.flush();
        self.out.flush().map_err(|error| writing_output(&error))
    }

    /// Says something on standard error. A message that cannot be shown is
    /// dropped: the exit status still tells.
    pub fn say(&mut self, text: &str) {
        let _ = writeln!(self.err, "{text}");
    }

    /// Says something with a coloured label: `label: text`.
    pub fn note(&mut self, label: &str, text: &str) {
        self.labelled(LABEL, label, text);
    }

    /// Warns on standard error.
    pub fn warn(&mut self, text: &str) {
        self.labelled(WARNING, "warning", text);
    }

    /// Warns of something that went wrong and does not end the command: what
    /// happened, why, and what to do next.
    pub fn trouble(&mut self, failure: &Failure) {
        self.warn(failure.what());
        self.reasons(failure);
    }

    /// Shows a failure: what happened, why, and what to do next.
    pub fn failure(&mut self, failure: &Failure) {
        if failure.blame() == Blame::Reader {
            return;
        }
        self.labelled(ERROR, "error", failure.what());
        self.reasons(failure);
    }

    fn reasons(&mut self, failure: &Failure) {
        for why in failure.why() {
            self.labelled(LABEL, "  why", why);
        }
        for next in failure.what_next() {
            self.labelled(LABEL, " next", next);
        }
    }

    /// Asks a question that `y` or `yes` answers with yes, and everything else
    /// with no. `None` where nobody can answer.
    pub fn ask(&mut self, question: &str) -> Option<bool> {
        if !(self.terminal.input && self.terminal.err) {
            return None;
        }
        let _ = write!(self.err, "{question} [y/N] ");
        let _ = self.err.flush();
        let mut answer = String::new();
        match self.input.read_line(&mut answer) {
            Ok(0) | Err(_) => {
                let _ = writeln!(self.err);
                Some(false)
            }
            Ok(_) => Some(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")),
        }
    }

    fn labelled(&mut self, style: Style, label: &str, text: &str) {
        let text = plain(text);
        let indent = " ".repeat(label.chars().count() + 2);
        for (index, line) in text.lines().enumerate() {
            let _ = match (index, self.colour) {
                (0, true) => writeln!(self.err, "{style}{label}:{style:#} {line}"),
                (0, false) => writeln!(self.err, "{label}: {line}"),
                _ => writeln!(self.err, "{indent}{line}"),
            };
        }
    }
}

/// A column's name, in capitals. A unit behind it, in brackets, stays as it is: a
/// capital of µ is another letter.
fn heading(name: &str) -> String {
    match name.split_once('(') {
        Some((name, unit)) => format!("{}({unit}", name.to_uppercase()),
        None => name.to_uppercase(),
    }
}

/// Makes text of a stranger safe to show: control characters and the marks that
/// reorder text become visible escapes. Line ends and tabs stay.
pub fn plain(text: &str) -> String {
    escape(text, |c| matches!(c, '\n' | '\t'))
}

/// [`plain`] on one line: line ends and tabs become visible too.
pub fn plain_line(text: &str) -> String {
    escape(text, |_| false)
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if keep(c) || !(c.is_control() || reorders(c)) {
            safe.push(c);
        } else {
            safe.extend(c.escape_default());
        }
    }
    safe
}

/// Bidirectional controls and invisible separators: text that contains them can
/// show something else than it says.
fn reorders(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(show: impl FnOnce(&mut Streams<'_>)) -> (String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        show(&mut Streams {
            input: Box::new(std::io::empty()),
            out: Box::new(&mut out),
            err: Box::new(&mut err),
            terminal: Terminal::NONE,
            colour: false,
        });
        (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    #[test]
    fn a_terminal_escape_of_a_stranger_becomes_visible() {
        assert_eq!(plain("a\u{1b}[2Kb"), "a\\u{1b}[2Kb");
        assert_eq!(plain("read \u{202e}gnihton"), "read \\u{202e}gnihton");
        assert_eq!(plain("two\nlines"), "two\nlines");
        assert_eq!(plain_line("two\nlines"), "two\\nlines");
    }

    #[test]
    fn a_failure_says_what_why_and_what_next_on_standard_error() {
        let failure = Failure::usage("no such file").because("it is not there").next("make it");
        let (out, err) = shown(|streams| streams.failure(&failure));
        assert_eq!(out, "");
        assert_eq!(err, "error: no such file\n  why: it is not there\n next: make it\n");
    }

    #[test]
    fn a_table_has_a_header_and_no_frame() {
        let (out, _) = shown(|streams| {
            let rows = vec![vec!["com.example".to_owned(), "1.0.0".to_owned()]];
            streams.table(&["publisher", "version"], rows).unwrap();
        });
        assert_eq!(out, "PUBLISHER    VERSION\ncom.example  1.0.0\n");
    }

    #[test]
    fn figures_stand_below_each_other_and_units_stay_as_they_are() {
        let (out, _) = shown(|streams| {
            let rows = [["a call", "26.5"], ["  floor", "8.1"]].map(|row| row.map(str::to_owned).to_vec());
            streams.figures(&["", "p50 (µs)"], rows.to_vec()).unwrap();
        });
        assert_eq!(out, "         P50 (µs)\na call       26.5\n  floor       8.1\n");
    }

    #[test]
    fn nobody_answers_where_there_is_no_terminal() {
        shown(|streams| assert_eq!(streams.ask("really?"), None));
    }
}
