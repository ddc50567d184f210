//! A log to be verified, spoiled, and shown to others.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mpp_audit::checkpoint::SignedCheckpoint;
use mpp_audit::note::{Cosigner, LogKey};
use mpp_audit::tree::{ConsistencyProof, TreeHead};
use mpp_audit::witness::{AddCheckpoint, WitnessedLog};
use mpp_audit::{
    Caller, Ended, Log, NewCall, OutcomeKind, PackageIdentity, Subject, SystemClock, Timestamp, Usage,
};
use serde_json::json;

use super::super::{User, text};
use super::INPUT;

/// When the witnesses of these tests sign, in seconds since 1970.
pub const SEEN: u64 = 1_795_334_400;

/// The same as the log spells it.
pub const SEEN_AT: &str = "2026-11-22T08:00:00.000000000Z";

impl User {
    /// One more call, and its id.
    pub fn calls(&self) -> String {
        let report = self.run(["run", "text-stats", "--input", INPUT, "--json"]).done().json();
        report["id"].as_str().expect("an id is text").to_owned()
    }

    pub fn audit(&self) -> PathBuf {
        self.path("data/audit")
    }

    /// What the log's key is, in a file.
    pub fn key(&self) -> String {
        let key = self.run(["audit", "key"]).done();
        text(&self.write("log.vkey", key.line()))
    }

    /// The newest checkpoint, in a new file.
    pub fn checkpoint(&self, name: &str) -> String {
        let path = text(&self.path(name));
        self.run(["audit", "checkpoint", "--out", &path]).done();
        path
    }

    /// The log as it is now, in a directory of its own.
    pub fn copy_of_log(&self, name: &str) -> PathBuf {
        copy(&self.audit(), &self.path(name))
    }

    /// Sets the log back to a copy.
    pub fn set_back(&self, to: &Path) {
        std::fs::remove_dir_all(self.audit()).expect("a directory of ours can be removed");
        copy(to, &self.audit());
    }

    /// A policy that believes this log if one of these has seen it.
    pub fn policy(&self, witnesses: &[&Cosigner]) -> String {
        let mut policy = format!("log {}\n", self.run(["audit", "key"]).done().line());
        let names: Vec<_> = (1..=witnesses.len()).map(|number| format!("w{number}")).collect();
        for (name, witness) in names.iter().zip(witnesses) {
            policy += &format!("witness {name} {}\n", witness.key());
        }
        policy += &format!("group one any {}\nquorum one\n", names.join(" "));
        text(&self.write("policy", policy))
    }
}

fn copy(from: &Path, to: &Path) -> PathBuf {
    let copied = Command::new("cp").arg("-a").args([from, to]).status().expect("cp can be started");
    assert!(copied.success());
    to.to_owned()
}

pub fn witness(name: &str, seed: u8) -> Cosigner {
    Cosigner::from_seed(name.parse().expect("a name"), &[seed; 32])
}

/// A checkpoint with the signature of a witness that has never seen the log before.
pub fn cosigned(checkpoint: &str, key: LogKey, witness: &Cosigner) -> SignedCheckpoint {
    let mut signed = SignedCheckpoint::parse(checkpoint.as_bytes()).expect("it is a checkpoint");
    let follows = WitnessedLog::new(vec![key], TreeHead::EMPTY).expect("it is one log");
    let request = AddCheckpoint::new(0, ConsistencyProof::from_hashes(vec![]), signed.clone());
    let step = WitnessedLog::decide(Some(&follows), &request.expect("a request")).expect("it is good");
    let stored = step.store(|_| Ok::<_, ()>(())).expect("it is stored");
    let line = stored.cosign(witness, SEEN).expect("a time");
    signed.add_cosignatures(vec![line], std::slice::from_ref(witness.key())).expect("the witness signed");
    signed
}

/// The contents of every file below a directory.
pub fn everything_in(directory: &Path) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a directory of ours can be listed") {
        let path = entry.expect("a directory of ours can be listed").path();
        match path.is_dir() {
            true => found.extend(everything_in(&path)),
            false => found.push(std::fs::read(&path).expect("a file of ours can be read")),
        }
    }
    found
}

/// Begins a log so many days ago, with a call whose input is this.
pub fn begin_long_ago(directory: &Path, days: u64, id: &str, input: &str) {
    let then = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
    let log = Arc::new(Log::open(directory, move || then).expect("a log can be begun"));
    let call = log.begin(new_call(id, input)).expect("a call can begin");
    call.end(ended()).expect("a call can end");
}

/// Begins a log with a call that does not end: its writer is gone first.
pub fn begin_and_leave_open(directory: &Path, id: &str) {
    let log = Arc::new(Log::open(directory, SystemClock).expect("a log can be begun"));
    log.begin(new_call(id, INPUT)).and_then(|call| call.durable()).expect("a call can begin");
}

fn new_call(id: &str, input: &str) -> NewCall {
    let package = PackageIdentity {
        publisher: "com.example".to_owned(),
        name: "text-stats".to_owned(),
        version: "1.0.0".to_owned(),
        digest: "sha256:00".to_owned(),
        envelope_digest: None,
        key_ids: Vec::new(),
        trust: None,
    };
    NewCall {
        id: id.to_owned(),
        subject: Subject::new(package, json!({}).into(), json!({}).into(), json!({}).into())
            .expect("it can be recorded"),
        tool: "text-stats".to_owned(),
        caller: Caller::NOBODY,
        input: input.to_owned(),
        started: Timestamp::from(SystemTime::now()),
    }
}

fn ended() -> Ended {
    Ended {
        output: None,
        allowed: Vec::new(),
        allowed_unlisted: 0,
        denied: 0,
        log: Vec::new(),
        log_dropped: 0,
        usage: Usage::default(),
        kind: OutcomeKind::Cancelled,
        code: None,
        reason: None,
        ended: Timestamp::from(SystemTime::now()),
        cut_bytes: 0,
    }
}
