//! What goes to another process, from several threads.

use std::io::{self, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

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
        // Whoever does not read does not keep others waiting.
        let _ = self.stream.set_write_timeout(Some(LAST_WORD));
        let _ = self.send(NO_NUMBER, body);
        self.end();
    }

    /// Ends the connection, in both directions.
    pub(super) fn end(&self) {
        // It may have ended already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}
