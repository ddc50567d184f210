//! One log, and several processes that put things on record in it.

mod call;
mod open;
mod settings;

use std::sync::Arc;

use crate::error::LogError;
use crate::record::{Event, NewCall};
use crate::{Log, Receipt};

pub use call::OpenCall;
pub use open::{open_alone, open_or_ask, open_shared};
pub use settings::{NoSettings, SettingsSource};

/// Whoever puts something on record: the log itself, or the process that has it.
///
/// A clone is the same writer. When the last one is dropped, the log is closed, if
/// this process has it.
#[derive(Debug, Clone)]
pub struct Writer(Way);

#[derive(Debug, Clone)]
enum Way {
    /// A log of this process, which nobody else comes to.
    Own(Arc<Log>),
}

impl From<Arc<Log>> for Writer {
    fn from(log: Arc<Log>) -> Self {
        Self(Way::Own(log))
    }
}

impl From<Log> for Writer {
    fn from(log: Log) -> Self {
        Arc::new(log).into()
    }
}

impl Writer {
    /// As [`Log::append`].
    pub fn append(&self, event: &Event) -> Result<Receipt, LogError> {
        match &self.0 {
            Way::Own(log) => log.append(event),
        }
    }

    /// As [`Log::begin`]. Waits where [`waits`](Self::waits) says so.
    pub fn begin(&self, call: NewCall) -> Result<OpenCall, LogError> {
        match &self.0 {
            Way::Own(log) => log.begin(call).map(OpenCall::own),
        }
    }

    /// Whether [`begin`](Self::begin) may wait for another process. An asynchronous caller
    /// calls it from a thread that may block then; otherwise it returns at once.
    pub fn waits(&self) -> bool {
        match &self.0 {
            Way::Own(_) => false,
        }
    }

    /// Where the last durable record stands.
    pub fn head(&self) -> Result<Receipt, LogError> {
        match &self.0 {
            Way::Own(log) => Ok(log.head()),
        }
    }

    /// Fails if nothing can be put on record now.
    pub fn check(&self) -> Result<(), LogError> {
        match &self.0 {
            Way::Own(log) => log.check(),
        }
    }
}
