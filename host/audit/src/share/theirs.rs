//! A call of this process, in a log that another one has.

use std::borrow::Cow;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::connection::{Connection, Unanswered};
use super::in_thread::in_thread;
use super::message::{Answer, Ask};
use super::recorder::RecordedCall;
use crate::error::LogError;
use crate::log::{Denials, Later};
use crate::record::{Denied, Ended};
use crate::{Durably, Ending, Receipt};

/// A call that goes through the process that has the log, and ends with it.
#[derive(Debug)]
pub(super) struct TheirCall(Arc<Asked>);

/// What is asked there. Whoever waits for an answer keeps it: it is not forgotten meanwhile.
#[derive(Debug)]
struct Asked {
    connection: Arc<Connection>,
    /// The log file.
    path: Arc<Path>,
    id: String,
    intent: Receipt,
    /// `None` when it has ended.
    denials: Mutex<Option<Denials>>,
}

impl TheirCall {
    pub(super) fn new(connection: Arc<Connection>, path: Arc<Path>, id: String, intent: Receipt) -> Self {
        Self(Arc::new(Asked { connection, path, id, intent, denials: Mutex::new(Some(Denials::default())) }))
    }

    /// Does what blocks in a thread of its own.
    fn later<T: Copy + Send + 'static>(
        &self,
        ask: impl FnOnce(&Asked) -> Result<T, LogError> + Send + 'static,
    ) -> Later<T> {
        let (asked, here) = (Arc::clone(&self.0), Arc::clone(&self.0));
        match in_thread(move || ask(&asked)) {
            Ok(answer) => Later::elsewhere(async move { answer.await.unwrap_or_else(|| Err(here.gone())) }),
            Err(error) => {
                Later::ready(Err(LogError::io("start a thread to ask the owner of", &here.path)(error)))
            }
        }
    }
}

impl Asked {
    fn ask(&self, ask: &Ask<'_>) -> Result<Receipt, LogError> {
        match self.connection.ask(ask) {
            Ok(Answer::Done { seq, hash }) => Ok(Receipt { seq, hash }),
            Ok(Answer::Failed(failed)) => Err(failed.into()),
            Ok(Answer::NotNow | Answer::Bye) => Err(self.gone()),
            Err(unanswered) => Err(self.unanswered(unanswered)),
        }
    }

    /// The next owner finds the call open, and nothing else can be put on record of it.
    fn unanswered(&self, unanswered: Unanswered) -> LogError {
        match unanswered {
            Unanswered::NotDone | Unanswered::Unknown => self.gone(),
            Unanswered::TooLong(error) => LogError::Refused { why: error.to_string() },
        }
    }

    fn gone(&self) -> LogError {
        LogError::OwnerGone { path: self.path.to_path_buf() }
    }

    fn ended(&self) -> LogError {
        LogError::Ended { id: self.id.clone() }
    }

    fn denials(&self) -> MutexGuard<'_, Option<Denials>> {
        self.denials.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RecordedCall for TheirCall {
    fn id(&self) -> &str {
        &self.0.id
    }

    fn intent(&self) -> Receipt {
        self.0.intent
    }

    fn durable(&self) -> Result<(), LogError> {
        self.0.durable()
    }

    fn denied(&self, denied: Denied) -> Result<(), LogError> {
        self.0.denied(denied)
    }

    fn end(&self, ended: Ended) -> Result<Receipt, LogError> {
        self.0.end(ended)
    }

    fn durably(&self) -> Durably {
        self.later(Asked::durable)
    }

    fn ending(&self, ended: Ended) -> Ending {
        self.later(|asked| asked.end(ended))
    }
}

impl Asked {
    fn durable(&self) -> Result<(), LogError> {
        if self.denials().is_none() {
            // Of a call that has ended the intent is as durable as its outcome.
            return Ok(());
        }
        self.ask(&Ask::Durable { intent: self.intent.seq }).map(drop)
    }

    fn denied(&self, denied: Denied) -> Result<(), LogError> {
        let mut denials = self.denials();
        let denials = denials.as_mut().ok_or_else(|| self.ended())?;
        let Some(new) = denials.new_one(&denied) else { return Ok(()) };
        let ask = Ask::Denied { intent: self.intent.seq, denied: Cow::Owned(denied) };
        self.connection.tell(&ask).map_err(|unanswered| self.unanswered(unanswered))?;
        denials.add(new);
        Ok(())
    }

    fn end(&self, ended: Ended) -> Result<Receipt, LogError> {
        if self.denials().is_none() {
            return Err(self.ended());
        }
        let receipt = self.ask(&Ask::End { intent: self.intent.seq, ended: Cow::Owned(ended) })?;
        *self.denials() = None;
        Ok(receipt)
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if self.denials().is_some() {
            // Where it cannot be told, the owner finds the connection ended.
            let _ = self.connection.tell(&Ask::Forget { intent: self.intent.seq });
        }
    }
}
