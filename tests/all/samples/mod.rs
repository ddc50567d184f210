//! The sample tools over real input, each under the permissions of its own
//! `mpp.yaml`.

mod data;
mod files;
mod manifests;
mod web;

use std::fs;
use std::path::{Path, PathBuf};

use mpp_host::package::AuthorManifest;

use crate::support::{Draft, Guest, Scene, guests};

/// Every sample.
const ALL: [Guest; 6] = [
    guests::CSV_REPORT,
    guests::FILE_SEARCH,
    guests::GITHUB_ISSUES,
    guests::HTTP_FETCH,
    guests::JSON_QUERY,
    guests::TEXT_STATS,
];

/// What its author says of a sample.
fn author(sample: Guest) -> AuthorManifest {
    let path = repository().join("sample-tools").join(sample.name).join("mpp.yaml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    AuthorManifest::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A sample as `mpp build` would pack it.
async fn sample(guest: Guest) -> Scene {
    let AuthorManifest { permissions, limits, .. } = author(guest);
    Scene::of_draft(Draft { permissions, limits, ..Draft::of_guest(guest).await })
}

/// The root of this repository.
fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a room of the workspace")
}

/// The texts of this repository: everything its authors wrote below some of its
/// directories.
fn texts() -> Vec<(PathBuf, String)> {
    let mut texts = Vec::new();
    let mut directories: Vec<PathBuf> = ["host", "wit", "guest-sdk", "sample-tools", "tests"]
        .iter()
        .map(|room| repository().join(room))
        .collect();
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with('.') || name == "target" {
                continue;
            }
            if path.is_dir() {
                directories.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                texts.push((path, text));
            }
        }
    }
    texts.sort();
    assert!(texts.len() > 100, "{} texts are not this repository", texts.len());
    texts
}
