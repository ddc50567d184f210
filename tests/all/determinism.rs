//! Equal calls of a tool without clock, randomness and network are equal to
//! the byte, and to the unit of fuel.

use std::collections::BTreeSet;

use mpp_host::policy::Limits;
use mpp_host::{Execution, Outcome, Request};
use serde_json::{Value, json};

use crate::support::{Draft, Ended, Guest, Loaded, Scene, guests};
use crate::wat_tool::WatTool;

const CALLS: usize = 100;

/// Enough text that hash maps grow and words tie.
fn input() -> Value {
    let words = ["to be or not to be", "that is the question", "ça va", "日本語の文", "1 2 3", "naïve café"];
    let text: Vec<String> = (0..200).map(|line| format!("{} {line}\n", words[line % words.len()])).collect();
    json!({"text": text.concat()})
}

fn output(ended: &Ended) -> String {
    ended.completed();
    ended.record.output.clone().expect("what was released is on record")
}

async fn loaded(guest: Guest, execution: Execution) -> Loaded {
    Scene::of(guest).await.execution(execution).load()
}

/// Every output and every amount of fuel of equal calls.
async fn of_equal_calls(guest: Guest, execution: Execution) -> (BTreeSet<String>, BTreeSet<Option<u64>>) {
    let (mut outputs, mut fuel) = (BTreeSet::new(), BTreeSet::new());
    let tool = loaded(guest, execution).await;
    for _ in 0..CALLS {
        let report = tool.tool.call(Request::new("text-stats", input())).await.expect("it is on record");
        let Outcome::Completed(response) = report.outcome else { panic!("{:?}", report.outcome) };
        outputs.insert(response.to_json().to_string());
        fuel.insert(report.usage.fuel);
    }
    (outputs, fuel)
}

#[tokio::test]
async fn a_hundred_equal_calls_on_each_target_have_one_output_and_one_amount_of_fuel() {
    let mut outputs = BTreeSet::new();
    for guest in [guests::TEXT_STATS, guests::TEXT_STATS_WASIP2] {
        for execution in [Execution::Timed, Execution::Deterministic] {
            let (of_calls, fuel) = of_equal_calls(guest, execution).await;
            assert_eq!(of_calls.len(), 1, "{guest:?} {execution:?}");
            assert_eq!(fuel.len(), 1, "{guest:?} {execution:?}: {fuel:?}");
            assert_eq!(fuel.iter().all(Option::is_some), execution == Execution::Deterministic);
            outputs.extend(of_calls);
        }
    }
    assert_eq!(outputs.len(), 1, "the targets differ: {outputs:?}");
}

#[tokio::test]
async fn another_host_with_the_same_package_uses_the_same_fuel() {
    let mut fuel = BTreeSet::new();
    for _ in 0..3 {
        let ended =
            loaded(guests::TEXT_STATS, Execution::Deterministic).await.call("text-stats", input()).await;
        output(&ended);
        fuel.insert(ended.record.usage.fuel);
    }
    assert_eq!(fuel.len(), 1, "{fuel:?}");
}

/// The standard library reaches for randomness, time and the environment
/// without being asked.
#[tokio::test]
async fn what_the_standard_library_sees_is_the_same_every_time() {
    let tool = loaded(guests::USES_STD, Execution::Deterministic).await;
    let (mut outputs, mut fuel) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..10 {
        let ended = tool.call("look", json!({})).await;
        outputs.insert(output(&ended));
        fuel.insert(ended.record.usage.fuel);
    }
    assert_eq!((outputs.len(), fuel.len()), (1, 1), "{outputs:?} {fuel:?}");
}

/// The point where a call runs out of fuel is the same, whatever it had to
/// wait for: the bytes it wrote until then tell.
#[tokio::test]
async fn a_call_that_runs_out_of_fuel_always_does_at_the_same_point() {
    let tool = WatTool {
        imports: r#"(import "mpp:tool/log@0.1.0" "write" (func $log (param i32 i32 i32)))"#,
        invoke: "(loop $again (call $log (i32.const 0) (i32.const 0) (i32.const 1)) (br $again))",
        ..WatTool::IDLE
    };
    let draft = Draft::of_component(tool.component());
    let limits = Limits { fuel: Some(1_000_000), ..Limits::DEFAULT };
    let tool = Scene::of_draft(draft).limits(limits).execution(Execution::Deterministic).load();
    let mut logged = BTreeSet::new();
    for _ in 0..10 {
        let ended = tool.call("tool", json!({})).await;
        assert_eq!(ended.record.outcome.code.as_deref(), Some("fuel"));
        logged.insert((ended.record.usage.log_bytes, ended.record.usage.fuel));
    }
    assert_eq!(logged.len(), 1, "{logged:?}");
}

/// Which NaN an operation makes is up to the machine unless it is made one.
#[tokio::test]
async fn a_nan_has_one_form() {
    let tool = WatTool {
        invoke: "(if (i64.ne
                (i64.reinterpret_f64 (f64.div (f64.const 0) (f64.const 0)))
                (i64.const 0x7ff8000000000000)) (then (unreachable)))
            (if (i64.ne
                (i64.reinterpret_f64 (f64.add (f64.const nan:0x4000000000001) (f64.const 1)))
                (i64.const 0x7ff8000000000000)) (then (unreachable)))
            (if (i32.ne
                (i32.reinterpret_f32 (f32.sqrt (f32.const -1)))
                (i32.const 0x7fc00000)) (then (unreachable)))",
        ..WatTool::IDLE
    };
    let draft = Draft::of_component(tool.component());
    Scene::of_draft(draft).load().call("tool", json!({})).await.completed();
}

/// A tool that may differ is told which call it serves; one that may not, is not.
#[tokio::test]
async fn only_a_tool_that_may_differ_is_told_which_call_it_serves() {
    // The fifth flat argument of `invoke` says whether there is an id.
    let tool = |present: u32| {
        let invoke = format!("(if (i32.ne (local.get 4) (i32.const {present})) (then (unreachable)))");
        Draft::of_component(WatTool { invoke: &invoke, ..WatTool::IDLE }.component())
    };
    Scene::of_draft(tool(0)).load().call("tool", json!({})).await.completed();
    Scene::of_draft(tool(0)).declares(json!({"env": ["A"]})).load().call("tool", json!({})).await.completed();
    for permission in ["clock", "random"] {
        Scene::of_draft(tool(1))
            .declares(json!({permission: true}))
            .load()
            .call("tool", json!({}))
            .await
            .completed();
    }
}
