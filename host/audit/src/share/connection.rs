//! The way to the process that has the log.

use std::collections::HashMap;
use std::io::{self, BufReader};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::frame::{self, NO_NUMBER};
use super::greet::say_hello;
use super::limits::{ANSWER_PATIENCE, GREETING_PATIENCE};
use super::message::{self, Answer, Ask, Greeting, Hello, Kept};
use super::outbox::Outbox;
use super::place::Place;

/// A connection to the process that has the log. All threads of this one share it, and none
/// waits for the answer of another.
#[derive(Debug)]
pub(super) struct Connection {
    outbox: Outbox,
    next: AtomicU64,
    waiting: Arc<Waiting>,
}

/// What came of an attempt to go there.
#[derive(Debug)]
pub(super) enum Came {
    Welcome(Connection),
    /// Nobody is there, or nobody who has room or time.
    NotNow,
    /// The log is kept otherwise.
    KeptOtherwise(Kept),
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// It was not done, and will not be.
    NotDone,
    /// Nobody can tell whether it was done.
    Unknown,
    /// It cannot be asked.
    TooLong(io::Error),
}

impl Connection {
    /// Goes there.
    pub(super) fn open(place: &Place, kept: Kept) -> io::Result<Came> {
        let Some(stream) = place.connect()? else { return Ok(Came::NotNow) };
        let outbox = Outbox::new(stream.try_clone()?);
        match say_hello(&stream, &outbox, &Hello::Record(kept), GREETING_PATIENCE)? {
            Greeting::Welcome => Self::start(stream, outbox).map(Came::Welcome),
            Greeting::KeptOtherwise(theirs) => Ok(Came::KeptOtherwise(theirs)),
            Greeting::Full | Greeting::Busy | Greeting::Free => Ok(Came::NotNow),
        }
    }

    fn start(stream: UnixStream, outbox: Outbox) -> io::Result<Self> {
        stream.set_read_timeout(None)?;
        stream.set_write_timeout(Some(ANSWER_PATIENCE))?;
        let waiting = Arc::new(Waiting::default());
        let told = Arc::clone(&waiting);
        let thread = std::thread::Builder::new().name("mpp-audit-answers".to_owned());
        thread.spawn(move || told.run(&stream))?;
        Ok(Self { outbox, next: AtomicU64::new(NO_NUMBER + 1), waiting })
    }

    /// Whether it can be asked something.
    pub(super) fn is_open(&self) -> bool {
        self.waiting.lock().ended.is_none()
    }

    /// Asks, and waits for the answer.
    pub(super) fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Unanswered> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (tell, told) = sync_channel(1);
        self.waiting.expect(number, tell)?;
        self.send(number, ask).inspect_err(|_| self.waiting.forget(number))?;
        told.recv_timeout(ANSWER_PATIENCE).map_err(|error| {
            if error == RecvTimeoutError::Timeout {
                // It was stopped, perhaps. If it goes on, it finds its client gone.
                self.outbox.end();
            }
            self.waiting.why_not()
        })
    }

    /// Says what is not answered.
    pub(super) fn tell(&self, ask: &Ask<'_>) -> Result<(), Unanswered> {
        self.send(NO_NUMBER, ask)
    }

    /// What was not sent as a whole was not read as a whole, and so not done.
    fn send(&self, number: u64, ask: &Ask<'_>) -> Result<(), Unanswered> {
        self.outbox.send(number, ask).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput => Unanswered::TooLong(error),
            _ => Unanswered::NotDone,
        })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.outbox.end();
    }
}

/// Who waits for which answer.
#[derive(Debug, Default)]
struct Waiting(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    callers: HashMap<u64, SyncSender<Answer>>,
    ended: Option<Ending>,
}

/// How the connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The owner said so: what it has not answered it has not done.
    Bye,
    /// Somehow.
    Lost,
}

impl Waiting {
    fn expect(&self, number: u64, caller: SyncSender<Answer>) -> Result<(), Unanswered> {
        let mut state = self.lock();
        if state.ended.is_some() {
            return Err(Unanswered::NotDone);
        }
        state.callers.insert(number, caller);
        Ok(())
    }

    fn forget(&self, number: u64) {
        self.lock().callers.remove(&number);
    }

    /// Hands out answers until the connection ends.
    fn run(&self, stream: &UnixStream) {
        // Whatever went wrong, nothing more will be answered.
        let ending = self.hand_out(stream).unwrap_or(Ending::Lost);
        let mut state = self.lock();
        state.ended = Some(ending);
        // Whoever waits sees that nobody will answer.
        state.callers.clear();
        drop(state);
        let _ = stream.shutdown(std::net::Shutdown::Both);
    }

    fn hand_out(&self, stream: &UnixStream) -> io::Result<Ending> {
        let mut from = BufReader::new(stream);
        while let Some(frame) = frame::read(&mut from)? {
            let answer = message::read(&frame.body)?;
            if answer == Answer::Bye {
                return Ok(Ending::Bye);
            }
            let caller = self.lock().callers.remove(&frame.number);
            match caller {
                // Who does not wait any more does not need it.
                Some(caller) => drop(caller.try_send(answer)),
                // What is not answered unless it fails has failed: nothing may follow it.
                None => return Ok(Ending::Lost),
            }
        }
        Ok(Ending::Lost)
    }

    fn why_not(&self) -> Unanswered {
        match self.lock().ended {
            Some(Ending::Bye) => Unanswered::NotDone,
            Some(Ending::Lost) | None => Unanswered::Unknown,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
