//! JSON read strictly and written canonically.
//!
//! Readers that keep the last of two equal keys, or round a number, let signed
//! bytes mean two things. Here equal keys and depth are errors, and one value
//! has one text:
//! - no white space;
//! - the keys of every object in ascending order of their UTF-8 bytes;
//! - strings escape only `"`, `\` and U+0000 to U+001F: the short form where
//!   JSON has one (`\b \t \n \f \r`), otherwise `\u00xx` in lower case;
//! - integers from -2^63 to 2^64-1 in decimal; any other number is an IEEE 754
//!   double, in decimal without exponent, with the fewest digits that read back
//!   as the same double and no `.0`; there is no `-0`.

use std::fmt;

use serde::{
    Deserialize, Serialize, Serializer,
    de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor},
    ser::{SerializeMap as _, SerializeSeq as _},
};

use crate::text;

/// How deep arrays and objects may nest. JSON Schemas of real tools reach about
/// 20; a reader's stack is safe far beyond 64.
pub const MAX_JSON_DEPTH: usize = 64;

/// Why a text was not accepted as JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JsonError(String);

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        // The message can quote a key of the document.
        Self(text::message(&error.to_string()))
    }
}

/// Reads a document whose every member is spelled out, and no other spelling of
/// the same value. Derived readers also take a list for a map, and nothing at
/// all for a null: what was read must therefore be what it would be written as.
pub(crate) fn read_exactly<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    // First, because a document has a shape: a text of another one ends here, and
    // no tree is made of it, which can take many times the space of the text.
    let document: T = serde_json::from_slice(bytes)?;
    if Json::from_serialize(&document)? == Json::parse(bytes)? {
        Ok(document)
    } else {
        Err(JsonError(NOT_EXACT.into()))
    }
}

/// What a document is that was read, and is not what it would be written as.
const NOT_EXACT: &str = "every key must be present, and every object written as an object";

/// A part of a document that can be long, read as [`read_exactly`] reads a whole one:
/// of each part there is a tree, and never of all, which would stay with a process
/// that serves for long.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Exactly<T>(pub(crate) T);

impl<'de, T: Serialize + DeserializeOwned> Deserialize<'de> for Exactly<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        let part: T = serde_json::from_str(&json.to_string()).map_err(de::Error::custom)?;
        let written = Json::from_serialize(&part).map_err(de::Error::custom)?;
        if written == json { Ok(Self(part)) } else { Err(de::Error::custom(NOT_EXACT)) }
    }
}

/// Reads a document of such parts.
pub(crate) fn read_parts<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    // A derived reader takes a list for it as well.
    if bytes.trim_ascii_start().starts_with(b"{") {
        Ok(serde_json::from_slice(bytes)?)
    } else {
        Err(JsonError(NOT_EXACT.into()))
    }
}

/// One JSON value, without equal keys, no deeper than [`MAX_JSON_DEPTH`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    String(String),
    Array(Box<[Json]>),
    Object(Members),
}

/// The members of an object, in ascending order of their keys, each key once.
/// A slice of exactly their number, because a tree of nodes would cost a hostile
/// text of small objects a hundred times its own length.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Members(Box<[(String, Json)]>);

