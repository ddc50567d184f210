//! Several processes, and one log.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mpp_audit::share::{NoSettings, SettingsSource};
use mpp_audit::{Durability, Keep, Keeping, LogError, Settings, SystemClock, open_or_ask, open_shared};

use crate::child::{event, relaxed};
use crate::process::Home;
use crate::records::{call, calls, kinds, verified};

#[test]
fn two_processes_put_their_calls_on_record_in_one_log() {
    let home = Home::new();
    let (mut one, mut other) = (home.sharing(), home.sharing());
    assert_eq!((one.does("waits"), other.does("waits")), ("false".to_owned(), "true".to_owned()));
    for (n, process) in [&mut one, &mut other].into_iter().enumerate() {
        let id = format!("call-{n}");
        assert!(process.does(&format!("begin {id}")).contains(':'));
        assert_eq!(process.does(&format!("denied {id}")), "ok");
        assert_eq!(process.does(&format!("denied {id}")), "ok");
        assert_eq!(process.does(&format!("durable {id}")), "ok");
        let receipt = process.does(&format!("end {id}"));
        assert_eq!(process.does("head"), receipt);
        assert_eq!(process.does(&format!("end {id}")), "Ended");
        assert_eq!(process.does(&format!("denied {id}")), "Ended");
        assert!(process.does("append com.example").contains(':'));
    }
    assert_eq!((one.does("close"), other.does("close")), ("ok".to_owned(), "ok".to_owned()));
    verified(&home.log());
    let expected = [("denial", 2), ("header", 1), ("intent", 2), ("outcome", 2), ("trust-change", 2)];
    assert_eq!(kinds(&home.log()), expected.into());
}

#[test]
fn calls_of_tasks_are_on_record_wherever_the_log_is() {
    let home = Home::new();
    let (mut owner, mut other) = (home.sharing(), home.sharing());
    for (n, process) in [&mut owner, &mut other].into_iter().enumerate() {
        let id = format!("call-{n}");
        assert!(process.does(&format!("begin {id}")).contains(':'));
        assert_eq!(process.does(&format!("durably {id}")), "ok");
        let receipt = process.does(&format!("ending {id}"));
        assert_eq!(process.does("head"), receipt, "it is durable by then");
        assert_eq!(process.does(&format!("ending {id}")), "Ended");
        assert_eq!(process.does(&format!("durably {id}")), "ok");
        // Nobody waits for it, and the call is gone.
        assert!(process.does(&format!("begin unheard-{n}")).contains(':'));
        assert_eq!(process.does(&format!("ending-unheard unheard-{n}")), "ok");
    }
    // What was asked before is done before.
    other.does("head");
    assert_eq!((other.does("close"), owner.does("close")), ("ok".to_owned(), "ok".to_owned()));
    verified(&home.log());
    assert_eq!(calls(&home.log()).values().filter(|ends| **ends == ["outcome"]).count(), 4);
}

#[test]
fn a_task_hears_that_the_owner_is_gone() {
    let home = Home::new();
    let (owner, mut other) = (home.sharing(), home.sharing());
    assert!(other.does("begin one").contains(':'));
    owner.killed();
    assert_eq!(other.does("durably one"), "OwnerGone");
    assert_eq!(other.does("ending one"), "OwnerGone");
}

#[test]
fn calls_that_wait_for_nothing_are_on_record_all_the_same() {
    let home = Home::new();
    std::fs::write(relaxed(&home.log()), "").expect("it can be written");
    let (mut owner, mut other) = (home.sharing(), home.sharing());
    assert_eq!(other.does("waits"), "true");
    other.told_to("many 4 50");
    owner.told_to("many 4 50");
    assert_eq!((owner.answered(), other.answered()), ("ok".to_owned(), "ok".to_owned()));
    assert_eq!((other.does("close"), owner.does("close")), ("ok".to_owned(), "ok".to_owned()));
    verified(&home.log());
    assert_eq!(calls(&home.log()).values().filter(|ends| **ends == ["outcome"]).count(), 2 * 4 * 50);
}

#[test]
fn many_callers_in_three_processes_lose_nothing() {
    let home = Home::new();
    let mut processes = [home.sharing(), home.sharing(), home.sharing()];
    processes.iter_mut().for_each(|process| process.told_to("many 16 20"));
    processes.iter_mut().for_each(|process| assert_eq!(process.answered(), "ok"));
    processes.iter_mut().for_each(|process| assert_eq!(process.does("close"), "ok"));
    verified(&home.log());
    let calls = calls(&home.log());
    assert_eq!(calls.len(), 3 * 16 * 20);
    assert!(calls.values().all(|ends| *ends == ["outcome"]));
    assert_eq!(kinds(&home.log())["denial"], 3 * 16 * 20);
}

#[test]
fn a_command_asks_who_has_the_log_or_opens_it() {
    let home = Home::new();
    let mut command = home.process();
    assert_eq!(command.does("ask 0"), "ok");
    assert_eq!(home.process().does("ask 0"), "Locked", "the command serves nobody");
    assert_eq!(home.process().does("share 0"), "Locked", "the command serves nobody");
    assert_eq!(command.does("close"), "ok");
    let mut server = home.sharing();
    assert_eq!(command.does("ask 0"), "ok");
    assert_eq!(command.does("waits"), "true");
    assert!(command.does("append com.example").starts_with("1:"));
    assert_eq!(server.does("waits"), "false", "it has the log all the time");
}

