//! Nothing is left of a call: no memory, no file handle, no place in the pool,
//! and no call goes unrecorded because its caller went away.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use mpp_host::audit::OutcomeKind;
use mpp_host::policy::Limits;
use mpp_host::{Outcome, Request};
use serde_json::json;

use crate::support::{Draft, Loaded, Scene};
use crate::wat_tool::{DATA, RETURNED, WatTool};

/// Set for a process of a test's own.
const ALONE: &str = "MPP_TEST_ALONE";

/// A tool that opens a file and never closes it, and uses some memory.
fn careless() -> Draft {
    let invoke = format!(
        "(call $open (i32.const {DATA}) (i32.const 10) (i32.const {RETURNED}))
         (if (i32.load8_u (i32.const {RETURNED})) (then (unreachable)))
         (drop (memory.grow (i32.const 16)))
         (memory.fill (i32.const 65536) (i32.const 1) (i32.const 1048576))"
    );
    let items = format!(r#"(data (i32.const {DATA}) "/data/file")"#);
    let imports = r#"(import "mpp:tool/fs@0.1.0" "open" (func $open (param i32 i32 i32)))"#;
    Draft::of_component(WatTool { imports, items: &items, invoke: &invoke, ..WatTool::IDLE }.component())
}

fn endless() -> Draft {
    Draft::of_component(WatTool { invoke: "(loop $again (br $again))", ..WatTool::IDLE }.component())
}

fn idle() -> Draft {
    Draft::of_component(WatTool::IDLE.component())
}

fn crashing() -> Draft {
    Draft::of_component(WatTool { invoke: "(unreachable)", ..WatTool::IDLE }.component())
}

/// Memory of this process that is in use, in bytes.
fn resident() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").expect("the system tells");
    let pages = pages.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).expect("a number");
    pages * 4096
}

/// Handles of this process to anything.
fn handles() -> usize {
    fs::read_dir("/proc/self/fd").expect("the system tells").count()
}

/// Handles of this process to one file.
fn handles_to(file: &Path) -> usize {
    let file = fs::metadata(file).expect("the file is there");
    let handles = fs::read_dir("/proc/self/fd").expect("the system tells");
    let to_file = |path: &Path| {
        fs::metadata(path).is_ok_and(|found| (found.dev(), found.ino()) == (file.dev(), file.ino()))
    };
    handles.filter_map(Result::ok).filter(|handle| to_file(&handle.path())).count()
}

/// Calls a tool so often, whatever the outcome.
async fn calls(tool: &Loaded, times: usize, outcome: OutcomeKind) {
    for _ in 0..times {
        let report = tool.tool.call(Request::new("tool", "{}")).await.expect("it is on record");
        assert_eq!(report.outcome.kind(), outcome);
    }
}

/// Other tests of this process open files and use memory too, so this one runs
/// in a process of its own.
#[test]
fn a_thousand_calls_leave_no_memory_and_no_handle_behind() {
    if std::env::var_os(ALONE).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        return runtime.expect("a runtime").block_on(a_thousand_calls());
    }
    let test = "leaks::a_thousand_calls_leave_no_memory_and_no_handle_behind";
    // This program, also where it has been built anew since it was started.
    let mut alone = std::process::Command::new("/proc/self/exe");
    let output =
        alone.args(["--exact", test, "--nocapture"]).env(ALONE, "1").output().expect("it can be started");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("1 passed"), "{said}");
}

async fn a_thousand_calls() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("file");
    fs::write(&file, "contents").expect("a file can be written");
    let careless = Scene::of_draft(careless())
        .declares(json!({"filesystem": {"read": ["/data"]}}))
        .maps("/data", directory.path())
        .host(|builder| builder.concurrent_calls(1))
        .load();
    let crashing = Scene::of_draft(crashing()).host(|builder| builder.concurrent_calls(1)).load();
    calls(&careless, 100, OutcomeKind::Ok).await;
    calls(&crashing, 100, OutcomeKind::Trap).await;
    let (memory, open) = (resident(), handles());
    calls(&careless, 800, OutcomeKind::Ok).await;
    calls(&crashing, 200, OutcomeKind::Trap).await;
    assert_eq!(handles(), open);
    assert_eq!(handles_to(&file), 0);
    // A megabyte was touched in each of these calls, eight hundred in sum.
    let grown = resident().saturating_sub(memory);
    assert!(grown < 16 << 20, "{} KiB more than before", grown >> 10);
}

/// One place in the pool, a thousand calls, and each way in which a guest ends.
#[tokio::test]
async fn every_way_to_end_gives_its_place_back() {
    let one_place = |draft: Draft, limits: Limits| {
        Scene::of_draft(draft).limits(limits).host(|builder| builder.concurrent_calls(1)).load()
    };
    let short = Limits { time: Duration::from_millis(20), ..Limits::DEFAULT };
    calls(&one_place(endless(), short), 5, OutcomeKind::Timeout).await;
    calls(&one_place(crashing(), Limits::DEFAULT), 20, OutcomeKind::Trap).await;
    let little = Limits { memory_bytes: 0, ..Limits::DEFAULT };
    let scene = Scene::of_draft(idle()).limits(little);
    let stopped = scene.host(|builder| builder.concurrent_calls(1).largest_limits(Limits::DEFAULT)).load();
    calls(&stopped, 20, OutcomeKind::Limit).await;
}