impl Members {
    /// Sorts; gives back a key that stands there twice.
    fn new(mut members: Vec<(String, Json)>) -> Result<Self, String> {
        members.sort_by(|(a, _), (b, _)| a.cmp(b));
        match members.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => Err(pair[0].0.clone()),
            None => Ok(Self(members.into())),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Json> {
        let place = self.0.binary_search_by(|(member, _)| member.as_str().cmp(key)).ok()?;
        Some(&self.0[place].1)
    }

    fn iter(&self) -> impl ExactSizeIterator<Item = (&String, &Json)> {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

impl Json {
    /// Reads one value and nothing after it.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let value = Depth(0).deserialize(&mut reader)?;
        reader.end()?;
        Ok(value)
    }

    /// The value that `value` serialises to.
    pub(crate) fn from_serialize(value: &impl Serialize) -> Result<Self, JsonError> {
        Self::parse(&serde_json::to_vec(value)?)
    }

    /// Whether `bytes` is the canonical text of this value. Stops at the first
    /// difference, so that a hostile text costs no more than its own length.
    pub(crate) fn is_canonical(&self, bytes: &[u8]) -> bool {
        let mut expected = Expect(bytes);
        self.write(&mut expected).is_ok() && expected.0.is_empty()
    }

    /// The value for crates that take `serde_json`'s, its keys sorted even where
    /// that crate keeps the order of insertion.
    pub(crate) fn to_value(&self) -> serde_json::Value {
        use serde_json::Value;
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::from(*value),
            Self::Unsigned(value) => Value::from(*value),
            Self::Signed(value) => Value::from(*value),
            Self::Float(value) => Value::from(*value),
            Self::String(value) => Value::from(value.as_str()),
            Self::Array(items) => items.iter().map(Self::to_value).collect(),
            Self::Object(members) => {
                members.iter().map(|(key, value)| (key.clone(), value.to_value())).collect()
            }
        }
    }

    fn write(&self, out: &mut impl fmt::Write) -> fmt::Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Unsigned(value) => write!(out, "{value}"),
            Self::Signed(value) => write!(out, "{value}"),
            Self::Float(value) if *value == 0.0 => out.write_char('0'),
            // `Display` of a double is exactly the rule above.
            Self::Float(value) => write!(out, "{value}"),
            Self::String(value) => write_string(value, out),
            Self::Array(items) => write_list('[', items, ']', out, |item, out| item.write(out)),
            Self::Object(members) => write_list('{', members.iter(), '}', out, |(key, value), out| {
                write_string(key, out)?;
                out.write_char(':')?;
                value.write(out)
            }),
        }
    }
}

impl fmt::Display for Json {
    /// Writes the canonical text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

fn write_list<T, W: fmt::Write>(
    open: char,
    items: impl IntoIterator<Item = T>,
    close: char,
    out: &mut W,
    write: impl Fn(T, &mut W) -> fmt::Result,
) -> fmt::Result {
    out.write_char(open)?;
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.write_char(',')?;
        }
        write(item, out)?;
    }
    out.write_char(close)
}

fn write_string(text: &str, out: &mut impl fmt::Write) -> fmt::Result {
    out.write_char('"')?;
    // In runs and not by the character: descriptions and names are most of a manifest.
    let mut rest = text;
    while let Some(end) = rest.bytes().position(is_escaped) {
        let (plain, escaped) = rest.split_at(end);
        let (escaped, behind) = escaped.split_at(1);
        out.write_str(plain)?;
        escaped.chars().try_for_each(|c| write_escaped(c, out))?;
        rest = behind;
    }
    out.write_str(rest)?;
    out.write_char('"')
}

/// Whether a string escapes the character of this byte; all of them are ASCII.
fn is_escaped(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..=0x1f)
}

fn write_escaped(c: char, out: &mut impl fmt::Write) -> fmt::Result {
    match c {
        '"' => out.write_str("\\\""),
        '\\' => out.write_str("\\\\"),
        '\u{08}' => out.write_str("\\b"),
        '\t' => out.write_str("\\t"),
        '\n' => out.write_str("\\n"),
        '\u{0c}' => out.write_str("\\f"),
        '\r' => out.write_str("\\r"),
        c => write!(out, "\\u{:04x}", u32::from(c)),
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Unsigned(value) => serializer.serialize_u64(*value),
            Self::Signed(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::String(value) => serializer.serialize_str(value),
            Self::Array(items) => {
                let mut out = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| out.serialize_element(item))?;
                out.end()
            }
            Self::Object(members) => {
                let mut out = serializer.serialize_map(Some(members.iter().len()))?;
                members.iter().try_for_each(|(key, value)| out.serialize_entry(key, value))?;
                out.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Depth(0).deserialize(deserializer)
    }
}

/// A writer that succeeds as long as it is given the bytes it holds.
struct Expect<'a>(&'a [u8]);

impl fmt::Write for Expect<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(text.as_bytes()).ok_or(fmt::Error)?;
        Ok(())
    }
}

/// Reads a value that stands this many levels deep.
struct Depth(usize);

