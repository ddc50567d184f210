//! Tasks that wait: the same is true of what they are told.

use std::future::Future as _;
use std::pin::{Pin, pin};
use std::sync::atomic::AtomicUsize;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use super::*;

/// Wakes a thread, and counts how many times.
struct Wakes(Thread, AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.unpark();
    }
}

/// Waits for a task in this thread. Returns also how many times it was woken.
fn run<T>(task: impl Future<Output = T>) -> (T, usize) {
    let wakes = Arc::new(Wakes(thread::current(), AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&wakes));
    let mut task = pin!(task);
    loop {
        match task.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(result) => return (result, wakes.1.load(Ordering::SeqCst)),
            Poll::Pending => thread::park(),
        }
    }
}

/// A record that is queued, and when it is durable.
fn later(commits: &Arc<Commits>) -> (Receipt, Result<Option<OnDisk>, LogError>) {
    let receipt = commits.enqueue(Vec::new(), Change::Nothing, line).expect("it is queued");
    (receipt, commits.durable_later(receipt.seq))
}

fn waits(commits: &Arc<Commits>) -> OnDisk {
    later(commits).1.expect("the log goes on").expect("it is not durable yet")
}

/// The receipt of one more record, as a task gets it.
fn append_as_task(commits: &Arc<Commits>) -> Result<Receipt, LogError> {
    let (receipt, on_disk) = later(commits);
    on_disk?.map_or(Ok(()), |on_disk| run(on_disk).0)?;
    Ok(receipt)
}

/// Ends the thread that leads, when the test does.
struct Ends(Arc<Commits>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.end();
    }
}

fn commits_of<F>(before: F) -> (Ends, Arc<Commits>, Seen)
where
    F: Fn(Asked) -> io::Result<()> + Send + Sync + 'static,
{
    let (commits, seen) = commits(before);
    (Ends(Arc::clone(&commits)), commits, seen)
}

/// A first sync that is held up until the test says so.
struct Held {
    in_sync: Receiver<()>,
    go_on: Sender<()>,
}

fn held(then: impl Fn(Asked) -> io::Result<()> + Send + Sync + 'static) -> (Ends, Arc<Commits>, Seen, Held) {
    let (tell, in_sync) = channel();
    let (go_on, may_go_on) = channel();
    let may_go_on = Mutex::new(may_go_on);
    let (ends, commits, seen) = commits_of(move |asked| {
        if asked == Asked::Sync(1) {
            tell.send(()).expect("the test waits");
            may_go_on.lock().expect("one waits").recv().expect("the test goes on");
        }
        then(asked)
    });
    (ends, commits, seen, Held { in_sync, go_on })
}

#[test]
fn a_task_is_told_after_the_sync_and_never_before() {
    let (_ends, commits, seen, held) = held(|_| Ok(()));
    let (receipt, on_disk) = later(&commits);
    let mut on_disk = on_disk.expect("the log goes on").expect("it is not durable yet");
    held.in_sync.recv().expect("nobody has looked, and it is on its way all the same");
    assert!(Pin::new(&mut on_disk).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(seen.state().durable_lines().is_empty());
    held.go_on.send(()).expect("the leader waits");
    run(on_disk).0.expect("it is durable");
    assert_eq!((commits.durable(), seen.state().durable_lines().len()), (receipt, 1));
}

#[test]
fn a_task_does_not_wait_for_what_is_durable() {
    let (_ends, commits, _) = commits_of(fails(Asked::Sync(2)));
    let first = append_as_task(&commits).expect("the first sync holds");
    append_as_task(&commits).expect_err("the second fails");
    assert!(commits.durable_later(first.seq).expect("it was durable before").is_none());
}

#[test]
fn a_task_is_woken_by_its_last_waker_only() {
    let (_ends, commits, _, held) = held(|_| Ok(()));
    let mut on_disk = waits(&commits);
    held.in_sync.recv().expect("it is on its way");
    let first = Arc::new(Wakes(thread::current(), AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&first));
    for waker in [&waker, Waker::noop()] {
        assert!(Pin::new(&mut on_disk).poll(&mut Context::from_waker(waker)).is_pending());
    }
    held.go_on.send(()).expect("the leader waits");
    run(on_disk).0.expect("it is durable");
    assert_eq!(first.1.load(Ordering::SeqCst), 0, "it looked again with another one");
}

/// The waker of an executor that is broken.
struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("on purpose");
    }
}

