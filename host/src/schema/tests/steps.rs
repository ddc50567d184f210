//! What a check takes, in steps, and how one ends that takes too many.

use serde_json::{Map, Value, json};

use super::super::{MAX_STEPS, SchemaViolations};
use super::{validator, violations};

/// The verdict and the steps it took.
fn check(schema: &Value, value: &Value) -> (Result<(), SchemaViolations>, u64) {
    let (verdict, left) = validator(schema).check_within(value, MAX_STEPS);
    (verdict, MAX_STEPS - left)
}

#[track_caller]
fn takes_too_many_steps(schema: &Value, value: &Value) {
    assert_eq!(check(schema, value), (Err(SchemaViolations::TOO_MANY_STEPS), MAX_STEPS));
}

#[track_caller]
fn fits_within(steps: u64, schema: &Value, value: &Value) {
    let (verdict, taken) = check(schema, value);
    assert_eq!(verdict, Ok(()));
    assert!(taken <= steps, "{taken}");
}

fn million() -> Value {
    (0..1_000_000).map(Value::from).collect()
}

/// An object within an object, and so on.
fn deep(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!({ "a": inner }))
}

#[test]
fn what_a_schema_does_not_look_at_costs_nothing() {
    let schema = json!({"type": "object", "properties": {"a": {}}, "required": ["a"]});
    fits_within(10, &schema, &json!({"a": million()}));
}

#[test]
fn an_element_of_an_ordinary_array_takes_two_steps() {
    fits_within(2_100_000, &json!({"type": "array", "items": {"type": "integer"}}), &million());
}

#[test]
fn ten_megabytes_of_ordinary_objects_take_a_small_part_of_the_steps() {
    let schema = json!({"type": "array", "items": {"$ref": "#/$defs/row"}, "$defs": {
        "row": {
            "type": "object",
            "properties": {
                "id": {"type": "integer", "minimum": 0},
                "name": {"type": "string", "minLength": 1, "maxLength": 80},
                "kind": {"enum": ["a", "b", "c"]},
                "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": true},
                "of": {"anyOf": [{"$ref": "#/$defs/place"}, {"type": "null"}]},
            },
            "required": ["id", "name", "kind"],
            "additionalProperties": false,
        },
        "place": {"type": "object", "properties": {"x": {"type": "number"}, "y": {"type": "number"}}},
    }});
    let row = |id: usize| json!({"id": id, "name": format!("the name of {id}"), "kind": "b", "tags": ["x", "y"], "of": {"x": 1.5}});
    let rows: Value = (0..100_000).map(row).collect();
    assert!(rows.to_string().len() > 8_000_000);
    fits_within(MAX_STEPS / 8, &schema, &rows);
}

#[test]
fn a_pattern_without_repeats_may_run_on_ten_megabytes() {
    let schema = json!({"type": "string", "pattern": "^[A-Za-z0-9+/]*={0,2}$"});
    fits_within(MAX_STEPS / 4, &schema, &json!("QUJD".repeat(2_500_000)));
}

/// About the most that compiles of a schema that doubles, for each of a million.
#[test]
fn doubling_for_each_element_takes_too_many_steps() {
    let integer = json!({"type": "integer"});
    let string = json!({"type": "string"});
    for (keyword, last) in [("allOf", &integer), ("anyOf", &string), ("oneOf", &string)] {
        let mut definitions = Map::new();
        for level in 0..6 {
            let next = json!({"$ref": format!("#/$defs/{}", level + 1)});
            definitions.insert(level.to_string(), json!({keyword: [next, next]}));
        }
        definitions.insert("6".to_owned(), last.clone());
        let each = json!({"anyOf": [{"$ref": "#/$defs/0"}, true]});
        takes_too_many_steps(&json!({"items": each, "$defs": definitions}), &million());
    }
}

#[test]
fn thousands_of_alternatives_for_each_element_take_too_many_steps() {
    for alternative in [
        json!({"type": "string"}),
        json!({"const": "x"}),
        json!({"enum": [0.5, "x"]}),
        json!({"minimum": 1e9}),
        json!({"not": {}}),
        json!(false),
    ] {
        let mut alternatives = vec![alternative; 4_000];
        alternatives.push(json!({"type": "integer"}));
        takes_too_many_steps(&json!({"items": {"anyOf": alternatives}}), &million());
    }
    let constants: Vec<f64> = (0..9_000).map(|n| 0.5 + f64::from(n)).collect();
    let last: Value = vec![8_999.5; 100_000].into();
    takes_too_many_steps(&json!({"items": {"enum": constants}}), &last);
}

/// They apply to each element, and nothing of it is read.
#[test]
fn schemas_that_read_nothing_are_paid_for() {
    for schema in [json!(true), json!({}), json!({"title": "x"})] {
        takes_too_many_steps(&json!({"items": {"allOf": vec![schema; 9_000]}}), &million());
    }
}

/// What fails under `not` succeeds there, also where it fails for want of steps.
#[test]
fn a_check_without_steps_has_no_verdict_under_not_either() {
    let expensive = json!({"items": {"allOf": vec![json!({"type": "integer"}); 9_000]}});
    takes_too_many_steps(&json!({"not": expensive}), &million());
    takes_too_many_steps(&json!({"not": {"not": expensive}}), &million());
    takes_too_many_steps(&json!({"if": expensive, "then": true, "else": false}), &million());
}

