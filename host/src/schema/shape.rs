//! What a schema may look like, decided before it is compiled.
//!
//! A schema of a stranger must not cost more than its size suggests: not to
//! compile, not in depth of the stack, and not in schemas that apply to one
//! value. So a reference is a fragment (`#/$defs/a`, `#anchor`): with a single
//! resource (2020-12 core, 9.1) every reference has one target, known here.
//! Then the schemas that apply to one value are counted with each reference
//! followed, as often as it is written. What multiplies with the value is left
//! to the [meter](super::meter).

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::reference;

/// Schemas that may apply to one value at one place, counted as often as they
/// are reached. Real schemas reach some hundreds.
const MAX_APPLIED: u64 = 10_000;

/// Schemas in a row that apply to one value, each within or through a reference
/// of the one before. Each takes stack for each level of the value.
const MAX_CHAIN: u64 = 16;

/// JSON values of the schemas under `unevaluatedProperties` and
/// `unevaluatedItems`, together: the validator compiles those once more for
/// each of these keywords.
const MAX_UNEVALUATED: u64 = 100_000;

/// The only dialect.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Keywords whose schema applies to the value itself (2020-12 core, 10.2).
const IN_PLACE: [&str; 4] = ["not", "if", "then", "else"];
/// As these, a list of schemas.
const IN_PLACE_LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// As these, schemas by name. `dependencies` is of older dialects, and the
/// validator applies it still.
const IN_PLACE_MAPS: [&str; 2] = ["dependentSchemas", "dependencies"];
/// References.
const REFERENCES: [&str; 2] = ["$ref", "$dynamicRef"];
/// Keywords whose schema applies to members, elements or names.
const WITHIN: [&str; 8] = [
    "additionalItems",
    "additionalProperties",
    "contains",
    "contentSchema",
    "items",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// As these, a list of schemas.
const WITHIN_LISTS: [&str; 2] = ["prefixItems", "items"];
/// As these, schemas by name.
const WITHIN_MAPS: [&str; 2] = ["properties", "patternProperties"];
/// Keywords that look at what the schemas in place have left.
const UNEVALUATED: [&str; 2] = ["unevaluatedItems", "unevaluatedProperties"];

/// What a schema costs to apply.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// The most schemas that apply to one value.
    pub(super) applied: u64,
    /// Patterns, all together.
    pub(super) patterns: u64,
    /// Patterns for names of members.
    pub(super) name_patterns: u64,
    /// Some `multipleOf` is no whole number.
    pub(super) divides_by_fraction: bool,
}

impl Shape {
    /// Follows a schema from its root.
    pub(super) fn of(schema: &Value) -> Result<Self, String> {
        check_dialect(schema)?;
        let mut walk = Walk {
            root: schema,
            anchors: reference::anchors(schema),
            known: HashMap::new(),
            waiting: vec![schema],
            unevaluated: 0,
            shape: Self::default(),
        };
        while let Some(next) = walk.waiting.pop() {
            walk.applied(next, 1)?;
        }
        Ok(walk.shape)
    }
}

/// What applies to one value, from one schema on.
#[derive(Clone, Copy)]
struct Applied {
    schemas: u64,
    chain: u64,
    /// JSON values of all these schemas.
    values: u64,
}

struct Walk<'a> {
    root: &'a Value,
    anchors: HashMap<&'a str, Vec<&'a Value>>,
    /// By address. Nothing yet: being followed.
    known: HashMap<*const Value, Option<Applied>>,
    waiting: Vec<&'a Value>,
    unevaluated: u64,
    shape: Shape,
}

impl<'a> Walk<'a> {
    fn applied(&mut self, schema: &'a Value, depth: u64) -> Result<Applied, String> {
        if depth > MAX_CHAIN {
            return Err(format!("more than {MAX_CHAIN} schemas in a row apply to one value"));
        }
        match self.known.get(&std::ptr::from_ref(schema)) {
            Some(Some(applied)) => return Ok(*applied),
            Some(None) => return Err("a schema applies itself to the same value, without end".to_owned()),
            None => self.known.insert(schema, None),
        };
        let applied = self.follow(schema, depth)?;
        self.known.insert(schema, Some(applied));
        Ok(applied)
    }

