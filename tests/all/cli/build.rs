//! `mpp build`: what a component may not import, and the line that allows it.

use std::path::Path;

use serde_json::json;

use super::{PUBLISHER, User, component, text};
use crate::support::{Guest, guests};

/// What a package needs, what stands in its `mpp.yaml` for all of it, and for
/// each permission what it says without.
struct Case {
    name: &'static str,
    guest: Guest,
    permissions: &'static [(&'static str, &'static str, &'static str)],
}

/// Line of `mpp.yaml`, import that needs it, and how the permission is declared.
const CASES: &[Case] = &[
    Case {
        name: "reads",
        guest: guests::READS_FILES,
        permissions: &[(
            "filesystem: { read: [/data] }",
            "mpp:tool/fs@0.1.0 needs filesystem.read",
            "permissions: { filesystem: { read: [",
        )],
    },
    Case {
        name: "writes",
        guest: guests::WRITES_FILES,
        permissions: &[(
            "filesystem: { write: [/data] }",
            "mpp:tool/fs-write@0.1.0 needs filesystem.write",
            "permissions: { filesystem: { write: [",
        )],
    },
    Case {
        name: "reads-by-std",
        guest: guests::READS_FILES_BY_STD,
        permissions: &[(
            "filesystem: { read: [/data] }",
            "needs filesystem.read or filesystem.write",
            "permissions: { filesystem: { read: [",
        )],
    },
    Case {
        name: "dials",
        guest: guests::DIALS,
        permissions: &[(
            "network: { outbound: [\"example.com:443\"] }",
            "mpp:tool/http@0.1.0 needs network.outbound",
            "permissions: { network: { outbound: [",
        )],
    },
    Case {
        name: "reads-environment",
        guest: guests::READS_ENVIRONMENT,
        permissions: &[("env: [HOME]", "mpp:tool/env@0.1.0 needs env", "permissions: { env: [")],
    },
    Case {
        name: "reads-clocks",
        guest: guests::READS_CLOCKS,
        permissions: &[("clock: true", "mpp:tool/clock@0.1.0 needs clock", "permissions: { clock: true }")],
    },
    Case {
        name: "draws",
        guest: guests::DRAWS_RANDOM_BYTES,
        permissions: &[(
            "random: true",
            "mpp:tool/random@0.1.0 needs random",
            "permissions: { random: true }",
        )],
    },
    Case {
        name: "reports",
        guest: guests::CSV_REPORT,
        permissions: &[
            (
                "read: [/data]",
                "mpp:tool/fs@0.1.0 needs filesystem.read",
                "permissions: { filesystem: { read: [",
            ),
            (
                "write: [/data]",
                "mpp:tool/fs-write@0.1.0 needs filesystem.write",
                "permissions: { filesystem: { write: [",
            ),
        ],
    },
];

/// The `permissions` of a case without the one at `left_out`.
fn yaml(case: &Case, left_out: Option<usize>) -> String {
    let lines = case.permissions.iter().enumerate().filter(|(index, _)| Some(*index) != left_out);
    let lines: Vec<&str> = lines.map(|(_, (line, _, _))| *line).collect();
    match lines.first() {
        None => String::new(),
        Some(line) if line.starts_with("read:") || line.starts_with("write:") => {
            format!("permissions: {{ filesystem: {{ {} }} }}\n", lines.join(", "))
        }
        Some(_) => format!("permissions: {{ {} }}\n", lines.join(", ")),
    }
}

#[test]
fn a_permission_taken_out_of_a_manifest_is_missed_by_name_with_the_line_to_add() {
    let user = User::new();
    for case in CASES {
        let out = text(&user.path(&format!("{}.mpp", case.name)));
        let build = |left_out| {
            let source = text(&PUBLISHER.source(case.name, &yaml(case, left_out)));
            user.run(["build", &source, "--component", &component(case.guest), "--out", &out])
        };
        build(None).done();
        std::fs::remove_file(&out).expect("the package was made");
        for (index, (_, import, line)) in case.permissions.iter().enumerate() {
            build(Some(index)).failed(3, &["imports what mpp.yaml does not declare", import, line]);
            assert!(!Path::new(&out).exists(), "{}: a package was made", case.name);
        }
    }
}

