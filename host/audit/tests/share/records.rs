//! What is on record.

use std::collections::BTreeMap;
use std::path::Path;

use mpp_audit::{Entry, Expected, Records, verify_log};

/// How each call ended, by its identifier: `outcome`, `recovered` or `open`; of several with one
/// identifier all of them. Up to a record that is being written, or was when its writer was killed.
pub fn calls(dir: &Path) -> BTreeMap<String, Vec<&'static str>> {
    let mut calls: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    let mut place: BTreeMap<u64, (String, usize)> = BTreeMap::new();
    for record in Records::open(dir).expect("the log is there").map_while(Result::ok) {
        let mut end = |intent: &u64, how| {
            let (id, nth) = &place[intent];
            calls.get_mut(id).expect("it began")[*nth] = how;
        };
        match &record.entry {
            Entry::Outcome(outcome) => end(&outcome.intent, "outcome"),
            Entry::Recovered(recovered) => end(&recovered.intent, "recovered"),
            Entry::Intent(intent) => {
                let all = calls.entry(intent.id.clone()).or_default();
                place.insert(record.seq, (intent.id.clone(), all.len()));
                all.push("open");
            }
            _ => {}
        }
    }
    calls
}

/// How the one call of this identifier ended.
pub fn call(dir: &Path, id: &str) -> &'static str {
    match calls(dir).get(id).map(Vec::as_slice) {
        Some([how]) => how,
        other => panic!("{other:?} instead of one call {id}"),
    }
}

/// Waits until a call has ended in this way.
pub fn until(dir: &Path, id: &str, how: &str) {
    while !calls(dir).get(id).is_some_and(|ends| ends.contains(&how)) {
        std::thread::yield_now();
    }
}

/// The number of records of each kind.
pub fn kinds(dir: &Path) -> BTreeMap<&'static str, usize> {
    let mut kinds = BTreeMap::new();
    for record in Records::open(dir).expect("the log is there") {
        *kinds.entry(record.expect("it holds").entry.kind()).or_default() += 1;
    }
    kinds
}

/// The log holds from its first record to its last, payloads and all.
pub fn verified(dir: &Path) {
    let verified = verify_log(dir, &Expected::default()).unwrap_or_else(|fault| panic!("{fault}"));
    assert!(!verified.summary.unfinished);
}
