//! Time and fuel: how long a tool may take, and how much it may do.

use std::time::Duration;

use mpp_host::audit::OutcomeKind;
use mpp_host::outcome::{LimitKind, Stop};
use mpp_host::policy::{Limits, LimitsRequest};
use mpp_host::{Execution, Outcome};
use serde_json::json;

use super::{run, scene, stopped};
use crate::support::Ended;
use crate::wat_tool::WatTool;

const SHORT: Duration = Duration::from_millis(200);

const SHORT_TIME: Limits = Limits { time: SHORT, ..Limits::DEFAULT };

/// Much more than a call takes to be stopped on a busy machine.
const LONG: Duration = Duration::from_secs(25);

const FOR_EVER: &str = "(loop $again (br $again))";

/// A tool that counts down from a number.
fn counting(from: u64) -> Vec<u8> {
    let items = format!("(global $left (mut i64) (i64.const {from}))");
    let invoke = "(loop $again
        (global.set $left (i64.sub (global.get $left) (i64.const 1)))
        (br_if $again (i64.ne (global.get $left) (i64.const 0))))";
    WatTool { items: &items, invoke, ..WatTool::IDLE }.component()
}

#[track_caller]
fn timed_out(ended: &Ended) {
    assert_eq!(ended.report.outcome, Outcome::Stopped(Stop::TimedOut(SHORT)));
    assert_eq!(ended.record.outcome.kind, OutcomeKind::Timeout);
    assert_eq!(ended.record.outcome.code, None);
    let took = Duration::from_micros(ended.record.usage.wall_us);
    assert!((SHORT..LONG).contains(&took), "it took {took:?} to stop");
}

#[tokio::test]
async fn a_loop_without_end_is_stopped_at_the_time_limit() {
    let tool = WatTool { invoke: FOR_EVER, ..WatTool::IDLE }.component();
    timed_out(&run(scene(tool, SHORT_TIME)).await);
}

#[tokio::test]
async fn a_loop_without_end_is_stopped_at_the_time_limit_where_fuel_is_counted_too() {
    let tool = WatTool { invoke: FOR_EVER, ..WatTool::IDLE }.component();
    let ended = run(scene(tool, SHORT_TIME).execution(Execution::Deterministic)).await;
    timed_out(&ended);
    assert!(ended.record.usage.fuel.is_some_and(|fuel| fuel > 0));
}

#[tokio::test]
async fn a_loop_of_host_calls_is_stopped_at_the_time_limit() {
    let tool = WatTool {
        imports: r#"(import "mpp:tool/log@0.1.0" "write" (func $log (param i32 i32 i32)))"#,
        invoke: "(loop $again (call $log (i32.const 0) (i32.const 0) (i32.const 1)) (br $again))",
        ..WatTool::IDLE
    };
    timed_out(&run(scene(tool.component(), SHORT_TIME)).await);
}

#[tokio::test]
async fn a_start_function_without_end_is_stopped_at_the_time_limit() {
    let items = format!("(func $begin {FOR_EVER}) (start $begin)");
    let tool = WatTool { items: &items, ..WatTool::IDLE }.component();
    timed_out(&run(scene(tool, SHORT_TIME)).await);
}

/// `wasi:io/poll` waits in the host, where no epoch reaches.
#[tokio::test]
async fn waiting_in_the_host_is_stopped_at_the_time_limit() {
    let tool = WatTool {
        world: "package test:tool;
            world test { include mpp:tool/tool@0.1.0; import wasi:clocks/monotonic-clock@0.2.0; }
            package wasi:io@0.2.0 { interface poll { resource pollable { block: func(); } } }
            package wasi:clocks@0.2.0 { interface monotonic-clock {
                use wasi:io/poll@0.2.0.{pollable};
                subscribe-duration: func(when: u64) -> pollable;
            } }",
        imports: r#"
            (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $after (param i64) (result i32)))
            (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))"#,
        invoke: "(call $block (call $after (i64.const 3600000000000)))",
        ..WatTool::IDLE
    };
    timed_out(&run(scene(tool.component(), SHORT_TIME).declares(json!({"clock": true}))).await);
}

#[tokio::test]
async fn a_tool_that_ends_in_time_passes() {
    let limits = Limits { time: LONG, ..Limits::DEFAULT };
    run(scene(counting(1_000_000), limits)).await.completed();
}

#[tokio::test]
async fn a_package_lowers_the_time_it_may_take() {
    let tool = WatTool { invoke: FOR_EVER, ..WatTool::IDLE }.component();
    let request = LimitsRequest { time_ms: Some(200), ..LimitsRequest::NONE };
    timed_out(&run(scene(tool, Limits::DEFAULT).requests(request)).await);
}

/// Loops that stay within one slice of fuel, and that need several.
const LOOPS: [u64; 2] = [1_000, 5_000_000];

async fn with_fuel(loops: u64, fuel: Option<u64>) -> Ended {
    let limits = Limits { fuel, ..Limits::DEFAULT };
    run(scene(counting(loops), limits).execution(Execution::Deterministic)).await
}

async fn fuel_of(loops: u64) -> u64 {
    let ended = with_fuel(loops, None).await;
    ended.completed();
    assert_eq!(ended.report.usage.fuel, ended.record.usage.fuel);
    ended.record.usage.fuel.expect("fuel is counted")
}

#[tokio::test]
async fn the_fuel_that_a_call_used_is_enough_for_it() {
    for loops in LOOPS {
        let used = fuel_of(loops).await;
        assert!(used >= loops);
        let ended = with_fuel(loops, Some(used)).await;
        ended.completed();
        assert_eq!(ended.record.usage.fuel, Some(used));
    }
}

/// The engine looks at what is left when a loop begins anew and when a function
/// is entered, so that the last few instructions are free. The edge is sharp
/// all the same, and always in the same place.
#[tokio::test]
async fn one_unit_of_fuel_decides_and_always_the_same() {
    for loops in LOOPS {
        let used = fuel_of(loops).await;
        let (mut stops, mut passes) = (used - 64, used);
        stopped(&with_fuel(loops, Some(stops)).await, LimitKind::Fuel, "fuel");
        while passes - stops > 1 {
            let fuel = stops + (passes - stops) / 2;
            match with_fuel(loops, Some(fuel)).await.record.outcome.code {
                None => passes = fuel,
                Some(_) => stops = fuel,
            }
        }
        for _ in 0..3 {
            with_fuel(loops, Some(passes)).await.completed();
            stopped(&with_fuel(loops, Some(stops)).await, LimitKind::Fuel, "fuel");
        }
    }
}

#[tokio::test]
async fn no_fuel_at_all_stops() {
    stopped(&with_fuel(1, Some(0)).await, LimitKind::Fuel, "fuel");
}

#[tokio::test]
async fn a_package_lowers_the_fuel_it_may_use() {
    let request = LimitsRequest { fuel: Some(100), ..LimitsRequest::NONE };
    let ended =
        run(scene(counting(1_000), Limits::DEFAULT).requests(request).execution(Execution::Deterministic))
            .await;
    stopped(&ended, LimitKind::Fuel, "fuel");
}

#[tokio::test]
async fn fuel_is_not_counted_where_time_alone_decides() {
    let ended = run(scene(counting(1_000), Limits::DEFAULT)).await;
    ended.completed();
    assert_eq!(ended.record.usage.fuel, None);
}
