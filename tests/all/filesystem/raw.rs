//! WASI without the library between: what `std::fs` would never ask.

use std::fs;
use std::os::unix::fs::symlink;

use mpp_host::Outcome;
use mpp_host::outcome::Stop;
use mpp_host::policy::Permission;
use serde_json::json;

use super::{SECRET, Tree};
use crate::support::{Draft, Ended, Scene};
use crate::wat_tool::{DATA, RETURNED, WatTool};

/// As much of `wasi:filesystem` as it takes to open something.
const WORLD: &str = "
    package test:tool;
    world test {
        include mpp:tool/tool@0.1.0;
        import wasi:filesystem/types@0.2.6;
        import wasi:filesystem/preopens@0.2.6;
    }
    package wasi:filesystem@0.2.6 {
        interface types {
            flags path-flags { symlink-follow }
            flags open-flags { create, directory, exclusive, truncate }
            flags descriptor-flags {
                read, write, file-integrity-sync, data-integrity-sync, requested-write-sync, mutate-directory,
            }
            enum error-code {
                access, would-block, already, bad-descriptor, busy, deadlock, quota, exist, file-too-large,
                illegal-byte-sequence, in-progress, interrupted, invalid, io, is-directory, loop, too-many-links,
                message-size, name-too-long, no-device, no-entry, no-lock, insufficient-memory, insufficient-space,
                not-directory, not-empty, not-recoverable, unsupported, no-tty, no-such-device, overflow,
                not-permitted, pipe, read-only, invalid-seek, text-file-busy, cross-device,
            }
            resource descriptor {
                open-at: func(path-flags: path-flags, path: string, open-flags: open-flags, %flags: descriptor-flags)
                    -> result<descriptor, error-code>;
            }
        }
        interface preopens {
            use types.{descriptor};
            get-directories: func() -> list<tuple<descriptor, string>>;
        }
    }";

const FOLLOW: u32 = 1;
const CREATE: u32 = 1;
const READ: u32 = 1;
const WRITE: u32 = 2;

/// A tool that asks the first directory it is shown for `path`, and crashes if
/// it gets it.
fn opening(path: &str, open: u32, flags: u32) -> Vec<u8> {
    let imports = r#"
        (import "wasi:filesystem/preopens@0.2.6" "get-directories" (func $directories (param i32)))
        (import "wasi:filesystem/types@0.2.6" "[method]descriptor.open-at"
            (func $open (param i32 i32 i32 i32 i32 i32 i32)))"#;
    let items = format!("(data (i32.const {DATA}) {path:?})");
    let (length, opened) = (path.len(), RETURNED + 64);
    let invoke = format!(
        "(call $directories (i32.const {RETURNED}))
        (call $open
            (i32.load (i32.load (i32.const {RETURNED})))
            (i32.const {FOLLOW}) (i32.const {DATA}) (i32.const {length}) (i32.const {open}) (i32.const {flags})
            (i32.const {opened}))
        (if (i32.eqz (i32.load8_u (i32.const {opened}))) (then (unreachable)))"
    );
    WatTool { world: WORLD, imports, items: &items, invoke: &invoke, ..WatTool::IDLE }.component()
}

async fn open(tree: &Tree, path: &str, open: u32, flags: u32) -> Ended {
    let scene = Scene::of_draft(Draft::of_component(opening(path, open, flags)));
    let scene = scene.declares(json!({"filesystem": {"read": ["/data"]}}));
    scene.maps("/data", &tree.granted()).load().call("tool", json!({})).await
}

#[track_caller]
fn opened(ended: &Ended) {
    assert!(matches!(ended.report.outcome, Outcome::Stopped(Stop::Trapped(_))), "{:?}", ended.report.outcome);
}

#[tokio::test]
async fn a_path_inside_is_opened() {
    let tree = Tree::new();
    let ended = open(&tree, "sub/../file.txt", 0, READ).await;
    opened(&ended);
    assert_eq!(ended.checks(), ["allowed filesystem.read /data/file.txt"]);
}

#[tokio::test]
async fn no_path_leads_outside() {
    let tree = Tree::new();
    symlink("../outside", tree.granted().join("link")).expect("a link");
    for path in [
        "/etc/passwd",
        "/",
        "//etc/passwd",
        "..",
        "../outside/secret.txt",
        "sub/../../outside/secret.txt",
        "sub/../../../../../../../../etc/passwd",
        "./../outside/secret.txt",
        "link/secret.txt",
        "link/../outside/secret.txt",
        "file.txt/../../outside/secret.txt",
    ] {
        let ended = open(&tree, path, 0, READ).await;
        ended.completed();
        assert_eq!(ended.record.checks.len(), 1, "{path}");
    }
}

#[tokio::test]
async fn what_leads_outside_is_denied_on_record() {
    let tree = Tree::new();
    for (path, resource) in [
        ("../outside/secret.txt", "/outside/secret.txt"),
        ("..", "/"),
        ("../../../../etc/passwd", "../../../../etc/passwd"),
        ("/etc/passwd", "/data/etc/passwd"),
    ] {
        let ended = open(&tree, path, 0, READ).await;
        ended.completed();
        assert_eq!(ended.denied_check(Permission::FilesystemRead).resource, resource);
    }
}

#[tokio::test]
async fn what_may_only_be_read_is_not_opened_to_be_written() {
    let tree = Tree::new();
    for (path, how, flags) in
        [("file.txt", 0, WRITE), ("file.txt", 0, READ | WRITE), ("new.txt", CREATE, READ | WRITE)]
    {
        let ended = open(&tree, path, how, flags).await;
        ended.completed();
        assert_eq!(ended.denied_check(Permission::FilesystemWrite).resource, format!("/data/{path}"));
    }
    assert!(!tree.granted().join("new.txt").exists());
    assert_eq!(fs::read_to_string(tree.outside().join("secret.txt")).expect("a file"), SECRET);
}
