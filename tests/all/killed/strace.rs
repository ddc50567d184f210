//! The system calls of a command: listed, and one of them made to fail.
//!
//! strace(1) numbers the calls of each name, and on entering the one it is told
//! of it sends a signal or makes the call return an error. Either way the call
//! itself is not made (a task with a fatal signal pending leaves before it,
//! ptrace(2)), so a kill at each call in turn is a kill between any two.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use super::home::{Ended, Home, MPP};

/// One call of an undisturbed run.
#[derive(Debug, Clone)]
pub struct Call {
    pub name: String,
    /// Which one of this name, from 1.
    number: u32,
    /// As strace shows it: descriptors with their paths, data left out, and
    /// paths taken from the home.
    pub text: String,
}

/// Calls that leave every file as it is. A name that is missing here costs time.
const HARMLESS: &[&str] = &[
    "close",
    "fcntl",
    "flock",
    "fstat",
    "getcwd",
    "getdents64",
    "ioctl",
    "lseek",
    "mmap",
    "newfstatat",
    "poll",
    "pread64",
    "read",
    "statx",
];

/// Calls whose number can differ from run to run: how often the runtime reads
/// `/proc/self/maps` depends on where things happen to lie.
const UNSTEADY: &[&str] = &["pread64", "read"];

/// Calls that fail where a disk is full.
const NEEDS_ROOM: &[&str] = &[
    "fdatasync",
    "fsync",
    "link",
    "linkat",
    "mkdir",
    "mkdirat",
    "openat",
    "rename",
    "renameat",
    "renameat2",
    "write",
];

impl Call {
    /// The file or directory of the home that its first argument, a
    /// descriptor, is open on.
    pub fn file(&self) -> Option<PathBuf> {
        let (_, rest) = self.text.split_once('<')?;
        let (path, _) = rest.split_once('>')?;
        // What lies elsewhere, and what is no file: `pipe:[123]`.
        (!path.starts_with('/') && !path.contains(":[")).then(|| PathBuf::from(path))
    }

    /// The last path among its arguments.
    pub fn last_path(&self) -> Option<PathBuf> {
        let (_, path, _) = self.text.rsplit_once('"').and_then(|(before, after)| {
            let (rest, path) = before.rsplit_once('"')?;
            Some((rest, path, after))
        })?;
        Some(PathBuf::from(path))
    }

    /// Whether it can fail because the disk is full.
    pub fn needs_room(&self) -> bool {
        self.is(NEEDS_ROOM) && !self.only_opens()
    }

    fn is_harmless(&self) -> bool {
        self.is(HARMLESS) || self.only_opens() || self.text.contains(" = -1 ")
    }

    /// Whether it opens a file that is there.
    fn only_opens(&self) -> bool {
        self.name == "openat" && !self.text.contains("O_CREAT") && !self.text.contains("O_TRUNC")
    }

    fn is(&self, names: &[&str]) -> bool {
        names.contains(&self.name.as_str())
    }
}

/// What is to happen at a call.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    Kill,
    /// The call fails with this error, such as `EIO`.
    Fail(&'static str),
}

/// Runs a command, and lists its calls from the first on that concerns
/// something in the home: what comes before is the loader's.
pub fn calls(home: &Home, arguments: &[&str]) -> (Ended, Vec<Call>) {
    let trace =
        tempfile::NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR")).expect("there is room for a file");
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-s", "0", "-e", "trace=%file,%desc", "-o"]).arg(trace.path());
    let ended = home.end(mpp(command, arguments));
    let text = std::fs::read_to_string(trace.path()).expect("strace writes what it saw");
    let calls = parse(&text);
    let here = home.path().display().to_string();
    let below = format!("{here}/");
    let Some(first) = calls.iter().position(|call| call.text.contains(&below)) else {
        panic!("strace shows nothing; does this environment allow ptrace(2)? It said: {}", ended.err)
    };
    let from_here = |call: Call| Call { text: call.text.replace(&below, "").replace(&here, "."), ..call };
    (ended, calls.into_iter().skip(first).map(from_here).collect())
}

/// Runs a command with a fault at one of its calls.
pub fn run(home: &Home, arguments: &[&str], call: &Call, fault: Fault) -> Ended {
    let Call { name, number, text: _ } = call;
    let fault = match fault {
        Fault::Kill => "signal=SIGKILL".to_owned(),
        Fault::Fail(error) => format!("error={error}"),
    };
    let mut command = Command::new("strace");
    command.args(["-f", "-o", "/dev/null", "-e", &format!("trace={name}")]);
    command.args(["-e", &format!("inject={name}:{fault}:when={number}")]);
    home.end(mpp(command, arguments))
}

/// The calls to kill a command at: the first, and the first after each that may
/// have changed a file. At all others there is nothing to be seen that was not
/// there before.
pub fn steps(calls: &[Call]) -> Vec<&Call> {
    let (mut steps, mut changed) = (Vec::new(), true);
    for call in calls {
        if changed && !call.is(UNSTEADY) {
            steps.push(call);
            changed = false;
        }
        changed |= !call.is_harmless();
    }
    steps
}

/// The call after the last of each name: there is none.
pub fn beyond(calls: &[Call]) -> Vec<Call> {
    let steady = calls.iter().filter(|call| !call.is(UNSTEADY));
    let last: BTreeMap<_, _> = steady.map(|call| (&call.name, call)).collect();
    last.into_values().map(|call| Call { number: call.number + 1, ..call.clone() }).collect()
}

fn mpp(mut strace: Command, arguments: &[&str]) -> Command {
    strace.arg("--").arg(MPP).args(arguments);
    strace
}

/// Lines are `PID NAME(ARGUMENTS) = RESULT`; those about signals and exits have
/// no name.
fn parse(trace: &str) -> Vec<Call> {
    let mut numbers = BTreeMap::<String, u32>::new();
    let (mut calls, mut tasks) = (Vec::new(), Vec::new());
    for line in trace.lines() {
        let (task, text) = line.split_once(' ').expect("strace -f begins a line with a task");
        tasks.push(task);
        let text = text.trim_start();
        let Some((name, _)) = text.split_once('(').filter(|(name, _)| is_name(name)) else { continue };
        let number = numbers.entry(name.to_owned()).or_default();
        *number += 1;
        calls.push(Call { name: name.to_owned(), number: *number, text: text.to_owned() });
    }
    tasks.dedup();
    // strace counts for each task alone, and no order holds between them.
    assert!(tasks.len() <= 1, "a command of several tasks cannot be followed call by call");
    calls
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
