//! `mpp.yaml` as people write it, well and badly.

use std::path::Path;

use mpp_package::{AuthorManifest, AuthorManifestError, Icon, IconFile, IconTheme, Manifest, Target};
use mpp_policy::{ByteSize, EnvName, GuestPath, LimitsRequest, Outbound, Permissions};

use crate::{icons::PNG, support::tool};

const HEAD: &str = "publisher: com.example\nname: hello\nversion: 1.0.0\ndescription: Says hello.\n";

fn parse(tail: &str) -> Result<AuthorManifest, AuthorManifestError> {
    AuthorManifest::parse(&format!("{HEAD}{tail}"))
}

/// Line and message of a refusal.
fn refused(yaml: &str) -> (u64, String) {
    match AuthorManifest::parse(yaml) {
        Err(AuthorManifestError::Form { line, message, .. }) => (line, message),
        other => panic!("{yaml}\n{other:?}"),
    }
}

#[track_caller]
fn refused_at(tail: &str, line: u64, words: &[&str]) {
    let (found, message) = refused(&format!("{HEAD}{tail}"));
    assert_eq!(found, line, "{message}");
    for word in words {
        assert!(message.contains(word), "{word:?} is not in\n{message}");
    }
}

#[test]
fn what_is_left_out_is_not_allowed() {
    let manifest = parse("").unwrap();
    assert_eq!(manifest.permissions, Permissions::none());
    assert_eq!(manifest.limits, LimitsRequest::NONE);
    assert_eq!(manifest.icons, []);
    assert_eq!(manifest.build.target, Target::Wasip2);
    assert_eq!(manifest.build.stack, ByteSize::from_bytes(64 * 1024));
}

