//! Records and payloads as whoever wants to can write them behind a log: chained,
//! with whatever they say. No checkpoint covers them.

use std::collections::BTreeMap;
use std::fs;

use hmac::{Hmac, KeyInit as _, Mac as _};
use mpp_audit::Hash;
use serde_json::json;
use sha2::Sha256;
use tempfile::TempDir;

use crate::support::{crashed, file, home, lines, open_quiet, pinned};

/// A payload as it stands in a pack.
#[derive(Debug, Clone)]
pub struct Entry {
    pub seq: u64,
    pub field: u8,
    pub state: u8,
    pub salt: [u8; 32],
    pub payload: Vec<u8>,
}

impl Entry {
    pub fn bytes(&self) -> Vec<u8> {
        let Self { seq, field, state, salt, payload } = self;
        let length = payload.len() as u64;
        let head = [&seq.to_be_bytes()[..], &[*field, *state], &length.to_be_bytes(), salt].concat();
        [head, payload.clone()].concat()
    }

    /// Destroys it.
    pub fn erase(&mut self) {
        (self.state, self.salt) = (0, [0; 32]);
        self.payload.fill(0);
    }
}

/// A log with records behind those that are signed.
#[derive(Debug)]
pub struct Forge {
    home: TempDir,
    /// Lines of the log so far, without newlines.
    signed: Vec<Vec<u8>>,
    /// Kind and body of the records behind them.
    pub records: Vec<(&'static str, String)>,
    /// What they bind.
    commits: BTreeMap<(u64, u8), String>,
    pub entries: Vec<Entry>,
}

pub const FIELDS: [&str; 10] =
    ["input", "output", "log", "calls", "reason", "denial", "declared", "granted", "limits", "approved"];

/// The byte of a field.
pub fn byte(field: &str) -> u8 {
    FIELDS.iter().position(|known| *known == field).expect("a field") as u8 + 1
}

/// The name of a call.
pub fn id(call: u64) -> String {
    format!("019ab0c4-5e30-7000-8000-{call:012}")
}

impl Forge {
    /// Kinds of records that stand for themselves, and bind nothing in the samples.
    pub const KINDS: [&'static str; 9] = [
        "intent",
        "torn",
        "settings",
        "retention",
        "hold",
        "refusal",
        "cache",
        "trust-change",
        "policy-change",
    ];

    /// Behind a log of three records that are signed.
    pub fn new() -> Self {
        let home = home();
        let log = open_quiet(home.path());
        log.append(&pinned("com.example")).expect("the event is recorded");
        log.append(&pinned("org.example")).expect("the event is recorded");
        drop(log);
        let signed = lines(&fs::read(file(home.path())).expect("it is there"));
        let signed = signed.iter().map(|line| line.strip_suffix(b"\n").expect("a line").to_vec()).collect();
        Self { home, signed, records: vec![], commits: BTreeMap::new(), entries: vec![] }
    }

    /// The number of the next record.
    pub fn next(&self) -> u64 {
        (self.signed.len() + self.records.len()) as u64
    }

    /// Adds a record; its number.
    pub fn record(&mut self, kind: &'static str, body: impl ToString) -> u64 {
        self.records.push((kind, body.to_string()));
        self.next() - 1
    }

    /// A payload of the next record, kept whole.
    pub fn payload(&mut self, field: &str, payload: &str) -> String {
        let (seq, byte) = (self.next(), byte(field));
        let salt: [u8; 32] = std::array::from_fn(|at| (seq as u8) ^ byte ^ (at as u8) ^ 0x5a);
        let payload = payload.as_bytes().to_vec();
        let bound = self.bind(&salt, field, &payload, "whole");
        self.entries.push(Entry { seq, field: byte, state: 1, salt, payload });
        bound
    }

    /// A payload of the next record of which only the salt is kept.
    pub fn committed(&mut self, field: &str, payload: &str) -> String {
        let (seq, byte) = (self.next(), byte(field));
        let bound = self.bind(&[byte; 32], field, payload.as_bytes(), "commitment");
        self.entries.push(Entry { seq, field: byte, state: 2, salt: [byte; 32], payload: vec![] });
        bound
    }

