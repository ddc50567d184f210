//! The worked example, which was written by another program.

use std::path::Path;

use mpp_audit::{CallCounts, Expected, PayloadCounts, Receipt, verify_dir, verify_log};

use crate::support::{copy, file, open, pinned};

fn example() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/example"))
}

#[test]
fn the_example_verifies_to_the_hash_that_another_program_computed() {
    let head: Receipt =
        "18:bf01ce7ab6a9c97a5acd6b9b48ff00b5818de494aec0fccb1c2928350b226eed".parse().expect("a receipt");
    let summary = verify_dir(example(), &[head]).expect("the example holds");
    assert_eq!(summary.head, head);
    assert_eq!(summary.records, 19);
    assert_eq!(summary.log, "00112233445566778899aabbccddeeff");
    assert_eq!(summary.calls, Some(CallCounts { begun: 2, open: 0, denials: 1 }));
    assert_eq!(summary.payloads, Some(PayloadCounts { kept: 5, erased: 1, lost: 1, undestroyed: 0 }));
}

#[test]
fn the_format_shows_the_example_as_it_is() {
    let page = include_str!("../../FORMAT.md");
    let log = std::fs::read_to_string(file(example())).expect("the example can be read");
    for line in log.lines().take(2) {
        assert!(page.contains(&format!("\n{line}\n")), "the page lacks {line}");
    }
    let second = mpp_audit::Hash::of_record(log.lines().nth(1).expect("a record").as_bytes());
    assert!(page.contains(&format!("\n{second}\n")));
}

#[test]
fn the_example_can_be_continued() {
    let home = crate::support::home();
    copy(example(), home.path());
    let log = open(home.path());
    assert_eq!(log.id(), "00112233445566778899aabbccddeeff");
    assert_eq!(log.head().seq, 18);
    log.append(&pinned("com.example")).expect("the event is recorded");
    drop(log);
    let verified = verify_log(home.path(), &Expected::default()).expect("it holds");
    assert_eq!((verified.summary.records, verified.signed.size, verified.epochs), (20, 20, 2));
}

#[test]
fn the_evidence_of_the_example_holds() {
    let verified = verify_log(example(), &Expected::default()).expect("it holds");
    assert_eq!((verified.signed.size, verified.checkpoints, verified.epochs), (19, 3, 2));
}