/// Each sample is built under its own manifest, and an inspection finds every
/// import covered by what that declares.
#[test]
fn every_import_of_every_sample_is_covered_by_its_manifest() {
    let user = User::new();
    let samples = [
        guests::CSV_REPORT,
        guests::FILE_SEARCH,
        guests::GITHUB_ISSUES,
        guests::HTTP_FETCH,
        guests::JSON_QUERY,
        guests::TEXT_STATS,
    ];
    for guest in samples {
        let source = text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample-tools").join(guest.name));
        let out = text(&user.path(&format!("{}.mpp", guest.name)));
        let build = ["build", &source, "--component", &component(guest), "--out", &out, "--json"];
        let built = user.run(build).done().json();
        assert_eq!(built["name"], guest.name);
        let inspected = user.run(["inspect", &out, "--json"]).done().json();
        let imports = inspected["imports"].as_array().expect("imports are listed");
        for import in imports {
            assert_eq!(import["covered"], true, "{}: {import}", guest.name);
        }
        assert_eq!(inspected["signature"]["status"], "unsigned");
        let people = user.run(["inspect", &out]).done().out;
        assert!(!people.contains("NOT DECLARED") && !people.contains("NEVER LINKED"), "{people}");
    }
}

/// 48 by 48 pixels.
const PICTURE: &[u8] = include_bytes!("../../../sample-tools/text-stats/icon.png");

#[test]
fn the_pictures_beside_a_manifest_are_built_into_the_package_and_shown_by_an_inspection() {
    let user = User::new();
    let source = PUBLISHER.source("pictured", "icons: [icon.png, { file: icon.png, theme: dark }]\n");
    std::fs::write(source.join("icon.png"), PICTURE).expect("a file can be written");
    let out = text(&user.path("pictured.mpp"));
    user.run(["build", &text(&source), "--component", &component(guests::TEXT_STATS), "--out", &out]).done();

    let shown = user.run(["inspect", &out]).done().out;
    let line = "icons      2: image/png 48x48, image/png 48x48 for a dark background\n";
    assert!(shown.contains(line), "{shown}");
    let shown = user.run(["inspect", &out, "--json"]).done().json();
    let src = &shown["icons"][0]["src"];
    assert!(src.as_str().is_some_and(|src| src.starts_with("data:image/png;base64,iVBORw0KGgo")), "{src}");
    let icon = |theme: Option<&str>| json!({"src": src, "mimeType": "image/png", "sizes": ["48x48"], "theme": theme});
    assert_eq!(shown["icons"], json!([icon(None), icon(Some("dark"))]));
}

#[test]
fn a_picture_that_cannot_be_used_is_named_before_anything_is_built() {
    let user = User::new();
    let source = PUBLISHER.source("bad-picture", "icons: [icon.svg]\n");
    let build = |words: &[&str]| {
        // There is no component either: the picture is looked at first.
        user.run(["build", &text(&source), "--component", "missing.wasm"]).failed(3, words);
    };
    build(&["icon.svg cannot be used", "there is no file", "PNG, JPEG or WebP"]);
    std::fs::write(source.join("icon.svg"), "<svg/>").expect("a file can be written");
    build(&["icon.svg cannot be used", "neither a PNG nor a JPEG nor a WebP", "512x512 pixels"]);
}

#[test]
fn a_manifest_that_cannot_be_used_says_where() {
    let user = User::new();
    let source = |name: &str, rest: &str| text(&PUBLISHER.source(name, rest));
    let build = |source: &str| user.run(["build", source, "--component", &component(guests::TEXT_STATS)]);
    build(&source("bad-key", "permisions: {}\n")).failed(3, &["mpp.yaml", "permisions", "line 5"]);
    build(&source("bad-path", "permissions: { filesystem: { read: [data] } }\n"))
        .failed(3, &["mpp.yaml", "line 5"]);
    build(&source("twice", "name: other\n")).failed(3, &["mpp.yaml", "name"]);
    let empty = user.path("empty");
    std::fs::create_dir(&empty).expect("a directory can be made");
    build(&text(&empty)).failed(2, &["mpp.yaml", "mpp new"]);
}

#[test]
fn what_is_no_tool_is_refused() {
    let user = User::new();
    let source = text(&PUBLISHER.source("no-tool", ""));
    let build = |contents: &[u8]| {
        let component = text(&user.write("component.wasm", contents));
        user.run(["build", &source, "--component", &component])
    };
    build(b"#!/bin/sh").failed(3, &["not WebAssembly"]);
    build(b"\0asm\x0d\0\x01\0").failed(3, &["not a tool"]);
    let preview1 = wat::parse_str(r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)))"#);
    build(&preview1.expect("the text is valid")).failed(3, &["wasm32-wasip1", "wasm32-wasip2"]);
}
