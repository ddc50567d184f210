//! A JSON value as the validator reads it: each read is paid for, and once the
//! [meter](super::meter) is empty there is nothing more to read.
//!
//! An empty meter makes every value a `null` without members and elements, so
//! the validator goes down no further, and is soon done. What it then says of
//! the value is not looked at.

use std::borrow::Cow;
use std::slice;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, Node, NodeIdentity, Object, SerdeJson};
use serde_json::{Map, Number, Value};

use super::{meter, unique};

/// What a violation quotes that was made with an empty meter. Known by its
/// address.
static NOTHING: Value = Value::Null;

/// The representation: [`SerdeJson`], metered.
pub(super) struct Metered;

/// A value.
#[derive(Clone, Copy)]
pub(super) struct Read<'a>(pub(super) &'a Value);

/// The members of an object.
#[derive(Clone, Copy)]
pub(super) struct Members<'a>(&'a Map<String, Value>);

/// The elements of an array.
#[derive(Clone, Copy)]
pub(super) struct Elements<'a>(&'a [Value]);

pub(super) struct MembersIter<'a>(serde_json::map::Iter<'a>);

pub(super) struct ElementsIter<'a>(slice::Iter<'a, Value>);

/// Whether a violation that quotes `instance` was made with an empty meter.
pub(super) fn is_nothing(instance: &Value) -> bool {
    std::ptr::eq(instance, &NOTHING)
}

impl Json for Metered {
    type Node<'a> = Read<'a>;
    type PreparedKey = String;
    type StringBuffer = Value;

    const KEYS_PER_LOOKUP: usize = SerdeJson::KEYS_PER_LOOKUP;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(buffer: &mut Value, string: &str, f: impl FnOnce(Read<'_>) -> T) -> T {
        SerdeJson::with_string_node(buffer, string, |value| f(Read(value)))
    }
}

impl<'a> Node<'a, Metered> for Read<'a> {
    type Object = Members<'a>;
    type Array = Elements<'a>;
    type Number = &'a Number;

    fn as_object(&self) -> Option<Members<'a>> {
        if meter::read() { self.0.as_object().map(Members) } else { None }
    }

    fn as_array(&self) -> Option<Elements<'a>> {
        if meter::read() { self.0.as_array().map(|elements| Elements(elements)) } else { None }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        let text = self.0.as_str().unwrap_or_default();
        if meter::text(text.len()) { self.0.as_str().map(Cow::Borrowed) } else { None }
    }

    fn as_number(&self) -> Option<&'a Number> {
        let size = || self.0.as_f64().map_or(0.0, f64::abs);
        if meter::number(size) { self.0.as_number() } else { None }
    }

    fn as_boolean(&self) -> Option<bool> {
        if meter::read() { self.0.as_bool() } else { None }
    }

    fn is_null(&self) -> bool {
        self.json_type() == JsonType::Null
    }

    fn is_number(&self) -> bool {
        self.json_type() == JsonType::Number
    }

    fn json_type(&self) -> JsonType {
        if meter::read() { Node::<SerdeJson>::json_type(&self.0) } else { JsonType::Null }
    }

    fn string_length(&self) -> Option<u64> {
        let text = self.0.as_str().unwrap_or_default();
        if meter::span(text.len()) { Node::<SerdeJson>::string_length(&self.0) } else { None }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        equal(self.0, expected)
    }

    /// The validator asks for a whole value only to quote it in a violation.
    fn to_value(&self) -> Cow<'a, Value> {
        let paid = meter::violation() && quotable(self.0);
        Cow::Borrowed(if paid { self.0 } else { &NOTHING })
    }

    /// What the validator looks up here is a list of what it is in the middle
    /// of: as long as the value is deep, times the longest chain of schemas.
    fn identity(&self) -> Option<NodeIdentity> {
        meter::span(256);
        Node::<SerdeJson>::identity(&self.0)
    }
}

impl<'a> Object<'a, Metered> for Members<'a> {
    type Node = Read<'a>;
    type MemberName = &'a str;
    type MembersIter = MembersIter<'a>;

    fn len(&self) -> usize {
        if meter::span(self.0.len()) { self.0.len() } else { 0 }
    }

    fn get(&self, key: &String) -> Option<Read<'a>> {
        if meter::member(key) { self.0.get(key).map(Read) } else { None }
    }

    fn members(&self) -> MembersIter<'a> {
        MembersIter(self.0.iter())
    }
}

impl<'a> Iterator for MembersIter<'a> {
    type Item = (&'a str, Read<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0
            .next()
            .filter(|(name, _)| meter::member(name))
            .map(|(name, value)| (name.as_str(), Read(value)))
    }
}

impl<'a> Array<'a, Metered> for Elements<'a> {
    type Node = Read<'a>;
    type ElementsIter = ElementsIter<'a>;

    fn len(&self) -> usize {
        if meter::span(self.0.len()) { self.0.len() } else { 0 }
    }

    fn elements(&self) -> ElementsIter<'a> {
        ElementsIter(self.0.iter())
    }

    fn is_unique(&self) -> bool {
        unique::is_unique(self.0)
    }
}

impl<'a> Iterator for ElementsIter<'a> {
    type Item = Read<'a>;

    fn next(&mut self) -> Option<Read<'a>> {
        self.0.next().filter(|_| meter::element()).map(Read)
    }
}

/// Equality as JSON Schema has it (2020-12 core, 4.2.2), paid for by what is
/// compared.
fn equal(value: &Value, expected: &Value) -> bool {
    match (value, expected) {
        (Value::Array(a), Value::Array(b)) => {
            meter::read() && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            meter::read()
                && a.len() == b.len()
                && a.iter().all(|(name, a)| meter::member(name) && b.get(name).is_some_and(|b| equal(a, b)))
        }
        (Value::String(a), Value::String(b)) => meter::span(a.len()) && a == b,
        _ => meter::read() && Node::<SerdeJson>::equals_value(&value, expected),
    }
}

/// Pays for writing a value out.
fn quotable(value: &Value) -> bool {
    match value {
        Value::Array(elements) => meter::read() && elements.iter().all(quotable),
        Value::Object(members) => {
            members.iter().all(|(name, value)| meter::span(name.len()) && quotable(value))
        }
        Value::String(text) => meter::span(text.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) => meter::read(),
    }
}
