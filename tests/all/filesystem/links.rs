//! Links, and directories that become links while a tool looks.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use mpp_host::policy::Permission;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde_json::json;

use super::{READING, SECRET, Tree, WRITING, read, write};
use crate::support::{Ended, guests};

#[tokio::test]
async fn a_symbolic_link_that_leads_outside_is_denied() {
    let tree = Tree::new();
    symlink("../outside/secret.txt", tree.granted().join("relative")).expect("a link");
    symlink(tree.outside().join("secret.txt"), tree.granted().join("absolute")).expect("a link");
    symlink("../outside", tree.granted().join("directory")).expect("a link");
    let tool = tree.read_by(guests::READS_FILES).await;
    for path in ["/data/relative", "/data/absolute", "/data/directory/secret.txt"] {
        let ended = read(&tool, path).await;
        let why = ended.denied(Permission::FilesystemRead, path);
        assert!(why.contains("symbolic link"), "{why}");
        let (allowed, denied) =
            (format!("allowed filesystem.read {path}"), format!("denied filesystem.read {path}"));
        assert_eq!(ended.checks(), [allowed, denied]);
    }
}

#[tokio::test]
async fn a_symbolic_link_that_leads_outside_is_denied_to_std() {
    let tree = Tree::new();
    symlink("../outside/secret.txt", tree.granted().join("relative")).expect("a link");
    symlink(tree.outside().join("secret.txt"), tree.granted().join("absolute")).expect("a link");
    symlink("../outside", tree.granted().join("directory")).expect("a link");
    let tool = tree.read_by(guests::READS_FILES_BY_STD).await;
    for path in ["/data/relative", "/data/absolute", "/data/directory/secret.txt"] {
        let ended = read(&tool, path).await;
        ended.failed();
        assert_eq!(ended.checks(), [format!("denied filesystem.read {path}")]);
    }
}

#[tokio::test]
async fn nothing_is_told_of_what_a_link_leads_to_outside() {
    let tree = Tree::new();
    symlink("../outside", tree.granted().join("link")).expect("a link");
    let tool = tree.read_by(guests::READS_FILES).await;
    for verb in ["stat", "list"] {
        let ended = tool.call(verb, json!({"path": "/data/link"})).await;
        ended.denied(Permission::FilesystemRead, "/data/link");
    }
    // Absent and present look the same.
    let there = read(&tool, "/data/link/secret.txt")
        .await
        .denied(Permission::FilesystemRead, "/data/link/secret.txt");
    let absent = read(&tool, "/data/link/absent.txt")
        .await
        .denied(Permission::FilesystemRead, "/data/link/absent.txt");
    assert_eq!(there, absent);
}

#[tokio::test]
async fn a_symbolic_link_that_stays_inside_is_followed() {
    for guest in READING {
        let tree = Tree::new();
        symlink("sub/deep.txt", tree.granted().join("link")).expect("a link");
        symlink("../file.txt", tree.granted().join("sub/up")).expect("a link");
        let tool = tree.read_by(guest).await;
        assert_eq!(read(&tool, "/data/link").await.text(), "deep inside", "{}", guest.name);
        assert_eq!(read(&tool, "/data/sub/up").await.text(), "inside", "{}", guest.name);
    }
}

#[tokio::test]
async fn a_link_in_a_circle_ends() {
    for guest in READING {
        let tree = Tree::new();
        symlink("circle", tree.granted().join("circle")).expect("a link");
        read(&tree.read_by(guest).await, "/data/circle").await.failed();
    }
}

#[tokio::test]
async fn a_file_is_not_written_through_a_link_that_leads_outside() {
    let tree = Tree::new();
    symlink("../outside/secret.txt", tree.granted().join("link")).expect("a link");
    symlink("../outside/new.txt", tree.granted().join("new")).expect("a link");
    symlink("../outside", tree.granted().join("directory")).expect("a link");
    let tool = tree.written_by(guests::WRITES_FILES).await;
    let std_tool = tree.written_by(guests::WRITES_FILES_BY_STD).await;
    for path in ["/data/link", "/data/new", "/data/directory/new.txt"] {
        write(&tool, path, "overwritten").await.denied(Permission::FilesystemWrite, path);
        let ended = write(&std_tool, path, "overwritten").await;
        ended.failed();
        ended.denied_check(Permission::FilesystemWrite);
    }
    assert_eq!(fs::read_to_string(tree.outside().join("secret.txt")).expect("a file"), SECRET);
    assert_eq!(fs::read_dir(tree.outside()).expect("a directory").count(), 1);
}

#[tokio::test]
async fn a_tool_removes_a_link_and_not_what_it_leads_to() {
    for guest in WRITING {
        let tree = Tree::new();
        let link = tree.granted().join("link");
        symlink("../outside/secret.txt", &link).expect("a link");
        let tool = tree.written_by(guest).await;
        tool.call("remove-file", json!({"path": "/data/link"})).await.completed();
        assert!(link.symlink_metadata().is_err(), "the link is still there");
        assert_eq!(fs::read_to_string(tree.outside().join("secret.txt")).expect("a file"), SECRET);
    }
}

