//! What a log says of itself.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::payload::Field;
use crate::Hash;
use crate::note::{KeyName, LogKey};

/// The first record of every log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The format of this log: [`Header::FORMAT`].
    pub format: String,
    /// Tells this log from every other: 32 hexadecimal digits, drawn at random.
    pub log: String,
    /// The key that its checkpoints are verified with. Its name is
    /// `mpp-audit/` and the log's identity.
    #[serde(serialize_with = "write_key", deserialize_with = "read_key")]
    pub key: LogKey,
    /// The program that began the log.
    pub writer: String,
}

impl Header {
    /// The one format there is.
    pub const FORMAT: &str = "mpp-audit/2";

    /// The name under which the log of this identity signs: its origin.
    pub(crate) fn origin(log: &str) -> Option<KeyName> {
        format!("mpp-audit/{log}").parse().ok()
    }

    /// Whether the key is one for epochs, and of this log.
    pub(crate) fn has_its_key(&self) -> bool {
        self.key.epochs().is_some() && Self::origin(&self.log).as_ref() == Some(self.key.name())
    }
}

fn write_key<S: Serializer>(key: &LogKey, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(key)
}

fn read_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LogKey, D::Error> {
    super::strict::text(deserializer, "a key")?.parse().map_err(de::Error::custom)
}

/// The end of the log was cut off when it was opened: an incomplete record, which
/// was being written when the writer was interrupted, and which nobody was told
/// of as being on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Torn {
    /// How many bytes of records were cut off.
    pub cut_bytes: u64,
    /// Their plain SHA-256.
    pub cut_sha256: Hash,
    /// How many bytes of payloads were cut off, which no record binds.
    pub cut_payload_bytes: u64,
}

/// A call was open when its writer was interrupted, or the process that ran it and
/// put it on record through the writer. What became of it is not known: it may have had every effect that its permissions allow, or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovered {
    /// The number of the call's intent.
    pub intent: u64,
    /// Identifies the call, as the intent does.
    pub id: String,
}

/// A payload that a record binds never became durable: its writer was interrupted
/// before it told anybody that the record was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// The number of the record that binds the payload.
    pub record: u64,
    /// Which payload of the record.
    pub field: Field,
}

/// That the log was there, and nothing else happened: so that a gap in time is
/// told from a writer that was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {}
