//! Attributes as OTLP/JSON writes them.
//!
//! OTLP/JSON is Protobuf's JSON mapping with lowerCamelCase keys, and writes
//! 64-bit integers as decimal text (OTLP 1.11, "JSON Protobuf Encoding").

use serde::Serialize;

/// `opentelemetry.proto.common.v1.AnyValue`, as far as it is used here.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) enum AnyValue {
    #[serde(rename = "stringValue")]
    Text(String),
    #[serde(rename = "intValue")]
    Int(String),
    #[serde(rename = "arrayValue")]
    Array { values: Vec<AnyValue> },
}

impl From<&str> for AnyValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for AnyValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for AnyValue {
    /// What 63 bits cannot hold becomes the largest that they can.
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX).to_string())
    }
}

/// `opentelemetry.proto.common.v1.KeyValue`.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct KeyValue {
    key: &'static str,
    value: AnyValue,
}

/// Attributes in the order in which they were added. What is not known is absent.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Attributes(Vec<KeyValue>);

impl Attributes {
    /// Adds one. No key is added twice: each is written in one place of the code.
    pub(super) fn add(&mut self, key: &'static str, value: impl Into<AnyValue>) -> &mut Self {
        self.0.push(KeyValue { key, value: value.into() });
        self
    }

    /// Adds one that may be unknown.
    pub(super) fn maybe(&mut self, key: &'static str, value: Option<impl Into<AnyValue>>) -> &mut Self {
        match value {
            Some(value) => self.add(key, value),
            None => self,
        }
    }
}
