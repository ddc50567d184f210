//! Verifying a log while its writer is at work.

use std::sync::Arc;

use mpp_audit::{Erase, Expected, Field, Log, PayloadCounts, SystemClock, verify_log};

use crate::support::{call, home, new_call};

#[test]
fn a_log_in_use_verifies_while_payloads_come_and_go() {
    let home = home();
    let log = Arc::new(Log::open(home.path(), SystemClock).expect("the log opens"));
    call(&log, 0);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in 1..60 {
                call(&log, number);
                let id = new_call(number - 1).id;
                let (basis, actor) = ("asked for".to_owned(), None);
                log.erase(&Erase { id, field: Field::Input, basis, actor }).expect("it is erased");
            }
        });
        while !writer.is_finished() {
            verify_log(home.path(), &Expected::default()).map(drop).expect("it holds at any time");
        }
    });
    drop(log);
    let summary = verify_log(home.path(), &Expected::default()).expect("it holds").summary;
    assert_eq!(summary.payloads, Some(PayloadCounts { kept: 61, erased: 59, ..PayloadCounts::default() }));
}
