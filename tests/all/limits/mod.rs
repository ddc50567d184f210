//! Every limit at its edge: one under passes, one over stops, and the record
//! says which limit it was.

mod data;
mod files;
mod memory;
mod network;
mod schemas;
mod stack;
mod time;

use mpp_host::Outcome;
use mpp_host::audit::OutcomeKind;
use mpp_host::outcome::{LimitKind, Stop};
use mpp_host::policy::{Limits, LimitsRequest};
use serde_json::json;

use crate::support::{Draft, Ended, Scene};
use crate::wat_tool::WatTool;

/// A component under an operator's limits, on a host that is laid out for the
/// default ones.
fn scene(component: Vec<u8>, limits: Limits) -> Scene {
    let scene = Scene::of_draft(Draft::of_component(component)).limits(limits);
    scene.host(|builder| builder.largest_limits(Limits::DEFAULT))
}

async fn run(scene: Scene) -> Ended {
    scene.load().call("tool", json!({})).await
}

/// The call was stopped at this limit, and its record names it.
#[track_caller]
fn stopped(ended: &Ended, kind: LimitKind, code: &str) {
    assert_eq!(ended.report.outcome, Outcome::Stopped(Stop::Limit(kind)));
    assert_eq!(ended.record.outcome.kind, OutcomeKind::Limit);
    assert_eq!(ended.record.outcome.code.as_deref(), Some(code));
    assert_eq!(ended.record.output, None);
}

/// The record shows the limits that were in force: the operator's, each lowered
/// to what the package asks for.
#[tokio::test]
async fn the_limits_in_force_are_on_record() {
    let operator = Limits { memory_bytes: 1 << 20, open_files: 3, ..Limits::DEFAULT };
    let request = LimitsRequest { memory_bytes: Some(2 << 20), open_files: Some(1), ..LimitsRequest::NONE };
    let ended = run(scene(WatTool::IDLE.component(), operator).requests(request)).await;
    ended.completed();
    let in_force = Limits { memory_bytes: 1 << 20, open_files: 1, ..Limits::DEFAULT };
    let in_force = serde_json::to_value(in_force).expect("limits can be written");
    assert_eq!(ended.record.limits, in_force);
}
