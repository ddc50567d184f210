//! # Packs: where payloads are kept
//!
//! What callers and tools said stands in no record. It is kept here, bound by the
//! records ([`Bound`](crate::record::payload::Bound)), and can be destroyed while
//! they stay. `payloads/<n>`, *n* in decimal without leading zeros, is the pack of
//! the records from `65,536 · n` up to, but not including, `65,536 · (n + 1)`; a
//! pack without entries may be missing. It is a sequence of entries, strictly
//! ascending by `seq` and then by `field`, with nothing between and nothing after
//! them. Integers are big-endian:
//!
//! ```text
//! seq (8) ‖ field (1) ‖ state (1) ‖ length (8) ‖ salt (32) ‖ payload (length)
//! ```
//!
//! | `state` | meaning |
//! |---|---|
//! | 0 | Erased: salt and payload are zeros. The length is what it was. |
//! | 1 | Kept, whole or redacted as the record says. |
//! | 2 | Only the salt is kept. The length is 0. |
//!
//! Anything else is a fault: another field or state, a length beyond
//! [`MAX_PAYLOAD_BYTES`], an entry that belongs into another pack, an entry that
//! ends after its file does, a byte that is not zero in an erased entry.
//!
//! # What holds after a crash
//!
//! - Whoever was told that a record is durable finds its entries here.
//! - A pack can end with entries of records that never became durable, or in the
//!   middle of one. They are cut off when the log is opened ([`survey()`]).
//! - An entry in state 0 is erased: salt and payload are made durable as zeros
//!   before the state is written. One that is being erased is in its old state and
//!   no longer holds what its record binds; erasing it again finishes that.
//! - A file `<n>.destroyed` is a pack on its way out. Nobody reads it.

mod entry;
mod erase;
mod outgoing;
mod read;
mod retain;
mod survey;
mod walk;
mod write;

use std::path::{Path, PathBuf};
use std::{fs, io};

pub(crate) use entry::{MAX_PAYLOAD_BYTES, PayloadRef, keepable};
pub(crate) use erase::erase;
pub(crate) use outgoing::Outgoing;
pub(crate) use read::{Found, PackReader};
pub(crate) use retain::destroy_below;
pub(crate) use survey::{Owed, PackEnd, Survey, Unsigned, survey};
pub(crate) use walk::{EntryFault, PackError};
pub(crate) use write::PackWriter;

use crate::layout;

/// How many bits of a record's number do not tell its pack. A pack has at most
/// 2¹⁶ records: few enough to look through its headers for one of them, and so
/// many that a log of 10⁷ records has 153 packs.
const PACK_BITS: u32 = 16;

/// The pack of a record.
pub(crate) const fn pack_of(seq: u64) -> u64 {
    seq >> PACK_BITS
}

/// The first record after those of a pack.
const fn end_of(pack: u64) -> u64 {
    pack.saturating_add(1).saturating_mul(1 << PACK_BITS)
}

/// The file of a pack.
pub(crate) fn path(dir: &Path, pack: u64) -> PathBuf {
    layout::payloads(dir).join(pack.to_string())
}

/// The packs of a log, in order. None if it has no place for them.
fn numbers(dir: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for name in names(dir)? {
        numbers.extend(number(&name));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// The names of all files among the packs that could be ours.
fn names(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    match fs::read_dir(layout::payloads(dir)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        entries => {
            for entry in entries? {
                names.extend(entry?.file_name().into_string());
            }
        }
    }
    Ok(names)
}

/// The pack of a file name, if it is one.
fn number(name: &str) -> Option<u64> {
    // One pack, one name: no sign, no leading zero.
    name.parse().ok().filter(|number: &u64| number.to_string() == name)
}

#[cfg(test)]
mod tests;
