//! JSON Schemas as a manifest holds them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::json::{Json, JsonError};

/// Largest schema in bytes, in canonical form. The largest schemas of published
/// MCP tools are some tens of kilobytes.
pub const MAX_SCHEMA_BYTES: usize = 256 * 1024;

/// A JSON Schema: one JSON object with a single text. Whether it means
/// anything as a schema is for the validator that compiles it to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema(Json);

/// Why a text is not a schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Not JSON, with a repeated key, or nested too deep.
    #[error("the schema is not JSON that can be accepted: {0}")]
    Json(#[from] JsonError),
    /// Not a JSON object.
    #[error("the schema is not a JSON object")]
    NotAnObject,
    /// Over [`MAX_SCHEMA_BYTES`].
    #[error("the schema is {found} bytes long, and at most {MAX_SCHEMA_BYTES} are allowed")]
    TooLarge {
        /// Bytes found.
        found: usize,
    },
}

impl Schema {
    /// Reads a schema from any JSON spelling of it.
    pub fn parse(text: &str) -> Result<Self, SchemaError> {
        // Before reading, so that no text costs more than a bounded amount; after,
        // because the canonical form of a number can be longer.
        check_size(text.len())?;
        let canonical = Json::parse(text.as_bytes())?.to_string();
        check_size(canonical.len())?;
        // Read again, so that two spellings of a number (`1.0` and `1`) are not
        // only one text but also one value.
        Self::new(Json::parse(canonical.as_bytes())?)
    }

    fn new(json: Json) -> Result<Self, SchemaError> {
        match json {
            Json::Object(_) => Ok(Self(json)),
            _ => Err(SchemaError::NotAnObject),
        }
    }

    /// The schema for a validator, keys in ascending order.
    pub fn to_value(&self) -> serde_json::Value {
        self.0.to_value()
    }

    /// Whether the root says `"type": "object"`.
    pub(crate) fn describes_an_object(&self) -> bool {
        match &self.0 {
            Json::Object(members) => members.get("type") == Some(&Json::String("object".into())),
            _ => false,
        }
    }

    /// Holds a schema that came as a part of a larger document to the limit.
    pub(crate) fn check(&self) -> Result<(), SchemaError> {
        check_size(self.to_string().len())
    }
}

fn check_size(found: usize) -> Result<(), SchemaError> {
    if found > MAX_SCHEMA_BYTES { Err(SchemaError::TooLarge { found }) } else { Ok(()) }
}

impl fmt::Display for Schema {
    /// Writes the canonical JSON text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for Schema {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Json::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_are_one_schema() {
        let a = Schema::parse(r#"{"type": "object", "properties": {"b": {}, "a": {"minimum": 1.0}}}"#);
        let b = Schema::parse(r#"{"properties":{"a":{"minimum":1},"b":{}},"type":"object"}"#);
        assert_eq!(a, b);
        assert_eq!(a.unwrap().to_string(), b.unwrap().to_string());
    }

    #[test]
    fn the_value_for_a_validator_is_the_schema() {
        let text = r#"{"enum":[null,true,-1,0.5,"x"],"type":"object"}"#;
        let schema = Schema::parse(text).unwrap();
        assert_eq!(schema.to_value(), serde_json::from_str::<serde_json::Value>(text).unwrap());
    }

    #[test]
    fn a_schema_is_an_object() {
        for text in ["true", "[]", "\"object\"", "null"] {
            assert_eq!(Schema::parse(text), Err(SchemaError::NotAnObject));
        }
    }

    #[test]
    fn a_repeated_key_is_refused() {
        assert!(matches!(Schema::parse(r#"{"type":"object","type":"array"}"#), Err(SchemaError::Json(_))));
    }

    #[test]
    fn the_limit_holds_for_the_canonical_form() {
        let text = format!("{{\"enum\":[{}]}}", vec!["1e300"; 1_000].join(","));
        assert!(matches!(Schema::parse(&text), Err(SchemaError::TooLarge { found }) if found > 300_000));
        let long = format!("{{\"title\":\"{}\"}}", "x".repeat(MAX_SCHEMA_BYTES));
        assert!(matches!(Schema::parse(&long), Err(SchemaError::TooLarge { .. })));
    }
}