#[test]
fn every_key_is_read() {
    let manifest = parse(
        "permissions:
  filesystem:
    read: [/data]
    write: [\"/data/out\"]
  network:
    outbound: [\"api.example.com:443\"]
  env: [TOKEN]
  clock: true
  random: true
limits: { memory: 64MiB, time: 30s }
icons:
  - ./icon.png
  - { file: icons/dark.webp, theme: dark }
build: { target: wasm32-unknown-unknown, stack: 1MiB }
",
    )
    .unwrap();
    let mut permissions = Permissions::none();
    permissions.filesystem.read = vec![GuestPath::parse("/data").unwrap()];
    permissions.filesystem.write = vec![GuestPath::parse("/data/out").unwrap()];
    permissions.network.outbound = vec![Outbound::parse("api.example.com:443").unwrap()];
    permissions.env = vec![EnvName::parse("TOKEN").unwrap()];
    permissions.clock = true;
    permissions.random = true;
    assert_eq!(manifest.permissions, permissions);
    assert_eq!(manifest.limits.memory_bytes, Some(64 << 20));
    assert_eq!(manifest.limits.time_ms, Some(30_000));
    let file = |path: &str, theme| IconFile { path: path.into(), theme };
    let files = [file("./icon.png", None), file("icons/dark.webp", Some(IconTheme::Dark))];
    assert_eq!(manifest.icons, files);
    assert_eq!(manifest.build.target, Target::Unknown);
    assert_eq!(manifest.build.stack, ByteSize::from_bytes(1 << 20));

    let icons = vec![Icon::parse(PNG, None).unwrap(), Icon::parse(PNG, Some(IconTheme::Dark)).unwrap()];
    let frozen = manifest.freeze(vec![tool("hello")], icons.clone()).unwrap();
    assert_eq!(*frozen.permissions(), permissions);
    assert_eq!(frozen.icons(), icons);
    assert_eq!(Manifest::parse(&frozen.to_json().unwrap()), Ok(frozen));
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_those_accepted() {
    refused_at("permission:\n  clock: true\n", 5, &["permission", "permissions", "limits", "build"]);
    refused_at("permissions:\n  clocks: true\n", 6, &["clocks", "clock", "random", "filesystem"]);
    refused_at("limits: { ram: 1MiB }\n", 5, &["ram", "memory"]);
    refused_at("build: { profile: release }\n", 5, &["profile", "target", "stack"]);
    refused_at("tools: []\n", 5, &["tools"]);
}

#[test]
fn a_bad_value_is_shown_where_it_stands() {
    refused_at("permissions:\n  filesystem:\n    read: [\"../etc\"]\n", 7, &["../etc"]);
    refused_at("permissions:\n  network:\n    outbound: [\"example.com\"]\n", 7, &["example.com"]);
    refused_at("limits: { memory: 64MB }\n", 5, &["64MiB"]);
    refused_at("build: { target: wasm32-wasip1 }\n", 5, &["wasm32-wasip2"]);
    refused_at("permissions: { clock: yes }\n", 5, &[]);
    let (line, message) = refused(&HEAD.replace("1.0.0", "1.0"));
    assert_eq!(line, 3, "{message}");
    assert!(message.contains("is not a semantic version such as `1.0.0`"), "{message}");
    let (line, message) = refused(&HEAD.replace("com.example", "Example"));
    assert_eq!(line, 1, "{message}");
    assert!(message.contains("reverse-DNS"), "{message}");
}

#[test]
fn an_icon_is_a_file_beside_the_manifest_or_below() {
    for path in ["/etc/icon.png", "../icon.png", "icons/../../icon.png", "..", ".", "", "/"] {
        let words = ["is not a file beside mpp.yaml", "icons/tool.png"];
        refused_at(&format!("icons:\n  - {path:?}\n"), 6, &words);
        refused_at(&format!("icons:\n  - theme: dark\n    file: {path:?}\n"), 7, &words);
    }
    assert_eq!(parse("icons: []\n").unwrap().icons, []);
    assert_eq!(parse("icons: [a b.png]\n").unwrap().icons[0].path, Path::new("a b.png"));
}

#[test]
fn an_icon_that_cannot_be_read_is_shown_where_it_stands() {
    refused_at("icons: icon.png\n", 5, &["list of at most 4 pictures"]);
    refused_at("icons:\n  - { src: icon.png }\n", 6, &["src", "file", "theme"]);
    refused_at("icons:\n  - { theme: dark }\n", 6, &["file"]);
    refused_at("icons:\n  - { file: i.png, theme: blue }\n", 6, &["blue", "light", "dark"]);
    refused_at("icons:\n  - [icon.png]\n", 6, &["path of a picture"]);
    refused_at("icons:\n  - a\n  - b\n  - c\n  - d\n  - e\n", 6, &["more than 4 icons"]);
}

#[test]
fn a_missing_key_is_named() {
    let (_, message) = refused("publisher: com.example\nname: hello\nversion: 1.0.0\n");
    assert!(message.contains("description"), "{message}");
}

#[test]
fn yaml_that_reads_otherwise_than_it_looks_is_refused() {
    for tail in [
        "name: other\n",
        "permissions: &p { clock: true }\n",
        "permissions: !grant { clock: true }\n",
        "limits: { <<: { memory: 1MiB } }\n",
        "---\npublisher: com.other\n",
        "permissions: { clock: true, clock: true }\n",
        "permissions: []\n",
    ] {
        assert!(parse(tail).is_err(), "{tail}");
    }
}

#[test]
fn a_folded_description_loses_its_last_line_break() {
    let yaml = HEAD.replace("Says hello.", ">\n  Says\n  hello.");
    assert_eq!(AuthorManifest::parse(&yaml).unwrap().description, "Says hello.");
}

#[test]
fn an_oversized_or_deep_file_is_refused() {
    let long = format!("{HEAD}#{}\n", "x".repeat(64 * 1024));
    assert_eq!(AuthorManifest::parse(&long), Err(AuthorManifestError::TooLarge { found: long.len() }));
    let deep = format!("permissions: {}\n", "[".repeat(10_000));
    assert!(parse(&deep).is_err());
}

proptest::proptest! {
    #[test]
    fn reading_never_panics(text in "[ -~\n]{0,200}") {
        let _ = AuthorManifest::parse(&text);
        let _ = parse(&text);
    }
}
