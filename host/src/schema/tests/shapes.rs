//! Which schemas are compiled, and which are not.

use serde_json::{Map, Value, json};

use super::{refused, validator};

const TOO_LONG: &str = "more than 16 schemas in a row apply to one value";
const TOO_MANY: &str = "more than 10000 schemas apply to one value";
const ENDLESS: &str = "a schema applies itself to the same value, without end";

/// `levels` definitions, each of which names the next one twice.
fn doubling(levels: usize, twice: impl Fn(Value) -> Value, last: Value) -> Value {
    let mut definitions = Map::new();
    for level in 0..levels {
        let next = json!({"$ref": format!("#/$defs/{}", level + 1)});
        definitions.insert(level.to_string(), twice(next));
    }
    definitions.insert(levels.to_string(), last);
    json!({"type": "object", "$defs": definitions, "$ref": "#/$defs/0"})
}

#[test]
fn references_that_double_at_each_level_do_not_compile() {
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let schema = |levels| doubling(levels, |next| json!({keyword: [next, next]}), json!(true));
        validator(&schema(7));
        assert_eq!(refused(&schema(8)), TOO_LONG);
        assert_eq!(refused(&schema(36)), TOO_LONG);
    }
    let not = |next: Value| json!({"allOf": [{"not": next}, {"not": next}]});
    assert_eq!(refused(&doubling(36, not, json!(true))), TOO_LONG);
    let conditional = |next: Value| json!({"if": next, "then": next, "else": next});
    assert_eq!(refused(&doubling(36, conditional, json!(true))), TOO_LONG);
    let dependent = |next: Value| json!({"dependentSchemas": {"a": next, "b": next}});
    assert_eq!(refused(&doubling(36, dependent, json!(true))), TOO_LONG);
    let older = |next: Value| json!({"dependencies": {"a": next, "b": next}});
    assert_eq!(refused(&doubling(36, older, json!(true))), TOO_LONG);
}

#[test]
fn references_by_anchor_count_as_those_by_pointer() {
    for reference in ["$ref", "$dynamicRef"] {
        let level = |level: usize| {
            let next = json!({ reference: format!("#a{}", level + 1) });
            json!({"$dynamicAnchor": format!("a{level}"), "anyOf": [next, next]})
        };
        let mut definitions: Vec<Value> = (0..36).map(level).collect();
        definitions.push(json!({"$anchor": "a36"}));
        let definitions: Map<String, Value> = definitions
            .into_iter()
            .enumerate()
            .map(|(level, schema)| (format!("a{level}"), schema))
            .collect();
        let schema = json!({"$defs": definitions, "$ref": "#a0"});
        assert_eq!(refused(&schema), TOO_LONG);
    }
}

#[test]
fn a_few_levels_that_multiply_by_ten_do_not_compile() {
    let tenfold = |next: Value| json!({"anyOf": vec![next; 10]});
    validator(&doubling(3, tenfold, json!(true)));
    assert_eq!(refused(&doubling(4, tenfold, json!(true))), TOO_MANY);
}

#[test]
fn the_schemas_of_one_value_are_counted_to_the_last() {
    // The root, and its alternatives.
    let schema = |count: usize| json!({"anyOf": vec![json!({"type": "null"}); count]});
    validator(&schema(9_999));
    assert_eq!(refused(&schema(10_000)), TOO_MANY);
}

#[test]
fn what_applies_to_members_and_elements_is_counted_anew() {
    let alternatives = json!({"anyOf": vec![json!({"type": "null"}); 6_000]});
    validator(&json!({
        "properties": {"a": alternatives, "b": alternatives},
        "items": alternatives,
    }));
    let within = |keyword: &str, schema: Value| json!({keyword: schema});
    let schema = doubling(36, |next| json!({"allOf": [next, next]}), json!(true));
    for keyword in [
        "additionalProperties",
        "contains",
        "items",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
    ] {
        let mut nested = within(keyword, json!({"$ref": "#/$defs/0"}));
        nested["$defs"] = schema["$defs"].clone();
        assert_eq!(refused(&nested), TOO_LONG, "{keyword}");
    }
    for (keyword, within) in [
        ("properties", json!({"a": {"$ref": "#/$defs/0"}})),
        ("patternProperties", json!({"a": {"$ref": "#/$defs/0"}})),
        ("prefixItems", json!([{"$ref": "#/$defs/0"}])),
    ] {
        assert_eq!(refused(&json!({keyword: within, "$defs": schema["$defs"]})), TOO_LONG, "{keyword}");
    }
}

