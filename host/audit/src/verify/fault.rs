//! What can be wrong with a log, and where.

use std::fmt;

use crate::Hash;
use crate::record::Field;

/// The first record that does not hold, and what is wrong with it. Nothing from
/// there on is evidence; everything before it is as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record {seq} (line {line}, byte {offset}): {kind}")]
pub struct Fault {
    /// The number of the first bad record: that of the record itself where it
    /// is known to be changed, otherwise the number that belongs in its place.
    pub seq: u64,
    /// The line it stands on, from 1.
    pub line: u64,
    /// The offset of that line in the file, from 0.
    pub offset: u64,
    /// What is wrong.
    pub kind: FaultKind,
}

/// Kinds of fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The file is empty: even the header is gone.
    #[error("the log is empty, not even its header is there")]
    Empty,
    /// The last line is cut off in the middle.
    #[error("the line ends in the middle: writing it was interrupted, or the end of the log was cut off")]
    Torn,
    /// The last line is whole but for its newline.
    #[error(
        "the newline after the last record is missing: writing it was interrupted, or the end of the log was cut off"
    )]
    MissingNewline,
    /// The line is longer than a record can be.
    #[error("the line is longer than a record can be ({} bytes)", crate::limits::MAX_RECORD_BYTES)]
    TooLong,
    /// Not a record: no JSON, a field missing, unknown or of another form.
    #[error("not a record: {detail}")]
    Malformed {
        /// What the reader stumbled on.
        detail: String,
    },
    /// An object in the record has a key twice, and readers would differ on its meaning.
    #[error("the key {key:?} stands twice in one object")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// Written in a version of the format that this program does not know.
    #[error("format version {found} is not known to this program; a newer one may verify it")]
    UnknownVersion {
        /// The version the record names.
        found: u64,
    },
    /// A kind of record that this program does not know.
    #[error("records of the kind {found:?} are not known to this program; a newer one may verify it")]
    UnknownKind {
        /// The kind the record names.
        found: String,
    },
    /// The first record is not a header that names no record before it, or a
    /// later one is a header.
    #[error("the first record, and no other, must be a header, and name no record before it")]
    Header,
    /// Records are gone: this place holds a later one.
    #[error("missing: record {found} stands in its place")]
    Missing {
        /// The number of the record in this place.
        found: u64,
    },
    /// The record is there, but comes after the one that should follow it.
    #[error("out of order: record {found} stands before it")]
    Swapped {
        /// The number of the record in this place.
        found: u64,
    },
    /// An earlier record, or another of the same number, was put in this place.
    #[error("inserted: record {found} stands in its place, a number that was there before")]
    Repeated {
        /// The number of the record in this place.
        found: u64,
    },
    /// The record is not the one that was written: the next record names
    /// another hash, and is itself vouched for by the one after.
    #[error("changed: the next record names another hash")]
    Changed,
    /// This record and the one before do not fit together, and nothing tells
    /// which of the two was changed.
    #[error("does not follow the record before it: one of the two was changed")]
    Unchained,
    /// The record is not the one that a kept receipt vouches for, so the log
    /// was rewritten, here or before.
    #[error("rewritten: a kept receipt names the hash {expected}")]
    Rewritten {
        /// The hash that the receipt names.
        expected: Hash,
    },
    /// The log ends before a record that a kept receipt vouches for.
    #[error("cut off: the log ends here, and a kept receipt names record {receipt}")]
    CutOff {
        /// The number of the record that the receipt names.
        receipt: u64,
    },
    /// The record names an epoch that does not follow.
    #[error("it names epoch {found}, which is neither that of the record before nor the next")]
    Epoch {
        /// The epoch it names.
        found: u32,
    },
    /// The log is not the one that the key belongs to.
    #[error("this is the log of another key: {found}")]
    AnotherLog {
        /// The key that its header names.
        found: String,
    },
    /// The public keys of the epochs are not those of the log's key.
    #[error("`epochs/keys` {why}")]
    Keys {
        /// What is wrong.
        why: String,
    },
    /// The log ends before its newest checkpoint does.
    #[error("cut off: the log ends here, and a checkpoint covers {size} records")]
    CutOffBefore {
        /// Records of the checkpoint.
        size: u64,
    },
    /// A checkpoint of so many records is not one of this log.
    #[error("the checkpoint of {size} records in {file} does not hold: {why}")]
    Checkpoint {
        /// The file it is in.
        file: &'static str,
        /// How many records it claims to cover; 0 if it cannot be read.
        size: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The epoch of this record ended, and its last checkpoint is missing or another.
    #[error("it is the last of epoch {epoch}, and the checkpoint that should close it {why}")]
    NotClosed {
        /// The epoch.
        epoch: u32,
        /// What is wrong.
        why: String,
    },
    /// A tile of hashes is missing, or has another hash for this record or one after it.
    #[error("{tile} {why}")]
    Tile {
        /// The tile, by its path.
        tile: String,
        /// What is wrong.
        why: String,
    },
    /// The index leads elsewhere.
    #[error("the offset of this record in `offsets` is missing or wrong")]
    Offset,
    /// A record belongs to a call that is not open: it never began, has another
    /// identity, or has ended.
    #[error("it belongs to the call that record {intent} began, and no such call is open here")]
    NoOpenCall {
        /// The number of the intent that the record names.
        intent: u64,
    },
    /// The list of open calls is missing, or lists others.
    #[error("`open` {why}")]
    OpenCalls {
        /// What is wrong.
        why: String,
    },
    /// A payload is gone, and no record says that it was erased, or never was durable.
    #[error("its payload `{field}` is gone, and no record says why")]
    PayloadMissing {
        /// Which payload of the record.
        field: Field,
    },
    /// A payload is not the one that the record binds, and no record says that it
    /// was to be erased.
    #[error("its payload `{field}` was changed")]
    PayloadChanged {
        /// Which payload of the record.
        field: Field,
    },
    /// A file of payloads is not what a writer leaves, from here on.
    #[error("{why}")]
    Pack {
        /// The file, the place in it, and what is wrong there.
        why: String,
    },
    /// A record tells of the loss or the erasure of a payload that is not as it says.
    #[error("it names the payload `{field}` of record {record}, and that record binds no such payload")]
    NoPayload {
        /// The record that it names.
        record: u64,
        /// The payload that it names.
        field: Field,
    },
    /// A payload was erased that was under a hold.
    #[error("it erases the payload `{field}` of record {record}, which is under a hold")]
    Held {
        /// The record whose payload it is.
        record: u64,
        /// Which payload of that record.
        field: Field,
    },
    /// Payloads of records to come were destroyed.
    #[error("it destroys the payloads of all records before {before}, and those have not come yet")]
    Retention {
        /// The record that it names.
        before: u64,
    },
}

/// Longest excerpt of a broken line in a message, in characters.
const MAX_EXCERPT: usize = 160;

impl FaultKind {
    pub(crate) fn malformed(detail: impl fmt::Display) -> Self {
        Self::Malformed { detail: excerpt(&detail.to_string()) }
    }

    pub(crate) fn duplicate_key(key: &str) -> Self {
        Self::DuplicateKey { key: excerpt(key) }
    }

    pub(crate) fn unknown_kind(kind: &str) -> Self {
        Self::UnknownKind { found: excerpt(kind) }
    }
}

/// What goes from a broken line into a message: short, and nothing that could
/// steer a terminal.
fn excerpt(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .take(MAX_EXCERPT)
        .collect()
}
