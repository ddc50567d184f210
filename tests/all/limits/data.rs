//! What goes in and out: the input, the answer, the log, what one host call
//! carries, and random bytes.

use mpp_host::audit::OutcomeKind;
use mpp_host::journal::{Level, LogLine, LogSource};
use mpp_host::outcome::{BadOutput, LimitKind, Refusal};
use mpp_host::policy::{Limits, LimitsRequest, limits};
use mpp_host::{Outcome, Request};
use serde_json::json;

use super::{run, scene, stopped};
use crate::support::{Ended, Scene};
use crate::wat_tool::{DATA, WatTool, answer_structured, answer_text};

/// A JSON object of exactly so many bytes.
fn input(bytes: usize) -> String {
    format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8))
}

async fn call(scene: Scene, input: String) -> Ended {
    scene.load().call_as(Request::new("tool", input)).await
}

#[tokio::test]
async fn input_that_fills_its_limit_passes() {
    let limits = Limits { input_bytes: 100, ..Limits::DEFAULT };
    let ended = call(scene(WatTool::IDLE.component(), limits), input(100)).await;
    ended.completed();
    assert_eq!(ended.record.usage.input_bytes, 100);
}

#[tokio::test]
async fn input_beyond_its_limit_is_refused_before_any_guest_code() {
    let limits = Limits { input_bytes: 100, ..Limits::DEFAULT };
    let tool = WatTool { invoke: "(unreachable)", ..WatTool::IDLE }.component();
    let ended = call(scene(tool, limits), input(101)).await;
    let refusal = Refusal::InputTooLarge { bytes: 101, limit: 100 };
    assert_eq!(ended.report.outcome, Outcome::Refused(refusal));
    assert_eq!(ended.record.outcome.kind, OutcomeKind::Refused);
    assert_eq!(ended.record.outcome.code.as_deref(), Some("input-too-large"));
    assert_eq!(ended.record.usage.peak_memory_bytes, 0);
}

#[tokio::test]
async fn input_of_the_default_limit_reaches_a_tool() {
    let bytes = usize::try_from(limits::DEFAULT_INPUT_BYTES).expect("it fits");
    let ended = call(scene(WatTool::IDLE.component(), Limits::DEFAULT), input(bytes)).await;
    ended.completed();
    assert_eq!(ended.record.input.len(), bytes);
}

/// A tool whose answer is a JSON string of so many bytes, quotes included.
fn answering_structured(bytes: u32) -> Vec<u8> {
    let invoke = format!(
        "(memory.fill (i32.const 65536) (i32.const 120) (i32.const {bytes}))
         (i32.store8 (i32.const 65536) (i32.const 34))
         (i32.store8 (i32.const {last}) (i32.const 34))
         {answer}",
        last = 65_536 + bytes - 1,
        answer = answer_structured(65_536, bytes),
    );
    WatTool { memory: &pages(bytes), invoke: &invoke, ..WatTool::IDLE }.component()
}

/// A tool whose answer is one text of so many bytes.
fn answering_text(bytes: u32) -> Vec<u8> {
    let invoke = format!(
        "(memory.fill (i32.const 65536) (i32.const 120) (i32.const {bytes})) {answer}",
        answer = answer_text(65_536, bytes),
    );
    WatTool { memory: &pages(bytes), invoke: &invoke, ..WatTool::IDLE }.component()
}

/// Pages that hold so many bytes from the second page on.
fn pages(bytes: u32) -> String {
    (bytes.div_ceil(65_536) + 1).to_string()
}

fn too_large(ended: &Ended, bytes: u64, limit: u64) {
    assert_eq!(ended.report.outcome, Outcome::BadOutput(BadOutput::TooLarge { bytes, limit }));
    assert_eq!(ended.record.outcome.kind, OutcomeKind::BadOutput);
    assert_eq!(ended.record.outcome.code.as_deref(), Some("too-large"));
    assert_eq!(ended.record.output, None);
}

const LITTLE_OUTPUT: Limits = Limits { output_bytes: 1_000, ..Limits::DEFAULT };

#[tokio::test]
async fn an_answer_that_fills_its_limit_passes() {
    run(scene(answering_structured(1_000), LITTLE_OUTPUT)).await.completed();
    let ended = run(scene(answering_text(1_000), LITTLE_OUTPUT)).await;
    assert_eq!(ended.text().len(), 1_000);
}

#[tokio::test]
async fn an_answer_beyond_its_limit_is_withheld() {
    for tool in [answering_structured(1_001), answering_text(1_001)] {
        too_large(&run(scene(tool, LITTLE_OUTPUT)).await, 1_001, 1_000);
    }
}

#[tokio::test]
async fn a_package_lowers_the_answer_it_may_give() {
    let request = LimitsRequest { output_bytes: Some(10), ..LimitsRequest::NONE };
    run(scene(answering_text(10), Limits::DEFAULT).requests(request)).await.completed();
    too_large(&run(scene(answering_text(11), Limits::DEFAULT).requests(request)).await, 11, 10);
}

/// The default is larger than what one host call may carry.
#[tokio::test]
async fn an_answer_of_the_default_limit_passes_and_one_byte_more_is_withheld() {
    let limit = limits::DEFAULT_OUTPUT_BYTES;
    let bytes = u32::try_from(limit).expect("it fits");
    for tool in [answering_structured(bytes), answering_text(bytes)] {
        run(scene(tool, Limits::DEFAULT)).await.completed();
    }
    for tool in [answering_structured(bytes + 1), answering_text(bytes + 1)] {
        too_large(&run(scene(tool, Limits::DEFAULT)).await, limit + 1, limit);
    }
}

