//! The first words, on both sides.

use std::io::{self, ErrorKind, Read};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::door::{Behind, Room};
use super::frame::{self, NO_NUMBER};
use super::let_go::let_go;
use super::limits::{GREETING_PATIENCE, MAX_GREETING_BYTES};
use super::message::{self, Greeting, Hello, Kept};
use super::outbox::Outbox;
use super::served::serve;

/// Greets whoever came in, and does what it came for. Without a room it is not served; who needs
/// the log for itself needs none.
pub(super) fn greet(
    stream: &UnixStream,
    outbox: &Outbox,
    room: Option<Room>,
    behind: &Behind,
) -> io::Result<()> {
    let mut until = Until { stream, deadline: Instant::now() + GREETING_PATIENCE };
    frame::begin(&mut &*stream)?;
    frame::expect_begin(&mut until)?;
    let hello = read_one(&mut until)?;
    match hello {
        Hello::LetGo => {
            // It is not one of those that have to go.
            drop(room);
            let_go(stream, outbox, behind)
        }
        Hello::Record(theirs) => {
            let Some(room) = room else { return outbox.send(NO_NUMBER, &Greeting::Full) };
            let greeting = judge(&theirs, behind);
            if greeting != Greeting::Welcome {
                return outbox.send(NO_NUMBER, &greeting);
            }
            stream.set_read_timeout(None)?;
            if room.welcome()? { serve(stream, outbox, &behind.gate) } else { Ok(()) }
        }
    }
}

/// Whether it may put things on record here: only if both keep them in the same way.
fn judge(theirs: &Kept, behind: &Behind) -> Greeting {
    match behind.gate.ask(|log| Kept::of(log.settings())) {
        None => Greeting::Busy,
        Some(ours) if ours == *theirs => Greeting::Welcome,
        // It may be that the operator chose anew, and this process does not know yet.
        Some(_) if behind.shared.upgrade().is_some_and(|shared| shared.is_outdated(theirs, &behind.gate)) => {
            Greeting::Busy
        }
        Some(ours) => Greeting::KeptOtherwise(ours),
    }
}

/// Says hello to whoever listens, and returns what it answers within a time.
pub(super) fn say_hello(
    stream: &UnixStream,
    outbox: &Outbox,
    hello: &Hello,
    patience: Duration,
) -> io::Result<Greeting> {
    let deadline = Instant::now() + GREETING_PATIENCE;
    stream.set_write_timeout(Some(GREETING_PATIENCE))?;
    frame::begin(&mut &*stream)?;
    outbox.send(NO_NUMBER, hello)?;
    frame::expect_begin(&mut Until { stream, deadline })?;
    read_one(&mut Until { stream, deadline: Instant::now() + patience })
}

/// Reads until then: however little comes at a time, all of it has to come by then.
struct Until<'a> {
    stream: &'a UnixStream,
    deadline: Instant,
}

impl Read for Until<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let rest = self.deadline.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(rest))?;
        self.stream.read(bytes)
    }
}

/// Reads one message, which answers nothing.
fn read_one<T: for<'de> Deserialize<'de>>(from: &mut impl Read) -> io::Result<T> {
    let frame = frame::read_at_most(from, MAX_GREETING_BYTES)?.ok_or(ErrorKind::UnexpectedEof)?;
    Ok(message::read(&frame.body)?)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_comes_after_the_deadline_is_not_read() {
        let (stream, mut other) = UnixStream::pair().expect("two ends");
        other.write_all(b"ab").expect("there is room");
        let now = Instant::now();
        let mut until = Until { stream: &stream, deadline: now + Duration::from_secs(60) };
        until.read_exact(&mut [0]).expect("it came in time");
        until.deadline = now;
        let error = until.read_exact(&mut [0]).expect_err("it is too late");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
}
