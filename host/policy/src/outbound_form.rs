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
        deserializer
            .deserialize_str(TextVisitor::<Outbound>::new("`host:port`"))
            .map(Self)
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
        let NarrowedForm {
            host,
            scheme,
            methods,
            path_prefix,
        } = NarrowedForm::deserialize(MapAccessDeserializer::new(map))?;
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
