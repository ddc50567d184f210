//! A metered check says what a plain one says.

use std::collections::HashSet;

use jsonschema::Draft;
use serde_json::{Map, Value, json};

use super::super::{MAX_STEPS, Validator};

/// Numbers that look random, and are the same on each run: xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).expect("31 bits") % end
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn many<T>(&mut self, most: usize, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| one(self)).collect()
    }

    fn name(&mut self) -> String {
        self.pick(&["a", "b", "cc", "é", ""]).to_owned()
    }

    fn value(&mut self, depth: usize) -> Value {
        let leaves = [
            json!(null),
            json!(true),
            json!(false),
            json!(0),
            json!(1),
            json!(1.0),
            json!(-1),
            json!(2.5),
            json!(0.3),
            json!(1e300),
            json!(u64::MAX),
            json!(""),
            json!("a"),
            json!("ab"),
            json!("é"),
        ];
        match self.below(if depth == 0 { 2 } else { 5 }) {
            0 | 1 => self.pick(&leaves),
            2 | 3 => Value::Object(
                self.many(3, |random| (random.name(), random.value(depth - 1))).into_iter().collect(),
            ),
            _ => Value::Array(self.many(4, |random| random.value(depth - 1))),
        }
    }

    fn schema(&mut self, depth: usize) -> Value {
        if self.below(8) == 0 {
            return json!(self.below(3) > 0);
        }
        let mut keywords = Map::new();
        for _ in 0..=self.below(3) {
            let (keyword, value) =
                if depth == 0 || self.below(3) == 0 { self.assertion() } else { self.applicator(depth - 1) };
            keywords.insert(keyword.to_owned(), value);
        }
        Value::Object(keywords)
    }

    fn assertion(&mut self) -> (&'static str, Value) {
        let types = ["null", "boolean", "integer", "number", "string", "array", "object"];
        let small = json!(self.below(4));
        match self.below(16) {
            0 => ("type", json!(self.pick(&types))),
            1 => ("type", json!([self.pick(&types[..3]), self.pick(&types[3..])])),
            2 => ("const", self.value(2)),
            3 => ("enum", json!([self.value(1), self.value(2), "of these"])),
            4 => ("minimum", small),
            5 => ("exclusiveMaximum", small),
            6 => ("multipleOf", self.pick(&[json!(1), json!(2), json!(0.1), json!(0.5)])),
            7 => ("minLength", small),
            8 => ("maxLength", small),
            9 => ("pattern", json!(self.pick(&["^a", "b$", "^.{2}$", "x?"]))),
            10 => ("uniqueItems", json!(true)),
            11 => ("maxItems", small),
            12 => ("minProperties", small),
            13 => ("required", json!(self.many(2, Self::name).into_iter().collect::<HashSet<_>>())),
            14 => ("dependentRequired", json!({self.name(): [self.name()]})),
            _ => ("minItems", small),
        }
    }

    fn applicator(&mut self, depth: usize) -> (&'static str, Value) {
        let one = |random: &mut Self| random.schema(depth);
        let list = |random: &mut Self| json!([random.schema(depth), random.schema(depth)]);
        match self.below(20) {
            0 => ("allOf", list(self)),
            1 => ("anyOf", list(self)),
            2 => ("oneOf", list(self)),
            3 => ("not", one(self)),
            4 => ("if", one(self)),
            5 => ("then", one(self)),
            6 => ("else", one(self)),
            7 => ("properties", json!({self.name(): one(self), self.name(): one(self)})),
            8 => ("patternProperties", json!({self.pick(&["^a", "c"]): one(self)})),
            9 => ("additionalProperties", one(self)),
            10 => ("propertyNames", one(self)),
            11 => ("items", one(self)),
            12 => ("prefixItems", list(self)),
            13 => ("contains", one(self)),
            14 => ("unevaluatedProperties", one(self)),
            15 => ("unevaluatedItems", one(self)),
            16 => ("dependentSchemas", json!({self.name(): one(self)})),
            17 => ("$ref", json!(self.pick(&["#", "#/$defs/a", "#/$defs/b", "#b"]))),
            18 => ("$dynamicRef", json!(self.pick(&["#b", "#/$defs/a"]))),
            _ => ("minContains", json!(self.below(3))),
        }
    }

    /// A schema with definitions for its references to name.
    fn document(&mut self) -> Value {
        let mut schema = match self.schema(3) {
            Value::Object(keywords) => Value::Object(keywords),
            other => json!({"allOf": [other]}),
        };
        let mut anchored = json!({"$dynamicAnchor": "b"});
        anchored["anyOf"] = json!([self.schema(2)]);
        schema["$defs"] = json!({"a": self.schema(2), "b": anchored});
        schema
    }
}

#[test]
fn a_metered_check_agrees_with_a_plain_one() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let (mut fitting, mut failing) = (0, 0);
    for _ in 0..3_000 {
        let schema = random.document();
        let Ok(metered) = Validator::compile(&schema) else { continue };
        let plain = jsonschema::options().with_draft(Draft::Draft202012).build(&schema).expect("it compiles");
        for _ in 0..8 {
            let value = random.value(3);
            let (verdict, left) = metered.check_within(&value, MAX_STEPS);
            assert!(left > MAX_STEPS / 2, "{schema} on {value}");
            assert_eq!(verdict.is_ok(), plain.is_valid(&value), "{schema} on {value}");
            let Err(violations) = verdict else {
                fitting += 1;
                continue;
            };
            failing += 1;
            let places: Vec<String> = violations.0.into_iter().map(|violation| violation.at).collect();
            let plain: Vec<String> =
                plain.iter_errors(&value).take(8).map(|error| error.instance_path().to_string()).collect();
            assert_eq!(places, plain, "{schema} on {value}");
        }
    }
    assert!(fitting > 2_000 && failing > 2_000, "{fitting} fit, {failing} do not");
}

/// With fewer steps than it takes, a check has no verdict, rather than another.
#[test]
fn a_check_with_fewer_steps_has_no_other_verdict() {
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    let mut cut = 0;
    for _ in 0..1_000 {
        let schema = random.document();
        let Ok(metered) = Validator::compile(&schema) else { continue };
        let value = random.value(3);
        let (verdict, left) = metered.check_within(&value, MAX_STEPS);
        for steps in (1..MAX_STEPS - left).step_by(7).take(50) {
            let (with_fewer, left) = metered.check_within(&value, steps);
            if left == 0 {
                cut += 1;
                assert!(with_fewer.expect_err("it has no verdict").is_too_many_steps());
            } else {
                assert_eq!(with_fewer.is_ok(), verdict.is_ok(), "{schema} on {value} in {steps}");
            }
        }
    }
    assert!(cut > 2_000, "{cut}");
}
