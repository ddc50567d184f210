//! A call of this process, while it serves others with its log.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::gate::Use;
use super::recorder::RecordedCall;
use crate::error::LogError;
use crate::record::{Denied, Ended, NewCall};
use crate::{Call, Receipt};

/// A call that has the log in hand until it has ended.
#[derive(Debug)]
pub(super) struct OurCall {
    id: String,
    intent: Receipt,
    /// `None` when it has ended. Whoever keeps the value does not keep the log.
    active: Mutex<Option<Arc<Active>>>,
}

#[derive(Debug)]
struct Active {
    // Dropped first: it has the log in hand.
    call: Call,
    _used: Use,
}

impl OurCall {
    pub(super) fn begin(used: Use, call: NewCall) -> Result<Self, LogError> {
        let call = used.log().begin(call)?;
        let (id, intent) = (call.id().to_owned(), call.intent());
        Ok(Self { id, intent, active: Mutex::new(Some(Arc::new(Active { call, _used: used }))) })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Active>>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn active(&self) -> Result<Arc<Active>, LogError> {
        self.lock().clone().ok_or_else(|| LogError::Ended { id: self.id.clone() })
    }
}

impl RecordedCall for OurCall {
    fn id(&self) -> &str {
        &self.id
    }

    fn intent(&self) -> Receipt {
        self.intent
    }

    /// Of a call that has ended the intent is as durable as its outcome.
    fn durable(&self) -> Result<(), LogError> {
        self.active().map_or(Ok(()), |active| active.call.durable())
    }

    fn denied(&self, denied: Denied) -> Result<(), LogError> {
        self.active()?.call.denied(denied)
    }

    fn end(&self, ended: Ended) -> Result<Receipt, LogError> {
        let receipt = self.active()?.call.end(ended)?;
        *self.lock() = None;
        Ok(receipt)
    }
}