#[test]
fn a_call_that_is_forgotten_is_recovered_at_once_by_who_has_the_log() {
    let home = Home::new();
    let (mut one, mut other) = (home.sharing(), home.sharing());
    assert!(other.does("begin forgotten").starts_with("1:"));
    assert_eq!(other.does("forget forgotten"), "ok");
    assert!(other.does("append com.example").contains(':'), "after it was told");
    assert_eq!(call(&home.log(), "forgotten"), "recovered");
    assert_eq!((other.does("close"), one.does("close")), ("ok".to_owned(), "ok".to_owned()));
    verified(&home.log());
}

#[test]
fn a_call_of_the_owner_that_is_forgotten_stays_open_until_the_log_is_opened_again() {
    let home = Home::new();
    let mut owner = home.sharing();
    assert!(owner.does("begin forgotten").starts_with("1:"));
    assert_eq!(owner.does("forget forgotten"), "ok");
    assert_eq!(owner.does("close"), "ok");
    assert_eq!(call(&home.log(), "forgotten"), "open");
    assert_eq!(owner.does("share 0"), "ok");
    assert_eq!(call(&home.log(), "forgotten"), "recovered");
}

#[test]
fn a_process_that_would_keep_the_log_otherwise_is_refused() {
    let home = Home::new();
    let mut owner = home.sharing();
    let less = Keeping { input: Keep::Commitment, ..Keeping::WHOLE };
    for otherwise in [
        Settings { durability: Durability::Relaxed, ..Settings::default() },
        Settings { keeping: less, ..Settings::default() },
    ] {
        let refused = open_or_ask(&home.log(), SystemClock, otherwise, Duration::ZERO);
        let error = refused.expect_err("the owner keeps it strictly, and whole");
        assert!(
            matches!(
                &error,
                LogError::KeptOtherwise { durability: Durability::Strict, keeping, .. }
                    if **keeping == Keeping::WHOLE
            ),
            "{error:?}"
        );
    }
    assert_eq!(owner.does("waits"), "false", "it has the log all the time");
}

#[test]
fn an_owner_whose_settings_are_outdated_lets_go_and_comes_back_with_new_ones() {
    let home = Home::new();
    let mut owner = home.sharing();
    std::fs::write(relaxed(&home.log()), "").expect("it can be written");
    let mut other = home.process();
    assert_eq!(other.does("share 10000"), "ok");
    assert!(other.does("begin relaxed").contains(':'));
    assert!(other.does("end relaxed").contains(':'));
    assert!(owner.does("append com.example").contains(':'));
    verified(&home.log());
}

/// An operator who chooses anew just after the settings were read for the first time.
fn chosen_anew(first: Durability, then: Durability) -> impl SettingsSource + 'static {
    let chosen = AtomicBool::new(false);
    move || -> Result<Settings, NoSettings> {
        let durability = if chosen.swap(true, Ordering::Relaxed) { then } else { first };
        Ok(Settings { durability, ..Settings::default() })
    }
}

#[test]
fn a_log_is_not_kept_by_settings_that_changed_before_its_lock_was_had() {
    let home = Home::new();
    let source = chosen_anew(Durability::Strict, Durability::Relaxed);
    let owner = open_shared(&home.log(), SystemClock, source, Duration::ZERO).expect("it is free");
    let refused = open_or_ask(&home.log(), SystemClock, Settings::default(), Duration::ZERO);
    let error = refused.expect_err("the owner waits for nothing");
    let relaxed = matches!(&error, LogError::KeptOtherwise { durability: Durability::Relaxed, .. });
    assert!(relaxed, "{error:?}");
    owner.append(&event("com.example")).expect("it has the log");
}

#[test]
fn nobody_is_refused_for_settings_that_changed_before_the_owner_was_asked() {
    let home = Home::new();
    let _owner = home.sharing();
    let source = chosen_anew(Durability::Relaxed, Durability::Strict);
    let other = open_or_ask(&home.log(), SystemClock, source, Duration::ZERO).expect("it is served");
    assert!(other.waits());
}

#[test]
fn no_thread_is_left_of_a_log_that_was_closed() {
    let home = Home::new();
    let (mut owner, mut other) = (home.sharing(), home.sharing());
    assert!(other.does("append com.example").contains(':'));
    for _ in 0..3 {
        assert_eq!((other.does("close"), owner.does("close")), ("ok".to_owned(), "ok".to_owned()));
        assert_eq!((owner.does("share 0"), other.does("share 10000")), ("ok".to_owned(), "ok".to_owned()));
    }
    assert_eq!((owner.does("close"), other.does("close")), ("ok".to_owned(), "ok".to_owned()));
    for mut process in [owner, other] {
        // Each of them ends by itself, some time after it was told to.
        while process.does("threads") != "0" {}
    }
}
