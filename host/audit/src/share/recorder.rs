//! What a writer and an open call can be asked, whoever has the log.

use std::fmt::Debug;
use std::sync::Arc;

use crate::error::LogError;
use crate::record::{Denied, Ended, Event, NewCall};
use crate::{Call, Durably, Ending, Log, Receipt};

/// See [`Writer`](super::Writer).
pub(super) trait Recorder: Debug + Send + Sync {
    fn append(&self, event: &Event) -> Result<Receipt, LogError>;
    fn begin(&self, call: NewCall) -> Result<Box<dyn RecordedCall>, LogError>;
    fn waits(&self) -> bool;
    fn head(&self) -> Result<Receipt, LogError>;
}

/// See [`OpenCall`](super::OpenCall).
pub(super) trait RecordedCall: Debug + Send + Sync {
    fn id(&self) -> &str;
    fn intent(&self) -> Receipt;
    fn durable(&self) -> Result<(), LogError>;
    fn denied(&self, denied: Denied) -> Result<(), LogError>;
    fn end(&self, ended: Ended) -> Result<Receipt, LogError>;
    fn durably(&self) -> Durably;
    fn ending(&self, ended: Ended) -> Ending;
}

/// A log of this process, to which nobody else comes.
#[derive(Debug)]
pub(super) struct Alone(pub(super) Arc<Log>);

impl Recorder for Alone {
    fn append(&self, event: &Event) -> Result<Receipt, LogError> {
        self.0.append(event)
    }
    fn begin(&self, call: NewCall) -> Result<Box<dyn RecordedCall>, LogError> {
        Ok(Box::new(self.0.begin(call)?))
    }
    fn waits(&self) -> bool {
        false
    }
    fn head(&self) -> Result<Receipt, LogError> {
        self.0.check().map(|()| self.0.head())
    }
}

impl RecordedCall for Call {
    fn id(&self) -> &str {
        self.id()
    }
    fn intent(&self) -> Receipt {
        self.intent()
    }
    fn durable(&self) -> Result<(), LogError> {
        self.durable()
    }
    fn denied(&self, denied: Denied) -> Result<(), LogError> {
        self.denied(denied)
    }
    fn end(&self, ended: Ended) -> Result<Receipt, LogError> {
        self.end(ended)
    }
    fn durably(&self) -> Durably {
        self.durably()
    }
    fn ending(&self, ended: Ended) -> Ending {
        self.ending(ended)
    }
}
