//! A client of `mpp serve`, and what its server holds.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The command, built as this bench is.
const MPP: &str = env!("CARGO_BIN_EXE_mpp-under-test");

/// A client in revision 2025-11-25, on the streams of a server of its own.
pub struct Client {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    asked: u64,
}

impl Client {
    pub fn start(home: &Path) -> Self {
        let mut command = Command::new(MPP);
        command.arg("serve").env("MPP_HOME", home).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.stderr(Stdio::null()).spawn().expect("the server starts");
        let input = process.stdin.take().expect("a pipe");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        Self { process, input, output, asked: 0 }
    }

    pub fn begin(&mut self) {
        let client = json!({"name": "bench", "version": "1"});
        let hello = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
        self.ask("initialize", &hello);
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    }

    /// Every name, page after page.
    pub fn names(&mut self) -> Vec<String> {
        let (mut names, mut cursor) = (Vec::new(), None);
        loop {
            let page =
                self.ask("tools/list", &cursor.map_or(json!({}), |cursor: Value| json!({"cursor": cursor})));
            let tools = page["tools"].as_array().expect("a list");
            names.extend(tools.iter().filter_map(|tool| tool["name"].as_str().map(str::to_owned)));
            cursor = page.get("nextCursor").cloned();
            if cursor.is_none() {
                return names;
            }
        }
    }

    /// Calls a tool, and says how long it took.
    pub fn count_words(&mut self, tool: &str) -> Duration {
        let call = json!({"name": tool, "arguments": {"text": "to be"}});
        let began = Instant::now();
        let answer = self.ask("tools/call", &call);
        let took = began.elapsed();
        assert_eq!(answer["structuredContent"]["words"], 2, "{answer}");
        took
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params}));
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).expect("a line"), 0, "the server went away");
            let message: Value = serde_json::from_str(&line).expect("a message");
            if message["id"] == self.asked {
                return message["result"].clone();
            }
        }
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.input, "{message}").expect("the server reads");
    }

    /// Bytes of memory that the server holds.
    pub fn resident(&self) -> usize {
        let status = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(status).expect("Linux tells");
        let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("it has memory");
        let kibibytes = line.split_whitespace().nth(1).expect("a number");
        kibibytes.parse::<usize>().expect("a number") * 1024
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
