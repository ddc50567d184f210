//! JSON Schemas of what tools take and return.
//!
//! Draft 2020-12, which is what the contract asks for, and therefore without
//! `$schema`; the root is of type `object`. Descriptions come from doc comments
//! and `#[schemars(...)]`; the name of the Rust type, which schemars would put
//! into `title`, tells a reader nothing and is left out. What clients do not all
//! understand is said in other words ([`portable`]).

mod kinds;
mod portable;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use kinds::Kinds;
use portable::Portable;

/// The property that carries a result which is no JSON object.
pub(crate) const RESULT: &str = "result";

/// The schema of arguments.
///
/// # Panics
///
/// If no JSON object can satisfy it. This runs when the package is built, so
/// the author reads the message.
pub(crate) fn of_input<T: JsonSchema>() -> Schema {
    let mut schema = root::<T>(SchemaSettings::draft2020_12().for_deserialize());
    assert!(
        Kinds::of(schema.as_value(), &schema).object,
        "`{}` cannot be the argument of a tool: arguments have names, so it must be a struct \
         (or an enum) whose JSON is an object; its schema is {}",
        std::any::type_name::<T>(),
        schema.as_value(),
    );
    insist_on_object(&mut schema);
    schema
}

/// The schema of a result, of which objects are returned as they are and
/// everything else as the one property [`RESULT`].
pub(crate) fn of_output<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut plain = root::<T>(settings.clone());
    match Kinds::of(plain.as_value(), &plain) {
        Kinds { object: true, other: false } => {
            insist_on_object(&mut plain);
            plain
        }
        Kinds { object: true, other: true } => {
            let (inner, definitions) = inner::<T>(settings);
            let mut schema = json_schema!({ "type": "object", "anyOf": [inner, wrapped(&inner)] });
            define(&mut schema, definitions);
            schema
        }
        Kinds { object: false, .. } => {
            let (inner, definitions) = inner::<T>(settings);
            let mut schema = wrapped(&inner);
            define(&mut schema, definitions);
            schema
        }
    }
}

fn root<T: JsonSchema>(settings: SchemaSettings) -> Schema {
    let mut schema = generator(settings).into_root_schema_for::<T>();
    if schema.get("title").and_then(Value::as_str) == Some(&T::schema_name()) {
        schema.remove("title");
    }
    schema
}

/// The schema to stand inside another one, and the definitions it refers to.
fn inner<T: JsonSchema>(settings: SchemaSettings) -> (Schema, Map<String, Value>) {
    let mut generator = generator(settings);
    let schema = generator.subschema_for::<T>();
    (schema, generator.take_definitions(true))
}

fn generator(mut settings: SchemaSettings) -> SchemaGenerator {
    settings.meta_schema = None;
    settings.with_transform(Portable).into_generator()
}

fn wrapped(inner: &Schema) -> Schema {
    json_schema!({
        "type": "object",
        "properties": { RESULT: inner },
        "required": [RESULT],
        "additionalProperties": false,
    })
}

fn define(schema: &mut Schema, definitions: Map<String, Value>) {
    if !definitions.is_empty() {
        schema.insert("$defs".to_owned(), Value::Object(definitions));
    }
}

