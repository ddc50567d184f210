//! Every limit at its edge: one under passes, one over stops, and the record
//! says which limit it was.

mod data;
mod files;
mod memory;
mod network;
mod stack;
mod time;

use mpp_host::Outcome;
use mpp_host::audit::OutcomeKind;
use mpp_host::outcome::{LimitKind, Stop};
use mpp_host::policy::Limits;
use serde_json::json;

use crate::support::{Draft, Ended, Scene};

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
