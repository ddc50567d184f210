//! What is durable before what.

use std::sync::Mutex;

use super::again::as_it_is;
use super::*;
use disk::Deed;

/// Writes down what is written, synced and renamed.
#[derive(Clone, Default)]
struct Order(Arc<Mutex<Vec<(Deed, std::path::PathBuf)>>>);

impl disk::Gate for Order {
    fn pass(&self, deed: Deed, path: &Path) -> Result<(), (std::io::Error, usize)> {
        if matches!(deed, Deed::Write(_) | Deed::Sync | Deed::Rename) {
            self.0.lock().expect("no test panics here").push((deed, path.to_owned()));
        }
        Ok(())
    }
}

impl Order {
    /// When this was done first.
    fn first(&self, deed: Deed, path: &Path) -> Option<usize> {
        let deeds = self.0.lock().expect("no test panics here");
        deeds.iter().position(|(found, at)| (*found, at.as_path()) == (deed, path))
    }
}

#[test]
fn a_checkpoint_found_in_the_list_only_is_durable_there_before_it_is_published() {
    let dir = home();
    let log = open(dir.path(), disk::Open).expect("the log opens");
    let before = fs::read(dir.path().join("checkpoint")).expect("it is there");
    let length = |path: &Path| fs::metadata(path.join("checkpoints")).expect("it is there").len();
    let all_before = length(dir.path());
    log.append(&event("com.example")).expect("it is recorded");
    log.checkpoint().map(drop).expect("it is signed");
    // In its second epoch, and its old secret is gone: as if it had been killed before.
    let copy = as_it_is(dir.path());
    fs::write(copy.path().join("checkpoint"), before).expect("it can be written");
    let order = Order::default();
    drop(open(copy.path(), order.clone()).expect("the log opens"));
    let new = (length(dir.path()) - all_before) as usize;
    let written = order.first(Deed::Write(new), &copy.path().join("checkpoints"));
    let synced = order.first(Deed::Sync, &copy.path().join("checkpoints"));
    let published = order.first(Deed::Rename, &copy.path().join("checkpoint"));
    assert!(written.is_some() && written < synced, "{written:?} {synced:?}");
    assert!(synced < published, "{synced:?} {published:?}");
}

#[test]
fn a_new_directory_is_durable_in_the_one_above_before_the_log_begins() {
    let home = home();
    let (above, dir) = (home.path().join("a"), home.path().join("a/b"));
    let order = Order::default();
    drop(open(&dir, order.clone()).expect("the log opens"));
    let begun = order.first(Deed::Rename, &dir.join("log.jsonl"));
    for directory in [home.path(), &above] {
        let synced = order.first(Deed::Sync, directory);
        assert!(synced.is_some() && synced < begun, "{}", directory.display());
    }
}

/// A log of one signed record and a call that no checkpoint covers.
fn unsigned() -> TempDir {
    let dir = home();
    let log = Arc::new(open(dir.path(), disk::Open).expect("the log opens"));
    log.begin(new_call("a")).and_then(|call| call.end(ended())).expect("it is recorded");
    as_it_is(dir.path())
}

#[test]
fn what_no_checkpoint_covers_is_written_again_before_the_sync_and_stays_as_it_is() {
    let dir = unsigned();
    let read = |name: &str| fs::read(dir.path().join(name)).expect("it is there");
    let (lines, pack) = (read("log.jsonl"), read("payloads/0"));
    let header = lines.iter().position(|byte| *byte == b'\n').expect("it has one") + 1;
    let order = Order::default();
    drop(open(dir.path(), order.clone()).expect("the log opens"));
    for (name, part) in [("log.jsonl", lines.len() - header), ("payloads/0", pack.len())] {
        let path = dir.path().join(name);
        let (written, synced) = (order.first(Deed::Write(part), &path), order.first(Deed::Sync, &path));
        assert!(written.is_some() && written < synced, "{name}: {written:?} {synced:?}");
    }
    assert_eq!((read("log.jsonl"), read("payloads/0")), (lines, pack));
}

#[test]
fn what_a_checkpoint_covers_is_not_written_again() {
    let dir = unsigned();
    drop(open(dir.path(), disk::Open).expect("it is signed when it is closed"));
    let order = Order::default();
    drop(open(dir.path(), order.clone()).expect("the log opens"));
    let deeds = order.0.lock().expect("no test panics here");
    let written =
        |(deed, path): &&(Deed, _)| matches!(deed, Deed::Write(_)) && *path == dir.path().join("log.jsonl");
    assert_eq!(deeds.iter().find(written), None);
}

#[test]
fn a_directory_made_by_a_writer_that_was_interrupted_is_made_durable() {
    let home = home();
    let (above, dir) = (home.path().join("a"), home.path().join("a/b"));
    fs::create_dir_all(&dir).expect("it can be made");
    let order = Order::default();
    drop(open(&dir, order.clone()).expect("the log opens"));
    let begun = order.first(Deed::Rename, &dir.join("log.jsonl"));
    for directory in [home.path(), &above] {
        let synced = order.first(Deed::Sync, directory);
        assert!(synced.is_some() && synced < begun, "{}", directory.display());
    }
    // That of the payloads, in which there is nothing yet.
    let order = Order::default();
    drop(open(&dir, order.clone()).expect("the log opens"));
    assert!(order.first(Deed::Sync, &dir).is_some());
    assert_eq!(order.first(Deed::Sync, &above), None, "there is more in it by now");
}

#[test]
fn a_directory_of_tiles_is_durable_before_a_tile_is_in_it() {
    let dir = home();
    fs::create_dir_all(dir.path().join("tile/0/000.p")).expect("it can be made");
    let order = Order::default();
    drop(open(dir.path(), order.clone()).expect("the log opens"));
    let tile = order.first(Deed::Rename, &dir.path().join("tile/0/000.p/1"));
    for name in ["tile", "tile/0"] {
        let synced = order.first(Deed::Sync, &dir.path().join(name));
        assert!(synced.is_some() && synced < tile, "{name}");
    }
}
