//! A call has a world of its own, and ends: however the guest behaves.

use std::time::{Duration, Instant};

use mpp_host::audit::OutcomeKind;
use mpp_host::outcome::Stop;
use mpp_host::policy::Limits;
use mpp_host::{Execution, Outcome, Request};
use serde_json::json;

use crate::support::{Ended, Guest, Loaded, Scene, guests};

/// Far above what a call takes that is stopped in time.
const LONG: Duration = Duration::from_secs(20);

async fn load(guest: Guest) -> Loaded {
    Scene::of(guest).await.load()
}

/// A call that was stopped; its record is of this kind.
#[track_caller]
fn stopped(ended: &Ended, kind: OutcomeKind) -> &Stop {
    let Outcome::Stopped(stop) = &ended.report.outcome else { panic!("{:?}", ended.report.outcome) };
    assert_eq!(ended.record.outcome.kind, kind);
    assert_eq!(ended.record.outcome.reason, Some(stop.to_string()));
    assert_eq!(ended.record.output, None);
    stop
}

#[tokio::test]
async fn state_does_not_survive_a_call() {
    let tool = load(guests::KEEPS_STATE).await;
    for secret in ["one", "two", "three"] {
        let ended = tool.call("remember", json!({"secret": secret})).await;
        assert_eq!(*ended.structured(), json!({"calls": 1, "seen": [secret]}));
    }
}

#[tokio::test]
async fn state_does_not_survive_a_call_that_was_stopped() {
    let tool = load(guests::PANICS).await;
    for message in ["first", "second"] {
        let ended = tool.call("panic", json!({"message": message})).await;
        stopped(&ended, OutcomeKind::Trap);
        assert_eq!(ended.record.log.len(), 1, "{:?}", ended.log());
        assert!(ended.log()[0].contains(message));
    }
}

