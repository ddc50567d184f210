//! L6: the log is copied, and two writers go on.

use mpp_audit::checkpoint::{Fork, SignedCheckpoint};
use mpp_audit::{Log, LogError, SystemClock};

use crate::support::{crashed, home, open_quiet, pinned};

#[test]
fn l06_a_copied_log_that_is_continued_beside_the_first_accuses_its_owner() {
    let home = home();
    let log = open_quiet(home.path());
    assert!(matches!(Log::open(home.path(), SystemClock), Err(LogError::Locked { .. })));
    let copied = crashed(home.path());
    let other = open_quiet(copied.path());
    let [one, two] = [(&log, "com.example"), (&other, "org.example")].map(|(log, publisher)| {
        log.append(&pinned(publisher)).expect("the event is recorded");
        let signed: SignedCheckpoint = log.checkpoint().expect("it is signed");
        signed.verify(std::slice::from_ref(log.key())).expect("one key for both")
    });
    let fork = Fork::between(&one, &two).expect("the same size, another root");
    assert!(fork.to_string().contains(&one.signed().to_string()));
}
