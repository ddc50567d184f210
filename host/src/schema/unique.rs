//! `uniqueItems`, by order.
//!
//! The validator's own way is a hash of each element, and values with one hash
//! are easy to make: `[[1]]` and `[1]` have one. Each new element is then
//! compared with all before it. In a sorted set it is compared with `log(n)` of
//! them, whatever the values are, and each comparison is paid for.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

use super::meter;

/// Whether no two elements are equal, as JSON Schema has it (2020-12 core,
/// 4.2.2): numbers by value, objects without regard to order.
pub(super) fn is_unique(elements: &[Value]) -> bool {
    let mut seen = BTreeSet::new();
    // An empty meter stops between two elements, not within a comparison: the
    // set needs answers that do not change.
    elements.iter().all(|element| meter::read() && seen.insert(Ordered(element)))
}

/// A value in a total order, in which those are equal that are equal in JSON
/// Schema.
struct Ordered<'a>(&'a Value);

impl Ord for Ordered<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(self.0, other.0)
    }
}

impl PartialOrd for Ordered<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ordered<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ordered<'_> {}

fn compare(a: &Value, b: &Value) -> Ordering {
    meter::read();
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => compare_numbers(a, b),
        (Value::String(a), Value::String(b)) => compare_texts(a, b),
        (Value::Array(a), Value::Array(b)) => compare_arrays(a, b),
        (Value::Object(a), Value::Object(b)) => compare_objects(a, b),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn compare_texts(a: &str, b: &str) -> Ordering {
    meter::span(a.len().min(b.len()));
    a.cmp(b)
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

fn compare_arrays(a: &[Value], b: &[Value]) -> Ordering {
    let elements = || a.iter().zip(b).map(|(a, b)| compare(a, b));
    a.len().cmp(&b.len()).then_with(|| elements().find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
}

/// Members come in the order of their names, so equal objects meet name by name.
fn compare_objects(a: &Map<String, Value>, b: &Map<String, Value>) -> Ordering {
    let members = || {
        a.iter().zip(b).map(|((name, a), (other, b))| compare_texts(name, other).then_with(|| compare(a, b)))
    };
    a.len().cmp(&b.len()).then_with(|| members().find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
}

/// Whole numbers by value, however they are written; then the others.
fn compare_numbers(a: &Number, b: &Number) -> Ordering {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => float(a).total_cmp(&float(b)),
    }
}

/// The number, if it is a whole one within 128 bits. A float beyond that is
/// equal to no number but itself.
fn whole(number: &Number) -> Option<i128> {
    const EDGE: f64 = (1_u128 << 126) as f64;
    let float = |float: &f64| float.fract() == 0.0 && float.abs() < EDGE;
    number
        .as_u64()
        .map(i128::from)
        .or_else(|| number.as_i64().map(i128::from))
        .or_else(|| number.as_f64().filter(float).map(|float| float as i128))
}

fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::meter::{Prices, metered};
    use super::*;

    fn unique(value: &Value) -> bool {
        let elements = value.as_array().expect("an array");
        let (unique, left) = metered(u64::MAX, Prices::default(), || is_unique(elements));
        assert_ne!(left, 0);
        unique
    }

    #[test]
    fn numbers_are_equal_by_value() {
        assert!(!unique(&json!([1, 1.0])));
        assert!(!unique(&json!([0, -0.0])));
        assert!(!unique(&json!([1e30, 2, 1e30])));
        assert!(unique(&json!([u64::MAX, u64::MAX as f64, i64::MIN, 0.5, -0.5])));
    }

    #[test]
    fn objects_are_equal_in_any_order() {
        assert!(!unique(&json!([{"a": 1, "b": 2}, {"b": 2, "a": 1.0}])));
        assert!(unique(&json!([{"a": 1, "b": 2}, {"a": 2, "b": 1}, {"a": 1}])));
    }

    #[test]
    fn values_of_different_types_are_different() {
        assert!(unique(&json!([null, false, true, 0, 1, "", "0", [], [[]], [1], [[1]], {}])));
        assert!(!unique(&json!([[1, [2]], [1, [2]]])));
    }

    /// Every nesting of one sequence has one hash.
    #[test]
    fn elements_with_one_hash_take_no_more_comparisons_than_others() {
        let steps = |elements: Vec<Value>| {
            let (unique, left) = metered(u64::MAX, Prices::default(), || is_unique(&elements));
            assert!(unique);
            u64::MAX - left
        };
        // The bits of the index say which of twelve numbers stands in an array of its own.
        let nested = |index: usize| {
            (0..12)
                .map(|bit| if index >> bit & 1 == 1 { json!([bit]) } else { json!(bit) })
                .collect::<Value>()
        };
        let of_one_hash = steps((0..4096).map(nested).collect());
        assert!(of_one_hash < 4096 * 12 * 32, "{of_one_hash}");
    }
}
