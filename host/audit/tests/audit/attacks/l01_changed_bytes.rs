//! L1: any bit of any file is changed, or a file is taken away.

use std::fs;

use mpp_audit::{Expected, verify_log};

use super::{signed, verified};
use crate::support::{everything, file};

#[test]
fn l01_a_flipped_bit_of_any_file_is_found_and_the_record_named() {
    let home = signed();
    let secret = home.path().join("epochs/secret");
    // A list of open calls that is changed into another true one is no lie.
    let open = home.path().join("open");
    for (path, good) in everything(home.path()) {
        if path == secret || path == open {
            continue;
        }
        for place in (0..good.len()).step_by(if path == file(home.path()) { 13 } else { 5 }) {
            let mut flipped = good.clone();
            flipped[place] ^= 1 << (place % 8);
            fs::write(&path, &flipped).expect("it can be written");
            let (seq, kind) = verified(home.path()).expect_err("one bit is wrong");
            if path == file(home.path()) {
                let hit = good[..place].iter().filter(|byte| **byte == b'\n').count() as u64;
                assert!(seq == hit || seq == hit + 1, "byte {place} in record {hit}: {seq}, {kind}");
            }
            if path == home.path().join("payloads/0") {
                // The input of the call has 20 bytes, behind a head of 50.
                assert_eq!(seq, if place < 70 { 6 } else { 7 }, "byte {place}: {kind}");
            }
            if path.starts_with(home.path().join("tile")) {
                assert_eq!(seq, place as u64 / 32, "{kind}");
            }
        }
        fs::write(&path, &good).expect("it can be written");
    }
    verified(home.path()).map(drop).expect("it holds again");
}

#[test]
fn l01_a_file_that_is_gone_is_found() {
    let home = signed();
    let secret = home.path().join("epochs/secret");
    for (path, good) in everything(home.path()) {
        fs::remove_file(&path).expect("it is there");
        let result = verify_log(home.path(), &Expected::default());
        // A reader does not need the secret.
        assert_eq!(result.is_ok(), path == secret, "{path:?}");
        fs::write(&path, &good).expect("it can be written");
    }
}
