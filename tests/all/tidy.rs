//! The house rules that the compiler does not hold.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The rooms that are libraries: everything of the host but the command line.
const LIBRARY_ROOMS: &[&str] = &[
    "host/src",
    "host/policy/src",
    "host/package/src",
    "host/audit/src",
    "host/report/src",
    "host/witness/src",
    "host/mcp/src",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a room of the workspace")
}

fn files(room: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut directories = vec![root().join(room)];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("a room is a directory") {
            let path = entry.expect("a room can be listed").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let text = fs::read_to_string(&path).expect("sources are UTF-8");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "nothing to read in {room}");
    found
}

/// The code of a file: without comments, and without its tests.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn places_of(rooms: &[&str], what: &[&str]) -> Vec<String> {
    let mut places = Vec::new();
    for room in rooms {
        for (path, text) in files(room, "rs") {
            let code = code(&text);
            for word in what {
                if code.contains(word) {
                    places
                        .push(format!("{} has {word}", path.strip_prefix(root()).unwrap_or(&path).display()));
                }
            }
        }
    }
    places
}

#[test]
fn a_store_is_made_in_one_file_only() {
    assert_eq!(places_of(LIBRARY_ROOMS, &["Store::new("]), ["host/src/sandbox.rs has Store::new("]);
}

/// Where it is handed out to change something only against the proof that the
/// call is durably on record.
#[test]
fn the_engines_files_are_reached_in_one_file_only() {
    let reached = places_of(&["host/src"], &["self.filesystem()", "sandbox.filesystem()"]);
    assert_eq!(reached, ["host/src/capability/wasi_filesystem/descriptor.rs has self.filesystem()"]);
}

#[test]
fn unsafe_code_is_in_one_file_only() {
    let rooms = [LIBRARY_ROOMS, &["host/cli/src"]].concat();
    assert_eq!(places_of(&rooms, &["unsafe {"]), ["host/src/compiled.rs has unsafe {"]);
}

#[test]
fn library_rooms_do_not_print() {
    let printing = ["println!", "eprintln!", "print!(", "dbg!", "io::stdout", "io::stderr"];
    assert_eq!(places_of(LIBRARY_ROOMS, &printing), [""; 0]);
}

#[test]
fn library_rooms_do_not_read_the_environment() {
    let reading = ["env::var", "env::home_dir", "env::current_dir", "env::args"];
    assert_eq!(places_of(LIBRARY_ROOMS, &reading), [""; 0]);
}

#[test]
fn nothing_adds_several_wasi_interfaces_at_once() {
    // Both of these also name the functions that add one interface.
    let blanket = ["p2::add_to_linker", "wasmtime_wasi_io::add_to_linker", "add_to_linker_proxy"];
    assert_eq!(places_of(LIBRARY_ROOMS, &blanket), [""; 0]);
}

#[test]
fn security_input_has_no_defaults_and_no_guesses() {
    let loose = ["serde(default", "serde(flatten", "serde(untagged"];
    let rooms = ["host/policy/src", "host/package/src", "host/audit/src", "host/witness/src"];
    assert_eq!(places_of(&rooms, &loose), [""; 0]);
}

#[test]
fn every_item_of_the_contract_says_since_when() {
    for (path, text) in files("wit", "wit") {
        let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
        for (number, line) in lines.iter().enumerate() {
            let starts =
                ["interface ", "record ", "variant ", "enum ", "resource ", "type ", "use ", "world "];
            let is_item = starts.iter().any(|start| line.starts_with(start)) || line.contains(": func(");
            if is_item {
                let before = number.checked_sub(1).map_or("", |before| lines[before]);
                assert!(before.starts_with("@since("), "{}:{}: {line}", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn every_path_that_a_document_links_to_exists() {
    for document in ["README.md", "host/ARCHITECTURE.md"] {
        let path = root().join(document);
        let text = fs::read_to_string(&path).expect("the document exists");
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://") && !link.starts_with('#')) {
            let file = link.split('#').next().unwrap_or(link);
            let target = path.parent().expect("a document is in a directory").join(file);
            assert!(target.exists(), "{document} links to {link}");
        }
    }
}

#[test]
fn every_module_of_the_host_says_what_it_is_for() {
    for room in LIBRARY_ROOMS.iter().chain(&["host/cli/src", "guest-sdk/src"]) {
        for (path, text) in files(room, "rs") {
            assert!(text.starts_with("//!"), "{} has no front page", path.display());
        }
    }
}

/// What decides whether a package may run must be little enough to read: no
/// engine, no runtime, no network, no terminal. Name for name, so that whatever
/// joins it was meant to.
#[test]
fn the_trust_base_of_verification_is_what_it_was_meant_to_be() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--package", "mpp-package", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .expect("cargo can be started");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).expect("names of crates are UTF-8");
    let found: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    let meant: BTreeSet<&str> = include_str!("trust_base.txt").lines().collect();
    assert_eq!(found, meant);
}
