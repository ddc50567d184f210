//! What may be written is written, and nothing else; and neither permission
//! implies the other.

use std::fs;

use mpp_host::Outcome;
use mpp_host::policy::{Limits, Permission};
use serde_json::json;

use super::{SECRET, Tree, WRITING, read, write};
use crate::support::{Scene, guests};

#[tokio::test]
async fn a_granted_file_is_written_and_the_write_is_on_record() {
    for guest in WRITING {
        let tree = Tree::new();
        let tool = tree.written_by(guest).await;
        let ended = write(&tool, "/data/new.txt", "written").await;
        ended.completed();
        assert_eq!(ended.checks(), ["allowed filesystem.write /data/new.txt"], "{}", guest.name);
        assert_eq!(ended.record.usage.written_bytes, 7, "{}", guest.name);
        assert_eq!(fs::read_to_string(tree.granted().join("new.txt")).expect("a file"), "written");
    }
}

#[tokio::test]
async fn a_file_is_replaced_or_continued_as_asked() {
    for guest in WRITING {
        let tree = Tree::new();
        let tool = tree.written_by(guest).await;
        write(&tool, "/data/file.txt", "x").await.completed();
        tool.call("append", json!({"path": "/data/file.txt", "text": "y"})).await.completed();
        assert_eq!(
            fs::read_to_string(tree.granted().join("file.txt")).expect("a file"),
            "xy",
            "{}",
            guest.name
        );
    }
}

/// A file that cannot be opened because too many are open keeps its contents.
#[tokio::test]
async fn a_file_that_the_limit_keeps_closed_is_not_emptied() {
    for guest in WRITING {
        let tree = Tree::new();
        let permissions = json!({"filesystem": {"read": ["/data"], "write": ["/data"]}});
        let scene = Scene::of(guest).await.declares(permissions).maps("/data", &tree.granted());
        let tool = scene.limits(Limits { open_files: 0, ..Limits::DEFAULT }).load();
        for path in ["/data/file.txt", "/data/new.txt"] {
            write(&tool, path, "x").await.failed();
        }
        let contents = fs::read_to_string(tree.granted().join("file.txt")).expect("a file");
        assert_eq!(contents, "inside", "{}", guest.name);
        assert!(!tree.granted().join("new.txt").exists(), "{}", guest.name);
    }
}

#[tokio::test]
async fn a_new_file_replaces_nothing() {
    let tree = Tree::new();
    let tool = tree.written_by(guests::WRITES_FILES).await;
    let input = json!({"path": "/data/file.txt", "text": "x"});
    assert!(tool.call("create-new", input).await.failed().contains("already"));
    assert_eq!(fs::read_to_string(tree.granted().join("file.txt")).expect("a file"), "inside");
}

#[tokio::test]
async fn every_way_to_change_something_stays_inside() {
    for guest in WRITING {
        let tree = Tree::new();
        let tool = tree.written_by(guest).await;
        tool.call("create-directory", json!({"path": "/data/made"})).await.completed();
        tool.call("rename", json!({"from": "/data/file.txt", "to": "/data/made/moved.txt"}))
            .await
            .completed();
        assert_eq!(fs::read_to_string(tree.granted().join("made/moved.txt")).expect("a file"), "inside");
        tool.call("remove-file", json!({"path": "/data/made/moved.txt"})).await.completed();
        tool.call("remove-directory", json!({"path": "/data/made"})).await.completed();
        assert!(!tree.granted().join("made").exists());

        let escapes = [
            ("create-directory", json!({"path": "/data/../made"})),
            ("remove-file", json!({"path": "/data/../outside/secret.txt"})),
            ("remove-directory", json!({"path": "/data/../outside"})),
            ("rename", json!({"from": "/data/../outside/secret.txt", "to": "/data/stolen.txt"})),
            ("rename", json!({"from": "/data/sub/deep.txt", "to": "/data/../outside/secret.txt"})),
            ("write", json!({"path": "/data/../outside/secret.txt", "text": "x"})),
            ("append", json!({"path": "/data/../outside/secret.txt", "text": "x"})),
        ];
        for (verb, input) in escapes {
            let ended = tool.call(verb, input).await;
            assert!(matches!(ended.report.outcome, Outcome::ToolError(_)), "{} {verb}", guest.name);
            ended.denied_check(Permission::FilesystemWrite);
        }
        assert_eq!(fs::read_to_string(tree.outside().join("secret.txt")).expect("a file"), SECRET);
        assert!(!tree.granted().join("stolen.txt").exists());
        assert!(!tree.granted().parent().expect("a parent").join("made").exists());
    }
}

/// A package that may read and write different places.
async fn apart(tree: &Tree, guest: crate::support::Guest) -> crate::support::Loaded {
    fs::create_dir_all(tree.granted().join("out")).expect("a directory");
    let permissions = json!({"filesystem": {"read": ["/data"], "write": ["/data/out"]}});
    Scene::of(guest).await.declares(permissions).maps("/data", &tree.granted()).load()
}

