//! References within a schema: `#`, a JSON Pointer, or an anchor, each as the
//! fragment of a URI (2020-12 core, 8.2).

use std::collections::HashMap;

use serde_json::Value;

/// Where each anchor may stand. Also one that stands where no schema is, and
/// is none: what is counted too often does no harm.
pub(super) fn anchors(root: &Value) -> HashMap<&str, Vec<&Value>> {
    let mut anchors = HashMap::<&str, Vec<&Value>>::new();
    let mut waiting = vec![root];
    while let Some(value) = waiting.pop() {
        for keyword in ["$anchor", "$dynamicAnchor"] {
            if let Some(Value::String(name)) = value.get(keyword) {
                anchors.entry(name).or_default().push(value);
            }
        }
        match value {
            Value::Array(elements) => waiting.extend(elements),
            Value::Object(members) => waiting.extend(members.values()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    anchors
}

/// What a `$ref` or `$dynamicRef` may mean.
pub(super) fn targets<'a>(
    reference: &str,
    root: &'a Value,
    anchors: &HashMap<&'a str, Vec<&'a Value>>,
) -> Result<Vec<&'a Value>, String> {
    let Some(fragment) = reference.strip_prefix('#') else {
        return Err(format!("the reference {reference:?} leaves the schema"));
    };
    let fragment = decode(fragment);
    let targets = if fragment.is_empty() || fragment.starts_with('/') {
        root.pointer(&fragment).into_iter().collect()
    } else {
        anchors.get(fragment.as_str()).cloned().unwrap_or_default()
    };
    if targets.is_empty() {
        return Err(format!("the reference {reference:?} has no target"));
    }
    Ok(targets)
}

/// Percent-decoding (RFC 3986, 2.1). What is no escape, or no UTF-8, stays, and
/// then names nothing.
fn decode(fragment: &str) -> String {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = fragment_escape(rest);
        bytes.push(escape.unwrap_or(*first));
        rest = if escape.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| fragment.to_owned())
}

fn fragment_escape(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = bytes else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn target(reference: &str) -> Result<Value, String> {
        let root = json!({
            "$defs": {"a b": {"const": 1}, "x/y~z%": {"const": 2}, "é": {"const": 3}},
            "items": {"$anchor": "here", "const": 4},
        });
        let found = targets(reference, &root, &anchors(&root))?;
        assert_eq!(found.len(), 1);
        Ok(found[0]["const"].clone())
    }

    #[test]
    fn a_fragment_is_a_pointer_or_an_anchor() {
        assert_eq!(target("#"), Ok(Value::Null));
        assert_eq!(target("#/$defs/a%20b"), Ok(json!(1)));
        assert_eq!(target("#/%24defs/x~1y~0z%25"), Ok(json!(2)));
        assert_eq!(target("#/$defs/%C3%A9"), Ok(json!(3)));
        assert_eq!(target("#here"), Ok(json!(4)));
    }

    #[test]
    fn a_reference_without_a_target_is_an_error() {
        for reference in ["#/nothing", "#nothing", "#/$defs/%", "#/$defs/%FF"] {
            assert_eq!(target(reference), Err(format!("the reference {reference:?} has no target")));
        }
    }

    #[test]
    fn a_reference_that_is_no_fragment_is_an_error() {
        for reference in ["", "other.json", "https://example.com/schema.json#/$defs/a"] {
            assert_eq!(target(reference), Err(format!("the reference {reference:?} leaves the schema")));
        }
    }
}
