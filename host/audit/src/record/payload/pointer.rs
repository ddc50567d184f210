//! Blacking out what JSON pointers name (RFC 6901).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use crate::limits::MAX_NAME_BYTES;
use crate::record::cut::encoded_len;
use crate::record::strict;

/// Names one value in a JSON document: `/user/email`, `/rows/0`. The empty
/// pointer names the whole document; `~0` stands for `~` and `~1` for `/`.
#[derive(Clone, PartialEq, Eq)]
pub struct JsonPointer {
    text: String,
    /// What stands between the slashes, its escapes resolved.
    tokens: Vec<String>,
}

/// The text is no JSON pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPointer {
    /// It begins otherwise.
    #[error("a JSON pointer is empty or begins with a slash, as in /user/email")]
    NoSlash,
    /// It has a `~` that stands for nothing.
    #[error("in a JSON pointer, ~ is written ~0 and / is written ~1")]
    Escape,
    /// It has no room in a record.
    #[error("a JSON pointer has at most {MAX_NAME_BYTES} bytes, as a JSON string")]
    TooLong,
}

impl FromStr for JsonPointer {
    type Err = NoPointer;

    fn from_str(text: &str) -> Result<Self, NoPointer> {
        if encoded_len(text) > MAX_NAME_BYTES {
            return Err(NoPointer::TooLong);
        }
        let mut parts = text.split('/');
        if parts.next() != Some("") {
            return Err(NoPointer::NoSlash);
        }
        let tokens = parts.map(unescape).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), tokens })
    }
}

/// `~1` first, then `~0`: so `~01` is `~1` and not a slash (section 4).
fn unescape(token: &str) -> Result<String, NoPointer> {
    let escapes = token.split('~').skip(1);
    if escapes.clone().all(|after| after.starts_with(['0', '1'])) {
        Ok(token.replace("~1", "/").replace("~0", "~"))
    } else {
        Err(NoPointer::Escape)
    }
}

impl JsonPointer {
    /// The value that it names, if there is one. `-` names the element after the
    /// last of an array, which is never there.
    fn find<'v>(&self, document: &'v mut Value) -> Option<&'v mut Value> {
        self.tokens.iter().try_fold(document, |value, token| match value {
            Value::Object(fields) => fields.get_mut(token),
            Value::Array(items) => items.get_mut(index(token)?),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        })
    }
}

/// A number without sign or leading zeros, as RFC 6901 spells the place in an array.
fn index(token: &str) -> Option<usize> {
    crate::spelling::decimal(token)?.try_into().ok()
}

/// What stands where something was blacked out.
pub(crate) const REDACTED: &str = "[redacted]";

/// The document without what the pointers name, written anew, or `None` of a text
/// that is no JSON. Nothing of the text but its values gets through: no space, no
/// second of two equal keys, no other spelling of a string.
pub(super) fn redact(json: &str, pointers: &[JsonPointer]) -> Option<String> {
    let mut document: Value = serde_json::from_str(json).ok()?;
    for pointer in pointers {
        if let Some(named) = pointer.find(&mut document) {
            *named = REDACTED.into();
        }
    }
    Some(document.to_string())
}

impl fmt::Display for JsonPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for JsonPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonPointer({:?})", self.text)
    }
}

impl Serialize for JsonPointer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for JsonPointer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        strict::text(deserializer, "a JSON pointer")?.parse().map_err(de::Error::custom)
    }
}
