//! What goes to another process, from several threads.

use std::io::{self, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use serde::Serialize;

use super::frame::{self, NO_NUMBER};
use super::limits::LAST_WORD;

/// The sending half of a connection.
#[derive(Debug)]
pub(super) struct Outbox {
    stream: UnixStream,
    /// Held while a message is being sent, so that messages stay whole.
    sending: Mutex<()>,
}

impl Outbox {
    pub(super) fn new(stream: UnixStream) -> Self {
        Self { stream, sending: Mutex::new(()) }
    }

    /// Sends a message.
    pub(super) fn send(&self, number: u64, body: &impl Serialize) -> io::Result<()> {
        let mut bytes = Vec::new();
        frame::put(&mut bytes, number, body)?;
        self.send_bytes(&bytes)
    }

    /// Sends several messages at once.
    pub(super) fn send_all(&self, messages: &[(u64, impl Serialize)]) -> io::Result<()> {
        let mut bytes = Vec::new();
        for (number, body) in messages {
            frame::put(&mut bytes, *number, body)?;
        }
        self.send_bytes(&bytes)
    }

    /// After a message of which only a part could be sent nothing else may follow.
    fn send_bytes(&self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let _sending = self.sending.lock().unwrap_or_else(PoisonError::into_inner);
        (&self.stream).write_all(bytes).inspect_err(|_| self.end())
    }

    /// Sends a last message, if that can be done at once, and ends the connection.
    pub(super) fn end_with(&self, body: &impl Serialize) {
        // Whoever does not read does not keep others waiting; nor what is being sent to it.
        if let Some(_sending) = self.try_lock() {
            let _ = self.stream.set_write_timeout(Some(LAST_WORD));
            let mut bytes = Vec::new();
            let _ = frame::put(&mut bytes, NO_NUMBER, body).and_then(|()| (&self.stream).write_all(&bytes));
        }
        self.end();
    }

    /// `None` while a message is being sent.
    fn try_lock(&self) -> Option<MutexGuard<'_, ()>> {
        match self.sending.try_lock() {
            Ok(sending) => Some(sending),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Ends the connection, in both directions.
    pub(super) fn end(&self) {
        // It may have ended already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    /// What is read of an outbox that is ended, while a message is being sent or not.
    fn read_of_the_end(being_sent: bool) -> Vec<u8> {
        let (ours, mut theirs) = UnixStream::pair().expect("two ends");
        let outbox = Outbox::new(ours);
        let sending = being_sent.then(|| outbox.sending.lock());
        outbox.end_with(&"bye");
        drop(sending);
        let mut read = Vec::new();
        theirs.read_to_end(&mut read).expect("it has ended");
        read
    }

    #[test]
    fn a_last_message_waits_for_no_other_one() {
        assert_eq!(read_of_the_end(false), [&[0; 3][..], &[5], &[0; 8], b"\"bye\""].concat());
        assert_eq!(read_of_the_end(true), b"");
    }
}
