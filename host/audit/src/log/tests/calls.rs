//! Calls, and what must hold of them in any log that opens.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::packs::{Found, PackReader, PayloadRef};
use crate::record::{
    Caller, Denied, Ended, Entry, NewCall, OutcomeKind, PackageIdentity, Record, Subject, Usage,
};
use crate::{Receipt, Records, Timestamp};

fn then() -> Timestamp {
    Timestamp::from(std::time::SystemTime::UNIX_EPOCH)
}

pub(super) fn new_call(id: &str) -> NewCall {
    NewCall {
        id: id.to_owned(),
        subject: Subject::new(
            PackageIdentity {
                publisher: "com.example".to_owned(),
                name: "tool".to_owned(),
                version: "1.0.0".to_owned(),
                digest: "sha256:00".to_owned(),
                envelope_digest: None,
                key_ids: Vec::new(),
                trust: None,
            },
            serde_json::json!({}).into(),
            serde_json::json!({}).into(),
            serde_json::json!({}).into(),
        )
        .expect("it can be recorded"),
        tool: "count".to_owned(),
        caller: Caller::NOBODY,
        input: format!(r#"{{"input of":"{id}"}}"#),
        started: then(),
    }
}

pub(super) fn denied(resource: &str) -> Denied {
    Denied {
        permission: "filesystem.read".to_owned(),
        code: "not-granted".to_owned(),
        resource: resource.to_owned(),
        reason: "the operator did not approve it".to_owned(),
    }
}

pub(super) fn ended() -> Ended {
    Ended {
        output: Some("an output".to_owned()),
        allowed: Vec::new(),
        allowed_unlisted: 0,
        denied: 1,
        log: Vec::new(),
        log_dropped: 0,
        usage: Usage::default(),
        kind: OutcomeKind::Ok,
        code: None,
        reason: None,
        ended: then(),
        cut_bytes: 0,
    }
}

/// Every record of a log.
pub(super) fn records(dir: &Path) -> Vec<Record> {
    let records = Records::open(dir).expect("the log is there");
    records.map(|record| record.expect("it holds")).collect()
}

/// How a log accounts for its calls and payloads.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// The calls, by their intents.
    pub(super) begun: BTreeMap<u64, String>,
    /// Those that ended, and how.
    pub(super) ended: BTreeMap<u64, &'static str>,
    pub(super) lost: BTreeSet<PayloadRef>,
    pub(super) torn: usize,
    /// What its records say together.
    pub(super) cut_payload_bytes: u64,
}

impl Account {
    /// Goes through a log, and fails on the first thing that does not add up.
    pub(super) fn of(dir: &Path, when: &str) -> Self {
        let records = records(dir);
        let mut account = Self::default();
        for record in &records {
            account.add(record, when);
        }
        account.check_payloads(dir, &records, when);
        account
    }

    fn add(&mut self, record: &Record, when: &str) {
        match &record.entry {
            Entry::Intent(intent) => drop(self.begun.insert(record.seq, intent.id.clone())),
            Entry::Denial(denial) => self.is_open(denial.intent, &denial.id, when),
            Entry::Outcome(outcome) => self.end(outcome.intent, &outcome.id, "outcome", when),
            Entry::Recovered(recovered) => self.end(recovered.intent, &recovered.id, "recovered", when),
            Entry::Lost(lost) => {
                let new = self.lost.insert(PayloadRef { seq: lost.record, field: lost.field });
                assert!(new, "{when}: {lost:?} is lost twice");
            }
            Entry::Torn(torn) => {
                self.torn += 1;
                self.cut_payload_bytes += torn.cut_payload_bytes;
            }
            _ => {}
        }
    }

    fn is_open(&self, intent: u64, id: &str, when: &str) {
        assert_eq!(self.begun.get(&intent).map(String::as_str), Some(id), "{when}: no call began there");
        assert_eq!(self.ended.get(&intent), None, "{when}: the call {id} has ended");
    }

    fn end(&mut self, intent: u64, id: &str, how: &'static str, when: &str) {
        self.is_open(intent, id, when);
        self.ended.insert(intent, how);
    }

    /// Every payload is there, or on record as lost, and there is nothing else.
    fn check_payloads(&self, dir: &Path, records: &[Record], when: &str) {
        let mut packs = PackReader::open(dir, 0).expect("they can be read");
        for record in records {
            for (field, bound) in record.entry.payloads() {
                let of = PayloadRef { seq: record.seq, field };
                let found = packs.check(of, &bound).expect("they can be read");
                let expected = if self.lost.contains(&of) { Found::Missing } else { Found::Kept };
                assert_eq!(found, expected, "{when}: {of}");
            }
        }
        let rest = packs.end(records.len() as u64, false).expect("they can be read");
        assert_eq!(rest, None, "{when}");
    }

    /// The calls that nobody ended.
    pub(super) fn open(&self) -> Vec<u64> {
        self.begun.keys().filter(|intent| !self.ended.contains_key(intent)).copied().collect()
    }

    /// What was acknowledged is there with all its payloads.
    pub(super) fn has(&self, kept: &[Receipt], when: &str) {
        for lost in &self.lost {
            assert!(kept.iter().all(|kept| kept.seq < lost.seq), "{when}: {lost} was acknowledged");
        }
    }
}