#[tokio::test]
async fn an_answer_as_large_as_memory_is_stopped_where_it_is_copied() {
    let ended = run(scene(answering_text(60 << 20), Limits::DEFAULT)).await;
    stopped(&ended, LimitKind::Transfer, "transfer");
}

/// A tool that logs so many bytes in one message.
fn logging(bytes: u32) -> Vec<u8> {
    let invoke = format!(
        "(memory.fill (i32.const 65536) (i32.const 120) (i32.const {bytes}))
         (call $log (i32.const 2) (i32.const 65536) (i32.const {bytes}))"
    );
    WatTool {
        imports: r#"(import "mpp:tool/log@0.1.0" "write" (func $log (param i32 i32 i32)))"#,
        memory: &pages(bytes),
        invoke: &invoke,
        ..WatTool::IDLE
    }
    .component()
}

/// What one host call carries. The engine has one limit for this and for
/// answers, so that it must be clear of theirs.
const TRANSFER: u32 = 2 << 20;

const LITTLE_TRANSFER: Limits =
    Limits { hostcall_bytes: TRANSFER as u64, output_bytes: 1_000, ..Limits::DEFAULT };

#[tokio::test]
async fn a_host_call_that_fills_its_limit_passes() {
    let ended = run(scene(logging(TRANSFER), LITTLE_TRANSFER)).await;
    ended.completed();
    assert_eq!(ended.record.usage.log_bytes, u64::from(TRANSFER));
}

#[tokio::test]
async fn a_host_call_beyond_its_limit_stops() {
    for bytes in [TRANSFER + 1, 60 << 20] {
        let ended = run(scene(logging(bytes), LITTLE_TRANSFER)).await;
        stopped(&ended, LimitKind::Transfer, "transfer");
        assert_eq!(ended.record.usage.log_bytes, 0);
    }
}

/// A length that points beyond memory is no transfer at all.
#[tokio::test]
async fn an_absurd_size_is_a_trap() {
    let tool = WatTool {
        imports: r#"(import "mpp:tool/log@0.1.0" "write" (func $log (param i32 i32 i32)))"#,
        invoke: "(call $log (i32.const 0) (i32.const 16) (i32.const -1))",
        ..WatTool::IDLE
    };
    let ended = run(scene(tool.component(), Limits::DEFAULT)).await;
    assert_eq!(ended.record.outcome.kind, OutcomeKind::Trap);
}

async fn logged(bytes: u32, log_bytes: u64) -> Ended {
    let limits = Limits { log_bytes, ..Limits::DEFAULT };
    let ended = run(scene(logging(bytes), limits)).await;
    ended.completed();
    assert_eq!(ended.record.usage.log_bytes, u64::from(bytes));
    ended
}

#[tokio::test]
async fn a_log_that_fills_its_limit_is_kept_whole() {
    let ended = logged(1_000, 1_000).await;
    assert_eq!(ended.record.cut_bytes, 0);
    assert_eq!(ended.record.log[0].text, "x".repeat(1_000));
    let line = LogLine { source: LogSource::Log(Level::Info), text: "x".repeat(1_000) };
    assert_eq!(ended.report.log, [line]);
}

#[tokio::test]
async fn a_log_beyond_its_limit_is_cut_and_the_cut_is_counted() {
    let ended = logged(1_001, 1_000).await;
    assert_eq!(ended.record.cut_bytes, 1);
    assert_eq!(ended.record.log[0].text, "x".repeat(1_000));
}

#[tokio::test]
async fn no_log_at_all_is_a_limit_too() {
    let ended = logged(5, 0).await;
    assert_eq!(ended.record.cut_bytes, 5);
    assert_eq!(ended.record.log, []);
}

/// A tool that draws so many bytes with one call of a function.
fn drawing(world: &str, import: &str, call: &str) -> Vec<u8> {
    WatTool { world, imports: import, invoke: call, ..WatTool::IDLE }.component()
}

fn drawing_by_the_contract(bytes: u32) -> Vec<u8> {
    drawing(
        WatTool::IDLE.world,
        r#"(import "mpp:tool/random@0.1.0" "bytes" (func $bytes (param i32 i32)))"#,
        &format!("(call $bytes (i32.const {bytes}) (i32.const {DATA}))"),
    )
}

fn drawing_by_wasi(interface: &str, function: &str, bytes: u64) -> Vec<u8> {
    drawing(
        &format!(
            "package test:tool;
             world test {{ include mpp:tool/tool@0.1.0; import wasi:random/{interface}@0.2.0; }}
             package wasi:random@0.2.0 {{ interface {interface} {{ {function}: func(len: u64) -> list<u8>; }} }}"
        ),
        &format!(r#"(import "wasi:random/{interface}@0.2.0" "{function}" (func $bytes (param i64 i32)))"#),
        &format!("(call $bytes (i64.const {bytes}) (i32.const {DATA}))"),
    )
}

async fn draw(tool: Vec<u8>) -> Ended {
    run(scene(tool, Limits::DEFAULT).declares(json!({"random": true}))).await
}

#[tokio::test]
async fn as_many_random_bytes_as_the_contract_promises_pass() {
    draw(drawing_by_the_contract(65_536)).await.completed();
    draw(drawing_by_wasi("random", "get-random-bytes", 65_536)).await.completed();
    draw(drawing_by_wasi("insecure", "get-insecure-random-bytes", 65_536)).await.completed();
}

#[tokio::test]
async fn one_random_byte_more_stops() {
    stopped(&draw(drawing_by_the_contract(65_537)).await, LimitKind::Random, "random");
}

#[tokio::test]
async fn one_random_byte_more_by_wasi_stops() {
    for (interface, function) in [("random", "get-random-bytes"), ("insecure", "get-insecure-random-bytes")] {
        stopped(&draw(drawing_by_wasi(interface, function, 65_537)).await, LimitKind::Random, "random");
    }
}
