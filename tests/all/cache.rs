//! Compiled code is loaded only if this host wrote it, for this package and
//! this engine. Anything else that is found in its place is put on record, and
//! the package compiled anew.
//!
//! The tests of row P17 of the attack table (a tampered entry, an entry of
//! another engine) are named `p17_…`.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use mpp_host::audit::{CacheFault, CacheRejection, Event, LogError};
use mpp_host::policy::{OperatorPolicy, Permissions};
use mpp_host::{CallError, CompiledCache, Execution, LoadError, Request};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Draft, Loaded, Scene};
use crate::wat_tool::{WatTool, answer_text};

const KEY: [u8; 32] = [1; 32];

/// Bytes of the tag, which an entry begins with.
const TAG: usize = 32;

/// A tool that answers with one letter.
fn saying(letter: char) -> Draft {
    let items = format!(r#"(data (i32.const 1024) "{letter}")"#);
    let invoke = answer_text(1024, 1);
    Draft::of_component(WatTool { items: &items, invoke: &invoke, ..WatTool::IDLE }.component())
}

/// A host as far as its compiled code is concerned.
#[derive(Clone, Copy)]
struct Kind {
    key: [u8; 32],
    execution: Execution,
}

/// The host of most of these tests.
const USUAL: Kind = Kind { key: KEY, execution: Execution::Timed };

/// A tool, loaded through a cache.
fn loaded(letter: char, directory: &Path, Kind { key, execution }: Kind) -> Loaded {
    let cache = CompiledCache::new(directory.to_owned(), key);
    Scene::of_draft(saying(letter)).execution(execution).host(|builder| builder.compiled_cache(cache)).load()
}

/// Loads a tool through a cache, calls it, and finds that it says what it
/// should. Returns what its host put on record of the cache, which came before
/// the call and names the same package.
async fn rejections(letter: char, directory: &Path, kind: Kind) -> Vec<(String, CacheFault)> {
    let tool = loaded(letter, directory, kind);
    let called = tool.call("tool", json!({})).await;
    assert_eq!(called.text(), letter.to_string());
    let (calls, others) = tool.host.on_record();
    assert_eq!(calls.len(), 1);
    assert!(others.iter().all(|record| record.seq < calls[0].intent), "the call comes last");
    let rejected = others.iter().filter_map(|record| record.event().cloned()).map(|event| match event {
        Event::Cache(rejection) => {
            let CacheRejection { package, entry, reason } = *rejection;
            assert_eq!(package, called.record.package);
            (entry, reason)
        }
        other => panic!("{other:?}"),
    });
    rejected.collect()
}

fn entries(directory: &TempDir) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory.path()).expect("it can be listed");
    entries.map(|entry| entry.expect("it can be listed").path()).collect()
}

fn name(entry: &Path) -> String {
    entry.file_name().and_then(|name| name.to_str()).expect("a name of hexadecimal digits").to_owned()
}

/// A cache with one entry, for the tool that says `a` on the usual host.
struct Filled {
    directory: TempDir,
    entry: PathBuf,
    good: Vec<u8>,
}

impl Filled {
    /// A cache in which there was nothing, which is nothing to put on record.
    async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        assert_eq!(rejections('a', directory.path(), USUAL).await, []);
        let [entry] = &entries(&directory)[..] else { panic!("there is one entry") };
        let good = fs::read(entry).expect("it can be read");
        Self { entry: entry.clone(), good, directory }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The entry that came beside the first one.
    fn other(&self) -> PathBuf {
        let mut others = entries(&self.directory).into_iter().filter(|path| *path != self.entry);
        others.next().expect("there is another entry")
    }

    fn put(&self, bytes: &[u8]) {
        fs::write(&self.entry, bytes).expect("it can be written");
    }

    fn remove(&self) {
        fs::remove_file(&self.entry).expect("it is there");
    }

    /// What is in place of the entry is put on record, once: the package is
    /// compiled anew and the entry written over.
    async fn is_rejected(&self, reason: CacheFault, what: &str) {
        self.is_rejected_for('a', &self.entry, USUAL, reason, what).await;
    }

