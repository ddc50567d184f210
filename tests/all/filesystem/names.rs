//! Paths as a tool may spell them.

use std::fs;

use mpp_host::policy::Permission;
use serde_json::json;

use super::{READING, Tree, WRITING, read, write};
use crate::support::guests;

#[tokio::test]
async fn names_differ_by_case() {
    let tree = Tree::new();
    let tool = tree.read_by(guests::READS_FILES).await;
    read(&tool, "/DATA/file.txt").await.denied(Permission::FilesystemRead, "/DATA/file.txt");
    assert!(read(&tool, "/data/FILE.TXT").await.failed().contains("nothing"));
    let tool = tree.read_by(guests::READS_FILES_BY_STD).await;
    assert_eq!(read(&tool, "/DATA/file.txt").await.checks(), [""; 0]);
    read(&tool, "/data/FILE.TXT").await.failed();
}

#[tokio::test]
async fn repeated_and_trailing_slashes_change_nothing_about_the_boundary() {
    for guest in READING {
        let tree = Tree::new();
        let tool = tree.read_by(guest).await;
        assert_eq!(read(&tool, "/data//sub///deep.txt").await.text(), "deep inside", "{}", guest.name);
        let ended = tool.call("list", json!({"path": "/data/sub/"})).await;
        ended.completed();
        assert_eq!(ended.record.checks[0].resource, "/data/sub", "{}", guest.name);
        let ended = read(&tool, "/data/").await;
        ended.failed();
    }
}

#[tokio::test]
async fn what_is_no_absolute_path_is_refused() {
    let tree = Tree::new();
    let tool = tree.read_by(guests::READS_FILES).await;
    for path in [
        "",
        "data/file.txt",
        "file.txt",
        ".",
        "..",
        "~/file.txt",
        "\\data\\file.txt",
        "file:///data/file.txt",
    ] {
        let ended = read(&tool, path).await;
        assert!(ended.failed().contains("not a path"), "{path:?}");
        assert_eq!(ended.checks(), [""; 0], "{path:?}");
    }
}

#[tokio::test]
async fn a_relative_path_starts_at_the_root_for_std() {
    let tree = Tree::new();
    let tool = tree.read_by(guests::READS_FILES_BY_STD).await;
    let ended = read(&tool, "data/file.txt").await;
    assert_eq!(ended.text(), "inside");
    assert_eq!(ended.checks(), ["allowed filesystem.read /data/file.txt"]);
    for path in ["", "file.txt", "..", "../etc/passwd", "etc/passwd"] {
        let ended = read(&tool, path).await;
        ended.failed();
        assert_eq!(ended.checks(), [""; 0], "{path:?}");
    }
}

#[tokio::test]
async fn a_nul_in_a_path_does_not_cut_it() {
    let tree = Tree::new();
    let tool = tree.read_by(guests::READS_FILES).await;
    for path in ["/data/file.txt\0", "/data/file.txt\0.png", "\0", "/data\0/../etc/passwd"] {
        assert!(read(&tool, path).await.failed().contains("not a path"), "{path:?}");
    }
    let tool = tree.read_by(guests::READS_FILES_BY_STD).await;
    for path in ["/data/file.txt\0", "/data/file.txt\0.png"] {
        read(&tool, path).await.failed();
    }
}

#[tokio::test]
async fn a_path_that_is_too_long_is_refused_and_its_record_is_bounded() {
    let tree = Tree::new();
    let tool = tree.read_by(guests::READS_FILES).await;
    let long = format!("/data/{}", "x/".repeat(4096));
    assert!(read(&tool, &long).await.failed().contains("not a path"));
    let tool = tree.read_by(guests::READS_FILES_BY_STD).await;
    let ended = read(&tool, &long).await;
    ended.failed();
    assert!(ended.record.checks.iter().all(|check| check.resource.len() <= 4096));
}

#[tokio::test]
async fn a_directory_is_listed_up_to_the_size_that_the_contract_names() {
    let tree = Tree::new();
    let many = tree.granted().join("many");
    fs::create_dir(&many).expect("a directory");
    for number in 0..65_536 {
        fs::write(many.join(number.to_string()), "").expect("a file");
    }
    let tool = tree.read_by(guests::READS_FILES).await;
    let ended = tool.call("list", json!({"path": "/data/many"})).await;
    assert_eq!(ended.result().as_array().map(Vec::len), Some(65_536));
    fs::write(many.join("one more"), "").expect("a file");
    let ended = tool.call("list", json!({"path": "/data/many"})).await;
    assert!(ended.failed().contains("65536"), "{}", ended.failed());
}

#[tokio::test]
async fn a_name_that_is_no_utf_8_is_left_out_of_lists() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let tree = Tree::new();
    fs::write(tree.granted().join(OsStr::from_bytes(b"\xff")), "").expect("a file");
    let tool = tree.read_by(guests::READS_FILES).await;
    let ended = tool.call("list", json!({"path": "/data"})).await;
    let names: Vec<_> =
        ended.result().as_array().expect("a list").iter().map(|entry| entry["name"].clone()).collect();
    assert_eq!(names, ["file.txt", "sub"]);
}

#[tokio::test]
async fn names_that_mean_something_to_a_shell_are_names() {
    for (reading, writing) in READING.into_iter().zip(WRITING) {
        let tree = Tree::new();
        let writer = tree.written_by(writing).await;
        let reader = tree.read_by(reading).await;
        for name in ["$HOME", "~", "a b", "-rf", "*", "ü\u{301}", "…", "%2e%2e", "con", "a\\b"] {
            let path = format!("/data/{name}");
            write(&writer, &path, name).await.completed();
            assert_eq!(read(&reader, &path).await.text(), name);
            assert_eq!(fs::read_to_string(tree.granted().join(name)).expect("a file"), name);
        }
    }
}
