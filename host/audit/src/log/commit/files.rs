//! The two files of a batch: its lines, and its payloads.
//!
//! One sync after the other would take twice as long as both at once, so the
//! pack has a thread of its own that syncs it.

use std::fmt::Display;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::queue::Batch;
use crate::error::LogError;
use crate::log::disk::OpenFile;
use crate::packs::{Outgoing, PackEnd, PackWriter};

/// What the log asks of its file. A trait so that tests can make each call fail.
pub(crate) trait LogFile: Send {
    /// Appends all of `bytes`.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Returns when all that was appended is durable.
    fn sync(&mut self) -> io::Result<()>;
    /// Fails if the log is no longer where readers look for it.
    fn check_in_place(&self) -> io::Result<()>;
}

impl LogFile for OpenFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        self.sync()
    }
    fn check_in_place(&self) -> io::Result<()> {
        self.check_in_place()
    }
}

/// What the log asks of its packs.
pub(crate) trait PackFile: Send {
    /// Appends these payloads.
    fn append(&mut self, payloads: &Outgoing) -> Result<(), LogError>;
    /// Returns when all that was appended is durable, and where readers look for it.
    fn sync(&mut self) -> Result<(), LogError>;
    /// Where the packs end, for a log of so many records.
    fn end(&self, records: u64) -> Option<PackEnd>;
}

impl PackFile for PackWriter {
    fn append(&mut self, payloads: &Outgoing) -> Result<(), LogError> {
        self.append(payloads)
    }
    fn sync(&mut self) -> Result<(), LogError> {
        self.sync()
    }
    fn end(&self, records: u64) -> Option<PackEnd> {
        self.end(records)
    }
}

/// Both of them.
pub(super) struct Files {
    log: Box<dyn LogFile>,
    packs: Arc<Mutex<Box<dyn PackFile>>>,
    /// Started for the first batch with payloads.
    thread: Option<SyncThread>,
    /// Whether payloads were written since the last sync.
    packed: bool,
}

impl Files {
    pub(super) fn new(log: Box<dyn LogFile>, packs: Box<dyn PackFile>) -> Self {
        Self { log, packs: Arc::new(Mutex::new(packs)), thread: None, packed: false }
    }

    /// The thread that syncs the packs.
    fn thread(&mut self) -> Result<&SyncThread, String> {
        let thread = match self.thread.take() {
            Some(thread) => thread,
            None => SyncThread::start(Arc::clone(&self.packs))
                .map_err(|error| format!("its thread for payloads cannot be started: {error}"))?,
        };
        Ok(self.thread.insert(thread))
    }

    /// Writes a batch, which is not durable by then. The payloads are written first: of a
    /// process that is killed, no line is left whose payloads are not.
    pub(super) fn write(&mut self, batch: &Batch) -> Result<(), String> {
        if !batch.payloads.is_empty() {
            self.packed = true;
            let mut packs = self.packs.lock().map_err(|_| panicked())?;
            packs.append(&batch.payloads).map_err(writing)?;
        }
        self.log.append(batch.lines.as_bytes()).map_err(writing)
    }

    /// Returns when all that was written is durable, and where the packs end then, in a log of
    /// so many records.
    pub(super) fn sync(&mut self, records: u64) -> Result<Option<PackEnd>, String> {
        let packed = std::mem::take(&mut self.packed);
        if packed {
            self.thread()?.begin()?;
        }
        let synced = self.log.sync();
        // Waited for in any case: nobody else may touch a file that is being synced.
        let packs_synced = if packed { self.thread()?.end()? } else { Ok(()) };
        synced.map_err(syncing)?;
        packs_synced.map_err(syncing)?;
        self.log.check_in_place().map_err(|error| format!("its file is gone: {error}"))?;
        Ok(self.packs.lock().map_err(|_| panicked())?.end(records))
    }
}

fn writing(error: impl Display) -> String {
    format!("writing failed: {error}")
}

fn syncing(error: impl Display) -> String {
    format!("syncing failed: {error}")
}

fn panicked() -> String {
    "the thread that syncs payloads panicked".to_owned()
}

/// The thread that syncs packs. Ends with the value.
struct SyncThread {
    /// Taken when the thread has to end.
    ask: Option<SyncSender<()>>,
    done: Receiver<Result<(), LogError>>,
    thread: Option<JoinHandle<()>>,
}

impl SyncThread {
    fn start(packs: Arc<Mutex<Box<dyn PackFile>>>) -> io::Result<Self> {
        let (ask, asked) = sync_channel(1);
        let (tell, done) = sync_channel(1);
        let thread = std::thread::Builder::new().name("mpp-audit-packs".to_owned()).spawn(move || {
            while let (Ok(()), Ok(mut packs)) = (asked.recv(), packs.lock()) {
                if tell.send(packs.sync()).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { ask: Some(ask), done, thread: Some(thread) })
    }

    fn begin(&self) -> Result<(), String> {
        let asked = self.ask.as_ref().map(|ask| ask.send(()));
        if matches!(asked, Some(Ok(()))) { Ok(()) } else { Err(panicked()) }
    }

    fn end(&self) -> Result<Result<(), LogError>, String> {
        self.done.recv().map_err(|_| panicked())
    }
}

impl Drop for SyncThread {
    fn drop(&mut self) {
        drop(self.ask.take());
        // If it panicked, the log has stopped, and there is nobody left to tell.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
