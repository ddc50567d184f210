//! Many callers, one log.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use mpp_audit::{Ended, Log, LogError, NewCall, Receipt, Subject, verify_dir};

use crate::support::{at, ended, event, home, new_call, open};

#[test]
fn sixty_four_callers_leave_a_log_without_gaps() {
    let home = home();
    let log = open(home.path());
    let receipts = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for caller in 0..64 {
            let (log, receipts) = (&log, &receipts);
            scope.spawn(move || {
                for n in 0..50 {
                    let event = event("count", &format!("caller {caller}, call {n}"));
                    let receipt = log.append(&event).expect("the event is recorded");
                    receipts.lock().expect("no caller panics").push(receipt);
                }
            });
        }
    });
    let receipts: Vec<Receipt> = receipts.into_inner().expect("no caller panics");
    let seqs: BTreeSet<u64> = receipts.iter().map(|receipt| receipt.seq).collect();
    assert_eq!(seqs, (1..=3200).collect());
    let summary = verify_dir(home.path(), &receipts).expect("every receipt holds");
    assert_eq!((summary.records, summary.receipts_checked), (3201, 3200));
}

#[test]
fn a_record_has_the_time_of_the_given_clock() {
    let home = home();
    let log = Log::open(home.path(), at(1_000_000_000)).expect("the log opens");
    log.append(&event("count", "")).expect("the event is recorded");
    let summary = verify_dir(home.path(), &[]).expect("the log holds");
    assert_eq!(summary.last.to_string(), "2001-09-09T01:46:40.000000000Z");
    assert_eq!(summary.last, log.now());
}

#[test]
fn what_a_tool_says_cannot_begin_a_record_of_its_own() {
    let home = home();
    let log = open(home.path());
    let forged = "\"}}\n{\"v\":1,\"seq\":2}\r\u{2028}\u{0}\u{1b}[2J";
    let event = event(forged, forged);
    log.append(&event).expect("the event is recorded");
    let shown = mpp_audit::show(home.path(), &mpp_audit::Filter::default()).expect("it can be read");
    assert_eq!(shown.fault, None);
    assert_eq!(shown.records.len(), 2);
    assert_eq!(shown.records[1].event(), Some(&event));
}

#[test]
fn ten_megabytes_of_everything_leave_a_record_each() {
    let home = home();
    let log = Arc::new(open(home.path()));
    let huge = "\u{1}".repeat(10_000_000);
    let call = new_call(1);
    let (package, granted) = (call.subject.package().clone(), serde_json::json!({ "env": [huge] }).into());
    let (declared, limits) = (call.subject.declared().clone(), call.subject.limits().clone());
    let subject = Subject::new(package, declared, granted, limits).expect("it can be recorded");
    let begun = NewCall { tool: huge.clone(), input: huge.clone(), subject, ..call };
    let call = log.begin(begun).expect("the call begins");
    call.end(Ended { reason: Some(huge.clone()), code: Some(huge.clone()), ..ended(&huge) })
        .expect("it ended");
    let summary = verify_dir(home.path(), &[log.head()]).expect("the log holds");
    assert_eq!(summary.records, 3);
    assert!(summary.bytes < 100_000);
}

#[test]
fn a_log_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Log>();
    shared::<LogError>();
}
