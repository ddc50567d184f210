//! What serde alone would let pass.
//!
//! JSON leaves the meaning of a key given twice to the reader, and two readers
//! that choose differently read two different logs. serde_json keeps the last of
//! two keys in a map, reads an array where a struct is expected, and takes a
//! missing key for `null`. None of this is read here.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A nullable field whose key must be there: naming a function switches off
/// serde's reading of an absent key as `None`.
pub(crate) fn nullable<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer)
}

/// A string, borrowed or owned, for types that parse themselves from text.
pub(crate) fn text<'de, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
) -> Result<String, D::Error> {
    struct Text(&'static str);
    impl Visitor<'_> for Text {
        type Value = String;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{} as a string", self.0)
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }
    }
    deserializer.deserialize_str(Text(expected))
}

/// Deepest nesting that serde_json reads.
pub(crate) const MAX_DEPTH: usize = 127;

/// What is wrong with a text as JSON, before asking what it means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum JsonFault {
    /// An object, at any depth, has this key twice.
    DuplicateKey(String),
    /// Not one JSON value.
    Malformed(String),
}

/// Checks that `json` is one JSON value in which no object has a key twice.
/// Nesting is bounded by serde_json (128).
pub(crate) fn check(json: &str) -> Result<(), JsonFault> {
    let duplicate = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let result =
        Unique { duplicate: &duplicate }.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    match (duplicate.into_inner(), result) {
        (Some(key), _) => Err(JsonFault::DuplicateKey(key)),
        (None, Err(error)) => Err(JsonFault::Malformed(error.to_string())),
        (None, Ok(())) => Ok(()),
    }
}

/// Visits a whole value and keeps nothing but the first key met twice.
#[derive(Clone, Copy)]
struct Unique<'a> {
    duplicate: &'a RefCell<Option<String>>,
}

impl<'de> DeserializeSeed<'de> for Unique<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut keys = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if keys.contains(&key) {
                self.duplicate.replace(Some(key));
                return Err(de::Error::custom("a key twice"));
            }
            keys.insert(key);
            map.next_value_seed(self)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn duplicate(key: &str) -> Result<(), JsonFault> {
        Err(JsonFault::DuplicateKey(key.to_owned()))
    }

    #[test]
    fn a_key_twice_is_found_at_any_depth() {
        assert_eq!(check(r#"{"a":1,"a":1}"#), duplicate("a"));
        assert_eq!(check(r#"[{"a":{"b":0,"c":[{"d":1,"d":2}]}}]"#), duplicate("d"));
    }

    #[test]
    fn two_spellings_of_one_key_are_one_key() {
        assert_eq!(check(r#"{"a":1,"\u0061":1}"#), duplicate("a"));
    }

    #[test]
    fn the_same_key_in_two_objects_is_fine() {
        assert_eq!(check(r#"[{"a":null},{"a":true,"b":{"a":-1.5e3}}]"#), Ok(()));
    }

    #[test]
    fn deep_nesting_ends_in_an_error_and_not_in_the_stack() {
        let deep = "[".repeat(100_000);
        assert!(matches!(check(&deep), Err(JsonFault::Malformed(_))));
    }

    #[test]
    fn text_after_the_value_is_refused() {
        assert!(matches!(check("{} {}"), Err(JsonFault::Malformed(_))));
    }
}
