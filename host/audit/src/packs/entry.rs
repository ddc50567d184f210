//! The frame of a payload: what stands before it in a pack.

use std::fmt;

use super::pack_of;
use super::walk::EntryFault;
use crate::record::payload::{Field, Salt};

/// Longest payload that is kept, in bytes. Hosts let 16 MiB in and out unless an
/// operator raises that, so this is room for 64 times as much; and it keeps a
/// length that was tampered with from sending a reader far. Nobody holds a
/// payload in memory to check it: it is read in pieces.
pub(crate) const MAX_PAYLOAD_BYTES: u64 = 1 << 30;

/// Length of what stands before the payload, in bytes.
pub(crate) const HEAD_BYTES: usize = SALT + Salt::BYTES;

// Where the parts of a head begin.
const FIELD: usize = 8;
pub(super) const STATE: usize = 9;
const LENGTH: usize = 10;
pub(super) const SALT: usize = 18;

/// Names one payload of a log. In order of the records, and of their fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PayloadRef {
    /// The number of the record that binds it.
    pub(crate) seq: u64,
    /// Which payload of that record.
    pub(crate) field: Field,
}

impl PayloadRef {
    /// The pack it is kept in.
    pub(crate) const fn pack(self) -> u64 {
        pack_of(self.seq)
    }
}

impl fmt::Display for PayloadRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of record {}", self.field, self.seq)
    }
}

/// What has become of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum State {
    /// Destroyed, and its salt with it.
    Erased = 0,
    /// There, whole or redacted.
    Kept = 1,
    /// Never kept; its salt is.
    SaltOnly = 2,
}

impl State {
    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Erased, Self::Kept, Self::SaltOnly].into_iter().find(|state| *state as u8 == byte)
    }
}

/// What stands before a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) of: PayloadRef,
    pub(crate) state: State,
    /// Length of what follows, in bytes.
    pub(crate) length: u64,
    /// Zeros where it is erased.
    pub(crate) salt: Salt,
}

impl Head {
    /// The bytes that stand for it.
    pub(crate) fn encode(&self) -> [u8; HEAD_BYTES] {
        let mut bytes = [0; HEAD_BYTES];
        bytes[..FIELD].copy_from_slice(&self.of.seq.to_be_bytes());
        bytes[FIELD] = self.of.field.byte();
        bytes[STATE] = self.state as u8;
        bytes[LENGTH..SALT].copy_from_slice(&self.length.to_be_bytes());
        bytes[SALT..].copy_from_slice(self.salt.as_bytes());
        bytes
    }

    /// Reads it back. Every value has one spelling, and nothing else is one.
    pub(crate) fn decode(bytes: &[u8; HEAD_BYTES]) -> Result<Self, EntryFault> {
        let field = Field::from_byte(bytes[FIELD]).ok_or(EntryFault::Field { found: bytes[FIELD] })?;
        let state = State::from_byte(bytes[STATE]).ok_or(EntryFault::State { found: bytes[STATE] })?;
        let of = PayloadRef { seq: number(bytes, 0), field };
        let length = number(bytes, LENGTH);
        let mut salt = [0; Salt::BYTES];
        salt.copy_from_slice(&bytes[SALT..]);
        match state {
            _ if length > MAX_PAYLOAD_BYTES => Err(EntryFault::TooLong { found: length }),
            State::SaltOnly if length != 0 => Err(EntryFault::PayloadBesideSalt { found: length }),
            State::Erased if salt != [0; Salt::BYTES] => Err(EntryFault::NotErased),
            _ => Ok(Self { of, state, length, salt: Salt::from_bytes(salt) }),
        }
    }
}

/// The integer at an offset.
fn number(bytes: &[u8; HEAD_BYTES], at: usize) -> u64 {
    bytes[at..at + 8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The host's: a payload cannot be kept so that it is found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unkeepable {
    /// It is too long.
    #[error("a payload of {bytes} bytes is longer than one that can be kept ({MAX_PAYLOAD_BYTES} bytes)")]
    TooLong {
        /// Its length in bytes.
        bytes: u64,
    },
    /// One that belongs after it is on its way already.
    #[error("the payload {0} comes after one that belongs behind it")]
    OutOfOrder(PayloadRef),
}

/// Whether a payload of so many bytes can be kept. To be asked before its record
/// gets a number: then it is too late.
pub(crate) fn keepable(bytes: u64) -> Result<(), Unkeepable> {
    if bytes > MAX_PAYLOAD_BYTES { Err(Unkeepable::TooLong { bytes }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
