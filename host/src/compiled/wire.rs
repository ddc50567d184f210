//! What a host and the process that compiles for it say to each other.
//!
//! ```text
//! request = "mpp-compile 1\n" ‖ execution (1) ‖ engine digest (32) ‖ host (4) ‖ length (8) ‖ component
//! answer  = "mpp-compiled 1\n" ‖ verdict (1) ‖ length (8) ‖ payload
//! ```
//!
//! Numbers are little-endian. *Execution* is 0 for timed and 1 for deterministic,
//! *host* the id of the host's process. *Verdict* is 0 for code, 1 for the words of
//! a compiler that refused the component, 2 for an engine other than the one asked
//! for, 3 for memory that ran out; for the last two the payload is empty. Each side
//! says one thing; an answer that breaks off is none.

use std::io::{self, Read, Write};

use mpp_package::MAX_PACKAGE_BYTES;

use super::CompiledCache;
use crate::engine::Execution;

const REQUEST: &[u8; 14] = b"mpp-compile 1\n";
const ANSWER: &[u8; 15] = b"mpp-compiled 1\n";

/// Most of a compiler's words that are passed on, in bytes. They quote names of
/// the component, and a record has room for as much.
const MAX_WORDS_BYTES: u64 = 16 << 10;

/// A component to be compiled.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) execution: Execution,
    pub(super) engine: [u8; 32],
    pub(super) host: u32,
    pub(super) component: Vec<u8>,
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The code.
    Code(Vec<u8>),
    /// More code than is read.
    TooMuchCode,
    /// The words of a compiler that refused the component.
    Refused(String),
    /// The engine is not the one that was asked for.
    OtherEngine,
    /// Memory ran out.
    OutOfMemory,
}

impl Request {
    /// Everything that comes before the component.
    pub(super) fn head(execution: Execution, engine: &[u8; 32], host: u32, length: usize) -> Vec<u8> {
        let execution = match execution {
            Execution::Timed => 0,
            Execution::Deterministic => 1,
        };
        let mut head = REQUEST.to_vec();
        head.push(execution);
        head.extend(engine);
        head.extend(host.to_le_bytes());
        head.extend((length as u64).to_le_bytes());
        head
    }

    pub(super) fn read(from: &mut impl Read) -> io::Result<Self> {
        if bytes(from)? != *REQUEST {
            return Err(broken("no request of this version"));
        }
        let execution = match bytes(from)? {
            [0] => Execution::Timed,
            [1] => Execution::Deterministic,
            [_] => return Err(broken("no way to run instances")),
        };
        let engine = bytes(from)?;
        let host = u32::from_le_bytes(bytes(from)?);
        let length = u64::from_le_bytes(bytes(from)?);
        if length > MAX_PACKAGE_BYTES as u64 {
            return Err(broken("a component larger than any package"));
        }
        Ok(Self { execution, engine, host, component: all(from, length)? })
    }
}

impl Answer {
    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let (verdict, payload) = match self {
            Self::Code(code) => (0, code.as_slice()),
            Self::Refused(words) => (1, words.as_bytes()),
            Self::OtherEngine => (2, &[][..]),
            Self::OutOfMemory => (3, &[][..]),
            Self::TooMuchCode => return Err(broken("code that was not written down")),
        };
        to.write_all(ANSWER)?;
        to.write_all(&[verdict])?;
        to.write_all(&(payload.len() as u64).to_le_bytes())?;
        to.write_all(payload)?;
        to.flush()
    }

    pub(super) fn read(from: &mut impl Read) -> io::Result<Self> {
        if bytes(from)? != *ANSWER {
            return Err(broken("no answer of this version"));
        }
        let [verdict] = bytes(from)?;
        match (verdict, u64::from_le_bytes(bytes(from)?)) {
            (0, length) if length > CompiledCache::MAX_CODE_BYTES => Ok(Self::TooMuchCode),
            (0, length) => Ok(Self::Code(all(from, length)?)),
            (1, length) => Ok(Self::Refused(words(from, length)?)),
            (2, 0) => Ok(Self::OtherEngine),
            (3, 0) => Ok(Self::OutOfMemory),
            (_, _) => Err(broken("no verdict")),
        }
    }
}

/// The beginning of somebody's words, and nothing that is not text.
fn words(from: &mut impl Read, length: u64) -> io::Result<String> {
    let words = all(from, length.min(MAX_WORDS_BYTES))?;
    Ok(String::from_utf8_lossy(&words).into_owned())
}

fn bytes<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Exactly `length` bytes. Room is made as they come, not as they are announced.
fn all(from: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn broken(found: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, found)
}

#[cfg(test)]
mod tests;
