//! What a package is read from: bytes in memory, or a file of which a few are
//! needed.

use std::{
    io::{self, Read, Seek, SeekFrom},
    mem,
    ops::Range,
};

use crate::{package::ReadError, section::StructureError};

/// Bytes of a file that are read at once. What stands before the code of a
/// component fits, and so does all that stands behind it, with an ordinary
/// manifest and its signature: two reads for a package.
const WINDOW_BYTES: usize = 16 * 1024;

/// Bytes that are asked for by their place.
pub(crate) trait Source {
    /// Why they cannot be had, or are not what they must be.
    type Error: From<StructureError>;

    /// How many there are.
    fn len(&self) -> u64;

    /// Those of `range`, which ends at `len` or before.
    fn bytes(&mut self, range: Range<usize>) -> Result<&[u8], Self::Error>;
}

impl Source for &[u8] {
    type Error = StructureError;

    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn bytes(&mut self, range: Range<usize>) -> Result<&[u8], StructureError> {
        Ok(&self[range])
    }
}

/// A file, and the part of it that was read last.
///
/// A read takes [`WINDOW_BYTES`] or what was asked for, if that is more. Headers
/// are asked for one after the other, each with its name. So a file costs at most
/// two reads for every [`WINDOW_BYTES`] of its length, however many sections
/// somebody has put there.
pub(crate) struct Window<F> {
    file: F,
    len: u64,
    /// Where `bytes` stand in the file.
    start: usize,
    bytes: Vec<u8>,
}

impl<F: Read + Seek> Window<F> {
    /// The file is as long as it is now. What is added later is not looked at,
    /// and what is missing later is an error.
    pub(crate) fn over(mut file: F) -> Result<Self, ReadError> {
        let len = file.seek(SeekFrom::End(0))?;
        Ok(Self { file, len, start: 0, bytes: Vec::new() })
    }

    /// Moves to where `range` begins.
    fn fill(&mut self, range: &Range<usize>) -> io::Result<()> {
        let left = usize::try_from(self.len).unwrap_or(usize::MAX).saturating_sub(range.start);
        // Taken, so that nothing is left to be read after an error.
        let mut bytes = mem::take(&mut self.bytes);
        bytes.resize(range.len().max(WINDOW_BYTES).min(left), 0);
        self.file.seek(SeekFrom::Start(range.start as u64))?;
        self.file.read_exact(&mut bytes).map_err(shortened)?;
        (self.start, self.bytes) = (range.start, bytes);
        Ok(())
    }

    /// Where `range` stands in the window, if it does.
    fn held(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let start = range.start.checked_sub(self.start)?;
        let end = start.checked_add(range.len())?;
        (end <= self.bytes.len()).then_some(start..end)
    }
}

impl<F: Read + Seek> Source for Window<F> {
    type Error = ReadError;

    fn len(&self) -> u64 {
        self.len
    }

    fn bytes(&mut self, range: Range<usize>) -> Result<&[u8], ReadError> {
        let held = match self.held(&range) {
            Some(held) => held,
            None => {
                self.fill(&range)?;
                0..range.len()
            }
        };
        Ok(&self.bytes[held])
    }
}

/// The file was long enough when it was opened, so whoever shortened it is at fault
/// and not whoever made the package.
fn shortened(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            io::Error::new(error.kind(), "the file became shorter while it was read")
        }
        _ => error,
    }
}
