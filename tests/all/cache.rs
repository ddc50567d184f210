//! Compiled code is loaded only if this host wrote it, for this package and
//! this engine.

use std::fs;
use std::path::{Path, PathBuf};

use mpp_host::{CompiledCache, Execution};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Draft, Scene};
use crate::wat_tool::{WatTool, answer_text};

const KEY: [u8; 32] = [1; 32];

/// A tool that answers with one letter.
fn saying(letter: char) -> Draft {
    let items = format!(r#"(data (i32.const 1024) "{letter}")"#);
    let invoke = answer_text(1024, 1);
    Draft::of_component(WatTool { items: &items, invoke: &invoke, ..WatTool::IDLE }.component())
}

/// What the tool says, loaded through a cache.
async fn said(draft: Draft, directory: &Path, key: [u8; 32], execution: Execution) -> String {
    let cache = CompiledCache::new(directory.to_owned(), key);
    let scene = Scene::of_draft(draft).execution(execution).host(|builder| builder.compiled_cache(cache));
    scene.load().call("tool", json!({})).await.text()
}

fn entries(directory: &TempDir) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory.path()).expect("it can be listed");
    entries.map(|entry| entry.expect("it can be listed").path()).collect()
}

/// A cache with one entry, for the tool that says `a`.
async fn filled() -> (TempDir, PathBuf, Vec<u8>) {
    let directory = tempfile::tempdir().expect("a directory");
    assert_eq!(said(saying('a'), directory.path(), KEY, Execution::Timed).await, "a");
    let [entry] = &entries(&directory)[..] else { panic!("there is one entry") };
    let good = fs::read(entry).expect("it can be read");
    (directory, entry.clone(), good)
}

#[tokio::test]
async fn an_entry_is_used_again_as_it_is() {
    let (directory, entry, good) = filled().await;
    let written = fs::metadata(&entry).and_then(|entry| entry.modified()).expect("the system tells");
    assert_eq!(said(saying('a'), directory.path(), KEY, Execution::Timed).await, "a");
    assert_eq!(fs::read(&entry).expect("it can be read"), good);
    assert_eq!(fs::metadata(&entry).and_then(|entry| entry.modified()).expect("the system tells"), written);
}

#[tokio::test]
async fn a_changed_entry_is_compiled_anew_and_written_over() {
    let (directory, entry, good) = filled().await;
    for offset in [0, 31, 32, 33, good.len() / 2, good.len() - 1] {
        let mut changed = good.clone();
        changed[offset] ^= 1;
        fs::write(&entry, &changed).expect("it can be written");
        assert_eq!(said(saying('a'), directory.path(), KEY, Execution::Timed).await, "a", "offset {offset}");
        assert_ne!(fs::read(&entry).expect("it can be read"), changed, "offset {offset}");
    }
    for length in [0, 16, 32, good.len() - 1] {
        fs::write(&entry, &good[..length]).expect("it can be written");
        assert_eq!(said(saying('a'), directory.path(), KEY, Execution::Timed).await, "a", "{length} bytes");
        assert!(fs::metadata(&entry).expect("it is there").len() > length as u64);
    }
}

/// The entry of one package under the name of another's.
#[tokio::test]
async fn an_entry_of_another_package_is_not_used() {
    let (directory, entry, good) = filled().await;
    assert_eq!(said(saying('b'), directory.path(), KEY, Execution::Timed).await, "b");
    let other = entries(&directory).into_iter().find(|path| *path != entry).expect("there are two");
    fs::write(&other, &good).expect("it can be written");
    assert_eq!(said(saying('b'), directory.path(), KEY, Execution::Timed).await, "b");
    assert_ne!(fs::read(&other).expect("it can be read"), good);
}

/// An entry that counts fuel does not serve a host that does not.
#[tokio::test]
async fn an_entry_of_another_engine_is_not_used() {
    let (directory, entry, good) = filled().await;
    assert_eq!(said(saying('a'), directory.path(), KEY, Execution::Deterministic).await, "a");
    let other = entries(&directory).into_iter().find(|path| *path != entry).expect("there are two");
    fs::write(&other, &good).expect("it can be written");
    assert_eq!(said(saying('a'), directory.path(), KEY, Execution::Deterministic).await, "a");
    assert_ne!(fs::read(&other).expect("it can be read"), good);
}

#[tokio::test]
async fn an_entry_under_another_key_is_not_used() {
    let (directory, entry, good) = filled().await;
    assert_eq!(said(saying('a'), directory.path(), [2; 32], Execution::Timed).await, "a");
    assert_ne!(fs::read(&entry).expect("it can be read"), good, "it was written anew, under the other key");
}

/// A cache that cannot be used makes a host slow, and nothing else.
#[tokio::test]
async fn a_cache_that_is_not_there_fails_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let nowhere = directory.path().join("nowhere");
    assert_eq!(said(saying('a'), &nowhere, KEY, Execution::Timed).await, "a");
    assert!(!nowhere.exists());
}
