//! `mpp serve --http` as a process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{ChildStdout, Command};

use serde_json::{Value, json};

use super::http::{Answer, Connection, Post};
use super::message::{SESSIONS, calling, initialize, initialized, names, request};
use super::process::Process;
use super::{Ended, User, until};

/// A server that answers over HTTP until it is stopped or dropped.
pub(super) struct Served {
    pub(super) process: Process,
    pub(super) address: SocketAddr,
    out: BufReader<ChildStdout>,
}

impl Served {
    /// A server of all that somebody has installed, on a port of its own.
    pub(super) fn start(user: &User, arguments: &[&str]) -> Self {
        let mut command = user.mpp(["serve", "--http", "127.0.0.1:0"]);
        command.args(arguments);
        Self::of(command)
    }

    /// The server that this command starts.
    pub(super) fn of(command: Command) -> Self {
        let mut process = Process::start(command);
        let mut out = BufReader::new(process.child().stdout.take().expect("it was asked for"));
        let mut url = String::new();
        out.read_line(&mut url).expect("it prints its address");
        let address = url.trim_end().strip_prefix("http://").and_then(|rest| rest.strip_suffix("/mcp"));
        let Some(address) = address.and_then(|address| address.parse::<SocketAddr>().ok()) else {
            panic!("it is not served, but says {url:?}: {}", process.end().err);
        };
        Self { process, address: (Ipv4Addr::LOCALHOST, address.port()).into(), out }
    }

    pub(super) fn connect(&self, post: &Post) -> Connection {
        Connection::with(self.address, post)
    }

    /// Sends one request on a connection of its own, and reads the answer to its end.
    pub(super) fn ask(&self, post: &Post) -> Answer {
        self.connect(post).answer()
    }

    /// The result of a call in the newest revision.
    #[track_caller]
    pub(super) fn call(&self, tool: &str, arguments: Value) -> Value {
        self.ask(&Post::call(tool, arguments)).result()
    }

    /// The names that are listed.
    pub(super) fn tools(&self) -> Vec<String> {
        names(&self.ask(&Post::stateless("tools/list", json!({}))).result())
    }

    /// Begins a session, and returns its id.
    pub(super) fn session(&self) -> String {
        let begun = self.ask(&Post::message(&initialize()));
        assert_eq!(begun.result()["protocolVersion"], SESSIONS);
        let session = begun.header("mcp-session-id").expect("a session has an id").to_owned();
        assert_eq!(self.ask(&Post::in_session(&session, &initialized())).status, 202);
        session
    }

    /// A request of a session for a call.
    pub(super) fn calling(session: &str, id: u64, tool: &str, arguments: Value) -> Post {
        Post::in_session(session, &request(id, "tools/call", calling(tool, arguments)))
    }

    /// Tells it to stop, and waits until nobody is let in any more.
    pub(super) fn stops_listening(&mut self) {
        self.process.signal("TERM");
        self.process.says("stopping: ");
        until("nobody is let in", || TcpStream::connect(self.address).err());
    }

    /// Has it stop as a service manager would, and waits for that.
    #[track_caller]
    pub(super) fn stop(self) -> Ended {
        self.process.signal("TERM");
        self.end()
    }

    /// Waits for its end.
    #[track_caller]
    pub(super) fn end(mut self) -> Ended {
        let ended = self.process.end();
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("UTF-8");
        assert_eq!(rest, "", "its address is all that it prints");
        ended
    }
}
