//! What is on record of calls, as people see it.

use std::fs;

use serde_json::Value;

use super::{User, until};

impl User {
    /// The calls on record in the order in which they began, from a log that verifies.
    #[track_caller]
    pub(super) fn calls_on_record(&self) -> Vec<Value> {
        self.run(["audit", "verify"]).done();
        let shown = self.run(["audit", "show", "--kind", "call", "--all", "--json"]).done().json();
        assert_eq!(shown["fault"], Value::Null);
        let items = shown["items"].as_array().expect("there are items");
        items.iter().map(|item| item["call"].clone()).collect()
    }

    /// The only call on record.
    #[track_caller]
    pub(super) fn only_call(&self) -> Value {
        let mut calls = self.calls_on_record();
        assert_eq!(calls.len(), 1, "{calls:#?}");
        calls.remove(0)
    }

    /// No call is on record.
    #[track_caller]
    pub(super) fn called_nothing(&self) {
        assert_eq!(self.calls_on_record(), Vec::<Value>::new());
    }

    /// The refusals on record, from a log that verifies.
    #[track_caller]
    pub(super) fn refusals(&self) -> Vec<Value> {
        self.run(["audit", "verify"]).done();
        self.records().into_iter().filter(|record| record["kind"] == "refusal").collect()
    }

    /// Waits until so many calls are on record as ended like this.
    #[track_caller]
    pub(super) fn until_ended(&self, number: usize, kind: &str) {
        let words = format!("\"outcome\":{{\"kind\":\"{kind}\"");
        until(&format!("{number} calls are {kind}"), || {
            let log = fs::read_to_string(self.log()).expect("there is a log");
            (log.matches(&words).count() >= number).then_some(())
        });
    }
}

/// How a call ended: what became of it, and which of that kind.
pub(super) fn end(call: &Value) -> (&str, Option<&str>) {
    let end = &call["end"];
    (end["outcome"].as_str().unwrap_or_else(|| panic!("{end}")), end["code"].as_str())
}

/// What is said of a call that ended well.
pub(super) const OK: (&str, Option<&str>) = ("ok", None);
