//! Reads the files it is told to read, through `std::fs`.

use std::collections::BTreeSet;
use std::fs;

use mpp_guest::Result;
use mpp_guest::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct At {
    path: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Again {
    path: String,
    times: u32,
}

#[derive(Serialize, JsonSchema)]
struct Stat {
    file: bool,
    directory: bool,
    size: u64,
}

/// The contents of a file.
#[mpp_guest::tool]
fn read(input: At) -> Result<String> {
    Ok(fs::read_to_string(input.path)?)
}

/// What is at a path.
#[mpp_guest::tool]
fn stat(input: At) -> Result<Stat> {
    let metadata = fs::metadata(input.path)?;
    Ok(Stat { file: metadata.is_file(), directory: metadata.is_dir(), size: metadata.len() })
}

/// The names in a directory, sorted.
#[mpp_guest::tool]
fn list(input: At) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(input.path)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

/// Where a symbolic link leads.
#[mpp_guest::tool]
fn read_link(input: At) -> Result<String> {
    Ok(fs::read_link(input.path)?.to_string_lossy().into_owned())
}

/// Reads a file again and again, and tells everything it saw.
#[mpp_guest::tool]
fn read_again(input: Again) -> BTreeSet<String> {
    (0..input.times)
        .map(|_| match fs::read_to_string(&input.path) {
            Ok(text) => text,
            Err(error) => format!("{:?}", error.kind()),
        })
        .collect()
}

/// Opens a file as often as it can, at most a thousand times, keeping each open.
#[mpp_guest::tool]
fn hold_open(input: At) -> Result<String> {
    let mut held = Vec::new();
    for _ in 0..1000 {
        match fs::File::open(&input.path) {
            Ok(file) => held.push(file),
            Err(error) => return Ok(format!("{}: {error}", held.len())),
        }
    }
    Ok(format!("{}", held.len()))
}

mpp_guest::export!(read, stat, list, read_link, read_again, hold_open);
