//! Picking records out of a log.

use std::fs;
use std::path::Path;

use mpp_audit::{CacheFault, FaultKind, Filter, Log, OutcomeKind, show};

use crate::forge::Forge;
use crate::support::{at, event, file, forgotten, home, lines, pinned, refused, rejected};

/// A log of nine records, one each second.
fn sample(dir: &Path) {
    let events = [
        event("one", ""),
        event("two", ""),
        refused("http-fetch"),
        pinned("com.example"),
        event("three", ""),
        event("four", ""),
        rejected("http-fetch"),
        forgotten("http-fetch"),
    ];
    for (second, event) in (1..).zip(&events) {
        let log = Log::open(dir, at(second)).expect("the log opens");
        log.append(event).expect("the event is recorded");
    }
}

/// The numbers of the records that pass.
fn seqs(dir: &Path, filter: Filter) -> Vec<u64> {
    let shown = show(dir, &filter).expect("the log can be read");
    assert_eq!(shown.fault, None);
    shown.records.iter().map(|record| record.seq).collect()
}

#[test]
fn records_are_shown_by_package_kind_and_time() {
    let home = home();
    sample(home.path());
    let text = |text: &str| Some(text.to_owned());
    let all = Filter::default;
    let since = "1970-01-01T00:00:05.000000000Z".parse().ok();
    for (filter, expected) in [
        (all(), (0..9).collect()),
        (Filter { package: text("text-stats"), ..all() }, vec![1, 2, 5, 6]),
        (Filter { package: text("http-fetch"), ..all() }, vec![3, 7, 8]),
        (Filter { package: text("com.example/http-fetch"), ..all() }, vec![3, 7, 8]),
        (Filter { package: text("com.example/http-fetch@1.0.0"), ..all() }, vec![3, 7]),
        (Filter { package: text("http-fetch@1.0.1"), ..all() }, vec![]),
        (Filter { package: text("org.example/http-fetch"), ..all() }, vec![]),
        (Filter { kind: text("trust-change"), ..all() }, vec![4, 8]),
        (Filter { kind: text("cache"), ..all() }, vec![7]),
        (Filter { kind: text("header"), ..all() }, vec![0]),
        (Filter { since, ..all() }, vec![5, 6, 7, 8]),
    ] {
        assert_eq!(seqs(home.path(), filter.clone()), expected, "{filter:?}");
    }
}

#[test]
fn records_of_calls_are_shown_by_tool_and_outcome() {
    let mut forge = Forge::new();
    let call = forge.call(1);
    forge.heartbeat();
    let forged = forge.write();
    let tool = |tool: &str| Filter { tool: Some(tool.to_owned()), ..Filter::default() };
    let outcome = |outcome| Filter { outcome: Some(outcome), ..Filter::default() };
    assert_eq!(seqs(forged.path(), tool("text-stats")), [call]);
    assert_eq!(seqs(forged.path(), tool("count")), [0; 0]);
    assert_eq!(seqs(forged.path(), outcome(OutcomeKind::Ok)), [call + 1]);
    assert_eq!(seqs(forged.path(), outcome(OutcomeKind::Denied)), [0; 0]);
}

#[test]
fn a_limit_keeps_the_last_of_those_that_match() {
    let home = home();
    sample(home.path());
    let some = |limit| Filter { kind: Some("refusal".to_owned()), limit, ..Filter::default() };
    assert_eq!(seqs(home.path(), some(Some(2))), [5, 6]);
    assert_eq!(seqs(home.path(), some(Some(0))), [0; 0]);
    assert_eq!(seqs(home.path(), some(Some(100))), [1, 2, 3, 5, 6]);
}

#[test]
fn a_broken_log_is_shown_up_to_its_fault() {
    let home = home();
    sample(home.path());
    let mut log = lines(&fs::read(file(home.path())).expect("it is there"));
    log.remove(3);
    fs::write(file(home.path()), log.concat()).expect("it can be changed");
    let shown = show(home.path(), &Filter::default()).expect("the log can be read");
    assert_eq!(shown.records.len(), 3);
    let fault = shown.fault.expect("the log is broken");
    assert_eq!((fault.seq, fault.kind), (3, FaultKind::Missing { found: 4 }));
}

#[test]
fn a_shown_record_is_the_line_as_it_stands() {
    let home = home();
    sample(home.path());
    let shown = show(home.path(), &Filter::default()).expect("the log can be read");
    let again: String = shown.records.iter().map(|record| record.line.clone() + "\n").collect();
    assert_eq!(again.into_bytes(), fs::read(file(home.path())).expect("it is there"));
}

#[test]
fn each_outcome_is_found_by_the_name_that_the_record_gives_it() {
    for kind in OutcomeKind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(kind));
        let json = serde_json::to_value(kind).expect("a kind has a JSON form");
        assert_eq!(json, kind.as_str());
    }
    assert!("done".parse::<OutcomeKind>().is_err());
}

#[test]
fn each_fault_of_the_cache_has_the_name_that_the_record_gives_it() {
    for fault in CacheFault::ALL {
        let json = serde_json::to_value(fault).expect("a fault has a JSON form");
        assert_eq!(json, fault.as_str());
    }
}