#[test]
fn recursion_that_doubles_at_each_level_of_a_value_takes_too_many_steps() {
    let mut definitions = Map::new();
    for level in 0..64 {
        let next = json!({"properties": {"a": {"$ref": format!("#/$defs/{}", level + 1)}}});
        definitions.insert(level.to_string(), json!({"anyOf": [next, next]}));
    }
    definitions.insert("64".to_owned(), json!(false));
    takes_too_many_steps(&json!({"$ref": "#/$defs/0", "$defs": definitions}), &deep(100));
}

#[test]
fn unevaluated_keywords_within_each_other_take_too_many_steps() {
    let mut definitions = Map::new();
    for level in 0..7 {
        let next = json!({"$ref": format!("#/$defs/{}", level + 1)});
        definitions.insert(level.to_string(), json!({"anyOf": [next, false], "unevaluatedItems": {}}));
    }
    definitions.insert("7".to_owned(), json!({"prefixItems": [{"$ref": "#/$defs/0"}]}));
    let value = (0..100).fold(million(), |inner, _| json!([inner, 1]));
    takes_too_many_steps(&json!({"$ref": "#/$defs/0", "$defs": definitions}), &value);
}

/// Every state of the pattern is looked at for every byte of the text.
#[test]
fn a_pattern_of_many_states_is_not_run_on_a_long_text() {
    let text = |bytes: usize| json!("ab".repeat(bytes / 2));
    for (pattern, short) in
        [("^[ab]*a[ab]{25}c$", 100_000), ("^[ab]*a[ab]{900}c$", 10_000), ("([ab]*a){4000}c", 1_000)]
    {
        let schema = json!({"not": {"pattern": pattern}});
        fits_within(MAX_STEPS, &schema, &text(short));
        takes_too_many_steps(&schema, &text(short * 10));
    }
}

#[test]
fn patterns_for_names_are_paid_for_by_each_name() {
    let patterns: Map<String, Value> = (0..1_000).map(|n| (format!("^x{n}$"), json!({}))).collect();
    let names: Value = (0..100_000).map(|n| (format!("name {n}"), json!(n))).collect();
    takes_too_many_steps(&json!({"patternProperties": patterns}), &names);
}

#[test]
fn names_are_checked_by_the_steps_of_their_value() {
    let schemas = vec![json!({"maxLength": 100}); 5_000];
    let names: Value = (0..100_000).map(|n| (format!("name {n}"), json!(n))).collect();
    takes_too_many_steps(&json!({"propertyNames": {"allOf": schemas}}), &names);
}

#[test]
fn division_by_a_fraction_is_paid_for_by_the_size_of_the_number() {
    let schema = |divisor: f64| json!({"items": {"anyOf": [{"multipleOf": divisor}, {"type": "number"}]}});
    let numbers = |largest: f64| (1..=100_000).map(|n| json!(largest / f64::from(n))).collect::<Value>();
    takes_too_many_steps(&schema(0.01), &numbers(1.7e308));
    fits_within(MAX_STEPS / 2, &schema(0.01), &numbers(1e9));
    fits_within(1_000_000, &schema(3.0), &numbers(1.7e308));
}

/// A verdict within the steps stands; only its reasons take too many.
#[test]
fn a_value_that_does_not_fit_is_not_said_to_take_too_many_steps() {
    let value: Value = (0..1_000_000).map(|_| json!("x")).collect();
    let violations = violations(&json!({"items": {"anyOf": vec![json!({"type": "null"}); 9_000]}}), &value);
    assert_eq!(violations.len(), 1);
    assert_eq!(violations[0].at, "");
    assert_eq!(violations[0].what, "it does not fit, and to say where takes too many steps");
}

/// Each violation quotes the name: all of them would not fit into memory.
#[test]
fn a_million_violations_under_a_long_name_are_not_all_made() {
    let schema = json!({"additionalProperties": {"items": {"type": "string"}}});
    let name = "n".repeat(1_000_000);
    let violations = violations(&schema, &json!({ &name: million() }));
    let places: Vec<String> = violations.into_iter().map(|violation| violation.at).collect();
    assert_eq!(places, (0..8).map(|at| format!("/{name}/{at}")).collect::<Vec<_>>());
}

#[test]
fn one_mistake_in_a_large_value_is_found() {
    let violations = violations(&json!({"items": {"maximum": 999_998}}), &million());
    assert_eq!(violations.len(), 1);
    assert_eq!(violations[0].at, "/999999");
}

/// The chain of schemas that is allowed, at each level of the deepest value,
/// on the stack of a worker.
#[test]
fn the_longest_chain_at_the_deepest_value_fits_on_the_stack() {
    for keyword in ["anyOf", "allOf", "oneOf"] {
        let mut definitions = Map::new();
        for level in 0..7 {
            let next = json!({"$ref": format!("#/$defs/{}", level + 1)});
            definitions.insert(level.to_string(), json!({keyword: [next]}));
        }
        definitions
            .insert("7".to_owned(), json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/0"}}}));
        let schema = json!({"$ref": "#/$defs/0", "$defs": definitions});
        let check = move || violations(&schema, &deep(127)).len();
        let worker = std::thread::Builder::new().stack_size(2 << 20).spawn(check).expect("a thread");
        assert_eq!(worker.join().expect("it ends"), 1);
    }
}