#[tokio::test]
async fn calls_at_the_same_time_do_not_see_each_other() {
    let tool = load(guests::KEEPS_STATE).await;
    let calls = (0..20).map(|number| {
        let tool = tool.tool.clone();
        tokio::spawn(async move {
            let secret = format!("{number}");
            let response = tool.invoke("remember", json!({"secret": secret})).await.expect("it answers");
            assert_eq!(response.structured, Some(json!({"calls": 1, "seen": [secret]})));
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.expect("the call went well");
    }
    assert_eq!(tool.host.calls().len(), 20);
}

#[tokio::test]
async fn a_guest_that_never_returns_is_stopped_at_its_time_limit() {
    let time = Duration::from_millis(300);
    for execution in [Execution::Timed, Execution::Deterministic] {
        let scene = Scene::of(guests::NEVER_RETURNS).await.execution(execution);
        let tool = scene.limits(Limits { time, ..Limits::DEFAULT }).load();
        for verb in ["spin", "log"] {
            let begun = Instant::now();
            let ended = tool.call(verb, json!({})).await;
            assert!(begun.elapsed() < LONG, "{execution:?} {verb}");
            assert_eq!(*stopped(&ended, OutcomeKind::Timeout), Stop::TimedOut(time));
            assert!(ended.record.usage.wall_us >= 300_000);
        }
    }
}

#[tokio::test]
async fn a_guest_that_never_returns_does_not_keep_others_waiting() {
    let scene = Scene::of(guests::NEVER_RETURNS).await;
    let tool = scene.limits(Limits { time: LONG * 3, ..Limits::DEFAULT }).load();
    let other = load(guests::KEEPS_STATE).await;
    let spinning = tokio::spawn({
        let tool = tool.tool.clone();
        async move { tool.call(Request::new("spin", json!({}))).await }
    });
    // This runtime has one thread: had the guest kept it, this call would wait
    // for as long.
    other.call("remember", json!({"secret": "x"})).await.completed();
    assert!(!spinning.is_finished(), "the guest stopped spinning");
    spinning.abort();
}

/// Time in host calls counts: this guest runs for no time at all.
#[tokio::test]
async fn a_guest_that_sleeps_in_a_host_call_is_stopped_at_its_time_limit() {
    let time = Duration::from_millis(300);
    let scene = Scene::of(guests::SLEEPS).await.declares(json!({"clock": true}));
    let tool = scene.limits(Limits { time, ..Limits::DEFAULT }).load();
    let begun = Instant::now();
    let ended = tool.call("sleep", json!({"milliseconds": 3_600_000})).await;
    assert!(begun.elapsed() < LONG);
    assert_eq!(*stopped(&ended, OutcomeKind::Timeout), Stop::TimedOut(time));
    assert_eq!(tool.call("sleep", json!({"milliseconds": 1})).await.text(), "awake");
}

#[tokio::test]
async fn a_panic_is_a_trap_and_its_message_reaches_the_log_on_both_targets() {
    for guest in [guests::PANICS, guests::PANICS_UNKNOWN] {
        let tool = load(guest).await;
        let ended = tool.call("panic", json!({"message": "the sky is falling"})).await;
        assert!(matches!(stopped(&ended, OutcomeKind::Trap), Stop::Trapped(_)));
        assert_eq!(ended.record.outcome.code, None);
        let line = ended.log().into_iter().find(|line| line.starts_with("error: ")).expect("a line");
        assert!(line.contains("the sky is falling") && line.contains("panics.rs"), "{line}");
    }
}

#[tokio::test]
async fn an_exit_is_no_answer() {
    let tool = load(guests::EXITS).await;
    for status in [0, 1, 3] {
        let ended = tool.call("exit", json!({"status": status})).await;
        let Stop::Exited(exited) = stopped(&ended, OutcomeKind::Exit) else {
            panic!("{:?}", ended.report.outcome)
        };
        // WASI 0.2 tells success from failure and no more.
        assert_eq!(*exited == 0, status == 0);
        assert_eq!(ended.record.outcome.code, None);
    }
}

#[tokio::test]
async fn a_flood_of_log_lines_is_cut_and_the_record_says_so() {
    let tool = load(guests::FLOODS_THE_LOG).await;
    for verb in ["log", "print"] {
        let ended = tool.call(verb, json!({"times": 100_000, "text": "a line of twenty-one\n"})).await;
        ended.completed();
        assert_eq!(ended.record.usage.log_bytes, 2_100_000, "{verb}");
        let kept: usize = ended.record.log.iter().map(|line| line.text.len()).sum();
        assert!(kept <= 64 << 10, "{verb} kept {kept}");
        assert!(ended.record.cut_bytes > 0, "{verb}");
        assert!(ended.record.cut_bytes + kept as u64 <= 2_100_000, "{verb}");
    }
}

#[tokio::test]
async fn what_is_printed_without_line_breaks_is_bounded_too() {
    let tool = load(guests::FLOODS_THE_LOG).await;
    let ended = tool.call("print", json!({"times": 1_000, "text": "x".repeat(1_000)})).await;
    ended.completed();
    let kept: usize = ended.record.log.iter().map(|line| line.text.len()).sum();
    assert!(kept <= 64 << 10, "{kept}");
    assert!(ended.record.cut_bytes > 0);
}

#[tokio::test]
async fn a_log_line_cannot_forge_a_record() {
    let tool = load(guests::FLOODS_THE_LOG).await;
    let forged = "x\"}\n{\"v\":1,\"seq\":9}\r\n\u{1b}[2J\0";
    let ended = tool.call("log", json!({"times": 1, "text": forged})).await;
    ended.completed();
    assert_eq!(ended.log(), [format!("info: {forged}")]);
    assert_eq!(tool.host.calls().len(), 1);
}

#[tokio::test]
async fn a_call_whose_caller_went_away_is_stopped_and_on_record() {
    let scene = Scene::of(guests::NEVER_RETURNS).await;
    let tool = scene.limits(Limits { time: LONG * 3, ..Limits::DEFAULT }).load();
    let call = tool.tool.call(Request::new("spin", json!({})));
    let waited = tokio::time::timeout(Duration::from_millis(200), call).await;
    assert!(waited.is_err(), "the call ended by itself");
    let recorded = async {
        loop {
            if let Some(call) = tool.host.calls().pop() {
                break call;
            }
            tokio::task::yield_now().await;
        }
    };
    let call = tokio::time::timeout(LONG, recorded).await.expect("it is on record in time");
    assert_eq!(call.outcome.kind, OutcomeKind::Cancelled);
    assert_eq!(call.output, None);
}

#[tokio::test]
async fn clocks_are_there_where_they_were_granted() {
    let tool = Scene::of(guests::READS_CLOCKS).await.declares(json!({"clock": true})).load();
    let before = seconds_since_1970();
    for verb in ["now", "std-now"] {
        let ended = tool.call(verb, json!({})).await;
        let told = ended.result().as_u64().expect("a number");
        assert!((before..=seconds_since_1970()).contains(&told), "{verb}: {told}");
    }
    assert_eq!(*tool.call("steady", json!({})).await.result(), json!(true));
}

fn seconds_since_1970() -> u64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().expect("the clock is set").as_secs()
}

#[tokio::test]
async fn random_bytes_are_there_where_they_were_granted_and_differ() {
    let tool = Scene::of(guests::DRAWS_RANDOM_BYTES).await.declares(json!({"random": true})).load();
    let mut drawn = Vec::new();
    for _ in 0..3 {
        drawn.push(tool.call("draw", json!({"bytes": 32})).await.text());
    }
    assert!(drawn.iter().all(|bytes| bytes.len() == 64));
    assert!(drawn[0] != drawn[1] && drawn[1] != drawn[2] && drawn[0] != drawn[2]);
}

#[tokio::test]
async fn more_random_bytes_at_once_than_the_contract_allows_stop_the_guest() {
    use mpp_host::outcome::LimitKind;
    let tool = Scene::of(guests::DRAWS_RANDOM_BYTES).await.declares(json!({"random": true})).load();
    let ended = tool.call("draw-at-once", json!({"bytes": 65_536})).await;
    assert_eq!(*ended.result(), json!(65_536));
    let ended = tool.call("draw-at-once", json!({"bytes": 65_537})).await;
    assert_eq!(*stopped(&ended, OutcomeKind::Limit), Stop::Limit(LimitKind::Random));
    assert_eq!(ended.record.outcome.code.as_deref(), Some("random"));
}
