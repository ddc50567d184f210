//! L4: the log is cut off and continued, or set back as a whole.

use std::fs;
use std::time::Duration;

use mpp_audit::{Log, LogError, NotGrown, Settings, SystemClock, verify_growth};

use super::verified;
use crate::support::{crashed, home, open_quiet, pinned, quiet};

/// As CVE-2023-31438: what was sealed is cut off, and the log goes on.
#[test]
fn l04_a_log_that_was_set_back_and_continued_is_found_against_any_later_checkpoint() {
    let home = home();
    let log = open_quiet(home.path());
    log.append(&pinned("com.example")).expect("the event is recorded");
    log.checkpoint().map(drop).expect("it is signed");
    let old = crashed(home.path());
    log.append(&pinned("org.example")).expect("the event is recorded");
    let later = log.checkpoint().expect("it is signed");
    let key = log.key().clone();
    drop(log);

    // The whole directory is set back, so that nothing in it tells.
    let log = open_quiet(old.path());
    log.append(&pinned("net.example")).expect("the event is recorded");
    log.append(&pinned("net.example")).expect("the event is recorded");
    drop(log);
    verified(old.path()).map(drop).expect("nothing inside the log tells");
    let refused = verify_growth(old.path(), &later, Some(&key)).expect_err("it is another history");
    assert!(matches!(refused, NotGrown::Forked { size: 3, .. }), "{refused:?}");
    let grown = verify_growth(home.path(), &later, Some(&key)).expect("this is the one");
    assert_eq!((grown.old.size, grown.new.size), (3, 3));
}

#[test]
fn l04_a_log_set_back_behind_the_end_of_an_epoch_does_not_open_with_the_secret_there_is() {
    let home = home();
    let settings = Settings { epoch_lasts: Duration::ZERO, ..quiet() };
    let log = Log::open_with(home.path(), SystemClock, settings.clone()).expect("the log opens");
    let old = crashed(home.path());
    for _ in 0..3 {
        log.append(&pinned("com.example")).expect("the event is recorded");
        log.checkpoint().map(drop).expect("it is signed");
    }
    drop(log);
    fs::copy(home.path().join("epochs/secret"), old.path().join("epochs/secret")).expect("it can be copied");
    let refused = Log::open_with(old.path(), SystemClock, settings).expect_err("it is another epoch");
    assert!(matches!(refused, LogError::Evidence { .. }), "{refused:?}");
}
