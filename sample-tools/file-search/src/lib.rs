//! Searches a directory tree with a regular expression.
//!
//! The tool reads with plain `std::fs`. The host gives it the directories of
//! `filesystem.read` and no other, so there is no path check in here.

mod lines;
mod search;

use mpp_guest::schemars::{self, JsonSchema};
use mpp_guest::{Error, Response, Result, Structured, tool};
use regex::bytes::{Regex, RegexBuilder};
use search::{Found, Globs, Query};
use serde::Deserialize;
use std::fmt::Write;
use std::io;
use std::path::Path;

/// Bytes that a compiled pattern may take: a twentieth of a small tool's memory
/// and far more than patterns written by hand need.
const MAX_PATTERN_BYTES: usize = 4 * 1024 * 1024;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Regular expression, matched against each line by itself (Rust syntax:
    /// like Perl's, without look-around and back-references).
    #[schemars(length(min = 1))]
    pattern: String,
    /// Takes `pattern` as plain text.
    #[serde(default)]
    literal: bool,
    /// Takes upper and lower case as equal.
    #[serde(default)]
    ignore_case: bool,
    /// Directory or file to search, an absolute path.
    #[serde(default = "workspace")]
    path: String,
    /// Searches only files that match one of these globs, for example `*.rs` or
    /// `src/**/*.py`. The syntax is that of a .gitignore.
    #[serde(default)]
    include: Vec<String>,
    /// Passes over files and directories that match one of these globs.
    #[serde(default)]
    exclude: Vec<String>,
    /// Lines to show before and after each match.
    #[serde(default)]
    #[schemars(range(max = 20))]
    context_lines: u32,
    /// Stops after this many matching lines.
    #[serde(default = "max_matches")]
    #[schemars(range(min = 1, max = 1000))]
    max_matches: u32,
    /// Searches files whose names start with a dot, too (never a .git directory).
    #[serde(default)]
    hidden: bool,
    /// Searches files that a .gitignore or .ignore file excludes, too.
    #[serde(default)]
    ignored: bool,
}

fn workspace() -> String {
    "/workspace".to_owned()
}

fn max_matches() -> u32 {
    100
}

/// Searches the files under a directory for lines that match a regular
/// expression, with context lines. Passes over binary files, hidden files and
/// what ignore files exclude, and says how many files it searched. Use it to
/// find code or text whose place you do not know.
#[tool(name = "file-search", title = "File search")]
fn file_search(input: Input) -> Result<Structured<Found>> {
    let pattern = compile(&input)?;
    let root = Path::new(&input.path);
    check_root(root)?;
    let globs = Globs::new(root, &input.include, &input.exclude).map_err(Error::invalid_input)?;
    let found = search::search(&Query {
        root,
        pattern: &pattern,
        globs: &globs,
        context: input.context_lines as usize,
        max_matches: input.max_matches as usize,
        hidden: input.hidden,
        ignored: input.ignored,
    });
    let text = as_text(&found);
    Ok(Structured::new(found, Response::new().text(text)))
}

fn compile(input: &Input) -> Result<Regex> {
    let escaped;
    let pattern = if input.literal {
        escaped = regex::escape(&input.pattern);
        &escaped
    } else {
        &input.pattern
    };
    RegexBuilder::new(pattern)
        .case_insensitive(input.ignore_case)
        .size_limit(MAX_PATTERN_BYTES)
        .build()
        .map_err(|error| Error::invalid_input(format!("pattern: {error}")))
}

/// A root that cannot be read is an error; paths below it are only reported.
fn check_root(root: &Path) -> Result<()> {
    if !root.is_absolute() {
        return Err(Error::invalid_input(format!(
            "path: {} is not absolute; start it with `/workspace`",
            root.display()
        )));
    }
    match std::fs::metadata(root) {
        Ok(_) => Ok(()),
        // WASI says this of everything outside the directories it was given, too.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::invalid_input(format!(
            "path: there is nothing at {} that this tool may read",
            root.display()
        ))),
        Err(error) => Err(Error::failed(format!("path: {}: {error}", root.display()))),
    }
}

/// The answer as grep would print it, which a model reads more easily than JSON.
fn as_text(found: &Found) -> String {
    let mut text = String::new();
    let mut path = None;
    for one in &found.matches {
        if path != Some(&one.path) {
            let gap = if path.is_some() { "\n" } else { "" };
            let _ = writeln!(text, "{gap}{}", one.path);
            path = Some(&one.path);
        }
        for (line, before) in (one.line - one.before.len() as u64..).zip(&one.before) {
            let _ = writeln!(text, "{line}-{before}");
        }
        let _ = writeln!(text, "{}:{}", one.line, one.text);
        for (line, after) in (one.line + 1..).zip(&one.after) {
            let _ = writeln!(text, "{line}-{after}");
        }
    }
    let _ = write!(
        text,
        "{}{} matching lines in {} of {} files searched",
        if path.is_some() { "\n" } else { "" },
        found.matches.len(),
        found.files_matched,
        found.files_searched,
    );
    if found.truncated {
        text.push_str("; there are more");
    }
    if found.binary_files_skipped > 0 {
        let _ = write!(text, "; {} binary files skipped", found.binary_files_skipped);
    }
    if found.unreadable_count > 0 {
        let _ = write!(text, "; {} paths could not be read", found.unreadable_count);
    }
    text
}

mpp_guest::export!(file_search);
