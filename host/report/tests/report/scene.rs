//! A log to project: every kind of item, with any text in every field that a
//! stranger can fill.

use mpp_audit::view::{DenialSeen, EndSeen, How, Invocation, Item, OutcomeSeen, Seen};
use mpp_audit::{
    Allowed, Caller, Durability, Hash, LogLine, OutcomeKind, PackageIdentity, Record, Timestamp, Usage,
};
use mpp_report::Source;
use serde_json::json;

pub fn source() -> Source {
    Source { log: "00112233445566778899aabbccddeeff".to_owned() }
}

/// A time in the second `second` of one morning.
pub fn at(second: u64) -> Timestamp {
    let (hour, minute, second) = (8 + second / 3600, second / 60 % 60, second % 60);
    format!("2026-11-22T{hour:02}:{minute:02}:{second:02}.000000000Z").parse().unwrap()
}

/// The leaf hash of the record with this number.
pub fn leaf(seq: u64) -> Hash {
    Hash::of_record(&seq.to_be_bytes())
}

pub fn package(name: &str) -> PackageIdentity {
    PackageIdentity {
        publisher: "com.example".to_owned(),
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        digest: format!("sha256:{}", Hash::of_record(name.as_bytes())),
        envelope_digest: None,
        key_ids: vec!["sha256:9f86d081".to_owned()],
        trust: None,
    }
}

