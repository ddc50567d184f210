//! Records with payloads: two files, one answer.

use std::sync::Barrier;

use super::*;
use crate::record::payload::{Field, Keep, prepare};

fn payload() -> Vec<Prepared> {
    vec![prepare(Field::Input, "{}".to_owned(), &Keep::Whole).expect("there is randomness")]
}

fn append_with_payload(commits: &Commits) -> Result<Receipt, LogError> {
    commits.append(payload(), Change::Nothing, line)
}

#[test]
fn a_payload_is_written_before_its_record_and_durable_with_it() {
    let (commits, seen) = commits(|_| Ok(()));
    append_with_payload(&commits).expect("nothing fails");
    let state = seen.state();
    assert_eq!(state.asked[..2], [Asked::Pack(1), Asked::Append(1)]);
    assert_eq!((state.durable_lines().len(), state.durable_packed), (1, 1));
}

#[test]
fn a_record_without_payloads_leaves_the_packs_alone() {
    let (commits, seen) = commits(|_| Ok(()));
    append(&commits).expect("nothing fails");
    assert_eq!(seen.state().files(), ((1, 1), (0, 0)));
}

#[test]
fn both_files_are_synced_at_once() {
    // Each sync waits until the other has begun.
    let meet = Arc::new(Barrier::new(2));
    let (commits, seen) = commits(move |asked| {
        if matches!(asked, Asked::Sync(_) | Asked::SyncPack(_)) {
            meet.wait();
        }
        Ok(())
    });
    append_with_payload(&commits).expect("nothing fails");
    assert_eq!(seen.state().files(), ((1, 1), (1, 1)));
}

#[test]
fn a_pack_that_fails_stops_the_log() {
    for (asked, expected) in [(Asked::Pack(2), "writing failed"), (Asked::SyncPack(2), "syncing failed")] {
        let (commits, seen) = commits(fails(asked));
        let first = append_with_payload(&commits).expect("the first one holds");
        let refused = append_with_payload(&commits).expect_err("the second fails");
        assert!(cause(refused).starts_with(expected));
        assert_eq!(commits.durable(), first);
        let asked = seen.state().asked.len();
        assert!(cause(append(&commits).expect_err("the log has stopped")).starts_with(expected));
        assert_eq!(seen.state().asked.len(), asked, "the files are left alone");
    }
}

#[test]
fn a_log_that_fails_beside_its_pack_stops() {
    let (commits, _) = commits(fails(Asked::Sync(1)));
    let refused = append_with_payload(&commits).expect_err("the sync of the lines fails");
    assert!(cause(refused).starts_with("syncing failed"));
}

#[test]
fn a_pack_whose_sync_panics_stops_the_log() {
    let (commits, _) = commits(|asked| match asked {
        Asked::SyncPack(_) => panic!("the disk is on fire"),
        _ => Ok(()),
    });
    let expected = "the thread that syncs payloads panicked";
    assert_eq!(cause(append_with_payload(&commits).expect_err("nobody knows")), expected);
    assert_eq!(cause(append(&commits).expect_err("the log has stopped")), expected);
}
