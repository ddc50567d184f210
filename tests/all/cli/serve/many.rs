//! Many calls at once.

use std::collections::BTreeSet;
use std::fs;

use serde_json::json;

use super::message::calling;
use super::on_record::{OK, end};
use super::packages::TEXT_STATS;
use super::{Post, Served, User};

const CALLS: usize = 1_000;

/// Memory that a server may keep beyond what it had after its first thousand
/// calls, in KiB: far more than caches and allocators take, and far less than two
/// thousand calls that were all kept.
const MAX_GROWTH_KIB: u64 = 64 * 1024;

/// Calls all at once, each with its own input, and holds each answer to it.
fn thousand(server: &Served, round: usize) {
    let calls: Vec<_> = (0..CALLS)
        .map(|number| {
            let input = json!({"text": "word ".repeat(number)});
            let id = format!("{round}-{number}");
            server.connect(&Post::stateless_as(id, "tools/call", calling("text-stats", input)))
        })
        .collect();
    for (number, mut client) in calls.into_iter().enumerate() {
        let answer = client.answer();
        assert_eq!(answer.last()["id"], format!("{round}-{number}"));
        assert_eq!(answer.result()["structuredContent"]["words"], number);
    }
}

/// Memory of a process that is in use, in KiB.
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it has memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn a_thousand_calls_at_once_are_all_answered_right_and_on_record_once() {
    let user = User::who_installed([&TEXT_STATS]);
    let server = Served::start(&user, &[]);
    thousand(&server, 0);
    let after_one = resident(server.process.id());
    thousand(&server, 1);
    thousand(&server, 2);
    let after_three = resident(server.process.id());
    server.stop().done();
    let calls = user.calls_on_record();
    assert!(calls.iter().all(|call| end(call) == OK));
    let requests: BTreeSet<_> = calls.iter().map(|call| call["caller"]["request"].to_string()).collect();
    assert_eq!((calls.len(), requests.len()), (3 * CALLS, 3 * CALLS));
    let growth = after_three.saturating_sub(after_one);
    assert!(growth < MAX_GROWTH_KIB, "{after_one} KiB after a thousand, {after_three} after three thousand");
}
