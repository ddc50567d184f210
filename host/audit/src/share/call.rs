//! One call, wherever its records are written.

use crate::error::LogError;
use crate::record::{Denied, Ended};
use crate::{Call, Receipt};

/// A call whose intent has its place in the log: a [`Call`], of this process or
/// of another one that has the log.
///
/// Dropped without [`end`](Self::end), it stays open on record, as a [`Call`] does.
#[derive(Debug)]
pub struct OpenCall(Way);

#[derive(Debug)]
enum Way {
    Own(Call),
}

impl OpenCall {
    pub(super) fn own(call: Call) -> Self {
        Self(Way::Own(call))
    }

    /// The identifier of the call, as it is on record.
    pub fn id(&self) -> &str {
        match &self.0 {
            Way::Own(call) => call.id(),
        }
    }

    /// Where the intent stands. Nothing to keep elsewhere before it is
    /// [`durable`](Self::durable).
    pub fn intent(&self) -> Receipt {
        match &self.0 {
            Way::Own(call) => call.intent(),
        }
    }

    /// As [`Call::durable`]. Blocks.
    pub fn durable(&self) -> Result<(), LogError> {
        match &self.0 {
            Way::Own(call) => call.durable(),
        }
    }

    /// As [`Call::denied`]. Does not wait for another process.
    pub fn denied(&self, denied: Denied) -> Result<(), LogError> {
        match &self.0 {
            Way::Own(call) => call.denied(denied),
        }
    }

    /// As [`Call::end`]. Blocks.
    pub fn end(&self, ended: Ended) -> Result<Receipt, LogError> {
        match &self.0 {
            Way::Own(call) => call.end(ended),
        }
    }
}
