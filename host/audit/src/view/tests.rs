//! Calls put together from lines and payloads.

mod hostile;
mod payloads;

use std::collections::HashMap;
use std::time::SystemTime;

use serde_json::json;

use super::source::{Found, PayloadSource};
use super::*;
use crate::record::payload::{Bound, Document, Field, Keeping, Prepared};
use crate::record::{
    Body, Denied, Ended, Entry, Heartbeat, NewCall, PackageIdentity, Place, Recovered, Subject, fit,
};

/// A log in memory, and what is kept of its payloads.
#[derive(Default)]
struct Written {
    lines: String,
    next: u64,
    /// The hash of the last line.
    prev: Option<Hash>,
    kept: HashMap<(u64, Field), Found>,
}

impl Written {
    /// A log that has begun.
    fn new() -> Self {
        let header = include_str!("../record/line/tests/records.jsonl").lines().next();
        let header = header.expect("a header is first");
        let prev = Some(Hash::of_record(header.as_bytes()));
        Self { lines: format!("{header}\n"), next: 1, prev, kept: HashMap::new() }
    }

    fn write(&mut self, entry: &Entry, payloads: Vec<Prepared>) -> u64 {
        let seq = self.next;
        let ts = Timestamp::from(SystemTime::UNIX_EPOCH);
        let place = Place { seq, epoch: 0, prev: self.prev.expect("it has begun"), ts };
        let line = Body::of(entry).expect("it can be recorded").at(&place);
        self.lines += &format!("{line}\n");
        (self.next, self.prev) = (seq + 1, Some(Hash::of_record(line.as_bytes())));
        for Prepared { field, stored, .. } in payloads {
            self.kept.insert((seq, field), stored.map_or(Found::Committed, Found::Kept));
        }
        seq
    }

    fn begin(&mut self, id: &str, keeping: &Keeping) -> u64 {
        let (intent, payloads) = fit::intent(new_call(id), Durability::Strict, keeping).expect("it fits");
        self.write(&intent.body.read_back().expect("it reads"), payloads)
    }

    fn deny(&mut self, intent: u64, id: &str, keeping: &Keeping) -> u64 {
        let denied = Denied {
            permission: "env".to_owned(),
            code: "not-declared".to_owned(),
            resource: "HOME".to_owned(),
            reason: "the manifest does not declare it".to_owned(),
        };
        let (denial, payloads) = fit::denial(denied, intent, id, keeping).expect("it fits");
        self.write(&Entry::Denial(Box::new(denial)), payloads)
    }

    fn end(&mut self, intent: u64, id: &str, ended: Ended, keeping: &Keeping) -> u64 {
        let (outcome, payloads) = fit::outcome(ended, intent, id, keeping).expect("it fits");
        self.write(&Entry::Outcome(Box::new(outcome)), payloads)
    }

    fn recover(&mut self, intent: u64, id: &str) -> u64 {
        self.write(&Entry::Recovered(Recovered { intent, id: id.to_owned() }), Vec::new())
    }

    fn items_with(&self, most: u64) -> Vec<Result<Item, ReadError>> {
        let source = Store(&self.kept);
        Items::new(Records::new(self.lines.as_bytes()).placed(), source, most).collect()
    }

    /// All items after the header, of a log that holds.
    fn items(&self) -> Vec<Item> {
        let items = self.items_with(u64::MAX).into_iter().skip(1);
        items.map(|item| item.expect("the log holds")).collect()
    }

    /// The one call of the log.
    fn call(&self) -> Invocation {
        match &self.items()[..] {
            [Item::Call(call)] => (**call).clone(),
            other => panic!("{other:?}"),
        }
    }
}

/// Gives what a test has put there, and holds it against no commitment.
struct Store<'w>(&'w HashMap<(u64, Field), Found>);

