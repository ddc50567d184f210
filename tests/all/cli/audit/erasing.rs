//! What was said is destroyed, and the log holds as before.

use serde_json::{Value, json};

use super::super::{Ended, User, text};
use super::log::{begin_long_ago, everything_in};

/// Nothing else in these tests says this.
const CANARY: &str = "canary-5ca1ab1e";

const BASIS: &str = "Art. 17 GDPR, ticket 12";

impl User {
    /// A call with the canary as its input, which the tool repeats; its id.
    fn says(&self) -> String {
        let input = json!({ "text": CANARY }).to_string();
        let report = self.run(["run", "text-stats", "--input", &input, "--json"]).done().json();
        report["id"].as_str().expect("an id is text").to_owned()
    }

    fn erases(&self, id: &str, field: &str) -> Ended {
        self.run(["audit", "erase", id, "--field", field, "--basis", BASIS])
    }

    /// All that the call said, in one command.
    fn erases_both(&self, id: &str) -> Ended {
        self.run(["audit", "erase", id, "--field", "output", "--field", "input", "--basis", BASIS])
    }

    /// What `mpp audit show` has of the input of a call.
    fn input_of(&self, id: &str) -> Value {
        self.run(["audit", "show", id, "--json"]).done().json()["input"].clone()
    }

    fn still_says(&self) -> bool {
        everything_in(&self.audit())
            .iter()
            .any(|file| file.windows(CANARY.len()).any(|at| at == CANARY.as_bytes()))
    }
}

#[test]
fn an_erased_input_is_in_no_file_and_the_log_verifies_as_before() {
    let user = User::with_text_stats();
    let id = user.says();
    let (kept, proof) = (user.checkpoint("kept"), text(&user.path("proof")));
    user.run(["audit", "prove", &id, "--intent", "--out", &proof]).done();
    assert_eq!(user.input_of(&id)["state"], "whole");
    assert!(user.still_says());

    user.erases_both(&id).done().saying(&["erased: output; record ", "erased: input; record "]);
    assert!(!user.still_says());
    assert_eq!(user.input_of(&id), json!({ "state": "erased" }));
    let record = user.last_record();
    assert_eq!(record["kind"], "erasure");
    assert_eq!((&record["body"]["id"], &record["body"]["field"]), (&json!(id), &json!("input")));
    assert_eq!(record["body"]["basis"], BASIS);
    user.run(["audit", "verify"]).done();
    user.run(["audit", "verify", "--from", &kept]).done();
    user.run(["audit", "check-proof", &proof, "--key", &user.key()]).done();
    let words = user.run(["audit", "show", &id]).done().out;
    assert!(words.contains("input     (erased)\n"), "{words}");
}

#[test]
fn what_is_under_a_hold_is_not_erased_until_it_is_released() {
    let user = User::with_text_stats();
    let id = user.says();
    for of in [id.as_str(), "--all"] {
        user.run(["audit", "hold", of, "--basis", "case 7"]).done().saying(&["held: "]);
        assert_eq!(user.last_record()["body"]["action"], "place");
        user.erases(&id, "input").failed(4, &["hold", "mpp audit release"]);
        assert!(user.still_says());
        user.run(["audit", "release", of, "--basis", "case 7 is over"]).done().saying(&["released: "]);
    }
    let record = user.last_record();
    assert_eq!((&record["kind"], &record["body"]["action"]), (&json!("hold"), &json!("lift")));
    assert_eq!(record["body"]["id"], Value::Null);
    user.erases_both(&id).done();
    assert!(!user.still_says());
    user.run(["audit", "verify"]).done();
}

#[test]
fn what_was_never_said_cannot_be_erased() {
    let user = User::with_text_stats();
    let id = user.says();
    let before = user.records().len();
    user.erases("no-such-call", "input").failed(2, &["no call no-such-call"]);
    user.erases(&id, "denial").failed(2, &["denial"]);
    user.erases(&id, "soul").failed(2, &["no payload is called"]);
    user.run(["audit", "erase", &id, "--field", "input"]).failed(2, &["--basis"]);
    user.run(["audit", "erase", &id, "--basis", "none"]).failed(2, &["--field"]);
    user.run(["audit", "erase"]).failed(2, &["ID"]);
    user.run(["audit", "hold", "--basis", "none"]).failed(2, &["ID"]);
    assert_eq!(user.records().len(), before, "nothing was put on record");
    assert!(user.still_says());
}

#[test]
fn what_is_older_than_the_operator_keeps_it_is_destroyed_when_asked_and_what_is_held_is_not() {
    let user = User::new();
    begin_long_ago(&user.audit(), 40, "a-call-of-long-ago", CANARY);
    let expire = || user.run(["audit", "erase", "--expired"]);
    expire().failed(2, &["nothing ever expires", "mpp audit settings --retention-days"]);
    user.run(["audit", "settings", "--retention-days", "50"]).done();
    expire().done().saying(&["nothing is left that is older than 50 days"]);
    user.run(["audit", "settings", "--retention-days", "30"]).done();
    user.run(["audit", "hold", "a-call-of-long-ago", "--basis", "case 7"]).done();
    expire().done().saying(&["erased: "]);
    assert!(user.still_says());
    user.run(["audit", "release", "a-call-of-long-ago", "--basis", "case 7 is over"]).done();
    expire().done().saying(&["erased: what the records before 3 bind"]);
    assert!(!user.still_says());
    let record = user.last_record();
    assert_eq!((&record["kind"], &record["body"]["before"]), (&json!("retention"), &json!(3)));
    assert_eq!(record["body"]["basis"], "kept for 30 days, as the operator chose");
    assert_eq!(user.input_of("a-call-of-long-ago"), json!({ "state": "erased" }));
    let before = user.records().len();
    expire().done().saying(&["nothing is left"]);
    assert_eq!(user.records().len(), before);
    user.run(["audit", "verify"]).done();
}

/// A mistyped id holds nothing, and nobody would notice until it is too late.
#[test]
fn a_hold_on_what_is_not_there_is_refused() {
    let user = User::with_text_stats();
    let (id, other) = (user.says(), user.says());
    let before = user.records().len();
    user.run(["audit", "hold", "no-such-call", "--basis", "x"]).failed(2, &["no call no-such-call"]);
    user.run(["audit", "release", &id, "--basis", "x"]).failed(2, &["is not held"]);
    user.run(["audit", "release", "--all", "--basis", "x"]).failed(2, &["no hold on everything"]);
    assert_eq!(user.records().len(), before);
    user.run(["audit", "hold", &id, "--basis", "x"]).done();
    user.erases(&other, "input").done();
    user.run(["audit", "hold", "--all", "--basis", "x"]).done();
    user.run(["audit", "release", &other, "--basis", "x"])
        .failed(2, &["not held by itself", "release --all"]);
}
