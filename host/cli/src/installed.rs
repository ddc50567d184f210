//! The installed packages: bytes by digest, and beside them one file that says
//! what is installed and what was granted to it.
//!
//! ```json
//! {"version":1,"packages":[{
//!   "publisher":"com.example","name":"csv-report","version":"1.0.0",
//!   "digest":"sha256:…","granted":{…complete permissions…},
//!   "installed":"2026-11-22T08:00:00Z"}]}
//! ```
//!
//! The file is parsed strictly: an unknown key, a duplicate or a missing one is
//! an error, never an empty list. An entry grants nothing by itself: the
//! package is verified again each time it runs, and its digest must be the one
//! in the entry.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use mpp_package::{Digest, PackageName, PublisherName, Timestamp, VerifiedPackage};
use mpp_policy::Permissions;
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::durable::{self, Lock, Readers};
use crate::exit::{Failure, Outcome};
use crate::home::Home;

/// The version of the file that this command reads and writes.
const VERSION: u32 = 1;

/// Largest file: room for ten thousands of packages, some 600 bytes each.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// One installed package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Installed {
    pub(crate) publisher: PublisherName,
    pub(crate) name: PackageName,
    pub(crate) version: Version,
    /// Of the package without its signature: its identity everywhere.
    pub(crate) digest: Digest,
    /// What a person granted.
    pub(crate) granted: Permissions,
    pub(crate) installed: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    packages: Vec<Installed>,
}

/// The store of one user.
#[derive(Debug)]
pub(crate) struct Store {
    home: Home,
}

impl Installed {
    /// The entry that `package` gets when `granted` is granted to it now.
    pub(crate) fn new(package: &VerifiedPackage, granted: Permissions, installed: Timestamp) -> Self {
        let manifest = package.manifest();
        Self {
            publisher: manifest.publisher().clone(),
            name: manifest.name().clone(),
            version: manifest.version().clone(),
            digest: package.digest(),
            granted,
            installed,
        }
    }

    /// `publisher/name`, which names one package on this machine.
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.publisher, self.name)
    }

    fn is_same_package(&self, other: &Self) -> bool {
        self.publisher == other.publisher && self.name == other.name
    }

    /// Whether `name` or `publisher/name` means it.
    fn answers_to(&self, name: &str) -> bool {
        self.name.as_str() == name || self.full_name() == name
    }

    /// One of its tools, as names are made for it.
    pub(crate) fn tool<'a>(&'a self, tool: &'a str) -> mpp_mcp::catalog::Installed<'a> {
        let (publisher, package) = (self.publisher.as_str(), self.name.as_str());
        mpp_mcp::catalog::Installed { publisher, package, tool }
    }
}

/// What was installed is not what is there.
pub(crate) fn damaged(package: &Installed, why: impl fmt::Display) -> Failure {
    Failure::host(format!("the installed package {} is damaged", package.full_name()))
        .because(why)
        .next("install it again")
}

impl Store {
    /// The store of `home`. Reads and writes nothing yet.
    pub(crate) fn of(home: &Home) -> Self {
        Self { home: home.clone() }
    }

    /// Everything that is installed, sorted by publisher and name.
    pub(crate) fn list(&self) -> Outcome<Vec<Installed>> {
        let path = self.home.installed_file();
        let Some(bytes) = durable::read_if_there(&path, MAX_FILE_BYTES)? else { return Ok(Vec::new()) };
        let broken = |why: String| {
            Failure::host(format!("{} does not say what is installed", path.display()))
                .because(why)
                .next("restore it from a backup, or move it away and install the packages again")
        };
        let File { version, packages } =
            serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
        if version != VERSION {
            return Err(broken(format!("it has version {version}, and this mpp knows version {VERSION}")));
        }
        let mut names = BTreeSet::new();
        for package in &packages {
            if !names.insert((&package.publisher, &package.name)) {
                return Err(broken(format!("it lists {} twice", package.full_name())));
            }
        }
        Ok(packages)
    }