impl PayloadSource for Store<'_> {
    fn payload(&mut self, seq: u64, field: Field, _: &Bound) -> Result<Found, ReadError> {
        Ok(self.0.get(&(seq, field)).cloned().unwrap_or(Found::Missing))
    }
}

fn new_call(id: &str) -> NewCall {
    NewCall {
        id: id.to_owned(),
        subject: Subject::new(
            PackageIdentity {
                publisher: "com.example".to_owned(),
                name: "text-stats".to_owned(),
                version: "1.0.0".to_owned(),
                digest: "sha256:00".to_owned(),
                envelope_digest: None,
                key_ids: Vec::new(),
                trust: None,
            },
            json!({ "env": [] }).into(),
            json!({ "env": ["x".repeat(10_000)] }).into(),
            json!({ "memory_bytes": 1 }).into(),
        )
        .expect("it can be recorded"),
        tool: "count".to_owned(),
        caller: Caller { agent: Some("planner".to_owned()), ..Caller::NOBODY },
        input: r#"{"user":"ada"}"#.to_owned(),
        started: Timestamp::from(SystemTime::UNIX_EPOCH),
    }
}

fn allowed() -> Vec<Allowed> {
    let allowed = |resource: &str, count| Allowed {
        permission: "filesystem.read".to_owned(),
        resource: resource.to_owned(),
        count,
    };
    vec![allowed("/data/a", 2), allowed("/data/\n", 1)]
}

fn said() -> Vec<LogLine> {
    vec![LogLine { level: "info".to_owned(), text: "done\n".to_owned() }]
}

