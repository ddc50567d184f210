//! Who has the log next.

use crate::process::{Home, Process};
use crate::records::{call, calls, verified};

#[test]
fn of_two_that_take_over_at_once_one_has_the_log_and_the_other_asks_it() {
    let home = Home::new();
    let mut owner = home.sharing();
    for round in 0..5 {
        let mut others = [home.sharing(), home.sharing(), home.sharing()];
        assert!(owner.does(&format!("begin owner-{round}")).contains(':'));
        assert_eq!(owner.does(&format!("durable owner-{round}")), "ok");
        owner.killed();
        for (n, other) in others.iter_mut().enumerate() {
            other.told_to(&format!("begin {round}-{n}"));
        }
        others.iter_mut().for_each(|other| assert!(other.answered().contains(':')));
        let mut has: Vec<Process> = Vec::new();
        for (n, mut other) in others.into_iter().enumerate() {
            assert!(other.does(&format!("end {round}-{n}")).contains(':'));
            if other.does("waits") == "false" {
                has.push(other);
            }
        }
        assert_eq!(has.len(), 1);
        owner = has.remove(0);
    }
    assert_eq!(owner.does("close"), "ok");
    verified(&home.log());
    let expected = |id: &String| if id.starts_with("owner") { ["recovered"] } else { ["outcome"] };
    let calls = calls(&home.log());
    assert_eq!(calls.len(), 5 * 4);
    assert!(calls.iter().all(|(id, ends)| *ends == expected(id)), "{calls:?}");
}

#[test]
fn a_socket_that_a_killed_process_left_is_nobodys() {
    let home = Home::new();
    home.sharing().killed();
    assert!(home.log().join("socket").exists());
    let mut owner = home.sharing();
    assert_eq!(owner.does("waits"), "false");
    assert_eq!(home.sharing().does("waits"), "true");
    assert_eq!(owner.does("close"), "ok");
    assert!(!home.log().join("socket").exists(), "who ends takes it away");
}

#[test]
fn a_socket_that_somebody_removed_leaves_the_lock_where_it_is() {
    let home = Home::new();
    let mut owner = home.sharing();
    std::fs::remove_file(home.log().join("socket")).expect("it is there");
    assert_eq!(home.process().does("share 0"), "Locked");
    assert!(owner.does("append com.example").contains(':'));
}

#[test]
fn a_log_that_others_can_write_to_is_not_shared() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    home.sharing().killed();
    std::fs::set_permissions(home.log(), std::fs::Permissions::from_mode(0o777)).expect("it can be set");
    assert_eq!(home.process().does("share 0"), "OpenToOthers");
}

#[test]
fn a_log_deep_in_the_tree_is_shared_all_the_same() {
    let home = Home::new();
    let deep = home.log().join("deep".repeat(20)).join("deeper".repeat(20));
    let (mut one, mut other) = (Process::start(&deep), Process::start(&deep));
    assert_eq!((one.does("share 0"), other.does("share 10000")), ("ok".to_owned(), "ok".to_owned()));
    assert!(other.does("begin deep").contains(':'));
    assert!(other.does("end deep").contains(':'));
    assert_eq!(call(&deep, "deep"), "outcome");
}
