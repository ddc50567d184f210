//! The worked example, which was written by another program.

use std::path::Path;

use mpp_audit::{Receipt, verify_dir};

use crate::support::{file, open};

fn example() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/example"))
}

#[test]
fn the_example_verifies_to_the_hash_that_another_program_computed() {
    let head: Receipt =
        "6:f796cd7790ab5eac1db5f7ac5542a955ce6696744cb84344d920ebc173ebc364".parse().expect("a receipt");
    let summary = verify_dir(example(), &[head]).expect("the example holds");
    assert_eq!(summary.head, head);
    assert_eq!(summary.records, 7);
    assert_eq!(summary.log, "00112233445566778899aabbccddeeff");
    assert!(summary.payloads_checked);
}

#[test]
fn the_front_page_shows_the_example_as_it_is() {
    let page = include_str!("../../src/lib.rs");
    let log = std::fs::read_to_string(file(example())).expect("the example can be read");
    for line in log.lines().take(2) {
        assert!(page.contains(&format!("//! {line}\n")), "the page lacks {line}");
    }
    let second = mpp_audit::Hash::of_record(log.lines().nth(1).expect("a record").as_bytes());
    assert!(page.contains(&format!("//! {second}\n")));
}

#[test]
fn the_example_can_be_continued() {
    let home = crate::support::home();
    std::fs::copy(file(example()), file(home.path())).expect("the example can be copied");
    let log = open(home.path());
    assert_eq!(log.id(), "00112233445566778899aabbccddeeff");
    assert_eq!(log.head().seq, 6);
}