#[tokio::test]
async fn a_tool_does_not_write_where_it_may_only_read() {
    let tree = Tree::new();
    let tool = apart(&tree, guests::WRITES_FILES).await;
    let changes = [
        ("write", json!({"path": "/data/file.txt", "text": "x"}), "/data/file.txt"),
        ("append", json!({"path": "/data/file.txt", "text": "x"}), "/data/file.txt"),
        ("create-new", json!({"path": "/data/new.txt", "text": "x"}), "/data/new.txt"),
        ("create-directory", json!({"path": "/data/new"}), "/data/new"),
        ("remove-file", json!({"path": "/data/file.txt"}), "/data/file.txt"),
        ("remove-directory", json!({"path": "/data/sub"}), "/data/sub"),
        ("rename", json!({"from": "/data/file.txt", "to": "/data/out/file.txt"}), "/data/file.txt"),
        ("rename", json!({"from": "/data/out/file.txt", "to": "/data/file.txt"}), "/data/file.txt"),
    ];
    for (verb, input, denied) in changes {
        let why = tool.call(verb, input).await.denied(Permission::FilesystemWrite, denied);
        assert!(why.contains("filesystem: { write:"), "{why}");
    }
    write(&tool, "/data/out/report.txt", "x").await.completed();
    unchanged(&tree);
}

#[tokio::test]
async fn std_does_not_write_where_it_may_only_read() {
    let tree = Tree::new();
    let tool = apart(&tree, guests::WRITES_FILES_BY_STD).await;
    let changes = [
        ("write", json!({"path": "/data/file.txt", "text": "x"})),
        ("append", json!({"path": "/data/file.txt", "text": "x"})),
        ("set-size", json!({"path": "/data/file.txt", "bytes": 0})),
        ("create-directory", json!({"path": "/data/new"})),
        ("remove-file", json!({"path": "/data/file.txt"})),
        ("remove-directory", json!({"path": "/data/sub"})),
        ("rename", json!({"from": "/data/file.txt", "to": "/data/out/file.txt"})),
        ("rename", json!({"from": "/data/out/report.txt", "to": "/data/file.txt"})),
        ("hard-link", json!({"from": "/data/file.txt", "to": "/data/out/file.txt"})),
    ];
    write(&tool, "/data/out/report.txt", "x").await.completed();
    for (verb, input) in changes {
        let ended = tool.call(verb, input.clone()).await;
        ended.failed();
        let check = ended.denied_check(Permission::FilesystemWrite);
        assert!(check.resource.starts_with("/data/"), "{verb} {input}: {check:?}");
    }
    unchanged(&tree);
}

fn unchanged(tree: &Tree) {
    assert_eq!(fs::read_to_string(tree.granted().join("file.txt")).expect("a file"), "inside");
    assert!(tree.granted().join("sub/deep.txt").exists());
    assert_eq!(fs::read_dir(tree.granted()).expect("a directory").count(), 3);
    assert_eq!(fs::read_dir(tree.granted().join("out")).expect("a directory").count(), 1);
}

#[tokio::test]
async fn a_place_that_may_only_be_written_is_not_read() {
    let tree = Tree::new();
    fs::create_dir_all(tree.granted().join("out")).expect("a directory");
    fs::write(tree.granted().join("out/report.txt"), SECRET).expect("a file");
    let permissions = json!({"filesystem": {"read": ["/data/sub"], "write": ["/data/out"]}});
    let reader = Scene::of(guests::READS_FILES)
        .await
        .declares(permissions.clone())
        .maps("/data", &tree.granted())
        .load();
    let path = "/data/out/report.txt";
    read(&reader, path).await.denied(Permission::FilesystemRead, path);
    let ended = reader.call("stat", json!({"path": path})).await;
    ended.denied(Permission::FilesystemRead, path);

    // WASI knows no directory that can be written and not read: it is not shown.
    let tool = Scene::of(guests::WRITES_FILES_BY_STD)
        .await
        .declares(permissions)
        .maps("/data", &tree.granted())
        .load();
    for ended in [read(&tool, path).await, write(&tool, path, "x").await] {
        ended.failed();
        assert!(ended.record.checks.iter().all(|check| check.denial.is_some()));
    }
    assert_eq!(fs::read_to_string(tree.granted().join("out/report.txt")).expect("a file"), SECRET);
}

#[tokio::test]
async fn a_place_that_may_only_be_written_can_be_written_without_any_reading() {
    let tree = Tree::new();
    let permissions = json!({"filesystem": {"write": ["/data"]}});
    let scene = Scene::of(guests::WRITES_FILES).await.declares(permissions);
    let tool = scene.maps("/data", &tree.granted()).load();
    write(&tool, "/data/new.txt", "written").await.completed();
    assert_eq!(fs::read_to_string(tree.granted().join("new.txt")).expect("a file"), "written");
}