    async fn is_rejected_for(&self, letter: char, entry: &Path, kind: Kind, reason: CacheFault, what: &str) {
        let found = rejections(letter, self.path(), kind).await;
        assert_eq!(found, [(name(entry), reason)], "{what}");
        assert_eq!(rejections(letter, self.path(), kind).await, [], "{what}, the second time");
    }
}

#[tokio::test]
async fn an_entry_is_used_again_as_it_is() {
    let cache = Filled::new().await;
    let modified =
        || fs::metadata(&cache.entry).and_then(|entry| entry.modified()).expect("the system tells");
    let written = modified();
    assert_eq!(rejections('a', cache.path(), USUAL).await, []);
    assert_eq!(fs::read(&cache.entry).expect("it can be read"), cache.good);
    assert_eq!(modified(), written);
}

/// Nearly all of an entry is the code, so a large entry is much memory.
#[tokio::test]
async fn loaded_code_takes_as_much_memory_from_the_cache_as_when_it_was_compiled() {
    let directory = tempfile::tempdir().expect("a directory");
    let compiled = loaded('a', directory.path(), USUAL).tool.code_bytes();
    let cached = loaded('a', directory.path(), USUAL).tool.code_bytes();
    let entry = fs::metadata(&entries(&directory)[0]).expect("there is one").len();
    assert_eq!(cached, compiled);
    assert_eq!(compiled as u64, entry - TAG as u64);
}

#[tokio::test]
async fn p17_a_changed_byte_anywhere_in_an_entry_is_not_loaded() {
    let cache = Filled::new().await;
    let last = cache.good.len() - 1;
    for offset in [0, TAG - 1, TAG, TAG + 1, last / 2, last] {
        let mut changed = cache.good.clone();
        changed[offset] ^= 1;
        cache.put(&changed);
        cache.is_rejected(CacheFault::NotAuthentic, &format!("offset {offset}")).await;
    }
}

#[tokio::test]
async fn p17_an_entry_that_was_cut_short_is_not_loaded() {
    let cache = Filled::new().await;
    for length in [0, 1, TAG - 1] {
        cache.put(&cache.good[..length]);
        cache.is_rejected(CacheFault::Truncated, &format!("{length} bytes")).await;
    }
    // There is a tag, and nobody can tell a cut from a change.
    for length in [TAG, TAG + 1, cache.good.len() - 1] {
        cache.put(&cache.good[..length]);
        cache.is_rejected(CacheFault::NotAuthentic, &format!("{length} bytes")).await;
    }
}

#[tokio::test]
async fn p17_an_entry_with_something_appended_is_not_loaded() {
    let cache = Filled::new().await;
    for more in [&b"\0"[..], &cache.good] {
        cache.put(&[&cache.good, more].concat());
        cache.is_rejected(CacheFault::NotAuthentic, &format!("{} bytes more", more.len())).await;
    }
}

/// The entry of one package under the name of another's.
#[tokio::test]
async fn p17_an_entry_of_another_package_is_not_loaded() {
    let cache = Filled::new().await;
    assert_eq!(rejections('b', cache.path(), USUAL).await, []);
    let other = cache.other();
    fs::write(&other, &cache.good).expect("it can be written");
    cache.is_rejected_for('b', &other, USUAL, CacheFault::NotAuthentic, "that of the tool that says a").await;
}

/// An entry that counts fuel does not serve a host that does not, nor the other
/// way round.
#[tokio::test]
async fn p17_an_entry_of_another_engine_is_not_loaded() {
    let cache = Filled::new().await;
    let deterministic = Kind { execution: Execution::Deterministic, ..USUAL };
    assert_eq!(rejections('a', cache.path(), deterministic).await, []);
    let other = cache.other();
    cache.put(&fs::read(&other).expect("it can be read"));
    fs::write(&other, &cache.good).expect("it can be written");
    cache.is_rejected(CacheFault::NotAuthentic, "that of a host that counts fuel").await;
    let (reason, what) = (CacheFault::NotAuthentic, "that of a host that does not");
    cache.is_rejected_for('a', &other, deterministic, reason, what).await;
}

