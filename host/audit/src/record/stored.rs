//! Inputs, outputs and documents: kept inside the record, or bound by it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Hash;

/// What went into a call or came out of it.
///
/// A caller builds [`Payload::Inline`] whatever the length; the log moves what
/// is too long for a record into a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payload {
    /// The text itself.
    Inline(String),
    /// Kept in a file; the record binds its content.
    Stored(Stored),
}

impl From<String> for Payload {
    fn from(text: String) -> Self {
        Self::Inline(text)
    }
}

impl From<&str> for Payload {
    fn from(text: &str) -> Self {
        Self::Inline(text.to_owned())
    }
}

/// A JSON value that some other room defines, permissions or limits. The log
/// keeps it and gives it no meaning.
///
/// A caller builds [`Document::Inline`] whatever the size; the log moves what
/// is too large for a record into a file, as compact JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Document {
    /// The value itself.
    Inline(Value),
    /// Kept in a file; the record binds its content.
    Stored(Stored),
}

impl From<Value> for Document {
    fn from(value: Value) -> Self {
        Self::Inline(value)
    }
}

/// A file in the payload directory, named by its commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stored {
    /// Length of the file in bytes.
    pub bytes: u64,
    /// How `commit` comes from the content.
    pub alg: Algorithm,
    /// Binds the content, and names the file.
    pub commit: Hash,
}

/// How a commitment is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// Plain SHA-256 of the content.
    Sha256,
}
