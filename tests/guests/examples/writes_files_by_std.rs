//! Changes the files it is told to change, through `std::fs`.

use std::fs::{self, OpenOptions};
use std::io::Write as _;

use mpp_guest::Result;
use mpp_guest::schemars::{self, JsonSchema};
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
struct Two {
    from: String,
    to: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Size {
    path: String,
    bytes: u64,
}

/// Makes a text the whole contents of a file.
#[mpp_guest::tool]
fn write(input: Contents) -> Result<()> {
    Ok(fs::write(input.path, input.text)?)
}

/// Adds a text to a file.
#[mpp_guest::tool]
fn append(input: Contents) -> Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(input.path)?;
    Ok(file.write_all(input.text.as_bytes())?)
}

/// Reads a file.
#[mpp_guest::tool]
fn read(input: At) -> Result<String> {
    Ok(fs::read_to_string(input.path)?)
}

/// Makes a directory.
#[mpp_guest::tool]
fn create_directory(input: At) -> Result<()> {
    Ok(fs::create_dir(input.path)?)
}

/// Removes a file.
#[mpp_guest::tool]
fn remove_file(input: At) -> Result<()> {
    Ok(fs::remove_file(input.path)?)
}

/// Removes a directory.
#[mpp_guest::tool]
fn remove_directory(input: At) -> Result<()> {
    Ok(fs::remove_dir(input.path)?)
}

/// Moves a file.
#[mpp_guest::tool]
fn rename(input: Two) -> Result<()> {
    Ok(fs::rename(input.from, input.to)?)
}

/// Makes a hard link at `to` to the file at `from`.
#[mpp_guest::tool]
fn hard_link(input: Two) -> Result<()> {
    Ok(fs::hard_link(input.from, input.to)?)
}

/// Makes a symbolic link at `to` that leads to `from`.
#[mpp_guest::tool]
fn soft_link(input: Two) -> Result<()> {
    #[expect(deprecated, reason = "the only way on this target without a feature")]
    fs::soft_link(input.from, input.to)?;
    Ok(())
}

/// Gives a file a size.
#[mpp_guest::tool]
fn set_size(input: Size) -> Result<()> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(input.path)?;
    Ok(file.set_len(input.bytes)?)
}

/// Writes a text to a file again and again, and counts how often it worked.
#[mpp_guest::tool]
fn write_again(input: Again) -> u32 {
    (0..input.times).map(|_| u32::from(fs::write(&input.path, &input.text).is_ok())).sum()
}

/// Writes a text into a file until that fails, at most ten thousand times.
#[mpp_guest::tool]
fn fill(input: Contents) -> Result<String> {
    let mut file = fs::File::create(input.path)?;
    for written in 0..10_000_u32 {
        if let Err(error) = file.write_all(input.text.as_bytes()) {
            return Ok(format!("{written}: {:?}", error.kind()));
        }
    }
    Ok("never".to_owned())
}

mpp_guest::export!(
    write,
    append,
    read,
    create_directory,
    remove_file,
    remove_directory,
    rename,
    hard_link,
    soft_link,
    set_size,
    fill,
    write_again
);
