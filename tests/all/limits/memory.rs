//! Linear memory and tables: how large, and how many.

use mpp_host::LoadError;
use mpp_host::audit::Stage;
use mpp_host::outcome::LimitKind;
use mpp_host::policy::{Limits, LimitsRequest, limits};

use super::{run, scene, stopped};
use crate::wat_tool::{WatTool, with_instances};

/// One page of linear memory.
const PAGE: u64 = 65_536;

const FOUR_PAGES: Limits = Limits { memory_bytes: 4 * PAGE, ..Limits::DEFAULT };

/// A tool whose memory has so many pages, and which grows it by so many.
fn growing(memory: &str, pages: u32) -> Vec<u8> {
    let invoke =
        format!("(if (i32.eq (memory.grow (i32.const {pages})) (i32.const -1)) (then (unreachable)))");
    WatTool { memory, invoke: &invoke, ..WatTool::IDLE }.component()
}

fn with_items(items: &str) -> Vec<u8> {
    WatTool { items, ..WatTool::IDLE }.component()
}

#[tokio::test]
async fn memory_that_fills_its_limit_from_the_start_passes() {
    let ended = run(scene(growing("4", 0), FOUR_PAGES)).await;
    ended.completed();
    assert_eq!(ended.record.usage.peak_memory_bytes, 4 * PAGE);
}

#[tokio::test]
async fn memory_beyond_its_limit_from_the_start_stops() {
    stopped(&run(scene(growing("5", 0), FOUR_PAGES)).await, LimitKind::Memory, "memory");
}

#[tokio::test]
async fn memory_that_grows_to_its_limit_passes() {
    let ended = run(scene(growing("1", 3), FOUR_PAGES)).await;
    ended.completed();
    assert_eq!(ended.record.usage.peak_memory_bytes, 4 * PAGE);
}

#[tokio::test]
async fn memory_that_grows_beyond_its_limit_stops() {
    let ended = run(scene(growing("1", 4), FOUR_PAGES)).await;
    stopped(&ended, LimitKind::Memory, "memory");
    assert_eq!(ended.record.usage.peak_memory_bytes, PAGE);
}

#[tokio::test]
async fn one_byte_less_than_a_page_is_a_page_less() {
    let limits = Limits { memory_bytes: 4 * PAGE - 1, ..Limits::DEFAULT };
    run(scene(growing("1", 2), limits)).await.completed();
    stopped(&run(scene(growing("1", 3), limits)).await, LimitKind::Memory, "memory");
}

#[tokio::test]
async fn several_memories_share_one_limit() {
    run(scene(with_items("(memory 3)"), FOUR_PAGES)).await.completed();
    let ended = run(scene(with_items("(memory 2) (memory 2)"), FOUR_PAGES)).await;
    stopped(&ended, LimitKind::Memory, "memory");
}

#[tokio::test]
async fn a_package_lowers_the_memory_it_may_use() {
    let request = LimitsRequest { memory_bytes: Some(2 * PAGE), ..LimitsRequest::NONE };
    run(scene(growing("1", 1), FOUR_PAGES).requests(request)).await.completed();
    let ended = run(scene(growing("1", 2), FOUR_PAGES).requests(request)).await;
    stopped(&ended, LimitKind::Memory, "memory");
}

#[tokio::test]
async fn a_package_cannot_raise_the_memory_it_may_use() {
    let request = LimitsRequest { memory_bytes: Some(64 * PAGE), ..LimitsRequest::NONE };
    let ended = run(scene(growing("1", 4), FOUR_PAGES).requests(request)).await;
    stopped(&ended, LimitKind::Memory, "memory");
}

/// A memory that is full says so to its tool, and that is no use of memory.
#[tokio::test]
async fn growth_that_the_memory_itself_refuses_is_not_counted() {
    let tool = WatTool {
        memory: "1 2",
        invoke: "(loop $again
                (if (i32.ne (memory.grow (i32.const 2)) (i32.const -1)) (then (unreachable)))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $i) (i32.const 100))))",
        ..WatTool::IDLE
    };
    let ended = run(scene(tool.component(), FOUR_PAGES)).await;
    ended.completed();
    assert_eq!(ended.record.usage.peak_memory_bytes, PAGE);
}