    /// The one installed package that `name` or `publisher/name` means.
    pub(crate) fn find(&self, name: &str) -> Outcome<Option<Installed>> {
        let mut found: Vec<_> = self.list()?.into_iter().filter(|package| package.answers_to(name)).collect();
        if found.len() > 1 {
            let names: Vec<_> = found.iter().map(Installed::full_name).collect();
            return Err(Failure::usage(format!("{name} is installed from several publishers"))
                .because(names.join(", "))
                .next("use the full name: PUBLISHER/NAME"));
        }
        Ok(found.pop())
    }

    /// Where the bytes of a package lie.
    pub(crate) fn bytes_of(&self, digest: &Digest) -> PathBuf {
        self.home.packages().join(format!("{}.mpp", digest.to_hex()))
    }

    /// Keeps `bytes` and then the entry, which replaces one of the same
    /// publisher and name. Whatever interrupts this leaves the old entry with
    /// its bytes, or the new one with its own.
    pub(crate) fn put(&self, entry: Installed, bytes: &[u8]) -> Outcome {
        let _lock = self.lock()?;
        let mut packages = self.list()?;
        durable::write(&self.bytes_of(&entry.digest), bytes, Readers::Owner)?;
        packages.retain(|package| !package.is_same_package(&entry));
        packages.push(entry);
        self.write(packages)?;
        self.sweep()
    }

    /// Removes an entry and its bytes.
    pub(crate) fn remove(&self, entry: &Installed) -> Outcome {
        let _lock = self.lock()?;
        let mut packages = self.list()?;
        packages.retain(|package| !package.is_same_package(entry));
        self.write(packages)?;
        self.sweep()
    }

    /// Removes every file that is no installed package: bytes that were replaced,
    /// and what an interrupted command left. Called under the lock, without which
    /// nothing is written here.
    fn sweep(&self) -> Outcome {
        let keep: BTreeSet<_> = self.list()?.iter().map(|package| self.bytes_of(&package.digest)).collect();
        for file in durable::files_in(&self.home.packages())? {
            if !keep.contains(&file) {
                durable::remove(&file)?;
            }
        }
        Ok(())
    }

    fn write(&self, mut packages: Vec<Installed>) -> Outcome {
        packages.sort_by(|a, b| (&a.publisher, &a.name).cmp(&(&b.publisher, &b.name)));
        let file = File { version: VERSION, packages };
        let mut bytes = serde_json::to_vec_pretty(&file)
            .map_err(|error| Failure::host("cannot write what is installed").because(error))?;
        bytes.push(b'\n');
        durable::write(&self.home.installed_file(), &bytes, Readers::Owner)
    }

