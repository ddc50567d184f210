//! Schemas that every client understands.
//!
//! Two things that schemars writes are left to guess for programs that turn
//! schemas into something else, as clients do for their models:
//!
//! - `"type": ["string", "null"]` becomes a choice of two schemas with a type each;
//! - formats of Rust's numbers (`uint64`), which no JSON Schema knows, become the
//!   bounds that they mean. Those of 64 bits go without: as a double, which is what
//!   most readers of JSON make of a number, they are another number.

use schemars::Schema;
use schemars::transform::{Transform, transform_subschemas};
use serde_json::{Map, Value, json};

/// What is said of a value, and not asked of it: it stays where it is.
const ANNOTATIONS: [&str; 6] = ["default", "deprecated", "description", "examples", "readOnly", "title"];

/// Formats of numbers, with the smallest and the largest that they mean.
const NUMBERS: [(&str, Option<(i64, i64)>); 14] = [
    ("int8", Some((i8::MIN as i64, i8::MAX as i64))),
    ("int16", Some((i16::MIN as i64, i16::MAX as i64))),
    ("int32", Some((i32::MIN as i64, i32::MAX as i64))),
    ("uint8", Some((0, u8::MAX as i64))),
    ("uint16", Some((0, u16::MAX as i64))),
    ("uint32", Some((0, u32::MAX as i64))),
    ("int", None),
    ("int64", None),
    ("int128", None),
    ("uint", None),
    ("uint64", None),
    ("uint128", None),
    ("float", None),
    ("double", None),
];

/// Makes a schema portable, and all that are in it.
#[derive(Clone)]
pub(super) struct Portable;

impl Transform for Portable {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        if let Some(schema) = schema.as_object_mut() {
            bounds(schema);
            choice(schema);
        }
    }
}

fn bounds(schema: &mut Map<String, Value>) {
    let Some(format) = schema.get("format").and_then(Value::as_str) else { return };
    let Some((_, bounds)) = NUMBERS.iter().find(|(known, _)| *known == format) else { return };
    schema.remove("format");
    if let Some((least, most)) = bounds {
        let asks = |schema: &Map<String, Value>, words: [&str; 2]| {
            words.iter().any(|word| schema.contains_key(*word))
        };
        if !asks(schema, ["minimum", "exclusiveMinimum"]) {
            schema.insert("minimum".to_owned(), json!(least));
        }
        if !asks(schema, ["maximum", "exclusiveMaximum"]) {
            schema.insert("maximum".to_owned(), json!(most));
        }
    }
}

/// Takes `T or null` apart, where the schema says it in one word.
fn choice(schema: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = schema.get("type") else { return };
    let (Some(kind), true) = (types.iter().find(|kind| **kind != "null").cloned(), types.len() == 2) else {
        return;
    };
    // A choice of its own, or a value that must be one of some, which may be null.
    if !types.contains(&json!("null"))
        || ["anyOf", "enum", "const"].iter().any(|word| schema.contains_key(*word))
    {
        return;
    }
    let (said, mut asked): (Map<_, _>, Map<_, _>) =
        std::mem::take(schema).into_iter().partition(|(word, _)| ANNOTATIONS.contains(&word.as_str()));
    asked.insert("type".to_owned(), kind);
    *schema = said;
    schema.insert("anyOf".to_owned(), json!([asked, {"type": "null"}]));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portable(schema: Value) -> Value {
        let mut schema = Schema::try_from(schema).unwrap();
        Portable.transform(&mut schema);
        schema.into()
    }

    #[test]
    fn a_value_or_null_is_a_choice_of_two() {
        assert_eq!(
            portable(
                json!({"type": ["string", "null"], "description": "a name", "maxLength": 3, "default": null})
            ),
            json!({"description": "a name", "default": null,
                   "anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]})
        );
    }

    #[test]
    fn a_choice_deep_inside_is_found() {
        assert_eq!(
            portable(
                json!({"type": "object", "properties": {"all": {"items": {"type": ["null", "boolean"]}}}})
            ),
            json!({"type": "object",
                   "properties": {"all": {"items": {"anyOf": [{"type": "boolean"}, {"type": "null"}]}}}})
        );
    }

    #[test]
    fn one_of_some_values_and_a_choice_of_its_own_stay_as_they_are() {
        for schema in [
            json!({"type": ["string", "null"], "enum": ["a", null]}),
            json!({"type": ["string", "null"], "anyOf": [{"maxLength": 3}]}),
            json!({"type": ["string", "integer"]}),
            json!({"type": ["string", "integer", "null"]}),
            json!({"type": "string", "format": "date"}),
        ] {
            assert_eq!(portable(schema.clone()), schema);
        }
    }

    #[test]
    fn the_format_of_a_number_becomes_the_bounds_that_it_means() {
        assert_eq!(
            portable(json!({"type": "integer", "format": "uint32", "minimum": 1})),
            json!({"type": "integer", "minimum": 1, "maximum": 4_294_967_295_u32})
        );
        assert_eq!(
            portable(json!({"type": "integer", "format": "uint64", "minimum": 0})),
            json!({"type": "integer", "minimum": 0})
        );
        assert_eq!(
            portable(json!({"type": ["integer", "null"], "format": "int8", "exclusiveMaximum": 5})),
            json!({"anyOf": [{"type": "integer", "exclusiveMaximum": 5, "minimum": -128}, {"type": "null"}]})
        );
    }
}