fn ended() -> Ended {
    Ended {
        output: Some(r#"{"words":2}"#.to_owned()),
        allowed: allowed(),
        allowed_unlisted: 4,
        denied: 9,
        log: said(),
        log_dropped: 1,
        usage: Usage { hostcalls: 16, ..Usage::default() },
        kind: OutcomeKind::ToolError,
        code: Some("odd".to_owned()),
        reason: Some("it is odd".to_owned()),
        ended: Timestamp::from(SystemTime::UNIX_EPOCH),
        cut_bytes: 5,
    }
}

/// One call with a denial that ended.
fn one_call(keeping: &Keeping) -> Written {
    let mut log = Written::new();
    let intent = log.begin("a", keeping);
    log.deny(intent, "a", keeping);
    log.end(intent, "a", ended(), keeping);
    log
}

fn outcome(call: &Invocation) -> &OutcomeSeen {
    match call.end.as_ref().map(|end| &end.how) {
        Some(How::Outcome(outcome)) => outcome,
        other => panic!("{other:?}"),
    }
}

fn text(text: &str) -> Seen {
    Seen::Text(text.to_owned())
}

/// Calls by their identifier and the number of the record that ended them, other
/// records by their kind.
fn short(items: &[Item]) -> Vec<(&str, Option<u64>)> {
    items
        .iter()
        .map(|item| match item {
            Item::Call(call) => (call.id.as_str(), call.end.as_ref().map(|end| end.seq)),
            Item::Other(record) => (record.entry.kind(), Some(record.seq)),
        })
        .collect()
}

#[test]
fn a_call_has_all_that_its_records_and_payloads_say() {
    let log = one_call(&Keeping::WHOLE);
    let call = log.call();
    let expected = new_call("a");
    assert_eq!((call.seq, &call.id, &call.tool), (1, &expected.id, &expected.tool));
    assert_eq!((&call.package, &call.caller), (expected.subject.package(), &expected.caller));
    assert_eq!(call.durability, Durability::Strict);
    assert_eq!(call.input, Seen::Text(expected.input));
    // One stands in the record, one was too long for it.
    assert_eq!(&Document::Inline(call.declared), expected.subject.declared());
    assert_eq!(&Document::Inline(call.granted), expected.subject.granted());
    let [denial] = &call.denials[..] else { panic!("{:?}", call.denials) };
    assert_eq!((denial.seq, denial.permission.as_str(), denial.code.as_str()), (2, "env", "not-declared"));
    assert_eq!(
        (&denial.resource, &denial.reason),
        (&text("HOME"), &text("the manifest does not declare it"))
    );
    let end = call.end.as_ref().expect("it ended");
    let leaves: Vec<Hash> = log.lines.lines().map(|line| Hash::of_record(line.as_bytes())).collect();
    assert_eq!((end.seq, [call.leaf, denial.leaf, end.leaf]), (3, [leaves[1], leaves[2], leaves[3]]));
}

#[test]
fn an_outcome_has_all_that_its_record_and_payloads_say() {
    let call = one_call(&Keeping::WHOLE).call();
    let Ended { usage, ended, .. } = ended();
    let expected = OutcomeSeen {
        output: Some(text(r#"{"words":2}"#)),
        allowed: 7,
        denied: 9,
        unlisted: 4,
        calls: Seen::Text(allowed()),
        log: Seen::Text(said()),
        log_dropped: 1,
        usage,
        kind: OutcomeKind::ToolError,
        code: Some("odd".to_owned()),
        reason: Some(text("it is odd")),
        ended,
        cut_bytes: 5,
    };
    assert_eq!(outcome(&call), &expected);
}

#[test]
fn a_call_is_given_when_it_has_ended_and_an_open_one_at_the_end() {
    let whole = &Keeping::WHOLE;
    let mut log = Written::new();
    let [a, b, c, _] = ["a", "b", "c", "d"].map(|id| log.begin(id, whole));
    let other = log.write(&Entry::Heartbeat(Heartbeat {}), Vec::new());
    log.deny(a, "a", whole);
    let c = log.end(c, "c", ended(), whole);
    let a = log.recover(a, "a");
    let expected = [("heartbeat", Some(other)), ("c", Some(c)), ("a", Some(a)), ("b", None), ("d", None)];
    let items = log.items();
    assert_eq!(short(&items), expected);
    let Item::Call(call) = &items[2] else { panic!("{items:?}") };
    assert_eq!((call.denials.len(), call.end.as_ref().map(|end| &end.how)), (1, Some(&How::Recovered)));
    assert_eq!(b, 2);
}

#[test]
fn a_record_of_no_open_call_is_given_by_itself() {
    let whole = &Keeping::WHOLE;
    let mut log = Written::new();
    let a = log.begin("a", whole);
    let of_another = [log.deny(a, "b", whole), log.end(a, "b", ended(), whole), log.recover(a, "b")];
    let of_none = [log.deny(99, "a", whole), log.end(99, "a", ended(), whole), log.recover(0, "a")];
    let end = log.end(a, "a", ended(), whole);
    let late = [log.deny(a, "a", whole), log.end(a, "a", ended(), whole), log.recover(a, "a")];
    let kinds = ["denial", "outcome", "recovered"];
    let by_itself = |seqs: [u64; 3]| std::iter::zip(kinds, seqs.map(Some));
    let expected: Vec<_> = by_itself(of_another)
        .chain(by_itself(of_none))
        .chain([("a", Some(end))])
        .chain(by_itself(late))
        .collect();
    assert_eq!(short(&log.items()), expected);
}

#[test]
fn what_came_before_a_fault_is_still_given() {
    let mut log = Written::new();
    let a = log.begin("a", &Keeping::WHOLE);
    log.begin("b", &Keeping::WHOLE);
    log.lines += "{}\n";
    log.end(a, "a", ended(), &Keeping::WHOLE);
    let items = log.items_with(u64::MAX);
    let [Ok(Item::Other(_)), Err(ReadError::Fault(fault)), Ok(Item::Call(a)), Ok(Item::Call(b))] = &items[..]
    else {
        panic!("{items:?}")
    };
    assert_eq!((fault.seq, a.id.as_str(), b.id.as_str()), (3, "a", "b"));
    assert_eq!((&a.end, &b.end), (&None, &None));
}
