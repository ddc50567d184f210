//! The writer.

mod begin;
mod call;
mod commit;
pub(crate) mod disk;
mod erase;
mod evidence;
mod keeper;
mod later;
mod mend;
mod open;
mod resume;
mod secret;
mod settings;
mod tail;
mod unfinished;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::checkpoint::SignedCheckpoint;
use crate::error::LogError;
use crate::note::LogKey;
use crate::record::{Entry, Event, Header, fit};
use crate::{Clock, Receipt, Timestamp, layout};

use disk::Disk;
use keeper::{Keeper, Kept};
use resume::resume;

pub use call::Call;
pub(crate) use call::{Begun, Denials};
pub use erase::{Erase, EraseError};
pub use later::{Durably, Ending, Later};
pub use settings::{Settings, Signs};

/// An audit log, open for writing.
///
/// There is one per directory at a time; within a process it is shared by
/// reference between threads. A thread of its own signs what is recorded. When
/// the value is dropped, what is not signed yet is signed first.
pub struct Log {
    // Dropped first: signs what is left.
    _keeper: Keeper,
    path: PathBuf,
    header: Header,
    kept: Arc<Kept>,
    /// Held while the operator destroys payloads, or forbids it.
    operator: Mutex<()>,
}

impl Log {
    /// Opens the log in `dir`, or begins one if `dir` has none, and takes its
    /// lock until the value is dropped. A directory that is not there is made.
    ///
    /// Reads what no checkpoint covers, record by record and with its payloads, and
    /// of the rest only that the newest checkpoint covers it and that it is all
    /// there. Refuses a log that does not hold, and changes nothing then. All else is left to
    /// [`verify_dir`](crate::verify_dir).
    ///
    /// An incomplete record at the end, which nobody was told of, is cut off, and
    /// that is put on record ([`Torn`](crate::Torn)). So are payloads that never
    /// became durable ([`Lost`](crate::Lost)), and each call that began and did not
    /// end ([`Recovered`](crate::Recovered)).
    pub fn open(dir: &Path, clock: impl Clock + 'static) -> Result<Self, LogError> {
        Self::open_with(dir, clock, Settings::default())
    }

    /// As [`open`](Self::open), with settings of one's own.
    pub fn open_with(dir: &Path, clock: impl Clock + 'static, settings: Settings) -> Result<Self, LogError> {
        Self::open_on(Disk::new(disk::Open), dir, Box::new(clock), settings)
    }

    /// As `open`, on a disk that tests can make fail.
    fn open_on(disk: Disk, dir: &Path, clock: Box<dyn Clock>, settings: Settings) -> Result<Self, LogError> {
        disk.directory(dir)?;
        let path = layout::log(dir);
        let now = Timestamp::from(clock.now());
        begin::begin_if_absent(&disk, dir, now, &settings)?;
        let file = disk.append(&path)?;
        lock(file.file(), &path)?;
        // Whoever could write there could put payloads in the place of others.
        disk.directory(&layout::payloads(dir))?;
        let resumed = resume(&disk, dir, &file)?;
        let header = resumed.header.clone();
        let kept = Arc::new(resumed.mend(disk, dir, file, clock, settings)?);
        // Left by a writer that was interrupted when all else was done.
        let beginning = layout::beginning(dir);
        if beginning.exists() {
            kept.disk.remove(&beginning)?;
        }
        let keeper = Keeper::start(&kept).map_err(LogError::io("start a thread for", &path))?;
        Ok(Self { _keeper: keeper, path, header, kept, operator: Mutex::new(()) })
    }

    /// Puts an event on record. When this returns, the record and its payloads
    /// are durable; callers that come at the same time share one sync.
    ///
    /// Parts that are too long for a record become payloads or are cut, and the
    /// record says by how much (see [`limits`](crate::limits)).
    ///
    /// Blocks for as long as the disk takes: asynchronous callers call it from a
    /// thread that may block. On an error the event is not on record, and what
    /// it is about must not be released.
    pub fn append(&self, event: &Event) -> Result<Receipt, LogError> {
        self.check()?;
        let (event, payloads) = fit::event(event.clone())?;
        self.kept.append(&Entry::Event(event), payloads)
    }

    /// As [`append`](Self::append), but never waits for the disk: the record is
    /// durable when [`wait_durable`](Self::wait_durable) says so.
    pub(crate) fn append_later(&self, event: Event) -> Result<Receipt, LogError> {
        self.check()?;
        let (event, payloads) = fit::event(event)?;
        self.kept.enqueue(&Entry::Event(event), payloads)
    }

    /// Returns when the record of this number, and all before it, are durable.
    pub(crate) fn wait_durable(&self, seq: u64) -> Result<(), LogError> {
        self.kept.commits.wait_durable(seq)
    }

    /// How it is kept.
    pub(crate) fn settings(&self) -> &Settings {
        &self.kept.settings
    }

    /// Returns when all that was put on record so far is durable.
    pub fn flush(&self) -> Result<(), LogError> {
        self.kept.commits.flush()
    }

    /// Makes every record so far durable and covers it with a checkpoint, without waiting for the time
    /// to come, and returns it: to show it to somebody else.
    pub fn checkpoint(&self) -> Result<SignedCheckpoint, LogError> {
        self.kept.checkpoint()
    }

    /// Puts on record that the log is there, without waiting for the time to come.
    pub fn heartbeat(&self) -> Result<(), LogError> {
        self.kept.heartbeat()
    }

    /// Fails if the log has stopped after a failed write. Ask before running a
    /// tool whose call could not be recorded.
    pub fn check(&self) -> Result<(), LogError> {
        self.kept.commits.check()
    }

    /// Where the last durable record stands.
    pub fn head(&self) -> Receipt {
        self.kept.commits.durable()
    }

    /// The log's identity: 32 hexadecimal digits, drawn at random when it began.
    pub fn id(&self) -> &str {
        &self.header.log
    }

    /// The log's key. Whoever keeps it can verify every checkpoint and every
    /// proof of this log, whatever the epoch.
    pub fn key(&self) -> &LogKey {
        &self.header.key
    }

    /// The log file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The time now by the log's clock.
    pub fn now(&self) -> Timestamp {
        self.kept.now()
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log").field("path", &self.path).field("id", &self.id()).finish_non_exhaustive()
    }
}

fn lock(file: &File, path: &Path) -> Result<(), LogError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(fs::TryLockError::WouldBlock) => Err(LogError::Locked { path: path.to_owned() }),
        Err(fs::TryLockError::Error(error)) => Err(LogError::io("lock", path)(error)),
    }
}

#[cfg(test)]
pub(crate) mod tests;
