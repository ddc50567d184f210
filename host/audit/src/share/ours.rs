//! A call of this process, while it serves others with its log.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::gate::Use;
use super::recorder::RecordedCall;
use crate::error::LogError;
use crate::log::Begun;
use crate::record::{Denied, Ended, NewCall};
use crate::{Call, Durably, Ending, Receipt};

/// A call that has the log in hand until it has ended.
#[derive(Debug)]
pub(super) struct OurCall {
    id: String,
    intent: Receipt,
    begun: Begun,
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
        let (id, intent, begun) = (call.id().to_owned(), call.intent(), call.begun());
        Ok(Self { id, intent, begun, active: Mutex::new(Some(Arc::new(Active { call, _used: used }))) })
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

    fn durable(&self) -> Result<(), LogError> {
        self.begun.durable()
    }

    fn denied(&self, denied: Denied) -> Result<(), LogError> {
        self.active()?.call.denied(denied)
    }

    fn end(&self, ended: Ended) -> Result<Receipt, LogError> {
        let receipt = self.active()?.call.end(ended)?;
        *self.lock() = None;
        Ok(receipt)
    }

    fn durably(&self) -> Durably {
        // The call has the log in hand; once it has ended, its end has.
        self.begun.durably()
    }

    /// The log is in hand until the outcome is durable.
    fn ending(&self, ended: Ended) -> Ending {
        let queued = self.active().and_then(|active| Ok((active.call.try_ending(ended)?, active)));
        match queued {
            Ok((ending, active)) => {
                *self.lock() = None;
                ending.holding(active)
            }
            Err(error) => Ending::ready(Err(error)),
        }
    }
}
