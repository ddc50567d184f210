//! A disk that fails at one operation, and remembers what was durable then.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use tempfile::TempDir;

use super::super::disk::{Deed, Gate};

/// In which way it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// This operation, with EIO, and none after it.
    Once,
    /// This operation and all after it: none of them happens.
    Killed,
    /// As `Killed`; and of what was written and not synced, nothing is left.
    PowerLoss,
    /// The first write from here on takes half of the bytes, and then nothing
    /// more fits.
    Full,
}

pub(crate) struct Failing {
    seen: Seen,
    mode: Mode,
    only: fn(Deed) -> bool,
}

/// What the disk has seen.
#[derive(Clone)]
pub(crate) struct Seen(Arc<Mutex<State>>);

struct State {
    dir: PathBuf,
    /// Operations so far.
    count: usize,
    /// Which of them fails; 0 for none.
    nth: usize,
    failed: Option<String>,
    /// The length of each file that a sync has made durable.
    durable: HashMap<PathBuf, u64>,
    lost: Option<TempDir>,
}

impl Failing {
    pub(crate) fn new(nth: usize, mode: Mode, dir: &Path) -> Self {
        let state =
            State { dir: dir.to_owned(), count: 0, nth, failed: None, durable: HashMap::new(), lost: None };
        Self { seen: Seen(Arc::new(Mutex::new(state))), mode, only: |_| true }
    }

    /// Fails a sync once it is armed.
    pub(crate) fn syncs(dir: &Path) -> Self {
        Self { only: |deed| deed == Deed::Sync, ..Self::new(0, Mode::Once, dir) }
    }

    /// Takes half of a write once it is armed.
    pub(crate) fn writes(dir: &Path) -> Self {
        Self { only: |deed| matches!(deed, Deed::Write(_)), ..Self::new(0, Mode::Full, dir) }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.clone()
    }
}

impl Gate for Failing {
    fn pass(&self, deed: Deed, path: &Path) -> Result<(), (io::Error, usize)> {
        let mut state = self.seen.state();
        if (self.only)(deed) {
            state.count += 1;
        }
        let due = state.nth != 0 && state.count >= state.nth && (self.only)(deed);
        let fails = match self.mode {
            Mode::Once => due && state.failed.is_none(),
            Mode::Killed | Mode::PowerLoss => due,
            Mode::Full => due && matches!(deed, Deed::Write(_)),
        };
        if !fails {
            state.done(deed, path);
            return Ok(());
        }
        if state.failed.is_none() {
            state.failed = Some(format!("{deed:?} of {}", path.display()));
            if self.mode == Mode::PowerLoss {
                state.lose();
            }
            let half = if let (Mode::Full, Deed::Write(bytes)) = (self.mode, deed) { bytes / 2 } else { 0 };
            return Err((io::ErrorKind::StorageFull.into(), half));
        }
        Err((io::Error::from_raw_os_error(5), 0))
    }
}

impl State {
    fn done(&mut self, deed: Deed, path: &Path) {
        let length = || fs::metadata(path).map_or(0, |metadata| metadata.len());
        match deed {
            Deed::Write(_) => drop(self.durable.entry(path.to_owned()).or_insert_with(length)),
            Deed::Sync => drop(self.durable.insert(path.to_owned(), length())),
            // What is renamed was synced before.
            Deed::Rename | Deed::Cut | Deed::Remove => drop(self.durable.remove(path)),
            Deed::MakeDirectory | Deed::Open | Deed::Look | Deed::Read => {}
        }
    }

    /// Keeps what a disk would hold that lost everything that was not synced.
    fn lose(&mut self) {
        let lost = super::home();
        copy(&self.dir, lost.path());
        for (path, length) in &self.durable {
            let Ok(name) = path.strip_prefix(&self.dir) else { continue };
            let file = OpenOptions::new().write(true).open(lost.path().join(name));
            if let Ok(file) = file.and_then(|file| file.metadata().map(|metadata| (file, metadata.len()))) {
                file.0.set_len((*length).min(file.1)).expect("it can be cut");
            }
        }
        self.lost = Some(lost);
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("it is there").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("it can be copied");
        }
    }
}

/// Shows every file below a directory.
pub(crate) fn each_file(dir: &Path, show: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(dir).expect("it is there").flatten() {
        if entry.path().is_dir() {
            each_file(&entry.path(), show);
        } else {
            show(&entry.path());
        }
    }
}

impl Seen {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics here")
    }

    /// Lets the nth operation from now on fail.
    pub(crate) fn arm(&self, nth: usize) {
        let mut state = self.state();
        state.nth = state.count + nth;
    }

    pub(crate) fn count(&self) -> usize {
        self.state().count
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.state().failed.is_some()
    }

    pub(crate) fn failed(&self) -> String {
        self.state().failed.clone().unwrap_or_else(|| "nothing failed".to_owned())
    }

    /// What the disk held when the power went. Everything fails from then on, so
    /// whatever was acknowledged must be there.
    pub(crate) fn after_power_loss(&self) -> Option<TempDir> {
        self.state().lost.take()
    }
}
