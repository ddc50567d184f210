//! The door: where other processes come in, as long as this one has the log.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::frame::NO_NUMBER;
use super::gate::Gate;
use super::greet::greet;
use super::limits::{ANSWER_PATIENCE, LOOK_AGAIN, MAX_CLIENTS, MAX_CONNECTIONS};
use super::message::{Answer, Greeting};
use super::outbox::Outbox;
use super::place::{Bound, Place, check_peer};
use super::shared::Shared;
use crate::error::LogError;

/// A socket that is listened at. Closed when the value is dropped.
#[derive(Debug)]
pub(super) struct Door {
    /// `None` once nobody can come in.
    bound: Option<Bound>,
    listener: Arc<UnixListener>,
    inside: Arc<Inside>,
    /// What is said to who is inside when it is closed.
    last_word: Option<Answer>,
}

/// What whoever comes needs.
#[derive(Debug, Clone)]
pub(super) struct Behind {
    pub(super) gate: Arc<Gate>,
    pub(super) shared: Weak<Shared>,
}

impl Door {
    /// Opens the door of the log that this process has.
    pub(super) fn open(place: &Place, behind: Behind) -> Result<Self, LogError> {
        let (listener, bound) = place.listen()?;
        let listener = Arc::new(listener);
        let last_word = Some(Answer::Bye);
        let door = Self { bound: Some(bound), listener, inside: Arc::default(), last_word };
        let (listener, inside) = (Arc::clone(&door.listener), Arc::clone(&door.inside));
        let thread = std::thread::Builder::new().name("mpp-audit-door".to_owned());
        let started = thread.spawn(move || accept(&listener, &inside, &behind));
        started.map_err(LogError::io("start a thread for", place.path()))?;
        Ok(door)
    }

    /// To be closed while something is under way: nobody is told that it was not done.
    pub(super) fn without_a_word(self) -> Self {
        let mut door = self;
        door.last_word = None;
        door
    }

    /// Nobody comes in any more; who is inside stays. To be done before the lock is released:
    /// after that, the socket that is there may be another one's.
    pub(super) fn shut(&mut self) {
        let Some(bound) = self.bound.take() else { return };
        // A socket that stays is taken for one of a killed process.
        let _ = bound.remove();
        self.inside.shut();
        // Wakes who waits at the door. Where a system does not do that, it wakes when the
        // next one comes, and sees that it is shut.
        let _ = rustix::net::shutdown(&self.listener, rustix::net::Shutdown::Both);
    }
}

/// Who is inside is told, and sent away.
impl Drop for Door {
    fn drop(&mut self) {
        self.shut();
        self.inside.clear(self.last_word.as_ref());
    }
}

fn accept(listener: &UnixListener, inside: &Arc<Inside>, behind: &Behind) {
    loop {
        let accepted = listener.accept();
        if inside.is_shut() {
            return;
        }
        match accepted {
            // Where it does not come in, it finds that out.
            Ok((stream, _)) => {
                if let Some(counted) = Counted::one_more(inside) {
                    drop(let_in(stream, counted, behind));
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // No descriptors are left, for example: some will be.
            Err(_) => std::thread::sleep(LOOK_AGAIN),
        }
    }
}

fn let_in(stream: UnixStream, counted: Counted, behind: &Behind) -> io::Result<()> {
    check_peer(&stream)?;
    stream.set_write_timeout(Some(ANSWER_PATIENCE))?;
    let outbox = Arc::new(Outbox::new(stream.try_clone()?));
    let room = counted.0.enter(&outbox);
    let behind = behind.clone();
    let thread = std::thread::Builder::new().name("mpp-audit-client".to_owned());
    // It ends when the connection does; what it breaks by that is its own.
    let greet = move || {
        let _counted = counted;
        drop(greet(&stream, &outbox, room, &behind));
    };
    thread.spawn(greet).map(drop)
}

/// Who is inside.
#[derive(Debug, Default)]
pub(super) struct Inside(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    shut: bool,
    /// Threads that have a connection, inside or not.
    connections: usize,
    next: u64,
    clients: HashMap<u64, Client>,
}

#[derive(Debug)]
struct Client {
    outbox: Arc<Outbox>,
    /// Before that it waits for a greeting, and would take nothing else for one.
    welcomed: bool,
}

impl Inside {
    /// Lets one more in, if there is room.
    fn enter(self: &Arc<Self>, outbox: &Arc<Outbox>) -> Option<Room> {
        let mut state = self.lock();
        if state.shut || state.clients.len() >= MAX_CLIENTS {
            return None;
        }
        state.next += 1;
        let number = state.next;
        state.clients.insert(number, Client { outbox: Arc::clone(outbox), welcomed: false });
        Some(Room { inside: Arc::clone(self), number })
    }

    fn is_shut(&self) -> bool {
        self.lock().shut
    }

    /// Lets nobody else in.
    fn shut(&self) {
        self.lock().shut = true;
    }

    /// Ends all connections, with a last word to who was welcomed. Who was not finds that nobody
    /// answers, and comes again.
    fn clear(&self, last_word: Option<&Answer>) {
        let clients = std::mem::take(&mut self.lock().clients);
        for Client { outbox, welcomed } in clients.into_values() {
            match last_word {
                Some(word) if welcomed => outbox.end_with(word),
                _ => outbox.end(),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection. Counted until its thread ends.
#[derive(Debug)]
struct Counted(Arc<Inside>);

impl Counted {
    /// `None` where there are too many.
    fn one_more(inside: &Arc<Inside>) -> Option<Self> {
        let mut state = inside.lock();
        if state.connections >= MAX_CONNECTIONS {
            return None;
        }
        state.connections += 1;
        Some(Self(Arc::clone(inside)))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.lock().connections -= 1;
    }
}

/// The room of one that is inside. Free when the value is dropped.
#[derive(Debug)]
pub(super) struct Room {
    inside: Arc<Inside>,
    number: u64,
}

impl Room {
    /// Welcomes who is in it. Says whether it stays: it may have been sent away by now.
    ///
    /// Nobody is sent away meanwhile. That does not take long: two short messages have room in
    /// every socket, whether the other side reads them or not.
    pub(super) fn welcome(&self) -> io::Result<bool> {
        let mut state = self.inside.lock();
        let Some(client) = state.clients.get_mut(&self.number) else { return Ok(false) };
        client.outbox.send(NO_NUMBER, &Greeting::Welcome)?;
        client.welcomed = true;
        Ok(true)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.inside.lock().clients.remove(&self.number);
    }
}
