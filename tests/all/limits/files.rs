//! Handles, files open at once, and bytes written, in both shapes in which a
//! tool reaches files.

use std::fs;

use mpp_host::audit::{OutcomeKind, Usage};
use mpp_host::outcome::LimitKind;
use mpp_host::policy::{Limits, LimitsRequest};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{run, scene, stopped};
use crate::support::{Guest, Scene, guests};
use crate::wat_tool::{DATA, RETURNED, WatTool};

/// A tool that opens the same file so many times, dropping each reader or none.
fn opening(times: u32, drop: bool) -> Vec<u8> {
    let drop = if drop {
        format!("(call $drop (i32.load offset={} (i32.const 0)))", RETURNED + 4)
    } else {
        String::new()
    };
    let invoke = format!(
        "(loop $again
            (call $open (i32.const {DATA}) (i32.const 10) (i32.const {RETURNED}))
            (if (i32.load8_u (i32.const {RETURNED})) (then (unreachable)))
            {drop}
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const {times}))))"
    );
    let imports = r#"
        (import "mpp:tool/fs@0.1.0" "open" (func $open (param i32 i32 i32)))
        (import "mpp:tool/fs@0.1.0" "[resource-drop]reader" (func $drop (param i32)))"#;
    let items = format!(r#"(data (i32.const {DATA}) "/data/file")"#);
    WatTool { imports, items: &items, invoke: &invoke, ..WatTool::IDLE }.component()
}

const EIGHT_HANDLES: Limits = Limits { handles: 8, open_files: 1_000, ..Limits::DEFAULT };

#[tokio::test]
async fn as_many_handles_as_the_limit_allows_pass_and_one_more_stops() {
    let directory = tempfile::tempdir().expect("a directory");
    run(with_files(scene(opening(8, false), EIGHT_HANDLES), &directory)).await.completed();
    let ended = run(with_files(scene(opening(9, false), EIGHT_HANDLES), &directory)).await;
    stopped(&ended, LimitKind::Handles, "handles");
}

#[tokio::test]
async fn a_handle_that_is_dropped_no_longer_counts() {
    let directory = tempfile::tempdir().expect("a directory");
    let ended = run(with_files(scene(opening(1_000, true), EIGHT_HANDLES), &directory)).await;
    ended.completed();
    assert_eq!(ended.record.usage.peak_open_files, 1);
}

/// Handles to resources of the tool's own take no place in a table of the
/// host's, and the engine counts them all the same.
#[tokio::test]
async fn handles_to_a_tools_own_resources_count_too() {
    let minting = |times: u32| {
        let invoke = format!(
            "(loop $again
                (drop (call $mint (i32.const 0)))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $i) (i32.const {times}))))"
        );
        WatTool {
            world: "package test:tool;
                interface minted { resource coin; }
                world test { include mpp:tool/tool@0.1.0; export minted; }",
            imports: r#"(import "[export]test:tool/minted" "[resource-new]coin" (func $mint (param i32) (result i32)))"#,
            invoke: &invoke,
            ..WatTool::IDLE
        }
        .component()
    };
    run(scene(minting(8), EIGHT_HANDLES)).await.completed();
    stopped(&run(scene(minting(9), EIGHT_HANDLES)).await, LimitKind::Handles, "handles");
}

/// The two shapes of reading and of writing.
const READING: [Guest; 2] = [guests::READS_FILES, guests::READS_FILES_BY_STD];
const WRITING: [Guest; 2] = [guests::WRITES_FILES, guests::WRITES_FILES_BY_STD];

/// A tool that may read and write a directory with one file in it.
fn with_files(scene: Scene, directory: &TempDir) -> Scene {
    fs::write(directory.path().join("file"), "contents").expect("a file can be written");
    scene
        .declares(json!({"filesystem": {"read": ["/data"], "write": ["/data"]}}))
        .maps("/data", directory.path())
}

/// What a tool answered when it was called with a path.
async fn answer(scene: Scene, tool: &str, input: Value) -> (String, Usage) {
    let directory = tempfile::tempdir().expect("a directory");
    let ended = with_files(scene, &directory).load().call(tool, input).await;
    let answer = match &ended.completed().structured {
        Some(_) => ended.result().to_string(),
        None => ended.text(),
    };
    (answer, ended.record.usage)
}

#[tokio::test]
async fn as_many_files_as_the_limit_allows_are_open_at_once() {
    for guest in READING {
        let limits = Limits { open_files: 4, ..Limits::DEFAULT };
        let scene = Scene::of(guest).await.limits(limits);
        let (answer, usage) = answer(scene, "hold-open", json!({"path": "/data/file"})).await;
        assert!(answer.starts_with("4: "), "{}: {answer}", guest.name);
        assert_eq!(usage.peak_open_files, 4, "{}", guest.name);
    }
}

