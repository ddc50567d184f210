//! Putting something on record, wherever the log is.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::connection::{Connection, Unanswered};
use super::gate::{Entered, Use, Whose};
use super::limits::{LOOK_AGAIN, PATIENCE};
use super::message::{Answer, Ask};
use super::ours::OurCall;
use super::recorder::{RecordedCall, Recorder};
use super::shared::{Shared, Way};
use super::site::Site;
use super::theirs::TheirCall;
use crate::Receipt;
use crate::error::LogError;
use crate::record::{Event, NewCall};

/// What a writer has of it: when it is dropped, this process is done with the log.
#[derive(Debug)]
pub(super) struct Handle(Arc<Shared>);

impl Handle {
    /// Comes to the log, and waits so long at most for a process that has it and serves nobody.
    pub(super) fn open(site: Site, patience: Duration) -> Result<Self, LogError> {
        let handle = Self(Shared::new(site));
        handle.0.way(Instant::now() + patience)?;
        Ok(handle)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// What came of an attempt to put something on record.
enum Tried<T> {
    Done(T),
    /// Nothing was done, and the way has changed, or will.
    Again,
}

impl Handle {
    /// Does this here or there, wherever the log is. What was not done is tried again until then.
    fn on_record<W, T>(
        &self,
        what: W,
        here: impl FnOnce(Use, W) -> Result<T, LogError>,
        there: impl Fn(&Arc<Connection>, &W) -> Result<Tried<T>, LogError>,
    ) -> Result<T, LogError> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.0.way(deadline)? {
                Way::Has(gate) => {
                    if let Entered::In(used) = gate.enter_before(deadline, Whose::Ours) {
                        return here(used, what);
                    }
                }
                Way::Asks(connection) => {
                    if let Tried::Done(done) = there(&connection, &what)? {
                        return Ok(done);
                    }
                    std::thread::sleep(LOOK_AGAIN);
                }
            }
            if Instant::now() >= deadline {
                return Err(LogError::Locked { path: self.0.path() });
            }
        }
    }

    fn gone(&self) -> LogError {
        LogError::OwnerGone { path: self.0.path() }
    }

    /// Asks for a place in the log. What nobody can tell of is asked again only where twice does
    /// no harm.
    fn ask(&self, connection: &Connection, ask: &Ask<'_>, twice: bool) -> Result<Tried<Receipt>, LogError> {
        match connection.ask(ask) {
            Ok(Answer::Done { seq, hash }) => Ok(Tried::Done(Receipt { seq, hash })),
            Ok(Answer::Failed(failed)) => Err(failed.into()),
            Ok(Answer::NotNow | Answer::Bye) | Err(Unanswered::NotDone) => Ok(Tried::Again),
            Err(Unanswered::Unknown) if twice => Ok(Tried::Again),
            Err(Unanswered::Unknown) => Err(self.gone()),
            Err(Unanswered::TooLong(error)) => Err(LogError::Refused { why: error.to_string() }),
        }
    }
}

impl Recorder for Handle {
    fn append(&self, event: &Event) -> Result<Receipt, LogError> {
        self.on_record(
            event,
            |used, event| used.log().append(event),
            |connection, event| self.ask(connection, &Ask::Append(Cow::Borrowed(event)), false),
        )
    }

    fn begin(&self, call: NewCall) -> Result<Box<dyn RecordedCall>, LogError> {
        self.on_record(
            Box::new(call),
            |used, call| -> Result<Box<dyn RecordedCall>, _> { Ok(Box::new(OurCall::begin(used, *call)?)) },
            |connection, call| {
                // Before it is answered nothing is done for a call, so one that nobody
                // ended does no harm: it is on record as what it is.
                Ok(match self.ask(connection, &Ask::Begin(Cow::Borrowed(call)), true)? {
                    Tried::Again => Tried::Again,
                    Tried::Done(intent) => {
                        let (connection, path) = (Arc::clone(connection), self.0.path().into());
                        Tried::Done(Box::new(TheirCall::new(connection, path, call.id.clone(), intent)))
                    }
                })
            },
        )
    }

    fn waits(&self) -> bool {
        !self.0.has_it_now()
    }

    fn head(&self) -> Result<Receipt, LogError> {
        self.on_record(
            (),
            |used, ()| used.log().check().map(|()| used.log().head()),
            |connection, ()| self.ask(connection, &Ask::Head, true),
        )
    }
}
