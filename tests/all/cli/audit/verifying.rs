//! What `mpp audit verify` says a log proves, and what it holds it against.

use std::fs;

use serde_json::{Value, json};

use super::super::{Ended, User, text};
use super::log::{SEEN_AT, cosigned, witness};

#[test]
fn it_is_said_that_only_the_log_names_its_key_and_that_nobody_has_witnessed_it() {
    let user = User::with_text_stats();
    let words = user.run(["audit", "verify"]).done().out;
    for line in [
        "signed     all 3 records, by ",
        " in 1 epoch\n",
        "key        named by the log alone; --key tells it from another log in its place\n",
        "witnessed  no: whoever controls this host can replace the whole log\n",
    ] {
        assert!(words.contains(line), "{line:?} is not in:\n{words}");
    }
    let verified = user.run(["audit", "verify", "--json"]).done().json();
    let covered = ["verified", "signed", "unsigned", "records", "epochs", "key_expected", "witnessed"];
    let covered: Vec<_> = covered.map(|name| verified[name].clone()).into();
    assert_eq!(Value::from(covered), json!([true, 3, 0, 3, 1, false, null]));
    assert_eq!(verified["key"], user.run(["audit", "key"]).done().line());
}

/// What a writer leaves that was killed before it signed.
#[test]
fn records_that_no_checkpoint_covers_are_not_said_to_be_signed() {
    let user = User::with_text_stats();
    let before = user.copy_of_log("before");
    user.calls();
    fs::copy(user.log(), before.join("log.jsonl")).expect("a file can be copied");
    let before = text(&before);
    let verified = user.run(["audit", "verify", "--json", "--audit-dir", &before]).done().json();
    let size = user.run(["audit", "verify", "--json"]).done().json()["signed"].as_u64().expect("a number");
    assert_eq!(verified["signed"], 3);
    assert_eq!(verified["unsigned"], size - 3);
    let words = user.run(["audit", "verify", "--audit-dir", &before]).done().out;
    assert!(words.contains("signed     the first 3 records, and not yet the last"), "{words}");
}

#[test]
fn another_log_in_the_place_of_the_one_whose_key_was_kept_is_refused() {
    let (user, other) = (User::with_text_stats(), User::with_text_stats());
    let key = user.key();
    let words = user.run(["audit", "verify", "--key", &key]).done().out;
    assert!(words.contains("key        the one that was expected\n"), "{words}");
    assert!(words.contains("witnessed  no: whoever controls this host can take back "), "{words}");
    user.set_back(&other.audit());
    user.run(["audit", "verify"]).done();
    let refused = user.run(["audit", "verify", "--key", &key, "--json"]).with_status(7);
    assert_eq!(refused.json()["verified"], false);
    refused.saying(&[
        "not the log of the key that was expected",
        "put in the place",
        "who could write to it",
    ]);
}

#[test]
fn a_log_that_has_grown_continues_a_checkpoint_that_was_kept() {
    let user = User::with_text_stats();
    let kept = user.checkpoint("kept");
    let same = user.run(["audit", "verify", "--from", &kept, "--json"]).done().json();
    assert_eq!((&same["from"], &same["signed"]), (&json!(3), &json!(3)));
    user.calls();
    let grown = user.run(["audit", "verify", "--from", &kept, "--key", &user.key(), "--json"]).done().json();
    let whole = user.run(["audit", "verify", "--json"]).done().json();
    for name in ["signed", "unsigned", "head", "key", "log"] {
        assert_eq!(grown[name], whole[name], "{name}");
    }
    let checkpoint = fs::read_to_string(&kept).expect("it was kept");
    let words = user.run_reading(&checkpoint, ["audit", "verify", "--from", "-"]).done().out;
    assert!(words.contains("grown      from 3 records to "), "{words}");
    assert!(words.contains("the checkpoint vouches for the first 3\n"), "{words}");
}

/// Its owner signed two histories, and the log holds by itself.
#[test]
fn a_log_that_was_set_back_and_went_on_does_not_continue_what_was_kept() {
    let user = User::with_text_stats();
    let before = user.copy_of_log("before");
    user.calls();
    let kept = user.checkpoint("kept");
    user.set_back(&before);
    let refused = |user: &User, why: &str| {
        let ended = user.run(["audit", "verify", "--from", &kept, "--json"]).with_status(7);
        assert_eq!(ended.json()["verified"], false);
        ended.saying(&["the log does not continue the checkpoint", why, "keep the checkpoint and"]);
        user.run(["audit", "verify"]).done();
    };
    refused(&user, "its newest checkpoint covers 3 records");
    user.calls();
    refused(&user, "was changed or cut off");
}

#[test]
fn a_record_that_was_changed_since_is_named_though_only_the_rest_is_read() {
    let user = User::with_text_stats();
    let kept = user.checkpoint("kept");
    user.calls();
    let log = fs::read_to_string(user.log()).expect("there is a log");
    user.write("data/audit/log.jsonl", log.replacen("\"agent\":null", "\"agent\":\"me\"", 1));
    let refused = user.run(["audit", "verify", "--from", &kept, "--json"]).with_status(7);
    assert_eq!(refused.json()["record"], 3);
    refused.saying(&["the audit log does not verify: record 3"]);
}

