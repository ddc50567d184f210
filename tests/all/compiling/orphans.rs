//! A process that compiles does not outlive the command that waits for it.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::yield_now;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::costly::Costly;

/// How long a test waits for what comes at once, before it fails. Compiling takes
/// longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the process that compiles is called.
const NAME: &str = "mpp-compiler";

/// Waits until there is something.
#[track_caller]
fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(since.elapsed() < PATIENCE, "{what}");
        yield_now();
    }
}

/// A field of what the system says of a process that is there.
fn status(process: &str, field: &str) -> Option<String> {
    let status = fs::read_to_string(PathBuf::from("/proc").join(process).join("status")).ok()?;
    let value = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    Some(value.trim().to_owned())
}

/// The process that compiles for another one.
fn compiler_of(host: &Child) -> Option<String> {
    let host = host.id().to_string();
    let processes = fs::read_dir("/proc").expect("there are processes").flatten();
    let mut names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    names.find(|process| {
        status(process, "PPid").as_ref() == Some(&host) && status(process, "Name").as_deref() == Some(NAME)
    })
}

/// Whether a process runs no longer. Who takes note of its end may take their time.
fn is_over(process: &str) -> bool {
    status(process, "State").is_none_or(|state| state.starts_with(['Z', 'X']))
}

fn ends_with_its_host(signal: Signal) {
    let directory = tempfile::tempdir().expect("a directory");
    let package = directory.path().join("costly.mpp");
    fs::write(&package, Costly::OF_TIME.tool().signed()).expect("there is room");
    let mut host = Command::new(env!("CARGO_BIN_EXE_mpp-under-test"))
        .arg("inspect")
        .arg(&package)
        .env("MPP_HOME", directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("the command can be started");
    let compiler = wait("nothing is compiled", || compiler_of(&host));
    kill_process(Pid::from_child(&host), signal).expect("it runs");
    host.wait().expect("it is a child of this process");
    wait("it goes on compiling", || is_over(&compiler).then_some(()));
}

#[test]
fn it_ends_when_its_host_is_killed() {
    ends_with_its_host(Signal::KILL);
}

/// As at a terminal, which tells only the command.
#[test]
fn it_ends_when_its_host_is_interrupted() {
    ends_with_its_host(Signal::INT);
}
