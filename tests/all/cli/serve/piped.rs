//! `mpp serve` as the client that started it has it: on its standard streams.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::ChildStdin;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;

use serde_json::{Value, json};

use super::message::{SESSIONS, calling, initialize, initialized, names, stateless};
use super::process::Process;
use super::{Ended, PATIENCE, User};

/// A server of one client.
pub(super) struct Piped {
    pub(super) process: Process,
    input: Option<ChildStdin>,
    output: Receiver<Value>,
    /// The id of the last request.
    last: u64,
}

impl Piped {
    /// A server of all that somebody has installed.
    pub(super) fn start(user: &User, arguments: &[&str]) -> Self {
        let mut command = user.mpp(["serve"]);
        command.args(arguments);
        let mut process = Process::start(command);
        let input = process.child().stdin.take();
        let output = BufReader::new(process.child().stdout.take().expect("it was asked for"));
        let (write, read) = channel();
        thread::spawn(move || {
            for line in output.lines() {
                let line = line.expect("messages are UTF-8");
                let message = serde_json::from_str(&line);
                // Nothing but messages goes to standard output.
                if write.send(message.unwrap_or_else(|error| panic!("{error}: {line}"))).is_err() {
                    return;
                }
            }
        });
        Self { process, input, output: read, last: 0 }
    }

    pub(super) fn send(&mut self, message: &Value) {
        let input = self.input.as_mut().expect("it was not closed");
        writeln!(input, "{message}").expect("the server reads its input");
    }

    /// The next message; `None` at the end.
    #[track_caller]
    pub(super) fn next(&self) -> Option<Value> {
        match self.output.recv_timeout(PATIENCE) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing was said for {PATIENCE:?}"),
        }
    }

    /// Sends a request that stands alone, and returns its id.
    pub(super) fn request(&mut self, method: &str, params: Value) -> u64 {
        self.last += 1;
        self.send(&stateless(self.last, method, params));
        self.last
    }

    /// The answer to a request; what comes before it is passed over.
    #[track_caller]
    pub(super) fn answer(&self, id: u64) -> Value {
        loop {
            let message = self.next().expect("the request is answered");
            if message["id"] == id {
                return message;
            }
        }
    }

    /// The result of a call that stands alone.
    #[track_caller]
    pub(super) fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let id = self.request("tools/call", calling(tool, arguments));
        let mut answer = self.answer(id);
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].take()
    }

    /// The names that are listed.
    pub(super) fn tools(&mut self) -> Vec<String> {
        let id = self.request("tools/list", json!({}));
        names(&self.answer(id)["result"])
    }

    /// Begins a session.
    pub(super) fn begin(&mut self) {
        self.send(&initialize());
        assert_eq!(self.answer(0)["result"]["protocolVersion"], SESSIONS);
        self.send(&initialized());
    }

    /// Closes its input.
    pub(super) fn hang_up(&mut self) {
        self.input = None;
    }

    /// Closes its input, and waits for its end. It says nothing more.
    #[track_caller]
    pub(super) fn end(mut self) -> Ended {
        self.hang_up();
        assert_eq!(self.next(), None);
        self.process.end()
    }
}
