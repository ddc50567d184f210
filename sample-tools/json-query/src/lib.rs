//! Queries and reshapes JSON with jq filters, by the jaq interpreter.
//!
//! No permission is declared, so a filter can see its input and nothing else:
//! jq's ways to the clock, the environment and other files have nothing to
//! reach for.

mod filter;
mod value;

use filter::Filter;
use mpp_guest::schemars::{self, JsonSchema};
use mpp_guest::{Error, Result, tool};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::iter;
use value::Json;

/// Enough for a page of results; a model that wants more asks for more.
const LIMIT: u32 = 100;

/// Bytes of results as JSON. A model reads less than this, and the host's limit
/// on output is well above it.
const MAX_RESULT_BYTES: usize = 256 * 1024;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// The filter, in the language of jq 1.7, for example
    /// `.items[] | select(.price > 10) | {name, price}`.
    #[schemars(length(min = 1))]
    filter: String,
    /// The JSON to query. Give either this or `text`.
    #[serde(default, deserialize_with = "present")]
    json: Option<Json>,
    /// The JSON to query as text: one document, or several one after the other
    /// (JSON lines), each of which the filter runs over. Give either this or
    /// `json`.
    text: Option<String>,
    /// Values that the filter sees as `$name`. Safer than writing them into the
    /// filter, because they are never read as code.
    #[serde(default)]
    variables: BTreeMap<String, Json>,
    /// Runs the filter once, over an array of all documents of `text`.
    #[serde(default)]
    slurp: bool,
    /// Most results to return.
    #[serde(default = "limit")]
    #[schemars(range(min = 1, max = 10_000))]
    limit: u32,
}

/// `"json": null` is a value to query; only an absent `json` is none.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

fn limit() -> u32 {
    LIMIT
}

#[derive(Serialize, JsonSchema)]
struct Output {
    /// The results in order. Integers beyond 64 bits are rounded to doubles, and
    /// NaN and infinities are null.
    results: Vec<Json>,
    /// Whether there are more results than were returned, because `limit` or the
    /// largest size of an answer (256 KiB) was reached.
    truncated: bool,
}

/// Runs a jq filter over JSON and returns its results. Use it to pick, filter,
/// group, count and reshape JSON exactly. The whole jq language is there except
/// what looks outside the input (`now`, `env`, `input`, local time, modules).
#[tool(name = "json-query", title = "JSON query")]
fn json_query(input: Input) -> Result<Output> {
    let documents = documents(input.json, input.text.as_deref(), input.slurp)?;
    for name in input.variables.keys() {
        check_name(name)?;
    }
    let names = input.variables.keys().map(String::as_str);
    let filter = Filter::compile(&input.filter, names)
        .map_err(|error| Error::invalid_input(format!("filter: {error}")))?;

    let mut answer = Answer::new(input.limit as usize);
    for document in documents {
        for result in filter.run(document?, input.variables.values().cloned()) {
            answer.add(result)?;
            if answer.output.truncated {
                return Ok(answer.output);
            }
        }
    }
    Ok(answer.output)
}

/// The documents that the filter runs over, each read when its turn comes.
fn documents<'a>(
    json: Option<Json>,
    text: Option<&'a str>,
    slurp: bool,
) -> Result<Box<dyn Iterator<Item = Result<Json>> + 'a>> {
    let refuse = |error: String| Error::invalid_input(format!("text: {error}"));
    Ok(match (json, text) {
        (Some(json), None) if slurp => Box::new(iter::once(Ok(value::array(vec![json])))),
        (Some(json), None) => Box::new(iter::once(Ok(json))),
        (None, Some(text)) if text.trim_ascii().is_empty() => {
            return Err(refuse("it holds no JSON".to_owned()));
        }
        (None, Some(text)) if slurp => {
            let all: std::result::Result<_, _> = value::read(text).collect();
            Box::new(iter::once(Ok(value::array(all.map_err(refuse)?))))
        }
        (None, Some(text)) => Box::new(value::read(text).map(move |json| json.map_err(refuse))),
        (Some(_), Some(_)) => {
            return Err(Error::invalid_input("json: give `json` or `text`, not both"));
        }
        (None, None) => return Err(Error::invalid_input("json: give `json` or `text`")),
    })
}

