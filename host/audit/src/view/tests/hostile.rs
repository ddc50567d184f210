//! Logs of a writer that keeps to no limit.

use super::*;
use crate::limits::{MAX_DENIALS, MAX_OPEN_CALLS};
use crate::verify::FaultKind;

#[test]
fn more_denials_than_there_can_be_are_not_gathered() {
    let mut log = Written::new();
    let a = log.begin("a", &Keeping::WHOLE);
    let denials: Vec<u64> = (0..MAX_DENIALS + 2).map(|_| log.deny(a, "a", &Keeping::WHOLE)).collect();
    let items = log.items();
    let beyond: Vec<_> = denials[MAX_DENIALS..].iter().map(|seq| ("denial", Some(*seq))).collect();
    assert_eq!(short(&items), [beyond, vec![("a", None)]].concat());
    let Some(Item::Call(call)) = items.last() else { panic!("{items:?}") };
    assert_eq!(call.denials.len(), MAX_DENIALS);
}

#[test]
fn more_calls_than_can_be_open_are_a_fault_and_not_gathered() {
    let mut log = Written::new();
    log.begin("a", &Keeping::WHOLE);
    let one = Records::new(log.lines.as_bytes()).placed().nth(1).expect("it was written");
    let (link, record) = one.expect("it holds");
    let all = MAX_OPEN_CALLS + 2;
    let records = (1..=all).map(|seq| {
        let (mut link, mut record) = (link.clone(), record.clone());
        (link.receipt.seq, record.seq) = (seq, seq);
        Ok((link, record))
    });
    let mut items = Items::new(records, NoPayloads, 0);
    match items.next() {
        Some(Err(ReadError::Fault(fault))) => {
            assert_eq!((fault.seq, fault.kind), (MAX_OPEN_CALLS + 1, FaultKind::TooManyOpen));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(items.filter_map(Result::ok).count() as u64, MAX_OPEN_CALLS, "what came before is given");
}
