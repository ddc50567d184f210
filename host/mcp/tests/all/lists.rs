//! Lists, and what the server says of itself.

use mpp_mcp::ToolEntry;
use mpp_mcp::limits::MAX_PAGE_BYTES;
use serde_json::{Value, json};

use crate::fixture::{Fixture, entry};
use crate::support::{Request, Running, SESSIONS, open};

fn names(result: &Value) -> Vec<String> {
    let tools = result["tools"].as_array().unwrap();
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

/// Every page, by cursors from one to the next.
async fn pages(server: &Running) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut params = json!({});
    loop {
        let page = server.result("tools/list", params).await;
        let next = page.get("nextCursor").cloned();
        pages.push(page);
        match next {
            Some(cursor) => params = json!({"cursor": cursor}),
            None => return pages,
        }
    }
}

#[tokio::test]
async fn ten_thousand_tools_come_in_pages_each_once_and_in_order() {
    let tools: Vec<String> = (0..10_000).map(|number| format!("tool-{number:05}")).collect();
    let fixture = Fixture::with(tools.iter().rev().map(|name| entry(name)).collect());
    let pages = pages(&Running::with(fixture, open()).await).await;
    assert!(pages.iter().all(|page| names(page).len() <= 128));
    assert_eq!(pages.iter().flat_map(names).collect::<Vec<_>>(), tools);
}

#[tokio::test]
async fn long_tools_come_on_short_pages_each_once_and_in_order() {
    let long = |name: &str, bytes| ToolEntry { description: "x".repeat(bytes), ..entry(name) };
    let third = MAX_PAGE_BYTES / 3;
    let tools = [
        ("a", third),
        ("b", third),
        ("c", third),
        // Larger by itself than a page.
        ("d", MAX_PAGE_BYTES),
        ("e", 1),
        ("f", 1),
    ];
    let fixture = Fixture::with(tools.map(|(name, bytes)| long(name, bytes)).to_vec());
    let pages = pages(&Running::with(fixture, open()).await).await;
    let listed: Vec<_> = pages.iter().map(names).collect();
    assert_eq!(listed, [&["a", "b"][..], &["c"], &["d"], &["e", "f"]]);
    let too_long = pages.iter().filter(|page| page["tools"].to_string().len() > MAX_PAGE_BYTES);
    assert_eq!(too_long.map(names).collect::<Vec<_>>(), [["d"]]);
}

#[tokio::test]
async fn a_page_is_right_when_the_list_has_changed_since_the_one_before() {
    let numbered = |numbers: std::ops::Range<u32>| {
        numbers.map(|number| entry(&format!("tool-{number:03}"))).collect::<Vec<_>>()
    };
    let server = Running::with(Fixture::with(numbered(0..200)), open()).await;
    let first = server.result("tools/list", json!({})).await;
    assert_eq!(names(&first).last().unwrap(), "tool-127");
    // The tool at which the page ended is gone, and others are there.
    server.fixture.replace([numbered(0..100), numbered(130..140)].concat());
    let second = server.result("tools/list", json!({"cursor": first["nextCursor"]})).await;
    assert_eq!(names(&second), (130..140).map(|number| format!("tool-{number}")).collect::<Vec<_>>());
    assert_eq!(second.get("nextCursor"), None);
}

#[tokio::test]
async fn a_cursor_that_the_server_did_not_write_is_an_error() {
    let server = Running::start().await;
    let answer = server.ask(&Request::stateless("tools/list", json!({"cursor": "bm9uc2Vuc2U"}))).await;
    assert_eq!(answer.error(), (-32602, "the cursor is not one that this server gave out".to_owned()));
    let session = server.session().await;
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"cursor": "2"}});
    assert_eq!(server.ask(&Request::in_session(&session, list)).await.error().0, -32602);
}

#[tokio::test]
async fn a_list_says_for_how_long_it_is_fresh_where_the_revision_knows_that() {
    let server = Running::start().await;
    let list = server.result("tools/list", json!({})).await;
    assert_eq!((&list["ttlMs"], &list["cacheScope"]), (&json!(5_000), &json!("private")));
    let session = server.session().await;
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let before = server.ask(&Request::in_session(&session, request)).await.last()["result"].clone();
    assert_eq!(before.as_object().unwrap().keys().collect::<Vec<_>>(), ["tools"]);
    assert_eq!(names(&before), names(&list));
}

#[tokio::test]
async fn a_server_says_who_it_is_and_offers_tools_alone() {
    let server = Running::start().await;
    let discovered = server.result("server/discover", json!({})).await;
    assert_eq!(discovered["capabilities"], json!({"tools": {"listChanged": true}}));
    assert_eq!(discovered["instructions"], "Ask for nothing twice.");
    let info = &discovered["_meta"]["io.modelcontextprotocol/serverInfo"];
    assert_eq!(*info, json!({"name": "fixture", "version": "1.2.3"}));

    let params =
        json!({"protocolVersion": SESSIONS, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    let begin = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params});
    let begun = server.ask(&Request::message(begin)).await.last()["result"].clone();
    assert_eq!(begun["protocolVersion"], SESSIONS);
    assert_eq!(begun["capabilities"], discovered["capabilities"]);
    assert_eq!(begun["serverInfo"], *info);
}

#[tokio::test]
async fn what_is_not_offered_is_not_there() {
    let server = Running::start().await;
    for (method, params) in [
        ("prompts/list", json!({})),
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("resources/read", json!({"uri": "file:///etc/passwd"})),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "p"}, "argument": {"name": "a", "value": "v"}}),
        ),
        ("tools/grant", json!({})),
    ] {
        let answer = server.ask(&Request::stateless(method, params)).await;
        assert_eq!((answer.status, answer.error().0), (404, -32601), "{method}");
    }
}
