//! Records as C2SP clients read them.

use crate::limits::MAX_RECORD_BYTES;

use super::tile::Bundle;

/// Why entries are no bundle, or bytes no entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Another number of entries than the bundle has.
    #[error("{bundle} has {} entries, and these are {found}", bundle.width())]
    Count {
        /// The bundle.
        bundle: Bundle,
        /// Entries there were.
        found: usize,
    },
    /// An entry is longer than its length can say.
    #[error("entry {record} has {bytes} bytes, and at most {MAX_RECORD_BYTES} can be said in 16 bits")]
    TooLong {
        /// Number of the record.
        record: u64,
        /// Its bytes.
        bytes: usize,
    },
    /// The bytes end within an entry.
    #[error("the bundle ends within entry {record}")]
    Torn {
        /// Number of the record.
        record: u64,
    },
    /// There are bytes after the last entry.
    #[error("{found} bytes follow the last entry of the bundle")]
    Rest {
        /// How many.
        found: usize,
    },
}

/// Makes a bundle of its records: lines without their newlines.
pub fn bundle(bundle: Bundle, lines: &[&[u8]]) -> Result<Vec<u8>, BundleError> {
    if lines.len() != usize::from(bundle.width()) {
        return Err(BundleError::Count { bundle, found: lines.len() });
    }
    let mut bytes = Vec::with_capacity(lines.iter().map(|line| 2 + line.len()).sum());
    for (record, line) in bundle.records().zip(lines) {
        let length = u16::try_from(line.len());
        let length = length.map_err(|_| BundleError::TooLong { record, bytes: line.len() })?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(line);
    }
    Ok(bytes)
}

/// Takes a bundle apart: exactly as many entries as it has, and nothing after them.
pub fn entries(bundle: Bundle, bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut rest = bytes;
    let mut entries = Vec::with_capacity(bundle.width().into());
    for record in bundle.records() {
        let (length, after) = rest.split_first_chunk::<2>().ok_or(BundleError::Torn { record })?;
        let length = u16::from_be_bytes(*length).into();
        let (entry, after) = after.split_at_checked(length).ok_or(BundleError::Torn { record })?;
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() { Ok(entries) } else { Err(BundleError::Rest { found: rest.len() }) }
}
