//! Where the time of a call went is told to who asks, and only to them.

use std::time::{Duration, Instant};

use mpp_host::{Outcome, Report, Request, Stages};
use serde_json::{Value, json};

use crate::support::server::{Answer, Server};
use crate::support::{Draft, Loaded, Scene, guests};
use crate::wat_tool::WatTool;

/// Calls a tool and asks where the time went.
async fn timed(tool: &Loaded, verb: &str, input: Value) -> (Report, Stages) {
    let start = Instant::now();
    let request = Request { timed: true, ..Request::new(verb, input) };
    let report = tool.tool.call(request).await.expect("it is on record");
    let stages = report.stages.expect("it was asked for");
    assert!(stages.total() <= start.elapsed(), "{stages:?}");
    (report, stages)
}

fn idle() -> Loaded {
    Scene::of_draft(Draft::of_component(WatTool::IDLE.component())).load()
}

#[tokio::test]
async fn nothing_is_measured_of_a_call_that_does_not_ask() {
    let tool = idle();
    let report = tool.tool.call(Request::new("tool", json!({}))).await.expect("it is on record");
    assert_eq!(report.stages, None);
}

#[tokio::test]
async fn every_stage_of_a_call_takes_its_time() {
    let (report, stages) = timed(&idle(), "tool", json!({})).await;
    assert!(matches!(report.outcome, Outcome::Completed(_)), "{:?}", report.outcome);
    let Stages { intent, input, queue, instantiate, guest, host_calls, teardown, output, outcome } = stages;
    assert_eq!(host_calls, Duration::ZERO, "it asks nothing of the host");
    for (stage, took) in [
        ("intent", intent),
        ("input", input),
        ("queue", queue),
        ("instantiate", instantiate),
        ("guest", guest),
        ("teardown", teardown),
        ("output", output),
        ("outcome", outcome),
    ] {
        assert!(took > Duration::ZERO, "{stage}: {stages:?}");
    }
}

#[tokio::test]
async fn a_call_that_is_refused_reaches_no_sandbox() {
    let (report, stages) = timed(&idle(), "no such tool", json!({})).await;
    assert!(matches!(report.outcome, Outcome::Refused(_)), "{:?}", report.outcome);
    let Stages { queue, instantiate, guest, host_calls, teardown, output, .. } = stages;
    assert_eq!([queue, instantiate, guest, host_calls, teardown, output], [Duration::ZERO; 6]);
}

/// The time that a server takes is the least that the host's part can be.
#[tokio::test]
async fn what_the_guest_waits_for_is_the_hosts_part() {
    const THINKS: Duration = Duration::from_millis(50);
    let server = Server::http(|_| {
        std::thread::sleep(THINKS);
        Answer::page("text/plain", "hello")
    });
    let outbound = format!("127.0.0.1:{}", server.address().port());
    let scene = Scene::of(guests::DIALS).await.declares(json!({"network": {"outbound": [outbound]}}));
    let tool = scene.allows_network("127.0.0.0/8").load();
    let (_, stages) = timed(&tool, "dial", json!({"url": format!("http://{outbound}/")})).await;
    assert!(stages.host_calls >= THINKS, "{stages:?}");
}
