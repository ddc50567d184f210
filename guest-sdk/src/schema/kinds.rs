//! Which kinds of JSON values a schema accepts.

use schemars::Schema;
use serde_json::Value;

/// Which JSON values a schema may accept. Keywords that this does not know
/// restrict nothing, so the answer errs towards "may".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds {
    /// Some object.
    pub object: bool,
    /// Something that is no object.
    pub other: bool,
}

impl Kinds {
    const NONE: Self = Self { object: false, other: false };
    const ALL: Self = Self { object: true, other: true };

    /// How deep references are followed. Only recursive types go further, and
    /// they have shown what they are by then.
    const DEPTH: u32 = 16;

    pub fn of(schema: &Value, root: &Schema) -> Self {
        Self::within(schema, root, Self::DEPTH)
    }

    fn within(schema: &Value, root: &Schema, depth: u32) -> Self {
        let Some(depth) = depth.checked_sub(1) else {
            return Self::NONE;
        };
        let keywords = match schema {
            Value::Object(keywords) => keywords,
            Value::Bool(false) => return Self::NONE,
            _ => return Self::ALL,
        };
        let each = |schemas: &Value| -> Vec<Self> {
            let schemas = schemas.as_array().map_or(&[][..], Vec::as_slice);
            schemas.iter().map(|schema| Self::within(schema, root, depth)).collect()
        };
        let mut kinds = Self::ALL;
        for (keyword, value) in keywords {
            kinds = kinds.and(match keyword.as_str() {
                "type" => Self::named(value),
                "const" => Self::valued(value),
                "enum" => Self::any(value.as_array().into_iter().flatten().map(Self::valued)),
                "anyOf" | "oneOf" => Self::any(each(value)),
                "allOf" => each(value).into_iter().fold(Self::ALL, Self::and),
                "$ref" => match referenced(value, root) {
                    Some(target) => Self::within(target, root, depth),
                    None => Self::ALL,
                },
                _ => Self::ALL,
            });
        }
        kinds
    }

    /// The kinds that the value of `type` names: one, or a list.
    fn named(names: &Value) -> Self {
        match names {
            Value::Array(names) => Self::any(names.iter().map(Self::named)),
            name => Self::one(name == "object"),
        }
    }

    fn valued(value: &Value) -> Self {
        Self::one(value.is_object())
    }

    fn one(object: bool) -> Self {
        Self { object, other: !object }
    }

    fn any(kinds: impl IntoIterator<Item = Self>) -> Self {
        kinds
            .into_iter()
            .fold(Self::NONE, |a, b| Self { object: a.object || b.object, other: a.other || b.other })
    }

    fn and(self, with: Self) -> Self {
        Self { object: self.object && with.object, other: self.other && with.other }
    }
}

/// What a reference of the form that schemars writes points at.
fn referenced<'s>(reference: &Value, root: &'s Schema) -> Option<&'s Value> {
    root.as_value().pointer(reference.as_str()?.strip_prefix('#')?)
}

#[cfg(test)]
mod tests {
    use schemars::json_schema;
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds_follow_every_keyword_that_schemars_writes() {
        let kinds =
            |value: Value| Kinds::of(&value, &json_schema!({ "$defs": { "List": { "type": "array" } } }));
        let object = Kinds::one(true);
        let other = Kinds::one(false);
        assert_eq!(kinds(json!(true)), Kinds::ALL);
        assert_eq!(kinds(json!(false)), Kinds::NONE);
        assert_eq!(kinds(json!({})), Kinds::ALL);
        assert_eq!(kinds(json!({ "type": "object" })), object);
        assert_eq!(kinds(json!({ "type": ["object", "null"] })), Kinds::ALL);
        assert_eq!(kinds(json!({ "const": "a" })), other);
        assert_eq!(kinds(json!({ "enum": ["a", {}] })), Kinds::ALL);
        assert_eq!(kinds(json!({ "oneOf": [{ "type": "object" }, { "const": {} }] })), object);
        assert_eq!(kinds(json!({ "allOf": [{}, { "type": "null" }] })), other);
        assert_eq!(kinds(json!({ "$ref": "#/$defs/List" })), other);
        assert_eq!(kinds(json!({ "$ref": "elsewhere" })), Kinds::ALL);
    }
}
