//! The stack of WebAssembly code.

use mpp_host::outcome::LimitKind;
use mpp_host::policy::Limits;

use super::{run, stopped};
use crate::support::{Draft, Scene};
use crate::wat_tool::WatTool;

/// A tool that calls itself so many times, and does something after each
/// return, so that no frame can be left out.
fn recursing(depth: u64) -> Vec<u8> {
    let items = "(global $sum (mut i64) (i64.const 0))
        (func $down (param i64)
            (if (i64.ne (local.get 0) (i64.const 0)) (then
                (call $down (i64.sub (local.get 0) (i64.const 1)))
                (global.set $sum (i64.add (global.get $sum) (local.get 0))))))";
    WatTool { items, invoke: &format!("(call $down (i64.const {depth}))"), ..WatTool::IDLE }.component()
}

/// A host has one size of stack for all its tools.
fn scene(component: Vec<u8>, limits: Limits) -> Scene {
    Scene::of_draft(Draft::of_component(component)).limits(limits)
}

const SMALL: Limits = Limits { stack_bytes: 64 << 10, ..Limits::DEFAULT };

/// The deepest recursion that passes under some limits.
async fn deepest(limits: Limits) -> u64 {
    let (mut passes, mut stops) = (0, 1 << 20);
    while stops - passes > 1 {
        let depth = passes + (stops - passes) / 2;
        let ended = run(scene(recursing(depth), limits)).await;
        match ended.record.outcome.code.as_deref() {
            None => passes = depth,
            Some(_) => {
                stopped(&ended, LimitKind::Stack, "stack");
                stops = depth;
            }
        }
    }
    passes
}

#[tokio::test]
async fn recursion_without_end_stops() {
    stopped(&run(scene(recursing(u64::MAX), Limits::DEFAULT)).await, LimitKind::Stack, "stack");
}

#[tokio::test]
async fn the_deepest_recursion_takes_all_of_the_limit_and_no_more() {
    let depth = deepest(SMALL).await;
    run(scene(recursing(depth), SMALL)).await.completed();
    stopped(&run(scene(recursing(depth + 1), SMALL)).await, LimitKind::Stack, "stack");
    // A frame takes at least its return address and frame pointer.
    assert!(depth * 16 <= SMALL.stack_bytes, "{depth} calls");
    assert!(depth * 256 >= SMALL.stack_bytes, "{depth} calls");
    run(scene(recursing(depth * 4), Limits::DEFAULT)).await.completed();
}
