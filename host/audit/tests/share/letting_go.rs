//! A process that needs the log for itself.

use crate::process::{Home, Process};
use crate::records::{call, calls, verified};

/// Waits until the owner lets nothing new begin, or does again.
fn until_it_waits(owner: &mut Process, waits: &str) {
    while owner.does("waits") != waits {
        std::thread::yield_now();
    }
}

#[test]
fn an_idle_owner_lets_go_at_once_and_comes_back_when_it_needs_the_log() {
    let home = Home::new();
    let (mut owner, mut other) = (home.sharing(), home.sharing());
    assert!(other.does("append com.example").contains(':'));
    let mut alone = home.process();
    assert_eq!(alone.does("alone 10000"), "ok");
    owner.told_to("begin late");
    other.told_to("append com.example");
    assert_eq!(home.process().does("share 0"), "Locked", "who has it serves nobody");
    assert_eq!(alone.does("close"), "ok");
    assert!(owner.answered().contains(':'));
    assert!(other.answered().contains(':'));
    assert!(owner.does("end late").contains(':'));
    assert_eq!(call(&home.log(), "late"), "outcome");
    assert_eq!((owner.does("close"), other.does("close")), ("ok".to_owned(), "ok".to_owned()));
    verified(&home.log());
}

#[test]
fn a_busy_owner_lets_go_when_its_calls_have_ended_and_nothing_new_begins_meanwhile() {
    let home = Home::new();
    let (mut owner, mut other, mut third) = (home.sharing(), home.sharing(), home.sharing());
    assert!(owner.does("begin ours").contains(':'));
    assert!(other.does("begin theirs").contains(':'));
    let mut alone = home.process();
    alone.told_to("alone 10000");
    until_it_waits(&mut owner, "true");
    third.told_to("begin late");
    assert_eq!(other.does("durable theirs"), "ok");
    assert!(other.does("end theirs").contains(':'));
    assert!(owner.does("end ours").contains(':'));
    assert_eq!(alone.answered(), "ok");
    assert_eq!(calls(&home.log()).len(), 2, "the third waits");
    assert_eq!(alone.does("close"), "ok");
    assert!(third.answered().contains(':'));
    assert!(third.does("end late").contains(':'));
    assert!(calls(&home.log()).values().all(|ends| *ends == ["outcome"]));
}

#[test]
fn an_owner_goes_on_when_whoever_asked_does_not_wait_any_more() {
    let home = Home::new();
    let mut owner = home.sharing();
    assert!(owner.does("begin long").contains(':'));
    assert_eq!(home.process().does("alone 300"), "Locked");
    until_it_waits(&mut owner, "false");
    let mut alone = home.process();
    alone.told_to("alone 10000");
    until_it_waits(&mut owner, "true");
    alone.killed();
    until_it_waits(&mut owner, "false");
    assert!(owner.does("begin next").contains(':'));
    assert!(owner.does("end next").contains(':'));
    assert!(owner.does("end long").contains(':'));
}

#[test]
fn of_two_that_need_the_log_both_have_it_one_after_the_other() {
    let home = Home::new();
    let mut owner = home.sharing();
    assert!(owner.does("begin long").contains(':'));
    let mut askers = [home.process(), home.process()];
    askers.iter_mut().for_each(|asker| asker.told_to("alone 20000"));
    until_it_waits(&mut owner, "true");
    assert!(owner.does("end long").contains(':'));
    let [mut one, mut other] = askers;
    // Whichever comes first closes when the other is still waiting.
    one.told_to("close");
    other.told_to("close");
    assert_eq!((one.answered(), other.answered()), ("ok".to_owned(), "ok".to_owned()));
    assert_eq!((one.answered(), other.answered()), ("ok".to_owned(), "ok".to_owned()));
    assert!(owner.does("append com.example").contains(':'));
}

#[test]
fn a_process_that_needs_the_log_and_is_killed_with_it_leaves_it_to_the_others() {
    let home = Home::new();
    let mut owner = home.sharing();
    let mut alone = home.process();
    assert_eq!(alone.does("alone 10000"), "ok");
    owner.told_to("append com.example");
    alone.killed();
    assert!(owner.answered().contains(':'));
}

#[test]
fn calls_that_take_long_do_not_keep_others_waiting_for_as_long() {
    let home = Home::new();
    let (mut owner, mut other) = (home.sharing(), home.sharing());
    assert!(owner.does("begin long").contains(':'));
    let mut alone = home.process();
    alone.told_to("alone 120000");
    until_it_waits(&mut owner, "true");
    // Both wait for as long as the owner tries to let go, and no longer.
    other.told_to("begin theirs");
    assert!(owner.does("begin ours").contains(':'));
    assert!(other.answered().contains(':'));
    for id in ["long", "ours"] {
        assert!(owner.does(&format!("end {id}")).contains(':'));
    }
    assert!(other.does("end theirs").contains(':'));
    assert_eq!(alone.answered(), "ok", "it has the log in the end");
}
