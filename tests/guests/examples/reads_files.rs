//! Reads the files it is told to read, through `mpp:tool/fs`.

use std::collections::BTreeSet;

use mpp_guest::schemars::{self, JsonSchema};
use mpp_guest::{Result, fs};
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
struct Entry {
    name: String,
    kind: String,
}

#[derive(Serialize, JsonSchema)]
struct Stat {
    kind: String,
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
    let fs::Metadata { kind, size } = fs::metadata(input.path)?;
    Ok(Stat { kind: format!("{kind:?}"), size })
}

/// Looks for numbered files, and counts those that are there.
#[mpp_guest::tool]
fn stat_each(input: Again) -> u32 {
    (0..input.times).map(|i| u32::from(fs::metadata(format!("{}{i}", input.path)).is_ok())).sum()
}

/// The names in a directory.
#[mpp_guest::tool]
fn list(input: At) -> Result<Vec<Entry>> {
    let entries = fs::read_dir(input.path)?;
    Ok(entries
        .into_iter()
        .map(|entry| Entry { name: entry.name, kind: format!("{:?}", entry.kind) })
        .collect())
}

/// Reads a file again and again, and tells everything it saw.
#[mpp_guest::tool]
fn read_again(input: Again) -> BTreeSet<String> {
    (0..input.times)
        .map(|_| match fs::read_to_string(&input.path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), fs::ErrorKind::Denied(_)) => "denied".to_owned(),
            Err(error) => error.kind().to_string(),
        })
        .collect()
}

/// Opens a file as often as it can, at most a thousand times, keeping each open.
#[mpp_guest::tool]
fn hold_open(input: At) -> Result<String> {
    let mut held = Vec::new();
    for _ in 0..1000 {
        match fs::open(&input.path) {
            Ok(reader) => held.push(reader),
            Err(error) => return Ok(format!("{}: {}", held.len(), error.kind())),
        }
    }
    Ok(format!("{}", held.len()))
}

mpp_guest::export!(read, stat, stat_each, list, read_again, hold_open);
