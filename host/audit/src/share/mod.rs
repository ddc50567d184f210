//! One log, and several processes that put things on record in it.

#[cfg(unix)]
mod acks;
#[cfg(unix)]
mod connection;
#[cfg(unix)]
mod door;
#[cfg(unix)]
mod frame;
#[cfg(unix)]
mod gate;
#[cfg(unix)]
mod greet;
#[cfg(unix)]
mod let_go;
pub mod limits;
#[cfg(unix)]
mod message;
mod open;
#[cfg(unix)]
mod ours;
#[cfg(unix)]
mod outbox;
#[cfg(unix)]
mod place;
mod recorder;
#[cfg(unix)]
mod served;
mod settings;
#[cfg(unix)]
mod shared;
#[cfg(unix)]
mod theirs;

use std::sync::Arc;

use crate::error::LogError;
use crate::record::{Denied, Ended, Event, NewCall};
use crate::{Log, Receipt};

use recorder::{Alone, RecordedCall, Recorder};

pub use open::{open_alone, open_or_ask, open_shared};
pub use settings::{NoSettings, SettingsSource};

/// Whoever puts something on record: the log itself, or the process that has it.
///
/// A clone is the same writer. When the last one is dropped, the log is closed, if
/// this process has it.
#[derive(Debug, Clone)]
pub struct Writer(Arc<dyn Recorder>);

impl From<Arc<Log>> for Writer {
    fn from(log: Arc<Log>) -> Self {
        Self(Arc::new(Alone(log)))
    }
}

impl From<Log> for Writer {
    fn from(log: Log) -> Self {
        Arc::new(log).into()
    }
}

impl Writer {
    /// As [`Log::append`]. Blocks.
    ///
    /// # Errors
    ///
    /// As there, and [`LogError::OwnerGone`] where nobody can tell whether the event is on
    /// record. It is not asked for twice: what is on record twice has happened twice.
    pub fn append(&self, event: &Event) -> Result<Receipt, LogError> {
        self.0.append(event)
    }

    /// As [`Log::begin`]. Waits where [`waits`](Self::waits) says so: for an answer, and up to
    /// [`PATIENCE`](limits::PATIENCE) where the log is let go of or taken over meanwhile.
    ///
    /// Where the process that has the log ends before it has answered, another one is asked.
    /// The first may have put the call on record nevertheless, which is found there as one of
    /// which nobody knows how it ended. Nothing had been done for it by then.
    pub fn begin(&self, call: NewCall) -> Result<OpenCall, LogError> {
        self.0.begin(call).map(OpenCall)
    }

    /// Whether [`begin`](Self::begin) may have to wait for another process. An asynchronous
    /// caller calls it from a thread that may block then.
    pub fn waits(&self) -> bool {
        self.0.waits()
    }

    /// Where the last durable record stands. Waits for an answer where another process has the log.
    pub fn head(&self) -> Result<Receipt, LogError> {
        self.0.head()
    }

    /// Fails if nothing can be put on record now. Waits as [`head`](Self::head) does.
    pub fn check(&self) -> Result<(), LogError> {
        self.head().map(drop)
    }
}

/// A call whose intent has its place in the log: a [`Call`](crate::Call), of this process or
/// of another one that has the log.
///
/// Dropped without [`end`](Self::end), it stays open on record, as a [`Call`](crate::Call) does.
#[derive(Debug)]
pub struct OpenCall(Box<dyn RecordedCall>);

impl OpenCall {
    /// The identifier of the call, as it is on record.
    pub fn id(&self) -> &str {
        self.0.id()
    }

    /// Where the intent stands. Nothing to keep elsewhere before it is
    /// [`durable`](Self::durable).
    pub fn intent(&self) -> Receipt {
        self.0.intent()
    }

    /// As [`Call::durable`](crate::Call::durable). Blocks.
    ///
    /// # Errors
    ///
    /// Here and below, [`LogError::OwnerGone`] where the process that had the log is gone.
    pub fn durable(&self) -> Result<(), LogError> {
        self.0.durable()
    }

    /// As [`Call::denied`](crate::Call::denied). Does not wait for an answer: a denial that
    /// could not be put on record keeps the call from ending.
    pub fn denied(&self, denied: Denied) -> Result<(), LogError> {
        self.0.denied(denied)
    }

    /// As [`Call::end`](crate::Call::end). Blocks.
    pub fn end(&self, ended: Ended) -> Result<Receipt, LogError> {
        self.0.end(ended)
    }
}
