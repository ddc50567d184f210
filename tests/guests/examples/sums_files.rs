//! Adds up some of what is in files, in both shapes in which a tool reads them.

use std::fs::File;
use std::io::{BufRead, Read};

use mpp_guest::Result;
use mpp_guest::schemars::{self, JsonSchema};
use serde::Deserialize;

/// Bytes that one read asks for.
const CHUNK: usize = 64 << 10;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct At {
    path: String,
}

/// Numbered directories with as many numbered files in each.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Tree {
    path: String,
    directories: u32,
    files: u32,
}

impl Tree {
    fn paths(&self) -> impl Iterator<Item = String> {
        let in_one =
            move |directory| (0..self.files).map(move |file| format!("{}/{directory}/{file}", self.path));
        (0..self.directories).flat_map(in_one)
    }
}

/// The sum of the first 64-bit word of every 64 bytes, filled up with zeros at the
/// end: every line of the processor's cache is touched, and little is computed.
fn sum(bytes: &[u8]) -> u64 {
    let mut sum = 0_u64;
    for line in bytes.chunks(64) {
        let mut word = [0; 8];
        match line.first_chunk() {
            Some(first) => word = *first,
            None => word[..line.len()].copy_from_slice(line),
        }
        sum = sum.wrapping_add(u64::from_le_bytes(word));
    }
    sum
}

/// The sum of a file, where the host's reads are.
#[mpp_guest::tool]
fn borrow(input: At) -> Result<String> {
    let (mut file, mut total) = (mpp_guest::fs::open(input.path)?, 0_u64);
    loop {
        let chunk = file.fill_buf()?;
        if chunk.is_empty() {
            return Ok(total.to_string());
        }
        total = total.wrapping_add(sum(chunk));
        let read = chunk.len();
        file.consume(read);
    }
}

/// The sum of a file, read into a buffer.
#[mpp_guest::tool]
fn read(input: At) -> Result<String> {
    sum_of(mpp_guest::fs::open(input.path)?)
}

/// The sum of a file, read by `std::fs` into a buffer.
#[mpp_guest::tool]
fn read_by_std(input: At) -> Result<String> {
    sum_of(File::open(input.path)?)
}

fn sum_of(mut file: impl Read) -> Result<String> {
    let (mut buffer, mut total) = (vec![0; CHUNK], 0_u64);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(total.to_string()),
            read => total = total.wrapping_add(sum(&buffer[..read])),
        }
    }
}

/// The sum of many files, each read at once.
#[mpp_guest::tool]
fn read_each(input: Tree) -> Result<String> {
    let mut total = 0_u64;
    for path in input.paths() {
        total = total.wrapping_add(sum(&mpp_guest::fs::read(path)?));
    }
    Ok(total.to_string())
}

/// The sum of many files, each read at once by `std::fs`.
#[mpp_guest::tool]
fn read_each_by_std(input: Tree) -> Result<String> {
    let mut total = 0_u64;
    for path in input.paths() {
        total = total.wrapping_add(sum(&std::fs::read(path)?));
    }
    Ok(total.to_string())
}

mpp_guest::export!(borrow, read, read_by_std, read_each, read_each_by_std);
