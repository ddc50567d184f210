//! A peer that is a server of MCP: it has one client, over one connection that stays
//! open.

use std::io::{BufRead as _, BufReader};
use std::process::Child;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::connection::Connection;
use crate::invocation::Invocation;
use crate::memory::{self, Bytes};
use crate::peer::Peer;
use crate::trouble::{Trouble, Trying as _};

/// The server, until it is dropped.
pub struct Server {
    connection: Connection,
    process: Process,
    /// From before the process was started until its first answer was there.
    pub first_answer: Duration,
}

impl Server {
    /// Starts it. It prints its URL first, and has answered once when this returns.
    pub fn start(invocation: &Invocation) -> Result<Self, Trouble> {
        let began = Instant::now();
        let (process, url) = Process::start(invocation)?;
        let mut connection = Connection::open(&url)?;
        connection.call()?;
        Ok(Self { connection, process, first_answer: began.elapsed() })
    }
}

impl Peer for Server {
    fn calls(&mut self, count: usize) -> Result<Vec<Duration>, Trouble> {
        (0..count).map(|_| self.connection.call()).collect()
    }

    fn memory(&mut self) -> Result<Bytes, Trouble> {
        memory::of_running(&self.process.0)
    }
}

/// A process that is asked to end when nobody needs it any more.
struct Process(Child);

impl Process {
    fn start(invocation: &Invocation) -> Result<(Self, String), Trouble> {
        let mut process = Self(invocation.start()?);
        let mut line = String::new();
        if let Some(output) = &mut process.0.stdout {
            BufReader::new(output).read_line(&mut line).trying(invocation.name())?;
        }
        match line.trim() {
            url if url.starts_with("http://") => Ok((process, url.to_owned())),
            said => Err(Trouble::Babble {
                program: invocation.name(),
                said: said.to_owned(),
                wanted: "its URL in the first line",
            }),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.0), Signal::TERM);
        let _ = self.0.wait();
    }
}
