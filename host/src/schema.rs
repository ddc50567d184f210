//! JSON Schemas of the signed manifest, compiled once and applied to every
//! call: input before it, output after it.

use jsonschema::{Draft, PatternOptions};
use serde_json::Value;

use crate::outcome::{SchemaViolations, Violation};

/// Violations that an error lists: enough to mend a call, and no more than a
/// model reads.
pub const MAX_VIOLATIONS: usize = 8;

/// Characters of one violation's text. A schema or an input can be large, and
/// the text quotes both.
const MAX_VIOLATION_CHARS: usize = 300;

/// A compiled schema.
#[derive(Debug)]
pub(crate) struct Validator(jsonschema::Validator);

impl Validator {
    /// Compiles a JSON Schema 2020-12. Nothing outside it is ever fetched: a
    /// `$ref` that leaves the document is an error.
    pub(crate) fn compile(schema: &Value) -> Result<Self, String> {
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            // Patterns come from the publisher and run on the host: only the
            // engine whose time is linear in the input.
            .with_pattern_options(PatternOptions::regex())
            .build(schema)
            .map(Self)
            .map_err(|error| shorten(&error.to_string()))
    }

    /// Checks `value`, and lists what is wrong with it.
    pub(crate) fn check(&self, value: &Value) -> Result<(), SchemaViolations> {
        if self.0.is_valid(value) {
            return Ok(());
        }
        let violations = self.0.iter_errors(value).take(MAX_VIOLATIONS).map(|error| Violation {
            at: error.instance_path().to_string(),
            what: shorten(&error.to_string()),
        });
        Err(SchemaViolations(violations.collect()))
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_VIOLATION_CHARS) {
        Some((end, _)) => format!("{} ...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reference_to_another_document_does_not_compile() {
        assert!(Validator::compile(&json!({"$ref": "https://example.com/schema.json"})).is_err());
        assert!(Validator::compile(&json!({"$ref": "file:///etc/passwd"})).is_err());
    }

    #[test]
    fn a_pattern_that_needs_backtracking_does_not_compile() {
        assert!(Validator::compile(&json!({"type": "string", "pattern": "(a)\\1"})).is_err());
    }

    #[test]
    fn violations_name_their_place() {
        let schema = Validator::compile(&json!({
            "type": "object",
            "properties": {"a": {"type": "array", "items": {"type": "integer"}}},
        }))
        .expect("the schema is valid");
        let SchemaViolations(violations) =
            schema.check(&json!({"a": [1, "x"]})).expect_err("a string is no integer");
        assert_eq!(violations[0].at, "/a/1");
    }

    #[test]
    fn a_violation_that_quotes_a_huge_value_is_cut() {
        let schema = Validator::compile(&json!({"type": "integer"})).expect("the schema is valid");
        let SchemaViolations(violations) =
            schema.check(&json!("x".repeat(100_000))).expect_err("a string is no integer");
        assert!(violations[0].what.len() < MAX_VIOLATION_CHARS + 10);
    }
}
