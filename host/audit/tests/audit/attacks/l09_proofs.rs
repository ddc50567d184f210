//! L9: proofs of one record and of growth.

use std::fs;

use mpp_audit::checkpoint::SignedCheckpoint;
use mpp_audit::policy::Policy;
use mpp_audit::{NotGrown, ReadError, check_proof, prove, verify_growth};

use super::{signed, verified};
use crate::support::{file, lines, open_quiet};

#[test]
fn l09_every_record_is_proven_to_whoever_has_only_the_key() {
    let home = signed();
    let key = verified(home.path()).expect("it holds").key;
    let policy = Policy::unwitnessed(vec![key]).expect("one key");
    for (seq, line) in lines(&fs::read(file(home.path())).expect("it is there")).iter().enumerate() {
        let proof = prove(home.path(), seq as u64).expect("it is signed").to_string();
        let proven = check_proof(proof.as_bytes(), &policy).expect("it holds");
        assert_eq!(proven.record.line.as_bytes(), line.strip_suffix(b"\n").expect("a line"));
        assert_eq!(proven.accepted.checkpoint().epoch(), Some(u32::from(seq > 3)));
        let other = Policy::unwitnessed(vec![open_quiet(crate::support::home().path()).key().clone()]);
        assert!(check_proof(proof.as_bytes(), &other.expect("one key")).is_err());
    }
    let failed = prove(home.path(), 8).expect_err("there is none");
    assert_eq!(
        failed.to_string(),
        "no checkpoint covers record 8: the newest covers 8 records, the first of them is 0"
    );
}

#[test]
fn l09_growth_is_shown_from_every_checkpoint_there_was_and_a_change_since_is_found() {
    let home = signed();
    let all = fs::read_to_string(home.path().join("checkpoints")).expect("it is there");
    let name = all.lines().next().expect("a line").to_owned();
    let starts: Vec<usize> = all.match_indices(&format!("{name}\n")).map(|(place, _)| place).collect();
    let ends = starts[1..].iter().copied().chain([all.len()]);
    for (start, end) in starts.iter().zip(ends) {
        let old = SignedCheckpoint::parse(&all.as_bytes()[*start..end]).expect("a checkpoint");
        let grown = verify_growth(home.path(), &old, None).expect("it has grown");
        assert_eq!((grown.old, grown.new.size, grown.head.seq), (*old.claimed().head(), 8, 7));
    }
    let first = SignedCheckpoint::parse(&all.as_bytes()[..starts[1]]).expect("a checkpoint");
    let good = String::from_utf8(fs::read(file(home.path())).expect("it is there")).expect("text");
    fs::write(file(home.path()), good.replace("number 5", "number 9")).expect("it can be written");
    let refused = verify_growth(home.path(), &first, None).expect_err("a record was changed");
    assert!(matches!(refused, NotGrown::Read(ReadError::Fault(_))), "{refused:?}");
}