/// Several packages of one host share its places.
#[tokio::test]
async fn packages_of_one_host_share_its_places() {
    let tool = Scene::of_draft(idle()).host(|builder| builder.concurrent_calls(1)).load();
    let policy = mpp_host::policy::OperatorPolicy::approving(mpp_host::policy::Permissions::none());
    let other = tool.host.load(crashing().signed(), &policy).expect("a host has any number of packages");
    for _ in 0..20 {
        calls(&tool, 1, OutcomeKind::Ok).await;
        let report = other.call(Request::new("tool", "{}")).await.expect("it is on record");
        assert_eq!(report.outcome.kind(), OutcomeKind::Trap);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_calls_at_once_against_a_pool_of_fifty_all_finish() {
    let tool = Scene::of_draft(idle()).host(|builder| builder.concurrent_calls(50)).load();
    let running: Vec<_> = (0..200)
        .map(|_| {
            let tool = tool.tool.clone();
            tokio::spawn(async move { tool.call(Request::new("tool", "{}")).await })
        })
        .collect();
    let mut places = Vec::new();
    for call in running {
        let report = call.await.expect("the task ends").expect("it is on record");
        assert!(matches!(report.outcome, Outcome::Completed(_)), "{:?}", report.outcome);
        places.push(report.receipt.seq);
    }
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), 200, "each has an outcome of its own");
    assert_eq!(tool.host.calls().len(), 200);
    assert_eq!(tool.host.audit.head().seq, 400, "and an intent, and nothing else");
}

/// What is waiting for a place does not use up its time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_a_place_is_not_counted_against_a_tool() {
    let limits = Limits { time: Duration::from_millis(300), ..Limits::DEFAULT };
    let endless =
        Scene::of_draft(endless()).limits(limits).host(|builder| builder.concurrent_calls(1)).load();
    let policy = mpp_host::policy::OperatorPolicy {
        limits: Limits { time: Duration::from_millis(250), ..Limits::DEFAULT },
        ..mpp_host::policy::OperatorPolicy::approving(mpp_host::policy::Permissions::none())
    };
    let idle = endless.host.load(idle().signed(), &policy).expect("it loads");
    let occupying = endless.tool.clone();
    let occupying = tokio::spawn(async move { occupying.call(Request::new("tool", "{}")).await });
    let waited = idle.call(Request::new("tool", "{}")).await.expect("it is on record");
    assert!(matches!(waited.outcome, Outcome::Completed(_)), "{:?}", waited.outcome);
    let occupied = occupying.await.expect("the task ends").expect("it is on record");
    assert_eq!(occupied.outcome.kind(), OutcomeKind::Timeout);
}

/// Kinds of the calls on record, once there are so many.
async fn outcomes(tool: &Loaded, records: usize) -> Vec<OutcomeKind> {
    let begun = Instant::now();
    loop {
        let (calls, others) = tool.host.on_record();
        assert!(others.iter().all(|record| record.event().is_none()), "{others:#?}");
        if calls.len() >= records {
            return calls.iter().map(|call| call.outcome.kind).collect();
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "only {calls:#?}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_caller_goes_away_is_cancelled_recorded_and_gives_its_place_back() {
    let tool = Scene::of_draft(endless()).host(|builder| builder.concurrent_calls(1)).load();
    let policy = mpp_host::policy::OperatorPolicy::approving(mpp_host::policy::Permissions::none());
    let idle = tool.host.load(idle().signed(), &policy).expect("it loads");
    let endless = tool.tool.call(Request::new("tool", "{}"));
    let gone = tokio::time::timeout(Duration::from_millis(100), endless).await;
    assert!(gone.is_err(), "it ended by itself");
    let report = idle.call(Request::new("tool", "{}")).await.expect("it is on record");
    assert!(matches!(report.outcome, Outcome::Completed(_)), "{:?}", report.outcome);
    let mut outcomes = outcomes(&tool, 2).await;
    outcomes.sort_unstable_by_key(|kind| kind.as_str());
    assert_eq!(outcomes, [OutcomeKind::Cancelled, OutcomeKind::Ok]);
}

/// A caller that goes away before its call got a place: no guest ran.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_cancelled_while_it_waits_leaves_its_record_too() {
    let limits = Limits { time: Duration::from_secs(2), ..Limits::DEFAULT };
    let tool = Scene::of_draft(endless()).limits(limits).host(|builder| builder.concurrent_calls(1)).load();
    let occupying = tool.tool.clone();
    let occupying = tokio::spawn(async move { occupying.call(Request::new("tool", "{}")).await });
    let waiting = tool.tool.call(Request::new("tool", "{}"));
    let gone = tokio::time::timeout(Duration::from_millis(100), waiting).await;
    assert!(gone.is_err(), "it ended by itself");
    assert_eq!(outcomes(&tool, 1).await, [OutcomeKind::Cancelled]);
    let report = occupying.await.expect("the task ends").expect("it is on record");
    assert_eq!(report.outcome.kind(), OutcomeKind::Timeout);
}
