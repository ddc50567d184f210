//! Files, in both shapes in which a tool reaches them: `mpp:tool/fs` and WASI.

mod links;
mod names;
mod operator;
mod raw;
mod reading;
mod special;
mod writing;

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Ended, Guest, Loaded, Scene, guests};

/// Both tools that read, and both that write.
const READING: [Guest; 2] = [guests::READS_FILES, guests::READS_FILES_BY_STD];
const WRITING: [Guest; 2] = [guests::WRITES_FILES, guests::WRITES_FILES_BY_STD];

/// What no tool may ever see.
const SECRET: &str = "a secret";

/// A directory that is granted, beside one that is not.
struct Tree(TempDir);

impl Tree {
    fn new() -> Self {
        let tree = Self(tempfile::tempdir().expect("a directory"));
        fs::create_dir_all(tree.granted().join("sub")).expect("a directory");
        fs::create_dir(tree.outside()).expect("a directory");
        fs::write(tree.granted().join("file.txt"), "inside").expect("a file");
        fs::write(tree.granted().join("sub/deep.txt"), "deep inside").expect("a file");
        fs::write(tree.outside().join("secret.txt"), SECRET).expect("a file");
        tree
    }

    /// What the guest knows as `/data`.
    fn granted(&self) -> PathBuf {
        self.0.path().join("granted")
    }

    fn outside(&self) -> PathBuf {
        self.0.path().join("outside")
    }

    /// Loads a guest that may read `/data`.
    async fn read_by(&self, guest: Guest) -> Loaded {
        self.granted_to(guest, json!({"filesystem": {"read": ["/data"]}})).await
    }

    /// Loads a guest that may read and write `/data`.
    async fn written_by(&self, guest: Guest) -> Loaded {
        self.granted_to(guest, json!({"filesystem": {"read": ["/data"], "write": ["/data"]}})).await
    }

    async fn granted_to(&self, guest: Guest, permissions: Value) -> Loaded {
        Scene::of(guest).await.declares(permissions).maps("/data", &self.granted()).load()
    }
}

/// Reads a file.
async fn read(tool: &Loaded, path: &str) -> Ended {
    tool.call("read", json!({"path": path})).await
}

/// Writes a file.
async fn write(tool: &Loaded, path: &str, text: &str) -> Ended {
    tool.call("write", json!({"path": path, "text": text})).await
}