#[tokio::test]
async fn a_tool_makes_no_hard_link() {
    let tree = Tree::new();
    let tool = tree.written_by(guests::WRITES_FILES_BY_STD).await;
    for from in ["/data/file.txt", "/data/../outside/secret.txt"] {
        let ended = tool.call("hard-link", json!({"from": from, "to": "/data/linked"})).await;
        ended.failed();
        let check = ended.denied_check(Permission::FilesystemWrite);
        assert_eq!(check.resource, "/data/linked");
        assert!(check.reason.contains("makes no hard or symbolic links"));
        assert!(!tree.granted().join("linked").exists());
    }
}

#[tokio::test]
async fn a_tool_makes_no_symbolic_link() {
    let tree = Tree::new();
    let tool = tree.written_by(guests::WRITES_FILES_BY_STD).await;
    for from in ["file.txt", "../outside/secret.txt", "/etc/passwd"] {
        let ended = tool.call("soft-link", json!({"from": from, "to": "/data/linked"})).await;
        ended.failed();
        assert_eq!(ended.denied_check(Permission::FilesystemWrite).resource, "/data/linked");
        assert!(tree.granted().join("linked").symlink_metadata().is_err());
    }
}

/// A hard link that was there before is a file of the granted directory like any
/// other: who can put one there can put a copy there.
#[tokio::test]
async fn a_hard_link_that_the_operator_made_is_a_file_like_any_other() {
    for guest in READING {
        let tree = Tree::new();
        fs::write(tree.outside().join("shared.txt"), "shared").expect("a file");
        fs::hard_link(tree.outside().join("shared.txt"), tree.granted().join("linked")).expect("a link");
        assert_eq!(read(&tree.read_by(guest).await, "/data/linked").await.text(), "shared");
    }
}

/// A directory with a file in it that changes places, again and again, with a
/// link to the directory outside. It does so by one step, which leaves no moment
/// without either.
struct Turning<'t> {
    tree: &'t Tree,
}

impl<'t> Turning<'t> {
    fn new(tree: &'t Tree) -> Self {
        let turning = Self { tree };
        fs::create_dir(turning.turn()).expect("a directory");
        fs::write(turning.turn().join("secret.txt"), "inside").expect("a file");
        symlink("../outside", turning.other()).expect("a link");
        turning
    }

    fn turn(&self) -> PathBuf {
        self.tree.granted().join("turn")
    }

    fn other(&self) -> PathBuf {
        self.tree.granted().join("other")
    }

    /// Makes a call while they change places.
    fn during(&self, call: impl Future<Output = Ended>) -> Ended {
        let done = AtomicBool::new(false);
        let (ended, swaps) = std::thread::scope(|threads| {
            let swapping = threads.spawn(|| {
                let mut swaps = 0_u64;
                while !done.load(Ordering::Relaxed) {
                    renameat_with(CWD, self.turn(), CWD, self.other(), RenameFlags::EXCHANGE)
                        .expect("both are there");
                    swaps += 1;
                }
                swaps
            });
            let ended = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(call));
            done.store(true, Ordering::Relaxed);
            (ended, swapping.join().expect("the swapping ended"))
        });
        assert!(swaps > 100, "{swaps} swaps are no test");
        ended
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_that_is_swapped_for_a_link_during_the_call_never_lets_a_reader_outside() {
    for guest in READING {
        let tree = Tree::new();
        let turning = Turning::new(&tree);
        let tool = tree.read_by(guest).await;
        let input = json!({"path": "/data/turn/secret.txt", "times": 5_000});
        let ended = turning.during(tool.call("read-again", input));
        let seen = ended.result().as_array().expect("a list");
        assert!(seen.contains(&json!("inside")), "{}: {seen:?}", guest.name);
        assert!(!seen.contains(&json!(SECRET)), "{}: {seen:?}", guest.name);
        ended.denied_check(Permission::FilesystemRead);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_that_is_swapped_for_a_link_during_the_call_never_lets_a_writer_outside() {
    for guest in WRITING {
        let tree = Tree::new();
        let turning = Turning::new(&tree);
        let tool = tree.written_by(guest).await;
        let input = json!({"path": "/data/turn/secret.txt", "text": "x", "times": 3_000});
        let ended = turning.during(tool.call("write-again", input));
        assert!(ended.result().as_u64().is_some_and(|written| written > 0), "{}", guest.name);
        assert_eq!(fs::read_to_string(tree.outside().join("secret.txt")).expect("a file"), SECRET);
        ended.denied_check(Permission::FilesystemWrite);
    }
}
