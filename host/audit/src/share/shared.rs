//! Where this process puts things on record now: in a log that it has, or through the process
//! that has it; and from one to the other.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use super::connection::{Came, Connection};
use super::door::{Behind, Door};
use super::gate::Gate;
use super::limits::{FAREWELL, LET_GO_PATIENCE, LOOK_AGAIN};
use super::message::Kept;
use super::place::Place;
use super::site::Site;
use crate::error::LogError;
use crate::{Log, Settings, Signs};

/// The log of a directory, for as long as this process needs it.
#[derive(Debug)]
pub(super) struct Shared {
    site: Site,
    state: Mutex<State>,
    changed: Condvar,
    me: Weak<Self>,
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
struct Owner {
    gate: Arc<Gate>,
    /// Where others are served.
    door: Option<Door>,
}

/// What came of one attempt to come to the log.
enum Found {
    /// Nobody had it: this process has it now.
    Free(Box<Log>),
    /// Another one has it, and takes what is put on record.
    Taken(Connection),
    /// Another one has it, and nobody can be asked.
    NotNow,
}

/// The way to the log.
pub(super) enum Way {
    Has(Arc<Gate>),
    Asks(Arc<Connection>),
}

impl Shared {
    /// Nothing is known yet.
    pub(super) fn new(site: Site) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            site,
            state: Mutex::new(State::Apart),
            changed: Condvar::new(),
            me: Weak::clone(me),
        })
    }

    /// The log file.
    pub(super) fn path(&self) -> PathBuf {
        self.site.path()
    }

    /// Whether this process has the log, and does not let go of it.
    pub(super) fn has_it_now(&self) -> bool {
        matches!(&*self.lock(), State::Has(owner) if owner.gate.is_open())
    }

    /// The way to the log, by then.
    pub(super) fn way(&self, deadline: Instant) -> Result<Way, LogError> {
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
            let found = self.find(settings, &kept);
            // Until it had the lock, or was answered, the operator could choose anew. Whatever
            // was found for what does not hold any more is dropped, errors too.
            if Kept::of(&self.site.settings()?) != kept {
                continue;
            }
            match found? {
                Found::Free(log) => return self.own(*log).map(State::Has),
                Found::Taken(connection) => return Ok(State::Asks(Arc::new(connection))),
                Found::NotNow => {}
            }
            if Instant::now() >= deadline {
                return Err(LogError::Locked { path: self.site.path() });
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// Tries once to come to the log.
    fn find(&self, settings: Settings, kept: &Kept) -> Result<Found, LogError> {
        match self.open_own(settings) {
            Err(LogError::Locked { .. }) => {}
            opened => return opened.map(|log| Found::Free(Box::new(log))),
        }
        Ok(self.go(kept.clone())?.map_or(Found::NotNow, Found::Taken))
    }

    /// Who serves others signs meanwhile: they do not know when it closes the log.
    fn open_own(&self, settings: Settings) -> Result<Log, LogError> {
        let signs = if self.site.serves { Signs::Meanwhile } else { settings.signs };
        let settings = Settings { signs, ..settings };
        let clock = Arc::clone(&self.site.clock);
        Log::open_with(&self.site.dir, move || clock.now(), settings)
    }

    /// Serves others with the log, where this process does that.
    fn own(&self, log: Log) -> Result<Owner, LogError> {
        let gate = Gate::new(log);
        let behind = Behind { gate: Arc::clone(&gate), shared: Weak::clone(&self.me) };
        let open = || Door::open(&Place::of(&self.site.dir), behind);
        let door = self.site.serves.then(open).transpose()?;
        Ok(Owner { gate, door })
    }

    /// Goes to the process that has the log. `None` where that cannot be now.
    fn go(&self, kept: Kept) -> Result<Option<Connection>, LogError> {
        use std::io::ErrorKind::{
            BrokenPipe, ConnectionReset, Interrupted, TimedOut, UnexpectedEof, WouldBlock,
        };
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
                    BrokenPipe | ConnectionReset | Interrupted | TimedOut | UnexpectedEof | WouldBlock
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
        // Others come and ask while that goes on.
        if !gate.is_open() {
            return true;
        }
        let (shared, gate) = (Arc::clone(self), Arc::clone(gate));
        let thread = std::thread::Builder::new().name("mpp-audit-renew".to_owned());
        thread.spawn(move || drop(shared.let_go(&gate, || true))).is_ok()
    }

    /// Lets go of the log when nobody uses it any more, unless that takes too long, it is not
    /// wanted any more, or somebody else's turn has not ended. Until the value is dropped, this process does not come back to it.
    pub(super) fn let_go(&self, gate: &Arc<Gate>, wanted: impl Fn() -> bool) -> Option<Left<'_>> {
        let closing = gate.close_in_turn(Instant::now())?;
        let until = Instant::now() + LET_GO_PATIENCE;
        while !closing.wait_for_all(LOOK_AGAIN) {
            if Instant::now() >= until || !wanted() {
                return None;
            }
        }
        let Owner { gate: _, mut door } = self.leave(gate)?;
        // Who is inside is told nothing yet: it would try to be faster than who asked for the log.
        if let Some(door) = &mut door {
            door.shut();
        }
        let left = Left { shared: self, _door: door };
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
    pub(super) fn end(&self) {
        let state = std::mem::replace(&mut *self.lock(), State::Ended);
        self.changed.notify_all();
        let State::Has(Owner { gate, door }) = state else { return };
        let closing = gate.close();
        let done = closing.wait_for_theirs(FAREWELL);
        drop(door.map(|door| if done { door } else { door.without_a_word() }));
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
pub(super) struct Left<'a> {
    shared: &'a Shared,
    /// Those who are inside wait as long.
    _door: Option<Door>,
}

impl Drop for Left<'_> {
    fn drop(&mut self) {
        back(self.shared);
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
