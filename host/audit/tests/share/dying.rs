//! Who dies, and when: the log holds, nothing is released that is not on record, and others go on.

use crate::process::{Home, Process};
use crate::records::{call, calls, until, verified};

/// What another process puts on record after somebody died, and that all of it holds.
fn goes_on(home: &Home, mut process: Process) {
    assert!(process.does("begin next").contains(':'));
    assert!(process.does("durable next") == "ok" && process.does("end next").contains(':'));
    assert_eq!(process.does("close"), "ok");
    assert_eq!(call(&home.log(), "next"), "outcome");
    assert!(calls(&home.log()).values().all(|ends| !ends.contains(&"open")));
    verified(&home.log());
}

#[test]
fn an_owner_that_is_killed_between_calls_is_not_missed() {
    let home = Home::new();
    let (mut owner, mut other) = (home.sharing(), home.sharing());
    assert!(other.does("begin before").contains(':'));
    assert!(other.does("end before").contains(':'));
    assert_eq!(owner.does("waits"), "false");
    owner.killed();
    goes_on(&home, other);
    assert_eq!(call(&home.log(), "before"), "outcome");
}

#[test]
fn a_call_whose_owner_is_killed_is_withheld_at_every_stage_and_recovered_if_it_could_act() {
    let stages: [&[&str]; 4] = [&[], &["denied"], &["durable"], &["denied", "durable"]];
    for stages in stages {
        let home = Home::new();
        let (owner, mut other) = (home.sharing(), home.sharing());
        assert!(other.does("begin lost").contains(':'));
        for stage in stages {
            assert_eq!(other.does(&format!("{stage} lost")), "ok");
        }
        owner.killed();
        assert_eq!(other.does("durable lost"), "OwnerGone", "{stages:?}");
        assert_eq!(other.does("end lost"), "OwnerGone", "{stages:?}");
        goes_on(&home, other);
        // Before it was durable nothing had been done for it, and nobody was told of it.
        let on_record = calls(&home.log()).remove("lost");
        assert!(on_record == Some(vec!["recovered"]) || on_record.is_none(), "{stages:?}: {on_record:?}");
        assert!(on_record.is_some() || !stages.contains(&"durable"), "{stages:?}: it was durable");
    }
}

#[test]
fn an_end_that_a_killed_owner_never_answered_is_withheld() {
    let home = Home::new();
    let (owner, mut other) = (home.sharing(), home.sharing());
    assert!(other.does("begin lost").contains(':'));
    assert_eq!(other.does("durable lost"), "ok");
    owner.stopped();
    other.told_to("end lost");
    owner.killed();
    assert_eq!(other.answered(), "OwnerGone");
    goes_on(&home, other);
    assert_eq!(call(&home.log(), "lost"), "recovered");
}

#[test]
fn a_beginning_that_a_killed_owner_never_answered_is_asked_of_the_next_one() {
    let home = Home::new();
    let (owner, mut other) = (home.sharing(), home.sharing());
    owner.stopped();
    other.told_to("begin late");
    owner.killed();
    assert!(other.answered().contains(':'));
    assert_eq!(other.does("waits"), "false", "it has the log now");
    assert!(other.does("end late").contains(':'));
    goes_on(&home, other);
    assert_eq!(call(&home.log(), "late"), "outcome");
}

#[test]
fn calls_of_a_process_that_is_killed_are_recovered_at_once() {
    let home = Home::new();
    let (mut owner, mut other) = (home.sharing(), home.sharing());
    for id in ["first", "second", "ended"] {
        assert!(other.does(&format!("begin {id}")).contains(':'));
    }
    assert!(other.does("end ended").contains(':'));
    other.killed();
    until(&home.log(), "first", "recovered");
    until(&home.log(), "second", "recovered");
    assert_eq!(owner.does("waits"), "false", "it had the log all the time");
    goes_on(&home, owner);
    assert_eq!(call(&home.log(), "ended"), "outcome");
}

#[test]
fn an_owner_that_ends_puts_on_record_what_it_cannot_wait_for() {
    let home = Home::new();
    let (mut owner, mut other) = (home.sharing(), home.sharing());
    assert!(other.does("begin lost").contains(':'));
    assert_eq!(owner.does("close"), "ok");
    assert_eq!(call(&home.log(), "lost"), "recovered", "by the owner that ended");
    verified(&home.log());
    assert_eq!(other.does("end lost"), "OwnerGone");
    goes_on(&home, other);
    assert_eq!(call(&home.log(), "lost"), "recovered");
}

#[test]
fn an_owner_that_is_killed_among_many_calls_loses_none_that_was_told() {
    let home = Home::new();
    let owner = home.sharing();
    let mut others = [home.sharing(), home.sharing()];
    others.iter_mut().for_each(|other| other.told_to("many 8 200"));
    while calls(&home.log()).len() < 100 {
        std::thread::yield_now();
    }
    owner.killed();
    for other in &mut others {
        let answer = other.answered();
        assert!(["ok", "OwnerGone"].contains(&answer.as_str()), "{answer}");
        assert_eq!(other.does("many 8 5"), "ok");
        assert_eq!(other.does("close"), "ok");
    }
    assert!(calls(&home.log()).values().all(|ends| !ends.contains(&"open")));
    verified(&home.log());
}

#[test]
fn a_log_that_has_stopped_takes_nothing_from_others_either() {
    let home = Home::new();
    let (mut owner, mut other) = (home.sharing(), home.sharing());
    assert!(other.does("begin lost").contains(':'));
    let log = home.log().join("log.jsonl");
    std::fs::rename(&log, log.with_extension("away")).expect("it can be renamed");
    assert_eq!(other.does("end lost"), "Poisoned");
    assert_eq!(other.does("begin next"), "Poisoned");
    assert_eq!(other.does("append com.example"), "Poisoned");
    assert_eq!(other.does("head"), "Poisoned");
    assert_eq!(owner.does("begin next"), "Poisoned");
}
