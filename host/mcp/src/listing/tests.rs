//! On lists in any order, and what cannot be one.

use mpp_policy::Permissions;
use serde_json::json;

use super::*;

fn object(value: Value) -> Arc<Object> {
    Arc::new(value.as_object().unwrap().clone())
}

fn entry(name: &str) -> ToolEntry {
    ToolEntry {
        name: name.to_owned(),
        title: None,
        description: "does".to_owned(),
        input_schema: object(json!({"type": "object"})),
        output_schema: None,
        icons: Vec::new(),
        annotations: Annotations::of(&Permissions::none()),
        origin: None,
    }
}

fn names(tools: &[Listed]) -> Vec<&str> {
    tools.iter().map(Listed::name).collect()
}

#[test]
fn tools_are_listed_by_name_whatever_order_they_came_in() {
    let listing = Listing::new(7, ["b", "a", "C"].map(entry)).unwrap();
    assert_eq!(listing.names().collect::<Vec<_>>(), ["C", "a", "b"]);
    assert_eq!(listing.generation(), 7);
    assert_eq!(listing.find("a").unwrap().name(), "a");
    assert!(listing.find("d").is_none());
}

#[test]
fn a_page_goes_on_after_a_name_that_may_be_gone() {
    let listing = Listing::new(1, ["a", "b", "d", "e"].map(entry)).unwrap();
    let page = |name, tools| {
        let (tools, more) = listing.after(name, Room { tools, bytes: usize::MAX });
        (names(tools), more)
    };
    assert_eq!(page(None, 2), (vec!["a", "b"], true));
    assert_eq!(page(Some("b"), 2), (vec!["d", "e"], false));
    assert_eq!(page(Some("c"), 1), (vec!["d"], true));
    assert_eq!(page(Some("e"), 2), (vec![], false));
}

#[test]
fn a_tool_whose_arguments_headers_repeat_is_known_by_its_schema_however_deep() {
    let repeats = |schema| {
        let entry = ToolEntry { input_schema: object(schema), ..entry("a") };
        Listing::new(1, [entry]).unwrap().find("a").unwrap().repeated().is_some()
    };
    let region = json!({"type": "string", "x-mcp-header": "Region"});
    assert!(!repeats(json!({"type": "object", "properties": {"region": {"type": "string"}}})));
    assert!(repeats(json!({"type": "object", "properties": {"region": region}})));
    assert!(repeats(json!({"type": "object", "properties": {"at": {"properties": {"region": region}}}})));
    assert!(repeats(json!({"type": "object", "anyOf": [{"properties": {"region": region}}]})));
}

#[test]
fn a_page_ends_before_the_tool_that_would_make_it_too_long() {
    let listing = Listing::new(1, ["a", "b", "c"].map(entry)).unwrap();
    let tools: Vec<Tool> = listing.tools.iter().map(|listed| listed.tool().unwrap()).collect();
    let two = serde_json::to_string(&tools[..2]).unwrap().len();
    let page = |name, bytes| {
        let (tools, more) = listing.after(name, Room { tools: 3, bytes });
        (names(tools), more)
    };
    assert_eq!(page(None, two), (vec!["a", "b"], true));
    assert_eq!(page(None, two - 1), (vec!["a"], true));
    assert_eq!(page(Some("a"), two), (vec!["b", "c"], false));
    assert_eq!(page(Some("b"), 1), (vec!["c"], false));
    assert_eq!(page(Some("c"), 1), (vec![], false));
}

#[test]
fn a_list_with_a_name_twice_or_one_that_clients_refuse_is_none() {
    let refused = |tools: Vec<ToolEntry>| Listing::new(1, tools).unwrap_err();
    assert_eq!(refused(vec![entry("a"), entry("a")]), ListingError::Twice { name: "a".into() });
    for name in ["", "two words", "ünicode", &"x".repeat(MAX_TOOL_NAME_BYTES + 1)] {
        assert_eq!(refused(vec![entry(name)]), ListingError::Name { name: name.into() });
    }
    let mut any = entry("any");
    any.input_schema = object(json!({}));
    assert_eq!(refused(vec![any]), ListingError::Input { name: "any".into() });
}

#[test]
fn a_tool_goes_over_the_wire_with_all_that_is_known_of_it() {
    let mut entry = entry("stats");
    entry.title = Some("Statistics".into());
    entry.output_schema = Some(object(json!({"type": "object", "properties": {}})));
    let plain = Icon { src: "data:,a".into(), mime_type: None, sizes: Vec::new(), theme: None };
    let dark = Icon {
        src: "data:,b".into(),
        mime_type: Some("image/png".into()),
        sizes: vec!["48x48".into()],
        theme: Some(IconTheme::Dark),
    };
    entry.icons = vec![plain, Icon { theme: Some(IconTheme::Light), ..dark.clone() }, dark];
    entry.origin = Some(Origin {
        publisher: "com.example".into(),
        package: "text".into(),
        version: "1.0.0".into(),
        digest: "sha256:00".into(),
        signature: "verified".into(),
    });
    assert_eq!(
        serde_json::to_value(Tool::from(entry)).unwrap(),
        json!({
            "name": "stats",
            "title": "Statistics",
            "description": "does",
            "inputSchema": {"type": "object"},
            "outputSchema": {"type": "object", "properties": {}},
            "annotations": {
                "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false
            },
            "icons": [
                {"src": "data:,a"},
                {"src": "data:,b", "mimeType": "image/png", "sizes": ["48x48"], "theme": "light"},
                {"src": "data:,b", "mimeType": "image/png", "sizes": ["48x48"], "theme": "dark"}
            ],
            "_meta": {meta::PACKAGE: {
                "publisher": "com.example", "package": "text", "version": "1.0.0",
                "digest": "sha256:00", "signature": "verified"
            }},
        })
    );
}