/// A person is not sent after an intruder where a writer was killed.
#[test]
fn a_record_that_was_interrupted_is_told_from_one_that_was_changed() {
    let user = User::with_text_stats();
    let log = fs::read_to_string(user.log()).expect("there is a log");
    user.write("data/audit/log.jsonl", format!("{log}{{\"v\":2"));
    user.run(["audit", "verify"]).failed(7, &["record 3", "cuts it off first, on record"]);
    user.write("data/audit/log.jsonl", log.replacen("com.example", "com.exbmple", 1));
    user.run(["audit", "verify"]).failed(7, &["record 1", "find out who could write to it"]);
}

#[test]
fn a_checkpoint_of_another_log_is_no_beginning_of_this_one() {
    let (user, other) = (User::with_text_stats(), User::with_text_stats());
    let theirs = other.checkpoint("kept");
    user.run(["audit", "verify", "--from", &theirs])
        .failed(7, &["not of the log that is there now", "put in the place of this one"]);
    let forged =
        fs::read_to_string(user.checkpoint("kept")).expect("it was kept").replacen("\n3\n", "\n2\n", 1);
    user.run_reading(&forged, ["audit", "verify", "--from", "-"])
        .failed(7, &["the checkpoint is not one that this log signed"]);
}

#[test]
fn what_is_no_checkpoint_no_key_or_no_policy_is_a_mistake_of_usage() {
    let user = User::with_text_stats();
    let log = text(&user.log());
    user.run(["audit", "verify", "--from", &log]).failed(2, &["is no checkpoint", "mpp audit checkpoint"]);
    user.run(["audit", "verify", "--from", "/no/such/file"]).failed(2, &["/no/such/file"]);
    user.run(["audit", "verify", "--key", &user.checkpoint("kept")]).failed(2, &["is no key of a log"]);
    user.run(["audit", "verify", "--policy", &log]).failed(2, &["is no policy", "line 1"]);
    let nobody = text(&user.write("nobody", "quorum none\n"));
    user.run(["audit", "verify", "--policy", &nobody]).failed(2, &["it names no log"]);
    let mistyped = user.run(["audit", "key"]).done().line().replace("+/21wcC1h", "+/21wcC1i");
    user.run(["audit", "verify", "--key", &mistyped]).failed(2, &["--key <KEY|FILE>"]);
    let key = user.key();
    user.run(["audit", "verify", "--key", &key, "--policy", &nobody]).failed(2, &["cannot be used with"]);
}

#[test]
fn a_policy_of_another_log_refuses_this_one() {
    let (user, other) = (User::with_text_stats(), User::with_text_stats());
    let policy = other.policy(&[&witness("witness.example/w", 1)]);
    user.run(["audit", "verify", "--policy", &policy])
        .failed(7, &["not the log of the key that was expected"]);
}

#[test]
fn witnesses_that_a_policy_asks_for_have_seen_the_log_or_it_is_refused() {
    let user = User::with_text_stats();
    let (seen, never) = (witness("witness.example/w", 1), witness("witness.example/never", 2));
    let kept = fs::read_to_string(user.checkpoint("kept")).expect("it was kept");
    let key = fs::read_to_string(user.key()).expect("it was written").parse().expect("a key");
    let kept = text(&user.write("cosigned", cosigned(&kept, key, &seen).to_string()));
    user.calls();

    let verify = |policy: &str| -> Ended {
        user.run(["audit", "verify", "--policy", policy, "--from", &kept, "--json"])
    };
    let witnessed = verify(&user.policy(&[&seen, &never])).done().json()["witnessed"].clone();
    assert_eq!(witnessed, json!({ "size": 3, "by": [{ "witness": "witness.example/w", "time": SEEN_AT }] }));
    let policy = user.policy(&[&seen]);
    let words = user.run(["audit", "verify", "--policy", &policy, "--from", &kept]).done().out;
    assert!(
        words.contains(&format!("witnessed  the first 3 records, by witness.example/w at {SEEN_AT}\n")),
        "{words}"
    );
    user.run(["audit", "verify", "--policy", &policy]).failed(7, &["too few witnesses", "--from FILE"]);
    let refused = verify(&user.policy(&[&never])).with_status(7);
    assert_eq!(refused.json()["verified"], false);
    refused.saying(&["too few witnesses", "0 have cosigned"]);
}

/// What a checkpoint is kept for may be years away.
#[test]
fn a_checkpoint_that_was_kept_is_never_written_over() {
    let user = User::with_text_stats();
    let kept = user.checkpoint("kept");
    let before = fs::read(&kept).expect("it was kept");
    user.calls();
    user.run(["audit", "checkpoint", "--out", &kept]).failed(2, &["exists already"]);
    assert_eq!(fs::read(&kept).expect("it was kept"), before);
    let newest = user.run(["audit", "checkpoint"]).done().saying(&["covers: the first "]).out;
    assert_eq!(newest.as_bytes(), fs::read(user.audit().join("checkpoint")).expect("there is one"));
}

#[test]
fn where_there_is_no_log_nothing_is_made_up() {
    let user = User::new();
    for command in ["key", "checkpoint", "verify", "show"] {
        user.run(["audit", command]).failed(7, &["cannot be read", "there is none"]);
    }
    user.run(["audit", "prove", "0"]).failed(7, &["there is none"]);
    assert!(!user.audit().exists());
}