    fn lock(&self) -> Outcome<Lock> {
        Lock::take(&self.home.installed_file().with_extension("lock"))
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;
    use crate::home::Environment;

    struct Fixture {
        _directory: tempfile::TempDir,
        store: Store,
    }

    fn fixture() -> Fixture {
        let directory = tempfile::tempdir().unwrap();
        let home = Environment::of([("MPP_HOME", directory.path().as_os_str())]).home().unwrap();
        Fixture { store: Store::of(&home), _directory: directory }
    }

    fn entry(publisher: &str, version: &str, bytes: &[u8]) -> Installed {
        Installed {
            publisher: PublisherName::parse(publisher).unwrap(),
            name: PackageName::parse("tool").unwrap(),
            version: version.parse().unwrap(),
            digest: Digest::of(bytes),
            granted: Permissions::none(),
            installed: "2026-11-22T08:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn nothing_is_installed_where_there_is_no_file() {
        assert_eq!(fixture().store.list().unwrap(), []);
    }

    #[test]
    fn an_update_replaces_the_entry_of_the_same_publisher_and_name() {
        let Fixture { store, _directory } = fixture();
        store.put(entry("com.example", "1.0.0", b"one"), b"one").unwrap();
        let first = store.find("tool").unwrap().unwrap();
        store.put(entry("com.example", "1.1.0", b"two"), b"two").unwrap();
        assert_eq!(store.list().unwrap(), [entry("com.example", "1.1.0", b"two")]);
        assert_eq!(std::fs::read(store.bytes_of(&Digest::of(b"two"))).unwrap(), b"two");
        assert!(!store.bytes_of(&first.digest).exists());
    }

    #[test]
    fn what_an_interrupted_command_left_is_gone_after_the_next() {
        let Fixture { store, _directory } = fixture();
        store.put(entry("com.example", "1.0.0", b"one"), b"one").unwrap();
        let packages = store.home.packages();
        std::fs::write(packages.join(".mpp-half"), b"on").unwrap();
        std::fs::write(store.bytes_of(&Digest::of(b"older")), b"older").unwrap();
        store.put(entry("org.example", "1.0.0", b"two"), b"two").unwrap();
        let mut kept = durable::files_in(&packages).unwrap();
        kept.sort();
        let mut expected = [b"one", b"two"].map(|bytes| store.bytes_of(&Digest::of(bytes)));
        expected.sort();
        assert_eq!(kept, expected);
    }

    #[test]
    fn a_name_of_two_publishers_must_be_given_in_full() {
        let Fixture { store, _directory } = fixture();
        store.put(entry("com.example", "1.0.0", b"one"), b"one").unwrap();
        store.put(entry("org.example", "1.0.0", b"two"), b"two").unwrap();
        assert_eq!(store.find("tool").unwrap_err().blame().status(), 2);
        let found = store.find("org.example/tool").unwrap().unwrap();
        assert_eq!(found.digest, Digest::of(b"two"));
    }

    #[test]
    fn removing_leaves_bytes_that_another_entry_has_too() {
        let Fixture { store, _directory } = fixture();
        let (one, other) = (entry("com.example", "1.0.0", b"same"), entry("org.example", "1.0.0", b"same"));
        store.put(one.clone(), b"same").unwrap();
        store.put(other.clone(), b"same").unwrap();
        store.remove(&one).unwrap();
        assert!(store.bytes_of(&one.digest).exists());
        store.remove(&other).unwrap();
        assert!(!store.bytes_of(&one.digest).exists());
    }

    #[test]
    fn a_broken_file_is_an_error_and_never_an_empty_list() {
        let Fixture { store, _directory } = fixture();
        store.put(entry("com.example", "1.0.0", b"one"), b"one").unwrap();
        let path = store.home.installed_file();
        let good = std::fs::read_to_string(&path).unwrap();
        for broken in [
            "",
            "{}",
            r#"{"version":2,"packages":[]}"#,
            r#"{"version":1,"packages":[],"extra":1}"#,
            r#"{"version":1,"version":1,"packages":[]}"#,
            &good.replacen("\"clock\": false,", "", 1),
            &good[..good.len() / 2],
        ] {
            std::fs::write(&path, broken).unwrap();
            assert_eq!(store.list().unwrap_err().blame().status(), 1, "{broken}");
        }
    }

    #[test]
    fn an_interrupted_update_leaves_the_old_entry_with_its_bytes() {
        let Fixture { store, _directory } = fixture();
        let old = entry("com.example", "1.0.0", b"one");
        store.put(old.clone(), b"one").unwrap();
        // The bytes of the update cannot be kept: a directory is in their way.
        let update = entry("com.example", "2.0.0", b"two");
        std::fs::create_dir(store.bytes_of(&update.digest)).unwrap();
        store.put(update, b"two").unwrap_err();
        assert_eq!(store.list().unwrap(), std::slice::from_ref(&old));
        assert_eq!(std::fs::read(store.bytes_of(&old.digest)).unwrap(), b"one");
    }

    #[test]
    fn an_environment_is_all_a_store_needs() {
        let home = Environment::of([("MPP_HOME", OsStr::new("/nonexistent"))]).home().unwrap();
        assert_eq!(Store::of(&home).list().unwrap(), []);
    }
}
