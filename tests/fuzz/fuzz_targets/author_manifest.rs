//! Any text is an author's manifest or an error that says where.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_package::{AuthorManifest, Manifest, Schema, ToolEntry, ToolName};

fuzz_target!(|yaml: &str| {
    let Ok(author) = AuthorManifest::parse(yaml) else { return };
    let tool = ToolEntry {
        name: ToolName::parse("tool").expect("this is a name"),
        title: None,
        description: "A tool.".to_owned(),
        input_schema: Schema::parse(r#"{"type":"object"}"#).expect("this is a schema"),
        output_schema: None,
    };
    let Ok(manifest) = author.freeze(vec![tool], Vec::new()) else { return };
    let json = manifest.to_json().expect("a manifest can be written");
    assert_eq!(Manifest::parse(&json).expect("what was written can be read"), manifest);
});
