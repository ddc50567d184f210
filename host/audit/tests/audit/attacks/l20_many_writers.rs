//! L20: many writers at once, and a crash.

use mpp_audit::{Expected, verify_log};

use crate::support::{copy, event, home, open_quiet};

#[test]
fn l20_whatever_256_writers_were_told_is_on_record_after_a_crash() {
    let home = home();
    let log = open_quiet(home.path());
    let copied = crate::support::home();
    let receipts: Vec<_> = std::thread::scope(|scope| {
        let writer = |n| {
            let log = &log;
            scope.spawn(move || log.append(&event("count", &format!("writer {n}"))))
        };
        let writers: Vec<_> = (0..256).map(writer).collect();
        writers.into_iter().map(|writer| writer.join().expect("no panic").expect("it is recorded")).collect()
    });
    copy(home.path(), copied.path());
    drop(open_quiet(copied.path()));
    let expected = Expected { receipts: &receipts, ..Expected::default() };
    let verified = verify_log(copied.path(), &expected).expect("it holds");
    assert_eq!((verified.summary.records, verified.signed.size), (257, 257));
}
