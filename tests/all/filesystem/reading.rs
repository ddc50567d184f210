//! What may be read is read, and nothing else.

use std::fs;

use mpp_host::policy::Permission;
use serde_json::json;

use super::{READING, Tree, read};
use crate::support::{Scene, guests};

#[tokio::test]
async fn a_granted_file_is_read_and_the_read_is_on_record() {
    for guest in READING {
        let tree = Tree::new();
        let tool = tree.read_by(guest).await;
        let ended = read(&tool, "/data/sub/deep.txt").await;
        assert_eq!(ended.text(), "deep inside", "{}", guest.name);
        assert_eq!(ended.checks(), ["allowed filesystem.read /data/sub/deep.txt"], "{}", guest.name);
        assert_eq!(ended.record.usage.peak_open_files, 1, "{}", guest.name);
    }
}

#[tokio::test]
async fn the_bytes_read_are_counted() {
    for guest in READING {
        let tree = Tree::new();
        let ended = read(&tree.read_by(guest).await, "/data/file.txt").await;
        assert_eq!(ended.text(), "inside");
        assert_eq!(ended.record.usage.read_bytes, 6, "{}", guest.name);
    }
}

#[tokio::test]
async fn an_absolute_path_outside_is_denied() {
    let tree = Tree::new();
    let tool = tree.read_by(guests::READS_FILES).await;
    for path in ["/etc/passwd", "/", "/database", "/dat", "/data.txt", "/proc/self/environ"] {
        let why = read(&tool, path).await.denied(Permission::FilesystemRead, path);
        assert!(why.contains("does not declare"), "{why}");
    }
}

#[tokio::test]
async fn an_absolute_path_outside_does_not_exist_for_std() {
    let tree = Tree::new();
    let tool = tree.read_by(guests::READS_FILES_BY_STD).await;
    for path in ["/etc/passwd", "/", "/database", "/dat", "/proc/self/environ"] {
        let ended = read(&tool, path).await;
        ended.failed();
        // The guest's own library finds no directory to ask: the host is
        // never reached.
        assert_eq!(ended.checks(), [""; 0], "{path}");
    }
}

#[tokio::test]
async fn dots_that_lead_outside_are_denied() {
    let tree = Tree::new();
    let tool = tree.read_by(guests::READS_FILES).await;
    for path in [
        "/data/../outside/secret.txt",
        "/data/sub/../../outside/secret.txt",
        "/./data//../outside/secret.txt",
    ] {
        read(&tool, path).await.denied(Permission::FilesystemRead, "/outside/secret.txt");
    }
}

#[tokio::test]
async fn dots_that_lead_outside_are_denied_to_std() {
    let tree = Tree::new();
    let tool = tree.read_by(guests::READS_FILES_BY_STD).await;
    for path in ["/data/../outside/secret.txt", "/data/sub/../../outside/secret.txt"] {
        let ended = read(&tool, path).await;
        ended.failed();
        assert_eq!(ended.checks(), ["denied filesystem.read /outside/secret.txt"], "{path}");
    }
}

#[tokio::test]
async fn dots_that_stay_inside_are_followed() {
    for guest in READING {
        let tree = Tree::new();
        let ended = read(&tree.read_by(guest).await, "/data/./sub/../file.txt").await;
        assert_eq!(ended.text(), "inside");
        assert_eq!(ended.checks(), ["allowed filesystem.read /data/file.txt"], "{}", guest.name);
    }
}

#[tokio::test]
async fn dots_above_the_root_are_no_path() {
    let tree = Tree::new();
    let tool = tree.read_by(guests::READS_FILES).await;
    for path in ["/..", "/data/../..", "/../data/file.txt", "/data/../../data/file.txt"] {
        let ended = read(&tool, path).await;
        assert!(ended.failed().contains("not a path"), "{path}");
        assert_eq!(ended.checks(), [""; 0], "{path}");
    }
}

