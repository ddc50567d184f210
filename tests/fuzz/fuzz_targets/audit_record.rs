//! A line is read in one of two ways, quickly where it is spelled as the writer
//! spells it; both say the same. Behind a header, the line is verified by the quick
//! way and decoded by the other.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_audit::{Entry, FaultKind, ReadError, Record, verify};

const HEADER: &[u8] = include_bytes!("../../../host/audit/tests/vectors/example/log.jsonl");

fuzz_target!(|body: &[u8]| {
    let Some(end) = HEADER.iter().position(|byte| *byte == b'\n') else { return };
    let header = Record::decode(&HEADER[..end]).expect("the example has a header");
    for kind in ["intent", "denial", "outcome"] {
        let head = format!(
            r#"{{"v":2,"seq":1,"epoch":0,"prev":"{}","ts":"2026-11-22T08:00:00.000000000Z","kind":"{kind}","body":"#,
            header.hash
        );
        let line = [head.as_bytes(), body, b"}"].concat();
        if line.contains(&b'\n') {
            return;
        }
        let decoded = Record::decode(&line);
        let log = [&HEADER[..=end], &line, b"\n"].concat();
        match (verify(&log[..], &[]), &decoded) {
            (Ok(summary), Ok(record)) => {
                assert!(matches!(record.entry, Entry::Intent(_)));
                assert_eq!(summary.calls.map(|calls| calls.open), Some(1));
            }
            (Err(ReadError::Fault(fault)), Ok(_)) => assert_eq!(fault.kind, FaultKind::NoOpenCall { intent: intent(&decoded) }),
            (Err(_), Err(_)) => {}
            (verified, _) => panic!("{verified:?}, and {decoded:?}"),
        }
    }
});

/// The call that a record says it is of.
fn intent(record: &Result<Record, FaultKind>) -> u64 {
    match record.as_ref().map(|record| &record.entry) {
        Ok(Entry::Denial(denial)) => denial.intent,
        Ok(Entry::Outcome(outcome)) => outcome.intent,
        other => panic!("{other:?} has no intent"),
    }
}