#[test]
fn a_schema_that_applies_itself_to_its_own_value_does_not_compile() {
    assert_eq!(refused(&json!({"$ref": "#"})), ENDLESS);
    assert_eq!(refused(&json!({"$dynamicAnchor": "a", "not": {"$dynamicRef": "#a"}})), ENDLESS);
    let pair = json!({"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}});
    assert_eq!(refused(&json!({"$defs": pair, "$ref": "#/$defs/a"})), ENDLESS);
}

#[test]
fn a_schema_that_applies_itself_to_what_is_within_compiles() {
    let tree = validator(&json!({
        "type": "object",
        "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}},
        "additionalProperties": {"type": "integer"},
    }));
    assert_eq!(tree.check(&json!({"left": {"n": 1}, "right": {"left": {}}})), Ok(()));
    assert!(tree.check(&json!({"left": {"right": {"n": "x"}}})).is_err());
}

/// Where a definition does not hold, a keyword may be a name.
#[test]
fn names_of_properties_and_constants_are_no_keywords() {
    let endless = json!({"$ref": "#", "$id": "https://example.com/"});
    let named = validator(&json!({
        "properties": {"$ref": {"type": "string"}, "allOf": {"type": "integer"}, "$id": {"const": endless}},
    }));
    assert_eq!(named.check(&json!({"$ref": "#", "allOf": 1, "$id": endless})), Ok(()));
    assert!(named.check(&json!({"$ref": 1})).is_err());
    assert!(named.check(&json!({"$id": {}})).is_err());
    validator(&json!({"enum": [endless], "default": endless, "examples": [endless]}));
}

/// With resources within resources, a reference has one meaning for each way
/// that leads to it, and each is compiled.
#[test]
fn a_resource_within_the_schema_does_not_compile() {
    let inner = json!({"$id": "https://example.com/inner", "type": "string"});
    assert_eq!(refused(&json!({"properties": {"a": inner}})), "$id stands below the root of the schema");
    let older = json!({"$schema": "http://json-schema.org/draft-07/schema#"});
    assert_eq!(refused(&json!({"items": older})), "$schema stands below the root of the schema");
}

#[test]
fn the_root_may_name_itself_and_its_dialect() {
    let dialect = "https://json-schema.org/draft/2020-12/schema";
    validator(
        &json!({"$schema": dialect, "$id": "https://example.com/root", "$ref": "#/$defs/a", "$defs": {"a": {}}}),
    );
    assert_eq!(
        refused(&json!({"$schema": "http://json-schema.org/draft-07/schema#"})),
        format!("$schema is \"http://json-schema.org/draft-07/schema#\", and only {dialect} is understood")
    );
}

#[test]
fn what_unevaluated_keywords_compile_anew_is_bounded() {
    let members: Map<String, Value> = (0..1_000).map(|name| (format!("p{name}"), json!({}))).collect();
    let schema = |times: usize| {
        json!({
            "$defs": {"a": {"properties": members}},
            "allOf": vec![json!({"$ref": "#/$defs/a"}); times],
            "unevaluatedProperties": false,
        })
    };
    validator(&schema(10));
    assert_eq!(refused(&schema(100)), "too many schemas stand under \"unevaluated\" keywords");
}

#[test]
fn patterns_that_take_too_much_memory_together_do_not_compile() {
    let schema = |count: usize| json!({"anyOf": (0..count).map(|n| json!({"pattern": format!("^[a-f]{{{}}}$", 700 + n)})).collect::<Vec<_>>()});
    validator(&schema(50));
    assert!(refused(&schema(500)).contains("regex"), "{}", refused(&schema(500)));
}