#[tokio::test]
async fn p17_an_entry_made_with_another_key_is_not_loaded() {
    let cache = Filled::new().await;
    let stranger = Kind { key: [2; 32], ..USUAL };
    let (reason, what) = (CacheFault::NotAuthentic, "that of a host with another key");
    cache.is_rejected_for('a', &cache.entry, stranger, reason, what).await;
    cache.is_rejected(reason, "that of the stranger").await;
}

#[tokio::test]
async fn p17_an_entry_beyond_any_size_is_not_read() {
    let cache = Filled::new().await;
    let file = File::options().write(true).open(&cache.entry).expect("it is there");
    file.set_len(CompiledCache::MAX_ENTRY_BYTES + 1).expect("a file with a hole");
    cache.is_rejected(CacheFault::TooLarge, "one byte too many").await;
}

/// Not even where it leads to an entry that would do.
#[tokio::test]
async fn p17_a_link_in_place_of_an_entry_is_not_followed() {
    let cache = Filled::new().await;
    let elsewhere = cache.path().join("elsewhere");
    for target in [&elsewhere, &cache.path().join("nowhere")] {
        fs::write(&elsewhere, &cache.good).expect("it can be written");
        cache.remove();
        symlink(target, &cache.entry).expect("a link");
        cache.is_rejected(CacheFault::Unreadable, &target.display().to_string()).await;
        assert_eq!(fs::read(&elsewhere).expect("it is there"), cache.good, "what it leads to is left alone");
    }
}

#[tokio::test]
async fn p17_what_is_no_file_is_not_loaded_and_holds_nobody_up() {
    let cache = Filled::new().await;
    cache.remove();
    fs::create_dir(&cache.entry).expect("a directory");
    cache.is_rejected(CacheFault::Unreadable, "a directory").await;
    cache.remove();
    mknodat(CWD, &cache.entry, FileType::Fifo, Mode::RWXU, 0).expect("a pipe");
    cache.is_rejected(CacheFault::Unreadable, "a pipe without a writer").await;
    cache.remove();
    let _listener = UnixListener::bind(&cache.entry).expect("a socket");
    cache.is_rejected(CacheFault::Unreadable, "a socket").await;
}

/// It cannot be written over, and nothing in it is the host's to remove.
#[tokio::test]
async fn p17_a_directory_with_something_in_it_is_on_record_each_time() {
    let cache = Filled::new().await;
    cache.remove();
    fs::create_dir(&cache.entry).expect("a directory");
    fs::write(cache.entry.join("file"), "").expect("it can be written");
    for _ in 0..2 {
        let found = rejections('a', cache.path(), USUAL).await;
        assert_eq!(found, [(name(&cache.entry), CacheFault::Unreadable)]);
    }
    assert!(cache.entry.join("file").exists());
    assert_eq!(entries(&cache.directory).len(), 1, "nothing was left beside it");
}

/// A record is as much a condition here as anywhere: without it nothing is
/// loaded, and what was found stays as it is.
#[tokio::test]
async fn p17_an_entry_that_cannot_be_put_on_record_ends_the_load() {
    let cache = Filled::new().await;
    let tool = loaded('a', cache.path(), USUAL);
    fs::remove_dir_all(tool.host.log().join("payloads")).expect("the log has a directory of payloads");
    let stopped = tool.tool.call(Request::new("tool", json!({}))).await;
    assert!(matches!(stopped, Err(CallError::Audit(LogError::Poisoned { .. }))), "{stopped:?}");

    cache.put(b"something else");
    let policy = OperatorPolicy::approving(Permissions::none());
    let refused = tool.host.load(saying('a').signed(), &policy);
    assert!(matches!(refused, Err(LoadError::Audit(LogError::Poisoned { .. }))), "{:?}", refused.err());
    assert_eq!(fs::read(&cache.entry).expect("it is there"), b"something else");
}

/// A cache that cannot be used makes a host slow, and nothing else.
#[tokio::test]
async fn a_cache_that_is_not_there_fails_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let nowhere = directory.path().join("nowhere");
    assert_eq!(rejections('a', &nowhere, USUAL).await, []);
    assert!(!nowhere.exists());
}
