//! A tool that asks for a million things: its record stays small, and others
//! are served meanwhile.

use std::fs;
use std::path::Path;
use std::time::Duration;

use mpp_host::audit::limits::{MAX_DENIALS, MAX_LISTED_CALLS};
use mpp_host::policy::{Limits, OperatorPolicy, Permissions};
use mpp_host::{Outcome, Request};
use serde_json::{Value, json};

use crate::support::{Draft, Loaded, Scene, guests};
use crate::wat_tool::WatTool;

const MILLION: u64 = 1_000_000;

/// More than a million host calls take on any machine.
const LONG: Duration = Duration::from_secs(300);

/// Most bytes that a call has on record with all its payloads: 64 denials and
/// 256 kinds of host calls, and what goes with them.
const MOST: u64 = 256 << 10;

async fn asking() -> Loaded {
    let scene = Scene::of(guests::READS_ENVIRONMENT).await.declares(json!({"env": ["TOKEN"]}));
    let scene = scene.limits(Limits { time: LONG, ..Limits::DEFAULT });
    scene.environment("TOKEN", "a token").load()
}

/// Bytes of the records and payloads of a log.
fn size(log: &Path) -> u64 {
    let payloads = fs::read_dir(log.join("payloads")).expect("a log has a directory of payloads");
    let files = payloads.map(|entry| entry.expect("it can be listed").path());
    files.chain([log.join("log.jsonl")]).map(|file| fs::metadata(file).expect("a file").len()).sum()
}

/// How many bytes the call of a tool adds to its log.
async fn growth(tool: &Loaded, verb: &str, input: Value) -> (crate::support::Ended, u64) {
    let before = size(&tool.host.log());
    let ended = tool.call(verb, input).await;
    (ended, size(&tool.host.log()) - before)
}

#[tokio::test]
async fn a_million_denials_are_counted_and_the_first_are_on_record() {
    let tool = asking().await;
    let (ended, bytes) =
        growth(&tool, "flood", json!({"name": "N", "names": MILLION, "times": MILLION})).await;
    assert_eq!(*ended.result(), json!(0));
    assert_eq!(ended.record.host_calls, (0, MILLION, 0));
    let asked: Vec<_> = ended.record.checks.iter().map(|check| check.resource.clone()).collect();
    assert_eq!(asked, (0..MAX_DENIALS).map(|i| format!("N{i}")).collect::<Vec<_>>());
    assert!(bytes < MOST, "{bytes} bytes");
}

#[tokio::test]
async fn a_million_times_the_same_is_one_line() {
    let tool = asking().await;
    for (name, allowed) in [("TOKEN", true), ("SECRET", false)] {
        let input = json!({"name": name, "names": 1, "times": MILLION});
        let (ended, bytes) = growth(&tool, "flood", input).await;
        let counts = if allowed { (MILLION, 0, 0) } else { (0, MILLION, 0) };
        assert_eq!(ended.record.host_calls, counts);
        assert_eq!(ended.record.checks.len(), 1);
        assert_eq!(ended.report.checks[0].count, MILLION);
        assert!(bytes < 8 << 10, "{bytes} bytes");
    }
}

#[tokio::test]
async fn a_hundred_thousand_kinds_of_allowed_calls_are_counted_and_the_first_are_listed() {
    let directory = tempfile::tempdir().expect("a directory");
    let scene = Scene::of(guests::READS_FILES).await.declares(json!({"filesystem": {"read": ["/data"]}}));
    let scene = scene.maps("/data", directory.path()).limits(Limits { time: LONG, ..Limits::DEFAULT });
    let tool = scene.load();
    let input = json!({"path": "/data/", "times": 100_000});
    let (ended, bytes) = growth(&tool, "stat-each", input).await;
    assert_eq!(*ended.result(), json!(0));
    let listed = MAX_LISTED_CALLS as u64;
    assert_eq!(ended.record.host_calls, (100_000, 0, 100_000 - listed));
    assert_eq!(ended.record.checks.len() as u64, listed);
    assert!(bytes < MOST, "{bytes} bytes");
}

/// Both are on one host, with one log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_calls_another_tool_meanwhile_is_answered_meanwhile() {
    let flooding = asking().await;
    let policy = OperatorPolicy::approving(Permissions::none());
    let idle = Draft::of_component(WatTool::IDLE.component());
    let idle = flooding.host.load(idle.signed(), &policy).expect("it loads");
    let tool = flooding.tool.clone();
    let flood = json!({"name": "N", "names": MILLION, "times": MILLION});
    let flood = tokio::spawn(async move { tool.call(Request::new("flood", flood)).await });
    while !flood.is_finished() {
        let report = idle.call(Request::new("tool", "{}")).await.expect("it is on record");
        assert!(matches!(report.outcome, Outcome::Completed(_)), "{:?}", report.outcome);
    }
    let flood = flood.await.expect("the task ends").expect("it is on record");
    let flood = flooding.record(flood.receipt);
    let meanwhile = flooding.host.calls();
    let meanwhile = meanwhile.iter().filter(|call| flood.intent < call.intent && call.end < flood.end);
    assert!(meanwhile.count() > 0, "nobody was answered before the flood was over");
}
