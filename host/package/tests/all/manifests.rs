//! Manifests that are almost right.

use mpp_package::{
    MAX_TOOLS, Manifest, ManifestError, ManifestParts, Schema, SchemaError, TextError, ToolEntry,
    ToolEntryError, ToolName,
};

use crate::support::{manifest, parts, tool};

fn text() -> String {
    String::from_utf8(manifest().to_json().unwrap()).unwrap()
}

fn parse(text: &str) -> Result<Manifest, ManifestError> {
    Manifest::parse(text.as_bytes())
}

fn with(from: &str, to: &str) -> Result<Manifest, ManifestError> {
    assert!(text().contains(from), "{from} is not in {}", text());
    parse(&text().replacen(from, to, 1))
}

fn with_tools(tools: Vec<ToolEntry>) -> Result<Manifest, ManifestError> {
    Manifest::new(ManifestParts { tools, ..parts() })
}

fn refused_tool(tool: ToolEntry) -> ToolEntryError {
    match with_tools(vec![tool]) {
        Err(ManifestError::Tool { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_manifest_reads_back() {
    assert_eq!(parse(&text()), Ok(manifest()));
}

#[test]
fn a_manifest_has_one_encoding() {
    let other_spellings = [
        text() + "\n",
        text().replacen(':', ": ", 1),
        text().replacen("hello", "h\\u0065llo", 1),
        text().replacen("\"clock\":false,\"env\":[]", "\"env\":[],\"clock\":false", 1),
    ];
    for spelling in other_spellings {
        assert_ne!(spelling, text());
        assert_eq!(parse(&spelling), Err(ManifestError::NotCanonical), "{spelling}");
    }
    let sorted = with("\"env\":[]", "\"env\":[\"B\",\"A\"]").unwrap_err();
    assert!(matches!(sorted, ManifestError::Json(_) | ManifestError::NotCanonical));
}

#[test]
fn an_unknown_missing_or_repeated_key_is_refused() {
    for (from, to) in [
        ("{\"description\"", "{\"allow\":\"*\",\"description\""),
        ("\"description\":\"Says hello.\",\"limits\"", "\"limits\""),
        ("\"mpp\":\"1\"", "\"mpp\":\"1\",\"mpp\":\"1\""),
        ("\"clock\":false,", ""),
        ("\"clock\":false", "\"clock\":false,\"clocks\":true"),
        ("\"type\":\"object\"", "\"type\":\"object\",\"type\":\"object\""),
        ("\"limits\":{}", "\"limits\":{\"memory\":1}"),
        ("\"limits\":{}", "\"limits\":null"),
        ("\"com.example\"", "\"com.Example\""),
        ("\"com.example\"", "\"com.ex\u{430}mple\""),
    ] {
        let error = with(from, to).unwrap_err();
        assert!(matches!(error, ManifestError::Json(_)), "{to}: {error:?}");
    }
}

#[test]
fn a_missing_title_is_written_out() {
    assert_eq!(with(",\"title\":null", ""), Err(ManifestError::NotCanonical));
}

#[test]
fn another_format_is_named_as_such_before_anything_else() {
    assert_eq!(with("\"mpp\":\"1\"", "\"mpp\":\"2\""), Err(ManifestError::UnknownFormat));
    assert_eq!(parse("{\"mpp\":\"2\",\"new\":true}"), Err(ManifestError::UnknownFormat));
    assert_eq!(parse("{}"), Err(ManifestError::UnknownFormat));
    assert_eq!(parse("[]"), Err(ManifestError::UnknownFormat));
}

#[test]
fn a_manifest_over_the_limit_is_neither_made_nor_read() {
    let long = || {
        let input_schema = format!(r#"{{"title":"{}","type":"object"}}"#, "x".repeat(250_000));
        Schema::parse(&input_schema).unwrap()
    };
    let tools = ["a", "b", "c", "d", "e"].map(|name| ToolEntry { input_schema: long(), ..tool(name) });
    assert!(with_tools(tools[..4].to_vec()).is_ok());
    assert!(matches!(with_tools(tools.to_vec()), Err(ManifestError::TooLarge { .. })));
}

#[test]
fn a_package_has_at_least_one_tool_and_each_name_once() {
    assert_eq!(with_tools(vec![]), Err(ManifestError::NoTools));
    let name = ToolName::parse("b").unwrap();
    let twice = vec![tool("b"), tool("a"), tool("b")];
    assert_eq!(with_tools(twice), Err(ManifestError::DuplicateTool { name }));
    let many: Vec<_> = (0..=MAX_TOOLS).map(|n| tool(&format!("t{n}"))).collect();
    assert!(with_tools(many[..MAX_TOOLS].to_vec()).is_ok());
    assert_eq!(with_tools(many), Err(ManifestError::TooManyTools { found: MAX_TOOLS + 1 }));
}

#[test]
fn tools_keep_their_order() {
    let manifest = with_tools(vec![tool("b"), tool("a")]).unwrap();
    let read = Manifest::parse(&manifest.to_json().unwrap()).unwrap();
    let names: Vec<_> = read.tools().iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["b", "a"]);
    assert_eq!(read.tool("a"), Some(&tool("a")));
    assert_eq!(read.tool("c"), None);
}

#[test]
fn a_tool_that_would_mislead_a_reader_is_refused() {
    let escape = ToolEntry { description: "\u{1b}]0;owned\u{7}".to_owned(), ..tool("a") };
    assert_eq!(refused_tool(escape), ToolEntryError::Description(TextError::Character { code: 0x1b }));
    let reversed = ToolEntry { title: Some("a\u{202e}b".to_owned()), ..tool("a") };
    assert_eq!(refused_tool(reversed), ToolEntryError::Title(TextError::Character { code: 0x202e }));
    let silent = ToolEntry { description: " ".to_owned(), ..tool("a") };
    assert_eq!(refused_tool(silent), ToolEntryError::Description(TextError::Empty));
}

#[test]
fn arguments_are_an_object() {
    let list = Schema::parse(r#"{"type":"array"}"#).unwrap();
    let entry = ToolEntry { input_schema: list.clone(), ..tool("a") };
    assert_eq!(refused_tool(entry), ToolEntryError::InputNotAnObject);
    let entry = ToolEntry { output_schema: Some(list), ..tool("a") };
    assert!(with_tools(vec![entry]).is_ok());
}

#[test]
fn a_schema_over_its_limit_is_refused_inside_a_manifest_too() {
    let schema = r#"{"type":"object"}"#;
    let long = format!(r#"{{"title":"{}","type":"object"}}"#, "x".repeat(256 * 1024));
    let error = with(schema, &long).unwrap_err();
    let ManifestError::Tool { problem: ToolEntryError::InputSchema(problem), .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(problem, SchemaError::TooLarge { found: long.len() });
}

#[test]
fn a_version_with_build_metadata_is_refused() {
    let version: mpp_package::Version = "1.0.0+linux".parse().unwrap();
    let error = Manifest::new(ManifestParts { version: version.clone(), ..parts() });
    assert_eq!(error, Err(ManifestError::BuildMetadata { version }));
    let version: mpp_package::Version = format!("1.0.0-{}", "a".repeat(60)).parse().unwrap();
    let error = Manifest::new(ManifestParts { version, ..parts() });
    assert_eq!(error, Err(ManifestError::VersionTooLong { found: 66 }));
}

/// The order of keys and the text of numbers do not depend on which features
/// of `serde_json` another crate of the build turns on.
#[test]
fn the_encoding_is_pinned_byte_for_byte() {
    let input_schema =
        Schema::parse(r#"{"type":"object","properties":{"z":{"minimum":0.50},"a":{"maximum":1e2}}}"#);
    let entry = ToolEntry {
        title: Some("Hello".to_owned()),
        description: "Says\n\"hello\" to Zoë.".to_owned(),
        input_schema: input_schema.unwrap(),
        output_schema: Some(Schema::parse("{}").unwrap()),
        ..tool("hello")
    };
    let expected = concat!(
        r#"{"description":"Says hello.","limits":{},"mpp":"1","name":"hello","#,
        r#""permissions":{"clock":false,"env":[],"filesystem":{"read":[],"write":[]},"#,
        r#""network":{"outbound":[]},"random":false},"publisher":"com.example","#,
        r#""tools":[{"description":"Says\n\"hello\" to Zoë.","input_schema":{"properties":"#,
        r#"{"a":{"maximum":100},"z":{"minimum":0.5}},"type":"object"},"name":"hello","#,
        r#""output_schema":{},"title":"Hello"}],"version":"1.0.0"}"#,
    );
    let json = with_tools(vec![entry]).unwrap().to_json().unwrap();
    assert_eq!(String::from_utf8(json).unwrap(), expected);
}
