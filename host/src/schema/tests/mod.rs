//! Schemas of every kind: which compile, what they say, and what that takes.

mod agreement;
mod shapes;
mod steps;

use serde_json::json;

use super::*;

fn validator(schema: &Value) -> Validator {
    Validator::compile(schema).expect("the schema is valid")
}

/// Why a schema does not compile.
#[track_caller]
fn refused(schema: &Value) -> String {
    Validator::compile(schema).expect_err("it is refused")
}

fn violations(schema: &Value, value: &Value) -> Vec<Violation> {
    let SchemaViolations(violations) = validator(schema).check(value).expect_err("it does not fit");
    violations
}

#[test]
fn a_reference_to_another_document_does_not_compile() {
    for reference in ["https://example.com/schema.json", "file:///etc/passwd", "other.json#/$defs/a"] {
        assert_eq!(
            refused(&json!({ "$ref": reference })),
            format!("the reference {reference:?} leaves the schema")
        );
    }
}

#[test]
fn a_pattern_that_needs_backtracking_does_not_compile() {
    assert!(Validator::compile(&json!({"type": "string", "pattern": "(a)\\1"})).is_err());
}

#[test]
fn violations_name_their_place() {
    let schema = json!({
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"type": "integer"}}},
    });
    assert_eq!(violations(&schema, &json!({"a": [1, "x"]}))[0].at, "/a/1");
}

#[test]
fn a_violation_that_quotes_a_huge_value_is_cut() {
    for value in [json!("x".repeat(100_000)), Value::from(vec!["é"; 10_000])] {
        let violations = violations(&json!({"type": "integer"}), &value);
        assert_eq!(violations[0].what.chars().count(), MAX_VIOLATION_CHARS + " ...".len());
    }
}

#[test]
fn a_text_that_fits_is_not_cut() {
    let text = "é".repeat(MAX_VIOLATION_CHARS);
    assert_eq!(shorten(&text), text);
    assert_eq!(shorten(&format!("{text}x")), format!("{text} ..."));
}
