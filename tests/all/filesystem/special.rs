//! Pipes, devices and sockets in a granted directory: none of them is opened,
//! and none of them holds a call.

use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use mpp_host::policy::Limits;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::json;

use super::{READING, Tree, WRITING, read, write};
use crate::support::{Scene, guests};

/// The time limit of these calls is far above what they may take.
const LIMIT: Duration = Duration::from_secs(60);
const AT_ONCE: Duration = Duration::from_secs(20);

fn tree_with_a_pipe() -> Tree {
    let tree = Tree::new();
    mknodat(CWD, tree.granted().join("pipe"), FileType::Fifo, Mode::RWXU, 0).expect("a pipe");
    tree
}

#[tokio::test]
async fn a_pipe_without_a_writer_does_not_hold_a_reader() {
    for guest in READING {
        let tree = tree_with_a_pipe();
        let scene = Scene::of(guest).await.declares(json!({"filesystem": {"read": ["/data"]}}));
        let tool =
            scene.maps("/data", &tree.granted()).limits(Limits { time: LIMIT, ..Limits::DEFAULT }).load();
        let begun = Instant::now();
        let ended = read(&tool, "/data/pipe").await;
        ended.failed();
        assert!(begun.elapsed() < AT_ONCE, "{}", guest.name);
    }
}

#[tokio::test]
async fn a_pipe_without_a_reader_does_not_hold_a_writer() {
    for guest in WRITING {
        let tree = tree_with_a_pipe();
        let permissions = json!({"filesystem": {"read": ["/data"], "write": ["/data"]}});
        let scene = Scene::of(guest).await.declares(permissions).maps("/data", &tree.granted());
        let tool = scene.limits(Limits { time: LIMIT, ..Limits::DEFAULT }).load();
        let begun = Instant::now();
        for verb in ["write", "append"] {
            tool.call(verb, json!({"path": "/data/pipe", "text": "x"})).await.failed();
        }
        assert!(begun.elapsed() < AT_ONCE, "{}", guest.name);
    }
}

#[tokio::test]
async fn a_pipe_is_listed_as_something_else() {
    let tree = tree_with_a_pipe();
    let tool = tree.read_by(guests::READS_FILES).await;
    let ended = tool.call("stat", json!({"path": "/data/pipe"})).await;
    assert_eq!(*ended.structured(), json!({"kind": "Other", "size": 0}));
    let ended = read(&tool, "/data/pipe").await;
    assert!(ended.failed().contains("neither a regular file nor a directory"));
}

#[tokio::test]
async fn a_socket_is_not_opened() {
    for guest in READING {
        let tree = Tree::new();
        let _socket = UnixListener::bind(tree.granted().join("socket")).expect("a socket");
        read(&tree.read_by(guest).await, "/data/socket").await.failed();
    }
}

#[tokio::test]
async fn a_device_is_not_opened() {
    for guest in READING {
        let scene = Scene::of(guest).await.declares(json!({"filesystem": {"read": ["/dev"]}}));
        let tool = scene.load();
        for device in ["/dev/zero", "/dev/null", "/dev/tty"] {
            read(&tool, device).await.failed();
        }
    }
    for guest in WRITING {
        let permissions = json!({"filesystem": {"read": ["/dev"], "write": ["/dev"]}});
        let tool = Scene::of(guest).await.declares(permissions).load();
        write(&tool, "/dev/null", "x").await.failed();
    }
}