#[test]
fn an_executor_that_panics_keeps_nobody_else_from_being_told() {
    let (_ends, commits, _, held) = held(|_| Ok(()));
    let mut first = waits(&commits);
    held.in_sync.recv().expect("the first one is being synced");
    let mut second = waits(&commits);
    let third = waits(&commits);
    let panics = Waker::from(Arc::new(Panics));
    for task in [&mut first, &mut second] {
        assert!(Pin::new(task).poll(&mut Context::from_waker(&panics)).is_pending());
    }
    held.go_on.send(()).expect("the leader waits");
    run(third).0.expect("it is told");
    append_as_task(&commits).expect("the log goes on");
    append(&commits).expect("for callers that block, too");
}

#[test]
fn what_is_written_ahead_says_nothing_of_how_many_come_back() {
    let (_ends, commits, _) = commits_of(|_| Ok(()));
    commits.lock().hoped_for = 3;
    commits.enqueue(Vec::new(), Change::Nothing, line).expect("it is queued");
    commits.write_ahead();
    assert_eq!(commits.lock().hoped_for, 3);
}

#[test]
fn tasks_that_come_during_a_sync_share_the_next() {
    let (_ends, commits, seen, held) = held(|_| Ok(()));
    let first = waits(&commits);
    held.in_sync.recv().expect("the first one is being synced");
    let rest: Vec<OnDisk> = (0..63).map(|_| waits(&commits)).collect();
    held.go_on.send(()).expect("the leader waits");
    for on_disk in std::iter::once(first).chain(rest) {
        let (told, wakes) = run(on_disk);
        told.expect("nothing fails");
        assert!(wakes <= 1);
    }
    let state = seen.state();
    assert_eq!((state.lines(), state.durable_lines().len()), ((2, 2), 64));
}

#[test]
fn a_leader_waits_for_the_tasks_of_the_last_batch() {
    let (_ends, commits, seen) = commits_of(|_| Ok(()));
    {
        // As after a batch of three that took very long.
        let mut queue = commits.lock();
        queue.hoped_for = 3;
        queue.patient_until += Duration::from_secs(3600);
    }
    let tasks: Vec<OnDisk> = (0..3).map(|_| waits(&commits)).collect();
    tasks.into_iter().for_each(|task| run(task).0.expect("nothing fails"));
    assert_eq!((commits.durable().seq, seen.state().lines()), (3, (1, 1)));
    assert_eq!(commits.lock().hoped_for, 3, "who leads for others is none of them");
}

#[test]
fn callers_and_tasks_share_their_commits() {
    let (_ends, commits, seen, held) = held(|_| Ok(()));
    let first = waits(&commits);
    held.in_sync.recv().expect("the first one is being synced");
    thread::scope(|scope| {
        let caller = scope.spawn(|| append(&commits));
        while commits.lock().waiting.len() < 2 {
            thread::yield_now();
        }
        let task = waits(&commits);
        held.go_on.send(()).expect("the leader waits");
        for task in [first, task] {
            run(task).0.expect("nothing fails");
        }
        caller.join().expect("it does not panic").expect("nothing fails");
    });
    assert_eq!((commits.durable().seq, seen.state().lines()), (3, (2, 2)));
    assert_eq!(commits.lock().led, Led::Nobody);
}