    /// A call begins; the number of its intent.
    pub fn intent(&mut self, call: u64) -> u64 {
        let input = self.payload("input", &format!(r#"{{"text":"of call {call}"}}"#));
        self.record("intent", intent(call, input))
    }

    pub fn denial(&mut self, intent: u64, call: u64) -> u64 {
        let denial = self.payload("denial", r#"{"resource":"/etc/shadow","reason":"not granted"}"#);
        let id = id(call);
        self.record(
            "denial",
            format!(
                r#"{{"intent":{intent},"id":"{id}","permission":"filesystem.read","code":"not-granted","denial":{denial},"cut_bytes":0}}"#
            ),
        )
    }

    pub fn outcome(&mut self, intent: u64, call: u64) -> u64 {
        let output = self.payload("output", r#"{"words":3}"#);
        self.record("outcome", outcome(intent, call, output))
    }

    /// The body of an intent with this input.
    pub fn intent_of(call: u64, input: &str) -> String {
        intent(call, input.to_owned())
    }

    /// A call from its beginning to its end.
    pub fn call(&mut self, call: u64) -> u64 {
        let intent = self.intent(call);
        self.outcome(intent, call);
        intent
    }

    pub fn recovered(&mut self, intent: u64, call: u64) -> u64 {
        self.record("recovered", json!({"intent": intent, "id": id(call)}))
    }

    /// That a payload is erased; it is there all the same.
    pub fn erasure(&mut self, record: u64, call: u64, field: &str) -> u64 {
        let commit = self.commit(record, field);
        self.record(
            "erasure",
            json!({"record": record, "id": id(call), "field": field, "commit": commit, "basis": "asked for", "actor": null}),
        )
    }

    pub fn lost(&mut self, record: u64, field: &str) -> u64 {
        self.record("lost", json!({"record": record, "field": field}))
    }

    pub fn retention(&mut self, before: u64) -> u64 {
        self.record("retention", json!({"before": before, "basis": "thirty days", "actor": "admin"}))
    }

    pub fn hold(&mut self, action: &str, call: Option<u64>) -> u64 {
        self.record("hold", json!({"action": action, "id": call.map(id), "basis": "a case", "actor": null}))
    }

    pub fn heartbeat(&mut self) -> u64 {
        self.record("heartbeat", json!({}))
    }

    /// What a record says of a payload, and zeros if it says nothing.
    fn commit(&self, record: u64, field: &str) -> String {
        self.commits.get(&(record, byte(field))).cloned().unwrap_or_else(|| "0".repeat(64))
    }

    fn bind(&mut self, salt: &[u8; 32], field: &str, payload: &[u8], kept: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(salt).expect("any key");
        [field.as_bytes(), &[0], payload].iter().for_each(|part| mac.update(part));
        let commit: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        self.commits.insert((self.next(), byte(field)), commit.clone());
        let bytes = payload.len();
        format!(r#"{{"bytes":{bytes},"alg":"hmac-sha256","commit":"{commit}","kept":"{kept}"}}"#)
    }

    /// The payload of a record, as it is kept.
    pub fn entry(&mut self, record: u64, field: &str) -> &mut Entry {
        let of = (record, byte(field));
        self.entries.iter_mut().find(|entry| (entry.seq, entry.field) == of).expect("there is one")
    }

    /// Takes a payload away.
    pub fn drop_entry(&mut self, record: u64, field: &str) {
        let of = (record, byte(field));
        self.entries.retain(|entry| (entry.seq, entry.field) != of);
    }

    /// Writes the log anew, in a directory of its own.
    pub fn write(&self) -> TempDir {
        let copied = crashed(self.home.path());
        let mut lines = self.signed.clone();
        for (kind, body) in &self.records {
            let prev = Hash::of_record(lines.last().expect("a header"));
            let seq = lines.len();
            let ts = "2026-11-22T08:00:00.000000000Z";
            let line = format!(
                r#"{{"v":2,"seq":{seq},"epoch":0,"prev":"{prev}","ts":"{ts}","kind":"{kind}","body":{body}}}"#
            );
            lines.push(line.into_bytes());
        }
        let log: Vec<u8> = lines.iter().flat_map(|line| [line, &b"\n"[..]].concat()).collect();
        fs::write(file(copied.path()), log).expect("it can be written");
        fs::create_dir_all(copied.path().join("payloads")).expect("a directory");
        let packs = self.entries.chunk_by(|one, next| one.seq >> 16 == next.seq >> 16);
        for (number, entries) in (0..).zip(packs) {
            let path = copied.path().join(format!("payloads/{number}"));
            let pack: Vec<u8> = entries.iter().flat_map(Entry::bytes).collect();
            fs::write(path, pack).expect("it can be written");
        }
        copied
    }
}

fn intent(call: u64, input: String) -> String {
    let id = id(call);
    let package = concat!(
        r#"{"publisher":"com.example","name":"text-stats","version":"1.0.0","digest":"sha256:00","#,
        r#""envelope_digest":null,"key_ids":["sha256:02"],"trust":null}"#
    );
    let caller = r#"{"agent":"planner","client":null,"session":null,"request":null,"trace":null}"#;
    let document = r#"{"inline":{"clock":false}}"#;
    format!(
        r#"{{"id":"{id}","package":{package},"tool":"text-stats","caller":{caller},"declared":{document},"granted":{document},"limits":{document},"durability":"strict","input":{input},"started":"2026-11-22T08:00:00.000000000Z","cut_bytes":0}}"#
    )
}

fn outcome(intent: u64, call: u64, output: String) -> String {
    let id = id(call);
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let usage = concat!(
        r#"{"wall_us":412,"fuel":null,"peak_memory_bytes":0,"hostcalls":0,"input_bytes":0,"output_bytes":0,"#,
        r#""log_bytes":0,"read_bytes":0,"written_bytes":0,"peak_open_files":0,"http_requests":0,"#,
        r#""http_request_bytes":0,"http_response_bytes":0}"#
    );
    format!(
        r#"{{"intent":{intent},"id":"{id}","output":{output},"calls":{{"root":"{empty}","allowed":0,"denied":0,"unlisted":0,"list":null}},"log":null,"log_dropped":0,"usage":{usage},"outcome":{{"kind":"ok","code":null,"reason":null}},"ended":"2026-11-22T08:00:00.000000000Z","cut_bytes":0}}"#
    )
}
