//! What a home says, as far as a command can have changed it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use mpp_host::package::{Package, SigningKey};
use serde_json::Value;

use super::home::{Home, files};
use super::releases::verify;

/// What is installed: what the packages in the store are there for.
const INSTALLED: &str = "data/installed.json";

/// What running a tool leaves, and the log, which is verified on its own.
const NO_CHANGE: &[&str] = &["cache/", "data/audit/", "data/compiled.key"];

/// The files of a home by what they mean, so that two runs of one command come
/// to the same.
#[derive(Debug, Clone)]
pub struct Store {
    /// Everything that a command goes by.
    pub says: BTreeMap<PathBuf, String>,
    /// Packages that no entry names.
    pub spare: BTreeSet<PathBuf>,
    /// Files under names that nobody looks for.
    pub litter: BTreeSet<PathBuf>,
}

impl Store {
    /// Reads a home. What is broken in it, or missing, says so, as no whole
    /// home does.
    pub fn of(home: &Home) -> Self {
        let mut store = Self { says: BTreeMap::new(), spare: BTreeSet::new(), litter: BTreeSet::new() };
        for path in files(home.path(), Path::new("")) {
            store.take(home, path);
        }
        for package in store.named() {
            if !store.spare.remove(&package) {
                store.says.entry(package).or_insert_with(|| "missing".to_owned());
            }
        }
        store
    }

    /// The files that say something else than in `other`, or are only in one.
    pub fn differs<'a>(&'a self, other: &'a Self) -> BTreeSet<&'a Path> {
        let files = self.says.keys().chain(other.says.keys());
        files.filter(|file| self.says.get(*file) != other.says.get(*file)).map(PathBuf::as_path).collect()
    }

    /// Whether every file is one of `old` or of `new`.
    pub fn is_mix_of(&self, old: &Self, new: &Self) -> bool {
        self.differs(old).is_disjoint(&self.differs(new))
    }

    fn take(&mut self, home: &Home, path: PathBuf) {
        let text = path.to_str().expect("the names in a home are UTF-8");
        let name = text.rsplit('/').next().unwrap_or(text);
        if name.starts_with(".mpp-") || text.starts_with("data/audit/") && name.ends_with(".new") {
            self.litter.insert(path);
            return;
        }
        if NO_CHANGE.iter().any(|begins| text.starts_with(begins)) || name.ends_with(".lock") {
            return;
        }
        let bytes = fs::read(home.path().join(&path)).expect("a file of ours can be read");
        let meaning = meaning(text, &bytes);
        match meaning.strip_prefix("signed, ") {
            Some(digest) if path == packages(digest) => drop(self.spare.insert(path)),
            _ => drop(self.says.insert(path, meaning)),
        }
    }

    /// The packages that the entries name.
    fn named(&self) -> Vec<PathBuf> {
        let installed = self.says.get(Path::new(INSTALLED)).map_or("", String::as_str);
        let Ok(installed) = serde_json::from_str::<Value>(installed) else { return Vec::new() };
        let packages_of = |entry: &Value| {
            let digest = entry["digest"].as_str().and_then(|digest| digest.strip_prefix("sha256:"));
            packages(digest.expect("an entry has a digest"))
        };
        installed["packages"].as_array().into_iter().flatten().map(packages_of).collect()
    }
}

/// Where the package of a digest is kept.
fn packages(digest: &str) -> PathBuf {
    PathBuf::from(format!("data/packages/{digest}.mpp"))
}

/// What is the same in two runs of one command: no times, no random keys.
fn meaning(path: &str, bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    if path == INSTALLED {
        return serde_json::from_str(&text).map_or(text, |entries| without_times(entries).to_string());
    }
    if path.ends_with(".mpp") {
        return Package::parse(bytes).map_or_else(|error| error.to_string(), meaning_of_package);
    }
    if path.starts_with("config/keys/") && SigningKey::from_pem(&text).is_ok() {
        return "a signing key".to_owned();
    }
    text
}

/// Signed, or why it is refused.
fn meaning_of_package(package: Package) -> String {
    let digest = package.digest().to_hex();
    let standing = verify(package).map_or_else(|error| error.code(), |_| "signed");
    format!("{standing}, {digest}")
}

fn without_times(mut installed: Value) -> Value {
    for entry in installed["packages"].as_array_mut().into_iter().flatten() {
        entry["installed"].take();
    }
    installed
}
