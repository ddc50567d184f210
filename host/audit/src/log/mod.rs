//! The writer.

mod commit;
mod files;
mod store;

use std::fs::{self, File};
use std::io::{self, BufReader, Write as _};
use std::path::{Path, PathBuf};

use crate::error::LogError;
use crate::record::{Body, Entry, Event, Header, Payload, Record, fit};
use crate::verify::{Fault, FaultKind, ReadError, Walk};
use crate::{Clock, Hash, Receipt, Timestamp, layout};

use commit::{Commits, LogFile};
use store::Store;

/// An audit log, open for writing.
///
/// There is one per directory at a time; within a process it is shared by
/// reference between threads.
pub struct Log {
    path: PathBuf,
    id: String,
    commits: Commits,
    store: Store,
    clock: Box<dyn Clock>,
}

impl Log {
    /// Opens the log in `dir`, or begins one if `dir` has none, and takes its
    /// lock until the value is dropped. A directory that is not there is made.
    ///
    /// Follows the whole chain first, and refuses a log that does not hold,
    /// changing nothing. Bodies of records and payload files are left to
    /// [`verify_dir`](crate::verify_dir).
    pub fn open(dir: &Path, clock: impl Clock + 'static) -> Result<Self, LogError> {
        Self::open_with(dir, clock, |file| Box::new(file))
    }

    /// As `open`, with the file in a wrapper that tests can make fail.
    fn open_with(
        dir: &Path,
        clock: impl Clock + 'static,
        wrap: impl FnOnce(File) -> Box<dyn LogFile>,
    ) -> Result<Self, LogError> {
        files::directory(dir)?;
        let path = layout::log(dir);
        begin_if_absent(dir, &path, Timestamp::from(clock.now()))?;
        let file = files::append(&path)?;
        lock(&file, &path)?;
        let (header, head) = follow(&file, &path)?;
        // What was read becomes durable before anything is chained to it.
        file.sync_all().map_err(LogError::io("sync", &path))?;
        let store = Store::open(dir)?;
        Ok(Self {
            path,
            id: header.log,
            commits: Commits::new(wrap(file), head),
            store,
            clock: Box::new(clock),
        })
    }

    /// Puts an event on record. When this returns, the record and its payloads
    /// are durable; callers that come at the same time share one sync.
    ///
    /// Parts that are too long for a record go to files or are cut, and the
    /// record says by how much (see [`limits`](crate::limits)).
    ///
    /// Blocks for as long as the disk takes: asynchronous callers call it from a
    /// thread that may block. On an error the event is not on record, and what
    /// it is about must not be released.
    pub fn append(&self, event: &Event) -> Result<Receipt, LogError> {
        self.check()?;
        let event = fit(event, &self.store).map_err(|error| self.stop(error))?;
        let body = Body::of(&Entry::Event(event)).map_err(LogError::Unrecordable)?;
        self.commits.append(|seq, prev| body.at(seq, prev, self.now()))
    }

    /// Keeps a payload that is no text, or that should be durable before the
    /// event it belongs to. Text needs no keeping: put it into
    /// [`Payload::Inline`], and [`append`](Self::append) does what is right.
    pub fn keep(&self, bytes: &[u8]) -> Result<Payload, LogError> {
        self.check()?;
        crate::record::Keep::keep(&self.store, bytes).map(Payload::Stored).map_err(|error| self.stop(error))
    }

    /// Fails if the log has stopped after a failed write. Ask before running a
    /// tool whose call could not be recorded.
    pub fn check(&self) -> Result<(), LogError> {
        self.commits.check()
    }

    /// Where the last durable record stands.
    pub fn head(&self) -> Receipt {
        self.commits.durable()
    }

    /// The log's identity: 32 hexadecimal digits, drawn at random when it began.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The log file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The time now by the log's clock.
    pub fn now(&self) -> Timestamp {
        Timestamp::from(self.clock.now())
    }

    /// A payload could not be kept: as bad as a record that could not be written.
    fn stop(&self, error: LogError) -> LogError {
        self.commits.poison(&error);
        error
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log").field("path", &self.path).field("id", &self.id).finish_non_exhaustive()
    }
}

/// Writes a header under another name and then gives it the log's name, so that
/// a log is never seen without its header; of two that begin it at once, the
/// second finds it begun.
fn begin_if_absent(dir: &Path, path: &Path, now: Timestamp) -> Result<(), LogError> {
    if fs::symlink_metadata(path).is_ok() {
        return Ok(());
    }
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(LogError::Identity)?;
    let id = format!("{:032x}", u128::from_be_bytes(id));
    let temporary = dir.join(format!("{id}.new"));
    let header = Header {
        format: Header::FORMAT.to_owned(),
        log: id,
        writer: concat!("mpp-audit ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let body = Body::of(&Entry::Header(header)).map_err(LogError::Unrecordable)?;
    let mut line = body.at(0, Hash::ZERO, now);
    line.push('\n');
    let mut file = files::create(&temporary)?;
    file.write_all(line.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(LogError::io("write", &temporary))?;
    match fs::hard_link(&temporary, path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(LogError::io("create", path)(error)),
    }
    fs::remove_file(&temporary).map_err(LogError::io("remove", &temporary))?;
    files::sync_directory(dir)
}

fn lock(file: &File, path: &Path) -> Result<(), LogError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(fs::TryLockError::WouldBlock) => Err(LogError::Locked { path: path.to_owned() }),
        Err(fs::TryLockError::Error(error)) => Err(LogError::io("lock", path)(error)),
    }
}

/// Follows the chain to its end. Reads the bodies of the first record and of the
/// last, which no other vouches for.
fn follow(file: &File, path: &Path) -> Result<(Header, Receipt), LogError> {
    let broken = |fault: Fault| {
        let path = path.to_owned();
        match fault.kind {
            FaultKind::Torn => LogError::Torn { path, seq: fault.seq, keep: fault.offset },
            FaultKind::MissingNewline => LogError::MissingNewline { path, seq: fault.seq },
            _ => LogError::Broken { path, fault },
        }
    };
    let mut header = None;
    let mut last = None;
    for link in Walk::new(BufReader::new(file)) {
        let link = link.map_err(|error| match error {
            ReadError::Fault(fault) => broken(fault),
            ReadError::Io(error) => LogError::io("read", path)(error),
        })?;
        if header.is_none() {
            match Record::decode(&link.line).map_err(|kind| broken(link.fault(kind)))?.entry {
                Entry::Header(found) => header = Some(found),
                Entry::Event(_) => return Err(broken(link.fault(FaultKind::Header))),
            }
        }
        last = Some(link);
    }
    let (Some(header), Some(last)) = (header, last) else {
        return Err(broken(Fault { seq: 0, line: 1, offset: 0, kind: FaultKind::Empty }));
    };
    Record::decode(&last.line).map_err(|kind| broken(last.fault(kind)))?;
    Ok((header, last.receipt))
}

#[cfg(test)]
mod tests;
