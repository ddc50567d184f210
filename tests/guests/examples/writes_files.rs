//! Writes the files it is told to write, through `mpp:tool/fs-write`.

use std::io::Write as _;

use mpp_guest::schemars::{self, JsonSchema};
use mpp_guest::{Result, fs_write};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct At {
    path: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Contents {
    path: String,
    text: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Again {
    path: String,
    text: String,
    times: u32,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Move {
    from: String,
    to: String,
}

/// Makes a text the whole contents of a file.
#[mpp_guest::tool]
fn write(input: Contents) -> Result<()> {
    Ok(fs_write::write(input.path, input.text)?)
}

/// Makes a new file.
#[mpp_guest::tool]
fn create_new(input: Contents) -> Result<()> {
    Ok(fs_write::create_new(input.path)?.write_all(input.text.as_bytes())?)
}

/// Adds a text to a file.
#[mpp_guest::tool]
fn append(input: Contents) -> Result<()> {
    Ok(fs_write::append(input.path)?.write_all(input.text.as_bytes())?)
}

/// Makes a directory.
#[mpp_guest::tool]
fn create_directory(input: At) -> Result<()> {
    Ok(fs_write::create_dir(input.path)?)
}

/// Removes a file.
#[mpp_guest::tool]
fn remove_file(input: At) -> Result<()> {
    Ok(fs_write::remove_file(input.path)?)
}

/// Removes a directory.
#[mpp_guest::tool]
fn remove_directory(input: At) -> Result<()> {
    Ok(fs_write::remove_dir(input.path)?)
}

/// Moves a file.
#[mpp_guest::tool]
fn rename(input: Move) -> Result<()> {
    Ok(fs_write::rename(input.from, input.to)?)
}

/// Writes a text to a file again and again, and counts how often it worked.
#[mpp_guest::tool]
fn write_again(input: Again) -> u32 {
    (0..input.times).map(|_| u32::from(fs_write::write(&input.path, &input.text).is_ok())).sum()
}

/// Writes a text into a file until that fails, at most ten thousand times.
#[mpp_guest::tool]
fn fill(input: Contents) -> Result<String> {
    let mut writer = fs_write::create(input.path)?;
    for written in 0..10_000_u32 {
        if let Err(error) = writer.write_all(input.text.as_bytes()) {
            return Ok(format!("{written}: {error}"));
        }
    }
    Ok("never".to_owned())
}

mpp_guest::export!(
    write,
    create_new,
    append,
    create_directory,
    remove_file,
    remove_directory,
    rename,
    fill,
    write_again
);
