//! A server in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// A server, until it is dropped: it is asked to end, and has to end well.
pub struct Server {
    process: Child,
    pub address: SocketAddr,
    pub path: String,
}

impl Server {
    /// Starts one that prints its URL first.
    pub fn start(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut line = String::new();
        let output = process.stdout.as_mut().expect("its output is a pipe");
        BufReader::new(output).read_line(&mut line).expect("it says where it is");
        let (address, path) = line
            .trim()
            .strip_prefix("http://")
            .and_then(|url| url.split_once('/'))
            .unwrap_or_else(|| panic!("no URL: {line:?}"));
        let address = address.parse().expect("an address");
        Self { process, address, path: format!("/{path}") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let process = Pid::from_child(&self.process);
        let _ = kill_process(process, Signal::TERM);
        let _ = self.process.wait();
    }
}
