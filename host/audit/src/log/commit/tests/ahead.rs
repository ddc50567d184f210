//! Much that is queued and that nobody waits for is written, and no more than that.

use std::time::Duration;

use super::*;
use crate::record::payload::{Field, Keep, prepare};

/// A line that is long enough to be written at once.
fn long(_: Next, to: &mut String) {
    to.push_str(&"x".repeat(1 << 20));
}

fn enqueue(commits: &Commits) -> Receipt {
    let payload = prepare(Field::Input, "{}".to_owned(), &Keep::Whole).expect("there is randomness");
    commits.enqueue(vec![payload], Change::Nothing, long).expect("nothing fails")
}

#[test]
fn what_is_written_ahead_is_durable_when_somebody_waits_and_not_before() {
    let (commits, seen) = commits(|_| Ok(()));
    let first = enqueue(&commits);
    commits.write_ahead();
    assert_eq!(seen.state().asked, [Asked::Pack(1), Asked::Append(1)]);
    assert_eq!((commits.durable().seq, commits.take_leaves(u64::MAX).leaves.len()), (0, 0));
    commits.wait_durable(first.seq).expect("nothing fails");
    let state = seen.state();
    assert_eq!((state.durable_lines().len(), state.durable_packed), (1, 1), "its payload, too");
    assert_eq!(commits.durable(), first);
}

#[test]
fn a_failure_to_write_ahead_stops_the_log() {
    for (asked, before) in [(Asked::Append(1), 0), (Asked::Append(2), 1), (Asked::Pack(1), 0)] {
        let (commits, _) = commits(fails(asked));
        for _ in 0..=before {
            enqueue(&commits);
            commits.write_ahead();
        }
        assert!(cause(commits.flush().expect_err("it was not written")).starts_with("writing failed"));
        assert!(cause(commits.check().expect_err("the log has stopped")).starts_with("writing failed"));
    }
}

#[test]
fn who_waits_while_another_one_writes_ahead_is_served_next() {
    let (in_write, is_in_write): (Sender<()>, Receiver<()>) = channel();
    let (go_on, may_go_on): (Sender<()>, Receiver<()>) = channel();
    let may_go_on = Mutex::new(may_go_on);
    let (commits, seen) = commits(move |asked| {
        if asked == Asked::Append(1) {
            in_write.send(()).expect("the test waits");
            may_go_on.lock().expect("one waits").recv().expect("the test goes on");
        }
        Ok(())
    });
    enqueue(&commits);
    std::thread::scope(|scope| {
        scope.spawn(|| commits.write_ahead());
        is_in_write.recv().expect("it writes");
        let caller = scope.spawn(|| append(&commits));
        while commits.lock().waiting.is_empty() {
            std::thread::yield_now();
        }
        commits.write_ahead();
        assert_eq!(seen.state().lines(), (1, 0), "one writes at a time");
        go_on.send(()).expect("it waits");
        assert_eq!(caller.join().expect("it does not panic").expect("nothing fails").seq, 2);
    });
    assert_eq!(seen.state().lines(), (2, 1));
}

#[test]
fn who_keeps_the_evidence_writes_ahead_until_it_is_time_to_sign() {
    let (commits, seen) = commits(|_| Ok(()));
    std::thread::scope(|scope| {
        let keeper = scope.spawn(|| commits.wait_for_closing(Duration::from_secs(3600)));
        for n in 1..=2 {
            enqueue(&commits);
            while seen.state().lines() != (n, 0) {
                std::thread::yield_now();
            }
        }
        commits.close();
        keeper.join().expect("it does not panic");
    });
    assert_eq!(commits.durable().seq, 0);
}
