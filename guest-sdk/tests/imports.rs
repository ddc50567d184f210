//! A tool imports what its code calls and nothing else. This builds the
//! examples for both targets and looks into the result.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use wasmparser::{Parser, Payload};

const COMPONENT: &str = "wasm32-wasip2";
const MODULE: &str = "wasm32-unknown-unknown";

/// What std imports for every guest of `wasm32-wasip2`, without versions. None
/// of it carries authority.
const BASE: [&str; 13] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
];

const EVERY: [&str; 8] = [
    "mpp:tool/clock",
    "mpp:tool/env",
    "mpp:tool/fs",
    "mpp:tool/fs-write",
    "mpp:tool/http",
    "mpp:tool/log",
    "mpp:tool/progress",
    "mpp:tool/random",
];

#[test]
fn a_tool_that_calls_nothing_imports_the_log_alone() {
    assert_eq!(imports("word_count", MODULE), set(&["mpp:tool/log"], &[]));
    assert_eq!(imports("word_count", COMPONENT), set(&["mpp:tool/log", "mpp:tool/types"], &BASE));
}

#[test]
fn a_tool_that_reads_files_cannot_write_them() {
    assert_eq!(imports("first_lines", MODULE), set(&["mpp:tool/fs", "mpp:tool/log"], &[]));
    assert_eq!(
        imports("first_lines", COMPONENT),
        set(&["mpp:tool/fs", "mpp:tool/log", "mpp:tool/types"], &BASE)
    );
}

#[test]
fn a_tool_that_calls_everything_imports_everything() {
    assert_eq!(imports("every_interface", MODULE), set(&EVERY, &[]));
    assert_eq!(
        imports("every_interface", COMPONENT),
        set(&[&EVERY[..], &["mpp:tool/types"]].concat(), &BASE)
    );
}

fn set(some: &[&str], others: &[&str]) -> BTreeSet<String> {
    [some, others].concat().into_iter().map(str::to_owned).collect()
}

/// The interfaces that an example imports on a target, without versions.
fn imports(example: &str, target: &str) -> BTreeSet<String> {
    let wasm = std::fs::read(build(example, target)).expect("cargo said that it built it");
    let mut names = BTreeSet::new();
    let mut name = |name: &str| {
        let (interface, _version) = name.split_once('@').unwrap_or((name, ""));
        names.insert(interface.to_owned());
    };
    // How many modules and components deep: what is inside of a component
    // imports from its siblings, which says nothing about the outside.
    let mut depth = 0;
    let is_component = Parser::is_component(&wasm);
    for payload in Parser::new(0).parse_all(&wasm) {
        match payload.expect("cargo built a well-formed binary") {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    name(import.expect("a well-formed import").name.name);
                }
            }
            Payload::ImportSection(section) if !is_component => {
                for import in section.into_imports() {
                    name(import.expect("a well-formed import").module);
                }
            }
            _ => {}
        }
    }
    names
}

/// Builds an example and tells where it is.
fn build(example: &str, target: &str) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--package", "mpp-guest", "--message-format", "json"])
        .args(["--example", example, "--target", target])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs these tests, so it is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == example)
        .find_map(|message| message["filenames"][0].as_str().map(PathBuf::from))
        .expect("cargo names what it built")
}
