//! A permission document as a reader compares it: kinds, and what each covers.
//!
//! The log gives such a document no meaning, and neither does this: a kind is
//! where an entry stands (`filesystem.read`), which is also how the host names a
//! permission when it checks one.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::text::Visible;

/// Longest entry that is shown, in characters.
const MAX_ENTRY: usize = 200;

/// Most entries of one kind that are shown.
const MAX_ENTRIES: usize = 100;

/// Kind by kind, what a document covers. A kind that covers nothing is there too.
pub(crate) type Covered = BTreeMap<String, Vec<Visible>>;

/// Reads a document.
pub(crate) fn covered(document: &Value) -> Covered {
    let mut covered = Covered::new();
    collect(String::new(), document, &mut covered);
    covered
}

fn collect(kind: String, value: &Value, covered: &mut Covered) {
    let entries = match value {
        Value::Object(parts) => {
            for (name, part) in parts {
                let kind = if kind.is_empty() { name.clone() } else { format!("{kind}.{name}") };
                collect(kind, part, covered);
            }
            return;
        }
        Value::Array(entries) => {
            let more = entries.len().saturating_sub(MAX_ENTRIES);
            let more = (more > 0).then(|| Visible::from(format!("and {more} more")));
            entries.iter().take(MAX_ENTRIES).map(entry).chain(more).collect()
        }
        Value::Null | Value::Bool(false) => Vec::new(),
        Value::Bool(true) => vec![Visible::from("yes")],
        other => vec![entry(other)],
    };
    if !kind.is_empty() {
        covered.insert(kind, entries);
    }
}

fn entry(value: &Value) -> Visible {
    match value {
        Value::String(text) => Visible::cut(text, MAX_ENTRY),
        other => Visible::cut(&other.to_string(), MAX_ENTRY),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kind_is_where_an_entry_stands() {
        let document = json!({
            "clock": true,
            "env": [],
            "filesystem": {"read": ["/a", "/b"]},
            "network": {"outbound": [{"host": "x"}]},
            "random": false,
        });
        let expected = [
            ("clock", vec!["yes"]),
            ("env", vec![]),
            ("filesystem.read", vec!["/a", "/b"]),
            ("network.outbound", vec![r#"{"host":"x"}"#]),
            ("random", vec![]),
        ];
        let expected = expected
            .map(|(kind, entries)| (kind.to_owned(), entries.into_iter().map(Visible::from).collect()));
        assert_eq!(covered(&document), Covered::from(expected));
    }

    #[test]
    fn entries_beyond_what_is_shown_are_counted() {
        let document = json!({"env": vec!["A"; MAX_ENTRIES + 2]});
        let entries = &covered(&document)["env"];
        assert_eq!(entries.len(), MAX_ENTRIES + 1);
        assert_eq!(entries.last(), Some(&Visible::from("and 2 more")));
    }

    #[test]
    fn an_erased_document_covers_nothing_that_is_known() {
        assert_eq!(covered(&Value::Null), Covered::new());
    }
}
