//! What the operator decides: where a path is, and how much of it.

use std::fs;
use std::os::unix::fs::symlink;

use mpp_host::LoadError;
use mpp_host::audit::Stage;
use mpp_host::policy::Permission;
use serde_json::json;

use super::{READING, Tree, read};
use crate::support::{Scene, guests};

#[tokio::test]
async fn what_the_operator_does_not_approve_is_denied_as_the_operators_to_grant() {
    let tree = Tree::new();
    let tool = Scene::of(guests::READS_FILES)
        .await
        .declares(json!({"filesystem": {"read": ["/data"]}}))
        .approves(json!({"filesystem": {"read": ["/data/sub"]}}))
        .maps("/data", &tree.granted())
        .load();
    assert_eq!(read(&tool, "/data/sub/deep.txt").await.text(), "deep inside");
    let why = read(&tool, "/data/file.txt").await.denied(Permission::FilesystemRead, "/data/file.txt");
    assert!(why.contains("operator"), "{why}");
}

#[tokio::test]
async fn what_the_operator_approves_beyond_the_manifest_is_not_granted() {
    let tree = Tree::new();
    let tool = Scene::of(guests::READS_FILES)
        .await
        .declares(json!({"filesystem": {"read": ["/data/sub"]}}))
        .approves(json!({"filesystem": {"read": ["/data"], "write": ["/data"]}}))
        .maps("/data", &tree.granted())
        .load();
    let why = read(&tool, "/data/file.txt").await.denied(Permission::FilesystemRead, "/data/file.txt");
    assert!(why.contains("does not declare"), "{why}");
}

#[tokio::test]
async fn a_path_is_the_same_on_the_host_unless_it_is_mapped() {
    let tree = Tree::new();
    let here = tree.granted().to_str().expect("a UTF-8 path").to_owned();
    for guest in READING {
        let tool = Scene::of(guest).await.declares(json!({"filesystem": {"read": [here]}})).load();
        assert_eq!(read(&tool, &format!("{here}/file.txt")).await.text(), "inside", "{}", guest.name);
    }
}

#[tokio::test]
async fn a_mapping_below_another_shows_the_other_directory() {
    for guest in READING {
        let tree = Tree::new();
        let tool = Scene::of(guest)
            .await
            .declares(json!({"filesystem": {"read": ["/data"]}}))
            .maps("/data", &tree.granted())
            .maps("/data/sub", &tree.outside())
            .load();
        assert_eq!(read(&tool, "/data/sub/secret.txt").await.text(), "a secret", "{}", guest.name);
        read(&tool, "/data/sub/deep.txt").await.failed();
        assert_eq!(read(&tool, "/data/file.txt").await.text(), "inside", "{}", guest.name);
    }
}

#[tokio::test]
async fn a_granted_directory_that_is_not_there_refuses_the_package() {
    let tree = Tree::new();
    let scene = Scene::of(guests::READS_FILES).await.declares(json!({"filesystem": {"read": ["/data"]}}));
    let (error, record) = scene.maps("/data", &tree.granted().join("absent")).refused();
    let LoadError::Directory { guest, host, why } = error else { panic!("{error}") };
    assert_eq!((guest.as_str(), host), ("/data", tree.granted().join("absent")));
    assert!(why.contains("does not exist"), "{why}");
    assert_eq!((record.code.as_str(), record.stage, record.verified), ("directory", Stage::Grant, true));
}

#[tokio::test]
async fn a_granted_directory_that_is_a_symbolic_link_refuses_the_package() {
    for guest in READING {
        let tree = Tree::new();
        let link = tree.granted().join("link");
        symlink(tree.outside(), &link).expect("a link");
        let scene = Scene::of(guest).await.declares(json!({"filesystem": {"read": ["/data"]}}));
        let (error, record) = scene.maps("/data", &link).refused();
        let LoadError::Directory { why, .. } = error else { panic!("{error}") };
        assert!(why.contains("symbolic link"), "{why}");
        assert_eq!((record.code.as_str(), record.stage), ("directory", Stage::Grant));
    }
}

#[tokio::test]
async fn a_granted_file_refuses_the_package() {
    let tree = Tree::new();
    let scene = Scene::of(guests::READS_FILES).await.declares(json!({"filesystem": {"read": ["/data"]}}));
    let (error, _) = scene.maps("/data", &tree.granted().join("file.txt")).refused();
    assert!(matches!(error, LoadError::Directory { .. }), "{error}");
}

/// The directory is opened when the package is loaded; what its name means
/// later does not matter.
#[tokio::test]
async fn a_granted_directory_that_is_exchanged_after_loading_is_not_followed() {
    for guest in READING {
        let tree = Tree::new();
        let tool = tree.read_by(guest).await;
        let aside = tree.granted().with_file_name("aside");
        fs::rename(tree.granted(), &aside).expect("a directory can be moved");
        symlink(tree.outside(), tree.granted()).expect("a link");
        assert_eq!(read(&tool, "/data/file.txt").await.text(), "inside", "{}", guest.name);
        read(&tool, "/data/secret.txt").await.failed();
    }
}