#[test]
fn all_tasks_that_share_a_failed_sync_are_refused_and_who_was_before_is_not() {
    let (_ends, commits, seen, held) = held(fails(Asked::Sync(2)));
    let first = waits(&commits);
    held.in_sync.recv().expect("the first one is being synced");
    let rest: Vec<OnDisk> = (0..63).map(|_| waits(&commits)).collect();
    held.go_on.send(()).expect("the leader waits");
    run(first).0.expect("the first sync holds");
    for on_disk in rest {
        assert!(cause(run(on_disk).0.expect_err("the second fails")).starts_with("syncing failed"));
    }
    assert_eq!(seen.state().lines(), (2, 2), "no sync is tried twice");
}

#[test]
fn all_tasks_that_wait_behind_a_writer_that_panics_are_refused() {
    let (_ends, commits, _, held) = held(|asked| match asked {
        Asked::Sync(1) => panic!("the disk is on fire"),
        _ => Ok(()),
    });
    let first = waits(&commits);
    held.in_sync.recv().expect("the first one is being synced");
    let rest: Vec<OnDisk> = (0..8).map(|_| waits(&commits)).collect();
    held.go_on.send(()).expect("the leader waits");
    for on_disk in std::iter::once(first).chain(rest) {
        assert_eq!(cause(run(on_disk).0.expect_err("nobody knows")), "its writer panicked");
    }
    assert_eq!(cause(commits.durable_later(99).err().expect("the log has stopped")), "its writer panicked");
}

#[test]
fn a_task_that_is_gone_is_woken_no_more_and_its_record_becomes_durable() {
    let (ends, commits, seen, held) = held(|_| Ok(()));
    let first = waits(&commits);
    held.in_sync.recv().expect("the first one is being synced");
    let wakes = Arc::new(Wakes(thread::current(), AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&wakes));
    let mut gone = waits(&commits);
    assert!(Pin::new(&mut gone).poll(&mut Context::from_waker(&waker)).is_pending());
    drop((gone, waker));
    assert_eq!(Arc::strong_count(&wakes), 1, "nothing is kept for it");
    let last = waits(&commits);
    held.go_on.send(()).expect("the leader waits");
    for task in [first, last] {
        run(task).0.expect("nothing fails");
    }
    assert_eq!((wakes.1.load(Ordering::SeqCst), seen.state().durable_lines().len()), (0, 3));
    assert!(commits.lock().waiting.is_empty());
    drop(ends);
    assert_eq!(Arc::strong_count(&commits), 1, "the thread has ended");
}

#[test]
fn a_log_that_is_stopped_refuses_tasks_before_they_wait() {
    let (_ends, commits, _) = commits_of(|_| Ok(()));
    let receipt = commits.enqueue(Vec::new(), Change::Nothing, line).expect("it is queued");
    commits.poison(&"on purpose");
    assert_eq!(cause(commits.durable_later(receipt.seq).err().expect("it has stopped")), "on purpose");
}

#[test]
fn many_tasks_get_every_number_once_and_find_their_line_under_it() {
    const TASKS: u64 = 16;
    const EACH: u64 = 50;
    let (_ends, commits, seen) = commits_of(|_| Ok(()));
    let one = || (0..EACH).map(|_| append_as_task(&commits).expect("nothing fails")).collect::<Vec<_>>();
    let mut receipts: Vec<Receipt> = thread::scope(|scope| {
        let tasks: Vec<_> = (0..TASKS).map(|_| scope.spawn(one)).collect();
        tasks.into_iter().flat_map(|task| task.join().expect("no task panics")).collect()
    });
    receipts.sort_unstable();
    let lines = seen.state().durable_lines();
    let written =
        lines.iter().zip(1..).map(|(line, seq)| Receipt { seq, hash: Hash::of_record(line.as_bytes()) });
    assert_eq!(receipts, written.collect::<Vec<_>>());
    assert_eq!(receipts.len() as u64, TASKS * EACH);
}
