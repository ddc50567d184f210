//! A server as a process: what it says, what it is told, and how it ends.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use super::{Ended, PATIENCE, until};

/// A process that runs until it is ended, or dropped.
pub(super) struct Process {
    child: Child,
    saying: Receiver<String>,
    said: Vec<String>,
}

impl Process {
    /// Starts it, with pipes for all its streams.
    pub(super) fn start(command: Command) -> Self {
        Self::start_with(command, Stdio::piped())
    }

    /// Starts it with another input.
    pub(super) fn start_with(mut command: Command, input: impl Into<Stdio>) -> Self {
        command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command can be started");
        let stderr = child.stderr.take().expect("it was asked for");
        let (say, saying) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines() {
                let line = line.expect("what is said is UTF-8");
                if say.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, saying, said: Vec::new() }
    }

    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it says this.
    #[track_caller]
    pub(super) fn says(&mut self, words: &str) {
        while !self.said.iter().any(|line| line.contains(words)) {
            match self.saying.recv_timeout(PATIENCE) {
                Ok(line) => self.said.push(line),
                Err(error) => panic!("{error}, and {words:?} is not in {:#?}", self.said),
            }
        }
    }

    /// Sends it a signal, such as `TERM`.
    pub(super) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.id().to_string()]).status();
        assert!(sent.expect("there is kill(1)").success());
    }

    /// Waits for its end.
    #[track_caller]
    pub(super) fn end(mut self) -> Ended {
        let status = until("the process ends", || self.child.try_wait().expect("it can be waited for"));
        self.said.extend(self.saying.iter());
        let ended =
            Ended { status: status.code().unwrap_or(-1), out: String::new(), err: self.said.join("\n") };
        assert!(!ended.err.contains("panicked"), "{}", ended.err);
        ended
    }

    /// Ends it as nothing can prevent.
    pub(super) fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it can be waited for");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
