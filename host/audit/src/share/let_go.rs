//! Letting go of the log, for a process that needs it for itself.
//!
//! The asker says what it wants, and stays. It is told that the log is free, or cannot be; it goes
//! when it has the lock, or does not want it any more. So the owner knows when to come back.

use std::io::{self, ErrorKind, Read as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::door::Behind;
use super::frame::NO_NUMBER;
use super::greet::say_hello;
use super::limits::{GIVE_WAY, LEFT_TO_ASKER, LOOK_AGAIN_SOON};
use super::message::{Greeting, Hello};
use super::outbox::Outbox;
use super::place::Place;

/// Lets go of the log for whoever is at the other end.
pub(super) fn let_go(stream: &UnixStream, outbox: &Outbox, behind: &Behind) -> io::Result<()> {
    stream.set_read_timeout(Some(LOOK_AGAIN_SOON))?;
    let Some(shared) = behind.shared.upgrade() else { return Ok(()) };
    let Some(_left) = shared.let_go(&behind.gate, || is_there(stream)) else {
        return outbox.send(NO_NUMBER, &Greeting::Busy);
    };
    outbox.send(NO_NUMBER, &Greeting::Free)?;
    let until = Instant::now() + LEFT_TO_ASKER;
    while is_there(stream) && Instant::now() < until {}
    Ok(())
}

/// Whether somebody is at the other end, and waits. Takes as long as a read may.
fn is_there(mut stream: &UnixStream) -> bool {
    let read = stream.read(&mut [0]);
    matches!(read, Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted))
}

/// A process that has let go of the log, and leaves it to whoever has this value.
#[derive(Debug)]
pub(super) struct LetGo {
    _stream: UnixStream,
    pub(super) until: Instant,
}

/// Asks whoever has the log to let go of it, and waits so long for that. `None` where it does
/// not, or nobody can be asked.
pub(super) fn ask_to_let_go(place: &Place, patience: Duration) -> io::Result<Option<LetGo>> {
    let Some(stream) = place.connect()? else { return Ok(None) };
    let outbox = Outbox::new(stream.try_clone()?);
    let answer = say_hello(&stream, &outbox, &Hello::LetGo, patience.max(LOOK_AGAIN_SOON))?;
    if answer == Greeting::Free {
        return Ok(Some(LetGo { _stream: stream, until: Instant::now() + LEFT_TO_ASKER }));
    }
    // Whatever waited meanwhile comes first.
    std::thread::sleep(GIVE_WAY.min(patience));
    Ok(None)
}
