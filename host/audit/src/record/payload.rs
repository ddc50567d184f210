//! # Payloads: what a caller or a tool said
//!
//! None of it stands in a record. It is kept beside the log, where it can be
//! erased, and the record *binds* it by a salted commitment:
//!
//! ```text
//! commit = HMAC-SHA256(key = salt, message = field ‖ 0x00 ‖ payload)
//! ```
//!
//! The salt is 32 random bytes, fresh for each payload, and kept beside it; the
//! field is its name in ASCII ([`Field::as_str`]). So the commitment of a payload
//! cannot be found in another field's place, two commitments to one text have
//! nothing in common, and once the salt is erased nobody can tell by guessing
//! what the text was (HMAC with an unknown key is a pseudorandom function,
//! RFC 2104 and NIST SP 800-107). Its length in bytes stays in the record.

mod keep;
mod pointer;
mod prepare;
mod salt;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Hash;

pub use keep::{Keep, Keeping};
pub use pointer::{JsonPointer, NoPointer};

pub(crate) use pointer::REDACTED;
pub(crate) use prepare::{Prepared, prepare};
pub(crate) use salt::{Commitment, Salt, commit, leaf_key};

/// Which payload of a record: every record has at most one for each field.
///
/// The order is that in which the payloads of one record are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Field {
    /// The arguments of a call, as the caller sent them.
    Input = 1,
    /// What the tool answered.
    Output = 2,
    /// What the tool said to its operator.
    Log = 3,
    /// The host calls that were allowed.
    Calls = 4,
    /// Why a call ended as it did, in words.
    Reason = 5,
    /// What was denied, and why.
    Denial = 6,
    /// The permissions that a manifest declares, where they are too long for a record.
    Declared = 7,
    /// The permissions in force during a call, where they are too long for a record.
    Granted = 8,
    /// The limits in force during a call, where they are too long for a record.
    Limits = 9,
    /// The permissions that an operator approved, where they are too long for a record.
    Approved = 10,
}

impl Field {
    /// Every field, in order.
    pub const ALL: [Self; 10] = [
        Self::Input,
        Self::Output,
        Self::Log,
        Self::Calls,
        Self::Reason,
        Self::Denial,
        Self::Declared,
        Self::Granted,
        Self::Limits,
        Self::Approved,
    ];

    /// The field as a record spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::Log => "log",
            Self::Calls => "calls",
            Self::Reason => "reason",
            Self::Denial => "denial",
            Self::Declared => "declared",
            Self::Granted => "granted",
            Self::Limits => "limits",
            Self::Approved => "approved",
        }
    }

    /// The byte that stands for the field where payloads are kept.
    pub(crate) const fn byte(self) -> u8 {
        self as u8
    }

    /// The field of a byte, if there is one.
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.byte() == byte)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no payload is called {0:?}; there are input, output, log, calls, reason, denial, declared, granted, limits and approved"
)]
pub struct UnknownField(pub String);

impl FromStr for Field {
    type Err = UnknownField;

    fn from_str(text: &str) -> Result<Self, UnknownField> {
        Self::ALL
            .into_iter()
            .find(|field| field.as_str() == text)
            .ok_or_else(|| UnknownField(text.to_owned()))
    }
}

/// What a record says of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// Length of what `commit` covers, in bytes.
    pub bytes: u64,
    /// How `commit` is computed.
    pub alg: Algorithm,
    /// Binds the payload: where it is kept whole or redacted, exactly what is
    /// kept; otherwise the payload that is not.
    pub commit: Hash,
    /// What of the payload is kept.
    pub kept: Kept,
}

/// How a commitment is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// HMAC-SHA256 (RFC 2104, FIPS 180-4), the salt being the key.
    HmacSha256,
}

/// What of a payload was kept when its record was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// All of it.
    Whole,
    /// It, without what the operator had blacked out first.
    Redacted,
    /// Only the salt: who has the payload can still show that it is the one.
    Commitment,
}

/// A JSON value that some other room defines, permissions or limits. The log
/// keeps it and gives it no meaning.
///
/// A caller builds [`Document::Inline`] whatever the size; the log makes a
/// payload of what is too large for a record, as compact JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Document {
    /// The value itself.
    Inline(Value),
    /// Kept as a payload, always whole. Only the log makes these.
    Stored(Bound),
}

impl From<Value> for Document {
    fn from(value: Value) -> Self {
        Self::Inline(value)
    }
}

#[cfg(test)]
mod tests;