    fn follow(&mut self, schema: &'a Value, depth: u64) -> Result<Applied, String> {
        let Value::Object(keywords) = schema else {
            return Ok(Applied { schemas: 1, chain: 1, values: 1 });
        };
        if !std::ptr::eq(schema, self.root) {
            check_part(keywords)?;
        }
        let mut sum = Applied { schemas: 1, chain: 1, values: count(schema) };
        for next in self.in_place(keywords)? {
            sum.add(self.applied(next, depth + 1)?)?;
        }
        self.note(keywords, sum)?;
        self.waiting.extend(within(keywords));
        Ok(sum)
    }

    /// The schemas that a schema applies to the value itself.
    fn in_place(&self, keywords: &'a Map<String, Value>) -> Result<Vec<&'a Value>, String> {
        let mut schemas = subschemas(keywords, &IN_PLACE, &IN_PLACE_LISTS, &IN_PLACE_MAPS);
        for keyword in REFERENCES {
            if let Some(Value::String(reference)) = keywords.get(keyword) {
                schemas.extend(reference::targets(reference, self.root, &self.anchors)?);
            }
        }
        Ok(schemas)
    }

    fn note(&mut self, keywords: &Map<String, Value>, applied: Applied) -> Result<(), String> {
        let shape = &mut self.shape;
        shape.applied = shape.applied.max(applied.schemas);
        let name_patterns = match keywords.get("patternProperties") {
            Some(Value::Object(patterns)) => patterns.len() as u64,
            _ => 0,
        };
        shape.name_patterns += name_patterns;
        shape.patterns += name_patterns + u64::from(keywords.contains_key("pattern"));
        let divisor = keywords.get("multipleOf").and_then(Value::as_f64);
        shape.divides_by_fraction |= divisor.is_some_and(|divisor| divisor.fract() != 0.0);
        if UNEVALUATED.iter().any(|keyword| keywords.contains_key(*keyword)) {
            self.unevaluated = self.unevaluated.saturating_add(applied.values);
            if self.unevaluated > MAX_UNEVALUATED {
                return Err("too many schemas stand under \"unevaluated\" keywords".to_owned());
            }
        }
        Ok(())
    }
}

impl Applied {
    fn add(&mut self, next: Self) -> Result<(), String> {
        self.schemas += next.schemas;
        self.chain = self.chain.max(next.chain + 1);
        self.values = self.values.saturating_add(next.values);
        if self.schemas > MAX_APPLIED {
            return Err(format!("more than {MAX_APPLIED} schemas apply to one value"));
        }
        if self.chain > MAX_CHAIN {
            return Err(format!("more than {MAX_CHAIN} schemas in a row apply to one value"));
        }
        Ok(())
    }
}

fn check_dialect(root: &Value) -> Result<(), String> {
    match root.get("$schema") {
        None => Ok(()),
        Some(Value::String(dialect)) if dialect.trim_end_matches('#') == DIALECT => Ok(()),
        Some(other) => Err(format!("$schema is {other}, and only {DIALECT} is understood")),
    }
}

/// A schema below the root is a part of its resource, not one of its own:
/// otherwise a reference means another thing on each way to it, and each way is
/// compiled.
fn check_part(keywords: &Map<String, Value>) -> Result<(), String> {
    match ["$id", "$schema"].iter().find(|keyword| keywords.contains_key(**keyword)) {
        Some(keyword) => Err(format!("{keyword} stands below the root of the schema")),
        None => Ok(()),
    }
}

/// The schemas that a schema applies to members, elements and names.
fn within(keywords: &Map<String, Value>) -> Vec<&Value> {
    subschemas(keywords, &WITHIN, &WITHIN_LISTS, &WITHIN_MAPS)
}

fn subschemas<'a>(
    keywords: &'a Map<String, Value>,
    single: &[&str],
    lists: &[&str],
    maps: &[&str],
) -> Vec<&'a Value> {
    let of = |names: &[&str]| names.iter().filter_map(|name| keywords.get(*name)).collect::<Vec<_>>();
    let lists = of(lists).into_iter().filter_map(Value::as_array).flatten();
    let maps = of(maps).into_iter().filter_map(Value::as_object).flat_map(Map::values);
    let schema = |value: &&Value| value.is_object() || value.is_boolean();
    of(single).into_iter().chain(lists).chain(maps).filter(schema).collect()
}

/// JSON values in a JSON value, itself included.
fn count(value: &Value) -> u64 {
    match value {
        Value::Array(elements) => 1 + elements.iter().map(count).sum::<u64>(),
        Value::Object(members) => 1 + members.values().map(count).sum::<u64>(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}
