//! Where this process puts things on record now: in a log that it has, or through the process
//! that has it; and from one to the other.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::SettingsSource;
use super::connection::{Came, Connection, Unanswered};
use super::door::{Behind, Door};
use super::gate::{Entered, Gate, Use, Whose};
use super::limits::{FAREWELL, LET_GO_PATIENCE, LOOK_AGAIN, PATIENCE};
use super::message::{Answer, Ask, Kept};
use super::ours::OurCall;
use super::place::Place;
use super::recorder::{RecordedCall, Recorder};
use super::theirs::TheirCall;
use crate::error::LogError;
use crate::record::{Event, NewCall};
use crate::{Clock, Log, Receipt, Settings, layout};

/// The log of a directory, for as long as this process needs it.
#[derive(Debug)]
pub(super) struct Shared {
    site: Site,
    state: Mutex<State>,
    changed: Condvar,
    me: Weak<Self>,
}

/// Which log, and how it is opened.
pub(super) struct Site {
    pub(super) dir: PathBuf,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) settings: Box<dyn SettingsSource>,
    /// Whether others are served.
    pub(super) serves: bool,
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("dir", &self.dir).field("serves", &self.serves).finish_non_exhaustive()
    }
}

#[derive(Debug)]
enum State {
    /// Nothing is known: to be found out by whoever needs it next.
    Apart,
    /// Somebody is finding it out; or the log is left to another process.
    Away,
    /// This process has the log.
    Has(Owner),
    /// Another one has it.
    Asks(Arc<Connection>),
    /// Nothing more will be put on record.
    Ended,
}

/// What whoever has the log has.
#[derive(Debug)]
pub(super) struct Owner {
    pub(super) gate: Arc<Gate>,
    /// Where others are served.
    pub(super) door: Option<Door>,
}

/// The way to the log.
enum Way {
    Has(Arc<Gate>),
    Asks(Arc<Connection>),
}

impl Site {
    fn settings(&self) -> Result<Settings, LogError> {
        self.settings.settings().map_err(LogError::Settings)
    }

    fn path(&self) -> PathBuf {
        layout::log(&self.dir)
    }
}

impl Shared {
    /// Comes to the log, and waits so long at most for a process that has it and serves nobody.
    pub(super) fn open(site: Site, patience: Duration) -> Result<Handle, LogError> {
        let shared = Arc::new_cyclic(|me| Self {
            site,
            state: Mutex::new(State::Apart),
            changed: Condvar::new(),
            me: Weak::clone(me),
        });
        let handle = Handle(shared);
        handle.0.way(Instant::now() + patience)?;
        Ok(handle)
    }