pub fn outcome(kind: OutcomeKind, seq: u64) -> OutcomeSeen {
    OutcomeSeen {
        output: Some(Seen::Text(r#"{"rows":3}"#.to_owned())),
        allowed: 4,
        denied: 0,
        unlisted: 0,
        calls: Seen::Text(vec![allowed("filesystem.read", "/data/in.csv", 3), allowed("clock", "now", 1)]),
        log: Seen::Text(vec![LogLine { level: "info".to_owned(), text: "read 3 rows".to_owned() }]),
        log_dropped: 0,
        usage: Usage { wall_us: 1_250, input_bytes: 14, output_bytes: 10, hostcalls: 4, ..Usage::default() },
        kind,
        code: None,
        reason: None,
        ended: at(seq),
        cut_bytes: 0,
    }
}

fn allowed(permission: &str, resource: &str, count: u64) -> Allowed {
    Allowed { permission: permission.to_owned(), resource: resource.to_owned(), count }
}

pub fn ended(seq: u64, outcome: OutcomeSeen) -> Option<EndSeen> {
    Some(EndSeen { seq, leaf: leaf(seq), ts: at(seq), how: How::Outcome(Box::new(outcome)) })
}

/// A call that ended well.
pub fn call(seq: u64) -> Invocation {
    Invocation {
        seq,
        leaf: leaf(seq),
        ts: at(seq),
        id: format!("019ab0c4-5e30-7000-8000-{seq:012}"),
        package: package("csv-report"),
        tool: "report".to_owned(),
        caller: Caller {
            agent: Some("planner".to_owned()),
            client: Some("desk 2.1".to_owned()),
            session: Some("session-7".to_owned()),
            request: Some("42".to_owned()),
            trace: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
        },
        declared: json!({
            "clock": true,
            "env": ["TZ"],
            "filesystem": {"read": ["/data"], "write": ["/data/out"]},
            "network": {"outbound": []},
            "random": false,
        }),
        granted: json!({
            "clock": true,
            "env": [],
            "filesystem": {"read": ["/data"], "write": ["/data/out"]},
            "network": {"outbound": []},
            "random": false,
        }),
        limits: json!({"memory": "64MiB"}),
        durability: Durability::Strict,
        input: Seen::Text(r#"{"file":"in"}"#.to_owned()),
        started: at(seq),
        denials: Vec::new(),
        end: ended(seq + 1, outcome(OutcomeKind::Ok, seq + 1)),
    }
}

pub fn denial(seq: u64) -> DenialSeen {
    DenialSeen {
        seq,
        leaf: leaf(seq),
        ts: at(seq),
        permission: "network.outbound".to_owned(),
        code: "not-declared".to_owned(),
        resource: Seen::Text("https://evil.example/".to_owned()),
        reason: Seen::Text("the manifest declares no network".to_owned()),
    }
}

/// A record that is part of no call, from its body as it stands in a log.
pub fn record(seq: u64, kind: &str, body: &str) -> Item {
    let prev = Hash::ZERO;
    let ts = at(seq);
    let line = format!(
        r#"{{"v":2,"seq":{seq},"epoch":0,"prev":"{prev}","ts":"{ts}","kind":"{kind}","body":{body}}}"#
    );
    let record = Record::decode(line.as_bytes()).unwrap_or_else(|fault| panic!("{kind}: {fault:?}"));
    Item::Other(Box::new(record))
}

const PACKAGE: &str = r#"{"publisher":"com.example","name":"csv-report","version":"1.0.0","digest":"sha256:aa","envelope_digest":null,"key_ids":[],"trust":null}"#;
const ID: &str = "019ab0c4-5e30-7000-8000-000000000010";

/// Every kind of record that is part of no call, from number `seq` on. `text`
/// stands wherever an operator or a stranger says something.
pub fn records(seq: u64, text: &str) -> Vec<Item> {
    let text = serde_json::to_string(text).unwrap();
    let commit = Hash::ZERO;
    let bodies = [
        ("header", r#"{"format":"mpp-audit/2","log":"00112233445566778899aabbccddeeff","key":"mpp-audit/00112233445566778899aabbccddeeff+1def1f77+/21wcC1hdWRpdC9lcG9jaHMvdjEKAAAABCn9+rdR7qPBxd8cP0Jbpf5R7uHPHNKtnM+x19/NcuSP","writer":"mpp-audit 0.1.0"}"#.to_owned()),
        ("heartbeat", "{}".to_owned()),
        ("torn", format!(r#"{{"cut_bytes":18,"cut_sha256":"{commit}","cut_payload_bytes":51}}"#)),
        ("lost", r#"{"record":6,"field":"input"}"#.to_owned()),
        ("refusal", format!(r#"{{"presented":"sha256:bb","package":{PACKAGE},"verified":false,"agent":{text},"stage":"signature","code":"unsigned","reason":{text},"cut_bytes":0}}"#)),
        ("cache", format!(r#"{{"package":{PACKAGE},"entry":{text},"reason":"not-authentic"}}"#)),
        ("trust-change", format!(r#"{{"action":"pin","publisher":{text},"subject":{{"key":{{"id":"sha256:cc"}}}},"replaced_version":null,"actor":{text}}}"#)),
        ("trust-change", r#"{"action":"update-root","publisher":"com.example","subject":{"root":{"version":2,"digest":"sha256:dd"}},"replaced_version":1,"actor":null}"#.to_owned()),
        ("policy-change", format!(r#"{{"action":"install","package":{PACKAGE},"declared":{{"inline":{{}}}},"approved":{{"inline":{{}}}},"answered":"terminal","actor":{text}}}"#)),
        ("settings", r#"{"durability":"relaxed","keeping":{"input":{"redacted":["/user"]},"output":"whole","log":"commitment","calls":"whole","reason":"whole","denial":"whole"},"retention_days":90,"actor":"ada"}"#.to_owned()),
        ("erasure", format!(r#"{{"record":6,"id":"{ID}","field":"input","commit":"{commit}","basis":{text},"actor":{text}}}"#)),
        ("retention", format!(r#"{{"before":6,"basis":{text},"actor":null}}"#)),
        ("hold", format!(r#"{{"action":"place","id":"{ID}","basis":{text},"actor":{text}}}"#)),
        ("hold", format!(r#"{{"action":"lift","id":null,"basis":{text},"actor":null}}"#)),
    ];
    (seq..).zip(bodies).map(|(seq, (kind, body))| record(seq, kind, &body)).collect()
}

/// How many items [`records`] gives.
pub const RECORDS: u64 = 14;

/// Every kind of item: each way a call can end, and each other record.
pub fn items() -> Vec<Item> {
    let mut items = records(0, "ada");
    let mut seq = RECORDS;
    for kind in OutcomeKind::ALL {
        let mut call = call(seq);
        call.end = ended(seq + 2, outcome(kind, seq + 2));
        if let (OutcomeKind::Denied, Some(EndSeen { how: How::Outcome(outcome), .. })) = (kind, &mut call.end)
        {
            call.denials.push(denial(seq + 1));
            outcome.denied = 1;
            outcome.code = Some("not-declared".to_owned());
            outcome.reason = Some(Seen::Text("it asked for the network".to_owned()));
        }
        items.push(Item::Call(Box::new(call)));
        seq += 3;
    }
    let how = How::Recovered;
    let end = Some(EndSeen { seq: seq + 1, leaf: leaf(seq + 1), ts: at(seq + 1), how });
    items.push(Item::Call(Box::new(Invocation { end, ..call(seq) })));
    let erased = Invocation { input: Seen::Erased, caller: Caller::NOBODY, end: None, ..call(seq + 2) };
    items.push(Item::Call(Box::new(erased)));
    items
}

/// Two calls in which `payload` stands in every payload and `name` in every name.
pub fn filled(seq: u64, name: &str, payload: &str) -> Vec<Item> {
    let text = || Seen::Text(payload.to_owned());
    let mut outcome = outcome(OutcomeKind::Trap, seq + 2);
    outcome.output = Some(text());
    outcome.reason = Some(text());
    outcome.code = Some(name.to_owned());
    outcome.calls = Seen::Text(vec![allowed("filesystem.read", payload, 1)]);
    outcome.log = Seen::Text(vec![LogLine { level: "info".to_owned(), text: payload.to_owned() }]);
    let name_or = || Some(name.to_owned());
    let call = Invocation {
        id: name.to_owned(),
        package: PackageIdentity {
            publisher: name.to_owned(),
            name: name.to_owned(),
            version: name.to_owned(),
            digest: name.to_owned(),
            ..package("csv-report")
        },
        tool: name.to_owned(),
        caller: Caller {
            agent: name_or(),
            client: name_or(),
            session: name_or(),
            request: name_or(),
            trace: name_or(),
        },
        declared: json!({"env": [name], name: [name]}),
        granted: json!({"env": [name], name: [name]}),
        input: text(),
        denials: vec![DenialSeen {
            permission: name.to_owned(),
            code: name.to_owned(),
            resource: text(),
            reason: text(),
            ..denial(seq + 1)
        }],
        end: ended(seq + 2, outcome.clone()),
        ..call(seq)
    };
    let again =
        Invocation { end: ended(seq + 4, outcome), denials: Vec::new(), seq: seq + 3, ..call.clone() };
    vec![Item::Call(Box::new(call)), Item::Call(Box::new(again))]
}