impl<'de> DeserializeSeed<'de> for Depth {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Depth {
    fn below<E: de::Error>(&self) -> Result<usize, E> {
        if self.0 == MAX_JSON_DEPTH {
            return Err(E::custom(format_args!("nested deeper than {MAX_JSON_DEPTH} levels")));
        }
        Ok(self.0 + 1)
    }
}

impl<'de> Visitor<'de> for Depth {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Signed(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let depth = self.below()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(Depth(depth))? {
            array.push(item);
        }
        Ok(Json::Array(array.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let depth = self.below()?;
        let mut object = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            object.push((key, entries.next_value_seed(Depth(depth))?));
        }
        let twice = |key| de::Error::custom(format_args!("the key {key:?} stands twice in one object"));
        Members::new(object).map(Json::Object).map_err(twice)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(text: &str) -> String {
        Json::parse(text.as_bytes()).unwrap().to_string()
    }

    #[test]
    fn an_equal_key_is_refused_at_any_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#] {
            let error = Json::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("the key \"a\" stands twice"), "{error}");
        }
    }

    #[test]
    fn a_message_about_a_hostile_key_is_short_and_plain() {
        let key = format!("\\u001b[2J\u{202e}{}", "x".repeat(100_000));
        let error = Json::parse(format!("{{\"{key}\":1,\"{key}\":1}}").as_bytes()).unwrap_err().to_string();
        assert!(error.len() < 400 && !error.contains(['\u{1b}', '\u{202e}']), "{error}");
    }

    #[test]
    fn nesting_ends_at_the_limit() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Json::parse(nested(MAX_JSON_DEPTH).as_bytes()).is_ok());
        let error = Json::parse(nested(MAX_JSON_DEPTH + 1).as_bytes()).unwrap_err().to_string();
        assert!(error.contains("nested deeper than 64 levels"), "{error}");
        assert!(Json::parse("[".repeat(1_000_000).as_bytes()).is_err());
    }

    #[test]
    fn anything_after_the_value_is_refused() {
        assert!(Json::parse(b"{} {}").is_err());
        assert!(Json::parse(b"{}\0").is_err());
        assert!(Json::parse(b"").is_err());
    }

    #[test]
    fn keys_are_sorted_by_their_bytes() {
        assert_eq!(
            canonical(r#"{"b":1,"a":2,"é":3,"Z":4,"\ud83d\ude00":5,"\uffff":6}"#),
            "{\"Z\":4,\"a\":2,\"b\":1,\"é\":3,\"\u{ffff}\":6,\"😀\":5}"
        );
    }

    #[test]
    fn a_number_has_one_text() {
        let pairs = [
            ("1.0", "1"),
            ("1e3", "1000"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("0.10", "0.1"),
            ("18446744073709551615", "18446744073709551615"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("1e21", "1000000000000000000000"),
            ("1e-7", "0.0000001"),
            ("9007199254740993", "9007199254740993"),
        ];
        for (text, expected) in pairs {
            assert_eq!(canonical(text), expected, "{text}");
        }
    }

    #[test]
    fn a_control_character_has_one_escape() {
        assert_eq!(
            canonical(r#""\u0007\u0008\u000A\u001F\/\u0041\u007f""#),
            "\"\\u0007\\b\\n\\u001f/A\u{7f}\""
        );
    }

    #[test]
    fn a_long_number_is_not_expanded_to_find_a_difference() {
        let text = format!("[{}]", vec!["1e300"; 10_000].join(","));
        assert!(!Json::parse(text.as_bytes()).unwrap().is_canonical(text.as_bytes()));
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::Bool),
            any::<u64>().prop_map(Json::Unsigned),
            any::<f64>().prop_filter("JSON has no infinity", |f| f.is_finite()).prop_map(Json::Float),
            (i64::MIN..0).prop_map(Json::Signed),
            any::<String>().prop_map(Json::String),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(|items| Json::Array(items.into())),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| Json::Object(Members::new(members.into_iter().collect()).unwrap())),
            ]
        })
    }

    proptest! {
        #[test]
        fn canonical_text_is_a_fixed_point(value in any_json()) {
            let text = value.to_string();
            let read = Json::parse(text.as_bytes()).unwrap();
            prop_assert_eq!(&read.to_string(), &text);
            prop_assert!(read.is_canonical(text.as_bytes()));
            let through_serde = serde_json::to_vec(&value.to_value()).unwrap();
            prop_assert_eq!(Json::parse(&through_serde).unwrap().to_string(), text);
        }

        #[test]
        fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Json::parse(&bytes);
        }
    }
}
