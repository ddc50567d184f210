//! Two tools that read files. Needs `filesystem.read`.

use std::io::BufRead;

use mpp_guest::{Error, Result, fs};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct File {
    /// Absolute path.
    path: String,
    /// How many lines, at least one. Ten if absent.
    #[schemars(range(min = 1))]
    lines: Option<usize>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Directory {
    /// Absolute path.
    path: String,
}

/// Shows the first lines of a text file.
#[mpp_guest::tool(title = "First lines of a file")]
fn first_lines(file: File) -> Result<String> {
    let count = file.lines.unwrap_or(10);
    if count == 0 {
        return Err(Error::invalid_input("`lines` is 0: ask for at least one"));
    }
    let lines = fs::open(&file.path)?.lines().take(count).collect::<Result<Vec<_>, _>>()?;
    Ok(lines.join("\n"))
}

/// Lists the names in a directory.
#[mpp_guest::tool]
fn names(directory: Directory) -> Result<Vec<String>> {
    let entries = fs::read_dir(&directory.path)?;
    Ok(entries.into_iter().map(|entry| entry.name).collect())
}

mpp_guest::export!(first_lines, names);