fn check_name(name: &str) -> Result<()> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.chars().all(word) && name.starts_with(|c: char| !c.is_ascii_digit()) {
        return Ok(());
    }
    Err(Error::invalid_input(format!("variables: {name:?} is no name; use letters, digits and `_`")))
}

/// Results as long as there is room for them.
struct Answer {
    output: Output,
    limit: usize,
    bytes: usize,
}

impl Answer {
    fn new(limit: usize) -> Self {
        Answer { output: Output { results: Vec::new(), truncated: false }, limit, bytes: 0 }
    }

    /// Adds a result, or says that the answer is truncated.
    fn add(&mut self, result: std::result::Result<Json, String>) -> Result<()> {
        let Output { results, truncated } = &mut self.output;
        let number = results.len() + 1;
        let refuse = |error| Error::invalid_input(format!("filter: result {number}: {error}"));
        if results.len() == self.limit {
            *truncated = true;
            return Ok(());
        }
        let json = result.map_err(refuse)?;
        self.bytes += json.size().map_err(refuse)?;
        if self.bytes <= MAX_RESULT_BYTES {
            results.push(json);
        } else if results.is_empty() {
            return Err(refuse("it is larger than 256 KiB; select less of it".to_owned()));
        } else {
            *truncated = true;
        }
        Ok(())
    }
}

mpp_guest::export!(json_query);

#[cfg(test)]
mod tests {
    use super::*;

    fn query(input: serde_json::Value) -> std::result::Result<String, String> {
        let input = serde_json::from_value(input).map_err(|error| error.to_string())?;
        json_query(input)
            .map(|output| serde_json::to_string(&output).unwrap())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn json_lines_are_queried_one_by_one_or_slurped() {
        let text = "{\"n\":1}\n{\"n\":2}\n";
        let each = query(serde_json::json!({"filter": ".n", "text": text}));
        assert_eq!(each.unwrap(), r#"{"results":[1,2],"truncated":false}"#);
        let all = query(serde_json::json!({"filter": "map(.n) | add", "text": text, "slurp": true}));
        assert_eq!(all.unwrap(), r#"{"results":[3],"truncated":false}"#);
    }

    #[test]
    fn null_is_a_value_and_absence_is_an_error() {
        let null = query(serde_json::json!({"filter": ".", "json": null}));
        assert_eq!(null.unwrap(), r#"{"results":[null],"truncated":false}"#);
        for input in
            [serde_json::json!({"filter": "."}), serde_json::json!({"filter": ".", "json": 1, "text": "1"})]
        {
            let error = query(input).unwrap_err();
            assert!(error.contains("json: give"), "{error}");
        }
    }

    #[test]
    fn an_endless_filter_is_cut_at_the_limit() {
        let output = query(serde_json::json!({"filter": "repeat(7)", "json": null, "limit": 3}));
        assert_eq!(output.unwrap(), r#"{"results":[7,7,7],"truncated":true}"#);
    }

    #[test]
    fn a_full_answer_is_cut_and_a_single_huge_result_is_an_error() {
        let long = "x".repeat(MAX_RESULT_BYTES / 2);
        let cut = query(serde_json::json!({"filter": ".,.,.", "json": long})).unwrap();
        assert!(cut.ends_with(r#""truncated":true}"#));
        let error = query(serde_json::json!({"filter": "[.,.,.]", "json": long})).unwrap_err();
        assert!(error.contains("result 1: it is larger than 256 KiB"), "{error}");
    }

    #[test]
    fn bad_text_and_bad_names_say_where() {
        let error = query(serde_json::json!({"filter": ".", "text": "{\n  \"a\" 1}"})).unwrap_err();
        assert!(error.contains("text: expected `:` at line 2 column 7"), "{error}");
        let error = query(serde_json::json!({"filter": ".", "text": " "})).unwrap_err();
        assert!(error.contains("text: it holds no JSON"), "{error}");
        let error = query(serde_json::json!({"filter": ".", "json": 1, "variables": {"1a": 2}}));
        assert!(error.unwrap_err().contains("variables: \"1a\" is no name"));
    }
}