fn insist_on_object(schema: &mut Schema) {
    schema.insert("type".to_owned(), "object".into());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;

    /// What a reader does not need.
    #[derive(Deserialize, Serialize, JsonSchema)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    struct Search {
        /// What to look for.
        pattern: String,
        #[schemars(description = "At most this many.", range(min = 1))]
        at_most: Option<u32>,
        #[serde(default)]
        order: Order,
    }

    #[derive(Default, Deserialize, Serialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Order {
        #[default]
        Path,
        Size,
    }

    #[derive(Deserialize, Serialize, JsonSchema)]
    #[serde(tag = "do")]
    enum Command {
        Add { text: String },
        Clear,
    }

    #[derive(Serialize, JsonSchema)]
    struct Tree {
        name: String,
        children: Vec<Tree>,
    }

    #[derive(Serialize, JsonSchema)]
    #[serde(untagged)]
    enum TextOrTree {
        #[expect(dead_code, reason = "only its schema is made")]
        Text(String),
        #[expect(dead_code, reason = "only its schema is made")]
        Tree(Tree),
    }

    #[derive(Deserialize, JsonSchema)]
    #[schemars(title = "Chosen")]
    struct Titled {}

    fn input<T: JsonSchema>() -> Value {
        of_input::<T>().to_value()
    }

    fn output<T: JsonSchema>() -> Value {
        of_output::<T>().to_value()
    }

    #[test]
    fn arguments_keep_what_their_author_says_of_them() {
        assert_eq!(
            input::<Search>(),
            json!({
                "type": "object",
                "description": "What a reader does not need.",
                "properties": {
                    "pattern": { "type": "string", "description": "What to look for." },
                    "at-most": {
                        "anyOf": [
                            { "type": "integer", "minimum": 1, "maximum": u32::MAX },
                            { "type": "null" },
                        ],
                        "description": "At most this many.",
                    },
                    "order": { "$ref": "#/$defs/Order", "default": "path" },
                },
                "required": ["pattern"],
                "additionalProperties": false,
                "$defs": { "Order": { "type": "string", "enum": ["path", "size"] } },
            })
        );
    }

    #[test]
    fn a_title_stays_only_if_the_author_chose_it() {
        assert_eq!(input::<Titled>(), json!({ "type": "object", "title": "Chosen" }));
        assert_eq!(input::<Search>().get("title"), None);
    }

    #[test]
    fn no_schema_names_its_dialect() {
        for schema in [input::<Search>(), output::<Search>(), output::<Vec<u8>>()] {
            assert_eq!(schema.get("$schema"), None);
        }
    }

    #[test]
    fn every_root_is_of_type_object() {
        for schema in [
            input::<Search>(),
            input::<Command>(),
            input::<BTreeMap<String, u8>>(),
            input::<Value>(),
            input::<Option<Search>>(),
            output::<Search>(),
            output::<Command>(),
            output::<Tree>(),
            output::<TextOrTree>(),
            output::<Option<Search>>(),
            output::<Vec<Tree>>(),
            output::<f64>(),
            output::<Value>(),
        ] {
            assert_eq!(schema["type"], "object", "{schema}");
        }
    }

    #[test]
    #[should_panic(expected = "arguments have names")]
    fn arguments_without_names_are_refused_when_the_package_is_built() {
        input::<Vec<String>>();
    }

    #[test]
    fn an_object_is_returned_as_it_is() {
        assert_eq!(
            output::<Tree>(),
            json!({
                "type": "object",
                "properties": {
                    "name": { "type": "string" },
                    "children": { "type": "array", "items": { "$ref": "#" } },
                },
                "required": ["name", "children"],
            })
        );
    }

    #[test]
    fn what_is_never_an_object_is_returned_in_one() {
        assert_eq!(
            output::<Vec<Tree>>(),
            json!({
                "type": "object",
                "properties": {
                    "result": { "type": "array", "items": { "$ref": "#/$defs/Tree" } },
                },
                "required": ["result"],
                "additionalProperties": false,
                "$defs": {
                    "Tree": {
                        "type": "object",
                        "properties": {
                            "name": { "type": "string" },
                            "children": { "type": "array", "items": { "$ref": "#/$defs/Tree" } },
                        },
                        "required": ["name", "children"],
                    },
                },
            })
        );
    }

    #[test]
    fn what_may_be_an_object_is_returned_either_way() {
        let schema = output::<TextOrTree>();
        assert_eq!(schema["anyOf"][0], json!({ "$ref": "#/$defs/TextOrTree" }));
        assert_eq!(schema["anyOf"][1], wrapped(&json_schema!({ "$ref": "#/$defs/TextOrTree" })).to_value());
        assert!(schema["$defs"]["TextOrTree"].is_object());
        assert!(schema["$defs"]["Tree"].is_object());
    }
}