#[tokio::test]
async fn memory_that_no_call_could_have_does_not_load() {
    let pages = limits::DEFAULT_MEMORY_BYTES / PAGE;
    run(scene(growing(&pages.to_string(), 0), Limits::DEFAULT)).await.completed();
    let (refused, record) = scene(growing(&(pages + 1).to_string(), 0), Limits::DEFAULT).refused();
    assert!(matches!(refused, LoadError::Compile(_)), "{refused}");
    assert_eq!((record.stage, record.code.as_str()), (Stage::Compile, "does-not-compile"));
}

/// A tool whose table has so many elements, and which grows it by so many.
fn tabling(elements: u64, more: u64) -> Vec<u8> {
    let invoke = format!(
        "(if (i32.eq (table.grow (ref.null func) (i32.const {more})) (i32.const -1)) (then (unreachable)))"
    );
    let items = format!("(table {elements} funcref)");
    WatTool { items: &items, invoke: &invoke, ..WatTool::IDLE }.component()
}

const TEN_ELEMENTS: Limits = Limits { table_elements: 10, ..Limits::DEFAULT };

#[tokio::test]
async fn tables_that_fill_their_limit_pass() {
    for (elements, more) in [(10, 0), (0, 10), (4, 6)] {
        run(scene(tabling(elements, more), TEN_ELEMENTS)).await.completed();
    }
}

#[tokio::test]
async fn tables_beyond_their_limit_stop() {
    for (elements, more) in [(11, 0), (0, 11), (4, 7)] {
        let ended = run(scene(tabling(elements, more), TEN_ELEMENTS)).await;
        stopped(&ended, LimitKind::Tables, "tables");
    }
}

#[tokio::test]
async fn several_tables_share_one_limit() {
    run(scene(with_items("(table 5 funcref) (table 5 funcref)"), TEN_ELEMENTS)).await.completed();
    let ended = run(scene(with_items("(table 5 funcref) (table 6 funcref)"), TEN_ELEMENTS)).await;
    stopped(&ended, LimitKind::Tables, "tables");
}

#[tokio::test]
async fn a_table_that_refuses_to_grow_is_not_counted() {
    let tool = WatTool {
        items: "(table 1 2 funcref)",
        invoke: "(loop $again
                (if (i32.ne (table.grow (ref.null func) (i32.const 2)) (i32.const -1)) (then (unreachable)))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $i) (i32.const 100))))",
        ..WatTool::IDLE
    };
    run(scene(tool.component(), TEN_ELEMENTS)).await.completed();
}

#[tokio::test]
async fn as_many_instances_as_the_limit_allows_pass_and_one_more_stops() {
    let limits = Limits { instances: 4, ..Limits::DEFAULT };
    let tool = WatTool::IDLE.component();
    run(scene(with_instances(&tool, "(module)", 3), limits)).await.completed();
    let ended = run(scene(with_instances(&tool, "(module)", 4), limits)).await;
    stopped(&ended, LimitKind::Instances, "instances");
}

#[tokio::test]
async fn as_many_memories_as_the_limit_allows_pass_and_one_more_stops() {
    let limits = Limits { memories: 2, ..Limits::DEFAULT };
    run(scene(with_items("(memory 0)"), limits)).await.completed();
    let ended = run(scene(with_items("(memory 0) (memory 0)"), limits)).await;
    stopped(&ended, LimitKind::Instances, "instances");
}

#[tokio::test]
async fn as_many_tables_as_the_limit_allows_pass_and_one_more_stops() {
    let limits = Limits { tables: 1, ..Limits::DEFAULT };
    run(scene(with_items("(table 0 funcref)"), limits)).await.completed();
    let ended = run(scene(with_items("(table 0 funcref) (table 0 funcref)"), limits)).await;
    stopped(&ended, LimitKind::Instances, "instances");
}

#[tokio::test]
async fn more_instances_memories_or_tables_than_any_call_could_have_do_not_load() {
    let tool = WatTool::IDLE.component();
    for (module, most) in [
        ("(module)", limits::DEFAULT_INSTANCES - 1),
        ("(module (memory 0))", limits::DEFAULT_MEMORIES - 1),
        ("(module (table 1 funcref) (table 1 funcref) (table 1 funcref))", limits::DEFAULT_TABLES / 3),
    ] {
        run(scene(with_instances(&tool, module, most), Limits::DEFAULT)).await.completed();
        let (refused, _) = scene(with_instances(&tool, module, most + 1), Limits::DEFAULT).refused();
        assert!(matches!(refused, LoadError::Compile(_)), "{module}: {refused}");
    }
}