#[tokio::test]
async fn a_directory_is_listed_in_order_and_described() {
    let tree = Tree::new();
    fs::write(tree.granted().join("B"), "").expect("a file");
    fs::write(tree.granted().join(".hidden"), "").expect("a file");
    let tool = tree.read_by(guests::READS_FILES).await;
    let ended = tool.call("list", json!({"path": "/data"})).await;
    assert_eq!(
        *ended.result(),
        json!([
            {"name": ".hidden", "kind": "File"},
            {"name": "B", "kind": "File"},
            {"name": "file.txt", "kind": "File"},
            {"name": "sub", "kind": "Directory"},
        ])
    );
    let ended = tool.call("stat", json!({"path": "/data/file.txt"})).await;
    assert_eq!(*ended.structured(), json!({"kind": "File", "size": 6}));
    assert_eq!(ended.checks(), ["allowed filesystem.read /data/file.txt"]);
    let ended = tool.call("stat", json!({"path": "/data/sub"})).await;
    assert_eq!(*ended.structured(), json!({"kind": "Directory", "size": 0}));

    let tool = tree.read_by(guests::READS_FILES_BY_STD).await;
    let ended = tool.call("list", json!({"path": "/data"})).await;
    assert_eq!(*ended.result(), json!([".hidden", "B", "file.txt", "sub"]));
    let ended = tool.call("stat", json!({"path": "/data/file.txt"})).await;
    assert_eq!(*ended.structured(), json!({"file": true, "directory": false, "size": 6}));
}

#[tokio::test]
async fn a_directory_outside_is_neither_listed_nor_described() {
    let tree = Tree::new();
    let tool = tree.read_by(guests::READS_FILES).await;
    for verb in ["list", "stat"] {
        let ended = tool.call(verb, json!({"path": "/data/../outside"})).await;
        ended.denied(Permission::FilesystemRead, "/outside");
    }
    let tool = tree.read_by(guests::READS_FILES_BY_STD).await;
    for verb in ["list", "stat"] {
        let ended = tool.call(verb, json!({"path": "/data/../outside"})).await;
        ended.failed();
        assert_eq!(ended.checks(), ["denied filesystem.read /outside"], "{verb}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_not_there() {
    for guest in READING {
        let tree = Tree::new();
        let tool = tree.read_by(guest).await;
        let ended = read(&tool, "/data/absent.txt").await;
        ended.failed();
        assert_eq!(ended.checks(), ["allowed filesystem.read /data/absent.txt"], "{}", guest.name);
        let ended = read(&tool, "/data/file.txt/below").await;
        ended.failed();
        let ended = read(&tool, "/data/sub").await;
        ended.failed();
    }
}

#[tokio::test]
async fn what_one_package_was_granted_another_was_not() {
    let tree = Tree::new();
    let scene = Scene::of(guests::READS_FILES).await.declares(json!({"filesystem": {"read": ["/data/sub"]}}));
    let tool = scene.maps("/data", &tree.granted()).load();
    assert_eq!(read(&tool, "/data/sub/deep.txt").await.text(), "deep inside");
    read(&tool, "/data/file.txt").await.denied(Permission::FilesystemRead, "/data/file.txt");
    read(&tool, "/data/sub/../file.txt").await.denied(Permission::FilesystemRead, "/data/file.txt");
}

#[tokio::test]
async fn a_large_file_is_read_to_its_last_byte() {
    // The last read returns less than a word.
    let contents: Vec<u8> = (0..(3_u32 << 20) + 64 * 65 + 3).map(|at| (at % 251) as u8).collect();
    let words = contents.chunks(64).map(|line| {
        let mut word = [0; 8];
        let first = line.len().min(8);
        word[..first].copy_from_slice(&line[..first]);
        u64::from_le_bytes(word)
    });
    let sum = words.fold(0, u64::wrapping_add).to_string();
    let tree = Tree::new();
    fs::write(tree.granted().join("large"), &contents).expect("a file");
    let tool = tree.read_by(guests::SUMS_FILES).await;
    for verb in ["borrow", "read", "read-by-std"] {
        let ended = tool.call(verb, json!({"path": "/data/large"})).await;
        assert_eq!(ended.text(), sum, "{verb}");
        assert_eq!(ended.record.usage.read_bytes, contents.len() as u64, "{verb}");
    }
}

#[tokio::test]
async fn many_files_are_read_one_by_one() {
    let tree = Tree::new();
    for directory in 0..20_u64 {
        let below = tree.granted().join(directory.to_string());
        fs::create_dir(&below).expect("a directory");
        for file in 0..20_u64 {
            fs::write(below.join(file.to_string()), (directory * 20 + file).to_le_bytes()).expect("a file");
        }
    }
    let tool = tree.read_by(guests::SUMS_FILES).await;
    for verb in ["read-each", "read-each-by-std"] {
        let ended = tool.call(verb, json!({"path": "/data", "directories": 20, "files": 20})).await;
        assert_eq!(ended.text(), (0..400_u64).sum::<u64>().to_string(), "{verb}");
        assert_eq!(ended.record.usage.peak_open_files, 1, "{verb}");
        assert_eq!(ended.record.usage.read_bytes, 400 * 8, "{verb}");
    }
}
