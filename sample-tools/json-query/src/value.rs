//! JSON as jaq holds it: big integers and the order of keys survive.

use jaq_json::{Num, Val};
use mpp_guest::schemars::{self, JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Error, Serialize, SerializeMap, Serializer};
use std::borrow::Cow;

/// Deepest nesting of a result. JSON parsers refuse deep documents (serde_json
/// beyond 128 levels), and a result is wrapped in a few levels of answer.
pub const MAX_DEPTH: usize = 100;

/// Any JSON value.
#[derive(Clone, Debug)]
pub struct Json(pub Val);

impl Json {
    /// Bytes that it takes as JSON, or why it cannot be JSON.
    pub fn size(&self) -> Result<usize, String> {
        match serde_json::to_vec(self) {
            Ok(json) => Ok(json.len()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Reads one document or several, one after the other.
pub fn read(text: &str) -> impl Iterator<Item = Result<Json, String>> + '_ {
    serde_json::Deserializer::from_str(text)
        .into_iter()
        .map(|document| document.map_err(|error| error.to_string()))
}

/// One array of all `documents`.
pub fn array(documents: Vec<Json>) -> Json {
    Json(documents.into_iter().map(|json| json.0).collect())
}

impl JsonSchema for Json {
    fn schema_name() -> Cow<'static, str> {
        "Json".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({})
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Val::deserialize(deserializer).map(Json)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Nested(&self.0, MAX_DEPTH).serialize(serializer)
    }
}

/// A value and how many levels it may still open.
struct Nested<'a>(&'a Val, usize);

impl Serialize for Nested<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inner = |value| match self.1.checked_sub(1) {
            Some(left) => Ok(Nested(value, left)),
            None => Err(S::Error::custom(format_args!("it is nested more than {MAX_DEPTH} levels deep"))),
        };
        match self.0 {
            Val::Null => serializer.serialize_unit(),
            Val::Bool(b) => serializer.serialize_bool(*b),
            Val::Num(n) => number(n, serializer),
            Val::TStr(s) => serializer.serialize_str(&String::from_utf8_lossy(s)),
            Val::BStr(_) => Err(S::Error::custom("it holds a byte string")),
            Val::Arr(values) => {
                let values: Result<Vec<_>, _> = values.iter().map(inner).collect();
                serializer.collect_seq(values?)
            }
            Val::Obj(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries.iter() {
                    let Val::TStr(key) = key else {
                        return Err(S::Error::custom("it has an object key that is not a string"));
                    };
                    map.serialize_entry(&String::from_utf8_lossy(key), &inner(value)?)?;
                }
                map.end()
            }
        }
    }
}

/// Integers of up to 64 bits as they are, other numbers as doubles, and null for
/// what JSON has no number for, as jq does.
fn number<S: Serializer>(number: &Num, serializer: S) -> Result<S::Ok, S::Error> {
    let text = match number {
        Num::Int(i) => return serializer.serialize_i64(*i as i64),
        Num::Float(f) => return float(*f, serializer),
        Num::BigInt(i) => i.to_string(),
        Num::Dec(d) => d.to_string(),
    };
    if let Ok(i) = text.parse() {
        serializer.serialize_i64(i)
    } else if let Ok(u) = text.parse() {
        serializer.serialize_u64(u)
    } else {
        float(text.parse().unwrap_or(f64::NAN), serializer)
    }
}

fn float<S: Serializer>(f: f64, serializer: S) -> Result<S::Ok, S::Error> {
    /// Below this, every whole number has exactly one double.
    const EXACT: f64 = (1u64 << 53) as f64;

    if !f.is_finite() {
        serializer.serialize_unit()
    } else if f.fract() == 0.0 && f.abs() < EXACT {
        // 4.0 is 4 in JSON as jq prints it: `6 / 2` should not say `3.0`.
        serializer.serialize_i64(f as i64)
    } else {
        serializer.serialize_f64(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &str) -> String {
        let json: Json = serde_json::from_str(text).unwrap();
        serde_json::to_string(&json).unwrap()
    }

    #[test]
    fn the_order_of_keys_and_integers_of_64_bits_survive() {
        let text = r#"{"z":18446744073709551615,"a":-9223372036854775808,"m":[true,null,1.5]}"#;
        assert_eq!(round_trip(text), text);
    }

    #[test]
    fn whole_doubles_are_written_as_integers() {
        assert_eq!(round_trip("[3.0,1e300,-0.5]"), "[3,1e+300,-0.5]");
    }

    #[test]
    fn what_json_has_no_number_for_becomes_null() {
        let nan = Json(Val::Num(Num::Float(f64::NAN)));
        assert_eq!(serde_json::to_string(&nan).unwrap(), "null");
    }

    #[test]
    fn a_result_that_a_parser_would_refuse_is_an_error() {
        let nest = |levels| {
            let value = (0..levels).fold(Val::Null, |inner, _| Val::Arr(vec![inner].into()));
            serde_json::to_string(&Json(value))
        };
        assert!(nest(MAX_DEPTH).is_ok());
        let error = nest(MAX_DEPTH + 1).unwrap_err().to_string();
        assert!(error.contains("nested more than 100 levels"), "{error}");
    }

    #[test]
    fn keys_and_strings_that_json_does_not_have_are_errors() {
        let key = Val::obj([(Val::from(1usize), Val::Null)].into_iter().collect());
        assert!(serde_json::to_string(&Json(key)).is_err());
        assert!(serde_json::to_string(&Json(Val::byte_str(vec![255]))).is_err());
    }
}
