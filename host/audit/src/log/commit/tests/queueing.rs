//! Records that are queued, and what makes them durable.

use super::*;
use crate::limits::MAX_OPEN_CALLS;

fn enqueue(commits: &Commits) -> Receipt {
    commits.enqueue(Vec::new(), Change::Nothing, line).expect("nothing fails")
}

#[test]
fn a_queued_record_has_its_number_and_is_not_written() {
    let (commits, seen) = commits(|_| Ok(()));
    assert_eq!([enqueue(&commits).seq, enqueue(&commits).seq], [1, 2]);
    assert_eq!((commits.durable().seq, seen.state().lines()), (0, (0, 0)));
}

#[test]
fn whoever_waits_for_one_record_makes_all_before_it_durable_with_one_sync() {
    let (commits, seen) = commits(|_| Ok(()));
    enqueue(&commits);
    let second = enqueue(&commits);
    let third = append(&commits).expect("nothing fails");
    assert_eq!((commits.durable(), seen.state().lines()), (third, (1, 1)));
    commits.wait_durable(second.seq).expect("it is durable");
    commits.flush().expect("everything is");
    assert_eq!(seen.state().lines(), (1, 1), "there was nothing to do");
}

#[test]
fn a_flush_makes_all_that_is_queued_durable() {
    let (commits, seen) = commits(|_| Ok(()));
    enqueue(&commits);
    let last = enqueue(&commits);
    commits.flush().expect("nothing fails");
    assert_eq!((commits.durable(), seen.state().durable_lines().len()), (last, 2));
}

#[test]
fn a_record_that_was_durable_before_a_failure_stays_so_and_one_that_was_queued_does_not_become_so() {
    let (commits, _) = commits(fails(Asked::Sync(2)));
    let first = append(&commits).expect("the first sync holds");
    let second = enqueue(&commits);
    assert!(cause(commits.flush().expect_err("the second fails")).starts_with("syncing failed"));
    commits.wait_durable(first.seq).expect("it was durable before");
    assert!(cause(commits.wait_durable(second.seq).expect_err("it is not")).starts_with("syncing failed"));
    let refused = commits.enqueue(Vec::new(), Change::Nothing, line);
    assert!(cause(refused.expect_err("the log has stopped")).starts_with("syncing failed"));
}

#[test]
fn whoever_queues_more_than_memory_should_hold_waits_for_the_disk() {
    let (commits, seen) = commits(|_| Ok(()));
    let long = |_, to: &mut String| to.push_str(&"x".repeat(super::super::queue::MAX_QUEUED_BYTES / 2));
    commits.enqueue(Vec::new(), Change::Nothing, long).expect("nothing fails");
    assert_eq!(seen.state().lines(), (0, 0));
    commits.enqueue(Vec::new(), Change::Nothing, long).expect("nothing fails");
    assert_eq!((commits.durable().seq, seen.state().lines()), (2, (1, 1)));
}

#[test]
fn only_what_is_durable_is_given_out_to_be_signed() {
    let (commits, _) = commits(|_| Ok(()));
    append(&commits).expect("nothing fails");
    enqueue(&commits);
    assert_eq!(commits.take_leaves(u64::MAX).leaves.len(), 1);
    assert_eq!(commits.take_leaves(u64::MAX).leaves.len(), 0);
    assert_eq!(commits.wait_for_records(None), Woken::Records, "there is one to be made durable");
    commits.flush().expect("nothing fails");
    assert_eq!(commits.take_leaves(u64::MAX).leaves.len(), 1);
}

#[test]
fn no_call_begins_while_too_many_are_open() {
    let (commits, _) = commits(|_| Ok(()));
    let change = |change| commits.enqueue(Vec::new(), change, |_, _| {});
    for _ in 0..MAX_OPEN_CALLS {
        change(Change::Begins).expect("there is room");
    }
    assert!(matches!(change(Change::Begins), Err(LogError::TooManyOpen)));
    change(Change::Ends(1)).expect("calls can end");
    change(Change::Begins).expect("there is room again");
    commits.check().expect("the log goes on");
}

#[test]
fn a_leader_waits_for_the_callers_of_the_last_batch() {
    let (commits, seen) = commits(|_| Ok(()));
    {
        // As after a batch of three that took very long.
        let mut queue = commits.lock();
        queue.hoped_for = 3;
        queue.patient_until += std::time::Duration::from_secs(3600);
    }
    std::thread::scope(|scope| {
        (0..3).for_each(|_| drop(scope.spawn(|| append(&commits).expect("nothing fails"))));
    });
    assert_eq!((commits.durable().seq, seen.state().lines()), (3, (1, 1)));
}

#[test]
fn a_leader_that_comes_late_waits_for_nobody() {
    let (commits, seen) = commits(|_| Ok(()));
    commits.lock().hoped_for = 3;
    append(&commits).expect("nothing fails");
    assert_eq!((commits.durable().seq, seen.state().lines()), (1, (1, 1)));
}