#[tokio::test]
async fn a_package_lowers_the_files_it_may_have_open() {
    for guest in READING {
        let request = LimitsRequest { open_files: Some(1), ..LimitsRequest::NONE };
        let scene = Scene::of(guest).await.requests(request);
        let (answer, _) = answer(scene, "hold-open", json!({"path": "/data/file"})).await;
        assert!(answer.starts_with("1: "), "{}: {answer}", guest.name);
    }
}

#[tokio::test]
async fn a_file_that_is_closed_makes_room_for_the_next() {
    for guest in READING {
        let limits = Limits { open_files: 1, ..Limits::DEFAULT };
        let scene = Scene::of(guest).await.limits(limits);
        let (answer, usage) = answer(scene, "read-again", json!({"path": "/data/file", "times": 100})).await;
        assert_eq!(answer, r#"["contents"]"#, "{}", guest.name);
        assert_eq!(usage.peak_open_files, 1, "{}", guest.name);
    }
}

#[tokio::test]
async fn bytes_written_stop_at_their_limit() {
    for guest in WRITING {
        for (limit, writes) in [(100, 10), (99, 9), (0, 0)] {
            let limits = Limits { written_bytes: limit, ..Limits::DEFAULT };
            let directory = tempfile::tempdir().expect("a directory");
            let tool = with_files(Scene::of(guest).await.limits(limits), &directory).load();
            let ended = tool.call("fill", json!({"path": "/data/new", "text": "ten bytes."})).await;
            let answer = ended.text();
            assert!(answer.starts_with(&format!("{writes}: ")), "{} {limit}: {answer}", guest.name);
            assert_eq!(ended.record.usage.written_bytes, 10 * writes, "{}", guest.name);
            let written = fs::metadata(directory.path().join("new")).expect("the file was made").len();
            assert_eq!(written, 10 * writes, "{}", guest.name);
        }
    }
}

#[tokio::test]
async fn a_package_lowers_the_bytes_it_may_write() {
    for guest in WRITING {
        let request = LimitsRequest { written_bytes: Some(30), ..LimitsRequest::NONE };
        let scene = Scene::of(guest).await.requests(request);
        let (answer, _) = answer(scene, "fill", json!({"path": "/data/new", "text": "ten bytes."})).await;
        assert!(answer.starts_with("3: "), "{}: {answer}", guest.name);
    }
}

/// A size takes room on a disk like bytes that are written.
#[tokio::test]
async fn a_size_that_is_set_counts_as_written() {
    for (bytes, allowed) in [(100, true), (101, false)] {
        let limits = Limits { written_bytes: 100, ..Limits::DEFAULT };
        let directory = tempfile::tempdir().expect("a directory");
        let scene = Scene::of(guests::WRITES_FILES_BY_STD).await.limits(limits);
        let tool = with_files(scene, &directory).load();
        let ended = tool.call("set-size", json!({"path": "/data/new", "bytes": bytes})).await;
        assert_eq!(ended.record.outcome.kind == OutcomeKind::Ok, allowed, "{:?}", ended.record.outcome);
        let size = fs::metadata(directory.path().join("new")).expect("the file was made").len();
        assert_eq!(size, if allowed { bytes } else { 0 });
    }
}

/// What one write of the contract may carry: 1 MiB.
#[tokio::test]
async fn one_write_takes_as_much_as_the_contract_says() {
    let writing = |bytes: u32, error: u32| {
        let invoke = format!(
            "(call $open (i32.const {DATA}) (i32.const 9) (i32.const 1) (i32.const {RETURNED}))
             (if (i32.load8_u (i32.const {RETURNED})) (then (unreachable)))
             (call $write (i32.load offset={handle} (i32.const 0)) (i32.const 65536) (i32.const {bytes}) (i32.const {RETURNED}))
             (if (i32.ne (i32.load8_u (i32.const {RETURNED})) (i32.const {error})) (then (unreachable)))",
            handle = RETURNED + 4,
        );
        let imports = r#"
            (import "mpp:tool/fs-write@0.1.0" "open" (func $open (param i32 i32 i32 i32)))
            (import "mpp:tool/fs-write@0.1.0" "[method]writer.write" (func $write (param i32 i32 i32 i32)))"#;
        let items = format!(r#"(data (i32.const {DATA}) "/data/new")"#);
        WatTool { imports, memory: "18", items: &items, invoke: &invoke, ..WatTool::IDLE }.component()
    };
    for (bytes, error, written) in [(1 << 20, 0, 1 << 20), ((1 << 20) + 1, 1, 0)] {
        let directory = tempfile::tempdir().expect("a directory");
        let ended = run(with_files(scene(writing(bytes, error), Limits::DEFAULT), &directory)).await;
        ended.completed();
        assert_eq!(ended.record.usage.written_bytes, written);
    }
}
