//! How an outbound entry is written: `"host:port"`, or a map where it is
//! narrowed.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::http::{Method, Scheme};
use crate::list::Unique;
use crate::outbound::{Outbound, OutboundError};
use crate::path_prefix::PathPrefix;
use crate::strict::{required, strict_map};
use crate::text::TextVisitor;

strict_map! {
    struct NarrowedForm {
        host: UnnarrowedForm,
        scheme: Scheme,
        methods: Unique<Method>,
        path_prefix: PathPrefix,
    }
}

/// `host:port`, whose own form may only be text.
struct UnnarrowedForm(Outbound);

impl<'de> Deserialize<'de> for UnnarrowedForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor::<Outbound>::new("`host:port`")).map(Self)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Outbound;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`host:port`, or a map of host, scheme, methods and path_prefix")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Outbound, E> {
        TextVisitor::new("`host:port`").visit_str(text)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Outbound, A::Error> {
        let NarrowedForm { host, scheme, methods, path_prefix } =
            NarrowedForm::deserialize(MapAccessDeserializer::new(map))?;
        let UnnarrowedForm(mut entry) = required(host, "host")?;
        if let Some(scheme) = scheme {
            entry = entry.with_scheme(scheme);
        }
        if let Some(Unique(methods)) = methods {
            entry = entry.with_methods(methods).map_err(A::Error::custom)?;
        }
        if let Some(prefix) = path_prefix {
            entry = entry.with_path_prefix(prefix);
        }
        Ok(entry)
    }
}

impl<'de> Deserialize<'de> for Outbound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor)
    }
}

impl Serialize for Outbound {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.is_narrowed() {
            return serializer.collect_str(self);
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("host", &self.authority())?;
        if let Some(scheme) = self.scheme() {
            map.serialize_entry("scheme", &scheme)?;
        }
        if let Some(methods) = self.methods() {
            map.serialize_entry("methods", methods)?;
        }
        if let Some(prefix) = self.path_prefix() {
            map.serialize_entry("path_prefix", prefix)?;
        }
        map.end()
    }
}

/// The form that an author would write in YAML.
impl fmt::Display for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_narrowed() {
            return f.write_str(&self.authority());
        }
        write!(f, "{{ host: \"{}\"", self.authority())?;
        if let Some(scheme) = self.scheme() {
            write!(f, ", scheme: {scheme}")?;
        }
        if let Some(methods) = self.methods() {
            write!(f, ", methods: [{}]", names(methods).join(", "))?;
        }
        if let Some(prefix) = self.path_prefix() {
            write!(f, ", path_prefix: \"{prefix}\"")?;
        }
        f.write_str(" }")
    }
}

/// The names of a set of methods, in order.
pub(crate) fn names(methods: &BTreeSet<Method>) -> Vec<&'static str> {
    methods.iter().map(|method| method.as_str()).collect()
}

impl FromStr for Outbound {
    type Err = OutboundError;

    fn from_str(text: &str) -> Result<Self, OutboundError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Outbound, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn refused(json: &str, why: &str) {
        let error = read(json).unwrap_err();
        assert!(error.contains(why), "{json}: {error}");
    }

    const NARROWED: &str =
        r#"{"host":"a.example:443","scheme":"https","methods":["GET","HEAD"],"path_prefix":"/v1"}"#;

    #[test]
    fn a_plain_entry_is_text_and_a_narrowed_one_a_map() {
        for json in [r#""a.example:443""#, r#""[::1]:80""#, NARROWED] {
            let entry = read(json).unwrap();
            assert_eq!(serde_json::to_string(&entry).unwrap(), json);
        }
    }

    #[test]
    fn the_words_for_a_person_are_what_an_author_would_write() {
        assert_eq!(
            read(NARROWED).unwrap().to_string(),
            r#"{ host: "a.example:443", scheme: https, methods: [GET, HEAD], path_prefix: "/v1" }"#,
        );
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_keys_there_are() {
        refused(
            r#"{"host":"a.example:443","paths":"/v1"}"#,
            "unknown key paths: the keys here are host, scheme, methods, path_prefix",
        );
    }

    #[test]
    fn a_key_twice_is_refused() {
        refused(r#"{"host":"a.example:443","host":"b.example:443"}"#, "duplicate field `host`");
    }

    #[test]
    fn a_null_does_not_widen() {
        refused(r#"{"host":"a.example:443","scheme":null}"#, "invalid type: null");
        refused(r#"{"host":"a.example:443","methods":null}"#, "invalid type: null");
        refused(r#"{"host":"a.example:443","path_prefix":null}"#, "invalid type: null");
    }

    #[test]
    fn a_host_is_required_and_not_a_map_itself() {
        refused(r#"{"scheme":"https"}"#, "missing field `host`");
        refused(r#"{"host":{"host":"a.example:443"}}"#, "invalid type: map");
    }

    #[test]
    fn methods_are_a_set_and_not_empty() {
        refused(r#"{"host":"a.example:443","methods":[]}"#, "permits nothing");
        refused(r#"{"host":"a.example:443","methods":["GET","GET"]}"#, "there twice");
        refused(r#"{"host":"a.example:443","methods":["get"]}"#, "not one of GET");
    }

    #[test]
    fn other_shapes_are_refused() {
        for json in ["443", "null", "true", "[]", r#"["a.example:443"]"#] {
            refused(json, "invalid type");
        }
    }
}
