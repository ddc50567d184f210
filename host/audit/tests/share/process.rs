//! Starting, stopping and killing the other processes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::child::{ANSWER, DIRECTORY};

/// A directory for a log, in memory where there is room for one.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self(home.expect("a directory"))
    }

    /// That of the log.
    pub fn log(&self) -> PathBuf {
        self.0.path().join("audit")
    }

    /// One more process.
    pub fn process(&self) -> Process {
        Process::start(&self.log())
    }

    /// One more process, which shares the log.
    pub fn sharing(&self) -> Process {
        let mut process = self.process();
        assert_eq!(process.does("share 10000"), "ok");
        process
    }
}

/// Another process. Killed when the value is dropped.
pub struct Process {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Process {
    pub fn start(dir: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("it runs"))
            .args(["--exact", "child::other_process", "--nocapture", "--test-threads=1"])
            .env(DIRECTORY, dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it can be started");
        let (orders, answers) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        Self { child, orders, answers: BufReader::new(answers) }
    }

    /// Has it do something, and returns what came of it: an answer, or the name of an error.
    pub fn does(&mut self, order: &str) -> String {
        self.told_to(order);
        self.answered()
    }

    /// Has it do something, and does not wait.
    pub fn told_to(&mut self, order: &str) {
        writeln!(self.orders, "{order}").expect("it listens");
    }

    /// Waits for what came of it.
    pub fn answered(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.answers.read_line(&mut line).expect("it speaks"), 0, "it ended");
            if let Some(answer) = line.trim_end().strip_prefix(ANSWER) {
                return answer.to_owned();
            }
        }
    }

    /// As `kill -9` does.
    pub fn killed(mut self) {
        self.kill();
    }

    fn kill(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        self.child.wait().expect("it ends");
    }

    /// It stands still, with all that it has.
    pub fn stopped(&self) {
        let pid = Pid::from_raw(self.child.id() as i32).expect("it has a number");
        kill_process(pid, Signal::STOP).expect("it is there");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