    /// The way to the log, by then.
    fn way(&self, deadline: Instant) -> Result<Way, LogError> {
        let mut state = self.lock();
        loop {
            match &*state {
                State::Has(owner) => return Ok(Way::Has(Arc::clone(&owner.gate))),
                State::Asks(connection) if connection.is_open() => {
                    return Ok(Way::Asks(Arc::clone(connection)));
                }
                State::Asks(_) => *state = State::Apart,
                State::Apart => {
                    *state = State::Away;
                    drop(state);
                    Coming(self).come(deadline)?;
                    state = self.lock();
                }
                State::Away => {
                    let rest = deadline.saturating_duration_since(Instant::now());
                    if rest.is_zero() {
                        return Err(LogError::Locked { path: self.site.path() });
                    }
                    let waited = self.changed.wait_timeout(state, rest);
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                State::Ended => return Err(LogError::Locked { path: self.site.path() }),
            }
        }
    }

    /// Opens the log, or goes to who has it, by then.
    fn come(&self, deadline: Instant) -> Result<State, LogError> {
        loop {
            let settings = self.site.settings()?;
            let kept = Kept::of(&settings);
            match self.open_own(settings) {
                Err(LogError::Locked { .. }) => {}
                opened => return opened.map(State::Has),
            }
            if let Some(connection) = self.go(kept)? {
                return Ok(State::Asks(Arc::new(connection)));
            }
            if Instant::now() >= deadline {
                return Err(LogError::Locked { path: self.site.path() });
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    fn open_own(&self, settings: Settings) -> Result<Owner, LogError> {
        let clock = Arc::clone(&self.site.clock);
        let gate = Gate::new(Log::open_with(&self.site.dir, move || clock.now(), settings)?);
        let behind = Behind { gate: Arc::clone(&gate), shared: Weak::clone(&self.me) };
        let open = || Door::open(Place::of(&self.site.dir), behind);
        let door = self.site.serves.then(open).transpose()?;
        Ok(Owner { gate, door })
    }

    /// Goes to the process that has the log. `None` where that cannot be now.
    fn go(&self, kept: Kept) -> Result<Option<Connection>, LogError> {
        use std::io::ErrorKind::{BrokenPipe, ConnectionReset, TimedOut, UnexpectedEof, WouldBlock};
        let place = Place::of(&self.site.dir);
        match Connection::open(&place, kept) {
            Ok(Came::Welcome(connection)) => Ok(Some(connection)),
            Ok(Came::NotNow) => Ok(None),
            Ok(Came::KeptOtherwise(theirs)) => Err(LogError::KeptOtherwise {
                path: self.site.path(),
                durability: theirs.durability,
                keeping: Box::new(theirs.keeping),
            }),
            // It went away meanwhile, or was stopped.
            Err(error)
                if matches!(
                    error.kind(),
                    BrokenPipe | ConnectionReset | TimedOut | UnexpectedEof | WouldBlock
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(LogError::io("ask the process that has the log at", place.path())(error)),
        }
    }

    /// Whether the operator has chosen what the other process says, and not what this one
    /// opened the log with. It is let go of then, to be opened again as it is to be kept.
    pub(super) fn is_outdated(self: &Arc<Self>, theirs: &Kept, gate: &Arc<Gate>) -> bool {
        if !self.site.settings.settings().is_ok_and(|settings| Kept::of(&settings) == *theirs) {
            return false;
        }
        let (shared, gate) = (Arc::clone(self), Arc::clone(gate));
        let thread = std::thread::Builder::new().name("mpp-audit-renew".to_owned());
        thread.spawn(move || drop(shared.let_go(&gate, || true))).is_ok()
    }

    /// Lets go of the log when nobody uses it any more, unless that takes too long, or it is not
    /// wanted any more. Until the value is dropped, this process does not come back to it.
    pub(super) fn let_go(&self, gate: &Arc<Gate>, wanted: impl Fn() -> bool) -> Option<Left<'_>> {
        let closing = gate.close();
        let until = Instant::now() + LET_GO_PATIENCE;
        while !closing.wait_for_all(LOOK_AGAIN) {
            if Instant::now() >= until || !wanted() {
                return None;
            }
        }
        let owner = self.leave(gate)?;
        let left = Left(self);
        // Others are told, and the socket is removed, before the lock is released.
        drop(owner);
        drop(closing.take());
        Some(left)
    }

    /// From here on nobody finds the log here.
    fn leave(&self, gate: &Arc<Gate>) -> Option<Owner> {
        let mut state = self.lock();
        match std::mem::replace(&mut *state, State::Away) {
            State::Has(owner) if Arc::ptr_eq(&owner.gate, gate) => Some(owner),
            other => {
                *state = other;
                None
            }
        }
    }

    /// Waits for the calls of others, tells them, and lets go of the log.
    fn end(&self) {
        let state = std::mem::replace(&mut *self.lock(), State::Ended);
        self.changed.notify_all();
        let State::Has(Owner { gate, door }) = state else { return };
        let closing = gate.close();
        closing.wait_for_theirs(FAREWELL);
        drop(door);
        // What they leave open is put on record.
        closing.wait_for_theirs(FAREWELL);
        drop(closing.take());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each state is put there as a whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody is finding out where the log is. Whatever comes of it, others go on then.
struct Coming<'a>(&'a Shared);

impl Coming<'_> {
    fn come(self, deadline: Instant) -> Result<(), LogError> {
        let came = self.0.come(deadline)?;
        let mut state = self.0.lock();
        if let State::Away = *state {
            *state = came;
        }
        Ok(())
    }
}

impl Drop for Coming<'_> {
    fn drop(&mut self) {
        back(self.0);
    }
}

/// The log is left to another process. Dropped, this one comes back when it needs it.
#[derive(Debug)]
pub(super) struct Left<'a>(&'a Shared);

impl Drop for Left<'_> {
    fn drop(&mut self) {
        back(self.0);
    }
}

fn back(shared: &Shared) {
    let mut state = shared.lock();
    if let State::Away = *state {
        *state = State::Apart;
    }
    drop(state);
    shared.changed.notify_all();
}

/// What a writer has of it: when it is dropped, this process is done with the log.
#[derive(Debug)]
pub(super) struct Handle(Arc<Shared>);

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
    /// Does it here or there, wherever the log is. What was not done is tried again until then.
    fn on_record<T>(
        &self,
        here: impl Fn(Use) -> Result<T, LogError>,
        there: impl Fn(&Arc<Connection>) -> Result<Tried<T>, LogError>,
    ) -> Result<T, LogError> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.0.way(deadline)? {
                Way::Has(gate) => {
                    if let Entered::In(used) = gate.enter_before(deadline, Whose::Ours) {
                        return here(used);
                    }
                }
                Way::Asks(connection) => {
                    if let Tried::Done(done) = there(&connection)? {
                        return Ok(done);
                    }
                    std::thread::sleep(LOOK_AGAIN);
                }
            }
            if Instant::now() >= deadline {
                return Err(LogError::Locked { path: self.0.site.path() });
            }
        }
    }

    fn gone(&self) -> LogError {
        LogError::OwnerGone { path: self.0.site.path() }
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
        let ask = Ask::Append(Cow::Borrowed(event));
        self.on_record(|used| used.log().append(event), |connection| self.ask(connection, &ask, false))
    }

    fn begin(&self, call: NewCall) -> Result<Box<dyn RecordedCall>, LogError> {
        let path: Arc<Path> = self.0.site.path().into();
        let ask = Ask::Begin(Cow::Borrowed(&call));
        self.on_record(
            |used| -> Result<Box<dyn RecordedCall>, _> { Ok(Box::new(OurCall::begin(used, call.clone())?)) },
            |connection| {
                // Before it is answered nothing is done for a call, so one that nobody
                // ended does no harm: it is on record as what it is.
                Ok(match self.ask(connection, &ask, true)? {
                    Tried::Again => Tried::Again,
                    Tried::Done(intent) => {
                        let (connection, path) = (Arc::clone(connection), Arc::clone(&path));
                        Tried::Done(Box::new(TheirCall::new(connection, path, call.id.clone(), intent)))
                    }
                })
            },
        )
    }

    fn waits(&self) -> bool {
        !matches!(&*self.0.lock(), State::Has(owner) if owner.gate.is_open())
    }

    fn head(&self) -> Result<Receipt, LogError> {
        self.on_record(
            |used| used.log().check().map(|()| used.log().head()),
            |connection| self.ask(connection, &Ask::Head, true),
        )
    }
}
