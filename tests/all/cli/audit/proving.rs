//! One record, shown to somebody who has the key and not the log.

use std::fs;
use std::process::{Command, Stdio};

use mpp_audit::Published;
use mpp_audit::checkpoint::SignedCheckpoint;

use super::super::{Ended, User, text};
use super::INPUT;
use super::log::{SEEN_AT, cosigned, witness};

/// Somebody without a home, who is given what is named.
fn outsider<const N: usize>(arguments: [&str; N]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mpp-under-test"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    Ended::of(command.output().expect("the command can be started"))
}

#[test]
fn a_call_is_proven_to_somebody_who_has_only_the_key() {
    let user = User::with_text_stats();
    let id = user.calls();
    user.calls();
    let (proof, key) = (text(&user.path("call.tlog-proof")), user.key());
    let made = user.run(["audit", "prove", &id, "--out", &proof]).done();
    assert_eq!(made.line(), proof);
    assert_eq!(
        fs::read_to_string(&proof).expect("it was made"),
        user.run(["audit", "prove", &id]).done().out
    );

    let words = outsider(["audit", "check-proof", &proof, "--key", &key]).done().out;
    for line in [
        "what       end of a call\n",
        &format!("call       {id}\n"),
        "result     ok\n",
        "signed     by the log, in its checkpoint of ",
        "witnessed  no: whoever holds the log's key could show others another record in its place\n",
    ] {
        assert!(words.contains(line), "{line:?} is not in:\n{words}");
    }
    let intent = text(&user.path("intent.tlog-proof"));
    user.run(["audit", "prove", &id, "--intent", "--out", &intent]).done();
    let words = outsider(["audit", "check-proof", &intent, "--key", &key]).done().out;
    for line in ["what       call text-stats\n", "about      com.example/text-stats@1.0.0\n"] {
        assert!(words.contains(line), "{line:?} is not in:\n{words}");
    }
    let literal = fs::read_to_string(&key).expect("it was written");
    let document = outsider(["audit", "check-proof", &proof, "--key", &literal, "--json"]).done();
    let record = document.json()["record"].clone();
    assert_eq!(record["body"]["id"], id);
    let log = fs::read_to_string(user.log()).expect("there is a log");
    let line = log.lines().nth(record["seq"].as_u64().expect("a number") as usize).expect("it is there");
    assert!(document.out.contains(line), "{}", document.out);
    assert_eq!(document.json()["witnessed"], false);
}

#[test]
fn a_proof_that_was_changed_in_any_line_proves_nothing() {
    let user = User::with_text_stats();
    let key = user.key();
    let proof = user.run(["audit", "prove", "1"]).done().out;
    user.run_reading(&proof, ["audit", "check-proof", "-", "--key", &key]).done();
    let lines: Vec<&str> = proof.lines().collect();
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
        let last = line.len() - if line.ends_with('=') { 3 } else { 1 };
        let other = if line.as_bytes()[last] == b'A' { "B" } else { "A" };
        let mut changed = (*line).to_owned();
        changed.replace_range(last..=last, other);
        let mut all = lines.clone();
        all[number] = &changed;
        let all: String = all.iter().map(|line| format!("{line}\n")).collect();
        let refused = user.run_reading(&all, ["audit", "check-proof", "-", "--key", &key, "--json"]);
        let refused = refused.with_status(7).saying(&["proves nothing"]);
        assert_eq!(refused.json()["proven"], false, "{line}");
    }
}

#[test]
fn a_proof_says_nothing_to_somebody_who_believes_another_log_or_none() {
    let (user, other) = (User::with_text_stats(), User::with_text_stats());
    let proof = text(&user.path("proof"));
    user.run(["audit", "prove", "0", "--out", &proof]).done();
    outsider(["audit", "check-proof", &proof]).failed(2, &["which log to believe", "mpp audit key"]);
    outsider(["audit", "check-proof", &proof, "--key", &other.key()])
        .failed(7, &["proves nothing", "a log that is not trusted here", "the key of that log"]);
    let nothing = text(&user.write("nothing", "nothing"));
    outsider(["audit", "check-proof", &nothing, "--key", &user.key()]).failed(7, &["not a proof"]);
    outsider(["audit", "check-proof", "/no/such/file", "--key", &user.key()]).failed(2, &["/no/such/file"]);
}

#[test]
fn what_is_not_there_cannot_be_proven() {
    let user = User::with_text_stats();
    user.run(["audit", "prove", "99"])
        .failed(2, &["record 99 cannot be proven", "the newest covers 3 records"]);
    user.run(["audit", "prove", "no-such-call"]).failed(2, &["no call no-such-call", "mpp audit show"]);
    let kept = text(&user.write("kept", "a proof"));
    user.run(["audit", "prove", "1", "--out", &kept]).failed(2, &["exists already"]);
    assert_eq!(fs::read(&kept).expect("it was kept"), b"a proof");
}

/// Others would refuse what is made of it.
#[test]
fn a_log_that_was_changed_hands_out_no_proof() {
    let user = User::with_text_stats();
    let log = fs::read_to_string(user.log()).expect("there is a log");
    user.write("data/audit/log.jsonl", log.replacen("com.example", "com.exbmple", 1));
    user.run(["audit", "prove", "1"]).failed(7, &["record 1 cannot be proven", "mpp audit verify"]);
}

#[test]
fn a_strangers_text_in_a_proof_cannot_steer_the_terminal() {
    let user = User::with_text_stats();
    let call = ["run", "text-stats", "--input", INPUT, "--agent", "\u{1b}[2J", "--json"];
    let id = user.run(call).done().json()["id"].as_str().expect("an id is text").to_owned();
    let proof = user.run(["audit", "prove", &id, "--intent"]).done().out;
    let words = user.run_reading(&proof, ["audit", "check-proof", "-", "--key", &user.key()]).done().out;
    assert!(words.contains("agent      \\u{1b}[2J\n"), "{words:?}");
}

#[test]
fn a_proof_carries_the_signatures_of_the_witnesses() {
    let user = User::with_text_stats();
    let (seen, never) = (witness("witness.example/w", 1), witness("witness.example/never", 2));
    let log = Published::open(&user.audit(), None).expect("there is a log");
    let newest = log.newest().expect("it is signed").signed().to_string();
    let cosigned: SignedCheckpoint = cosigned(&newest, log.key().clone(), &seen);
    let cosigned = cosigned.verify(&[log.key().clone()]).expect("the log signed it");
    mpp_audit::witness::keep(&log, &cosigned).expect("it can be kept");
    user.calls();

    let proof = text(&user.path("proof"));
    user.run(["audit", "prove", "1", "--out", &proof]).done();
    let check = |policy: &str| outsider(["audit", "check-proof", &proof, "--policy", policy]);
    let words = check(&user.policy(&[&never, &seen])).done().out;
    assert!(words.contains(&format!("witnessed  by witness.example/w at {SEEN_AT}\n")), "{words}");
    check(&user.policy(&[&never])).failed(7, &["no quorum", "the signatures of your witnesses"]);

    let policy = user.policy(&[&seen]);
    let verified = user.run(["audit", "verify", "--policy", &policy, "--json"]).done().json();
    assert_eq!(verified["witnessed"]["size"], 3);
    assert_eq!(verified["key_expected"], true);
}
