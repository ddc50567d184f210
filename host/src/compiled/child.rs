//! A process that compiles, seen from the host.
//!
//! It is given its limits before the first byte of the component, from outside, so
//! they do not depend on what it does; a socket for what is asked and answered; and
//! one for its last words. Whatever it does, the host is back when its time is over,
//! and the process is gone.
//!
//! What memory may be used is held by `RLIMIT_DATA`, not by `RLIMIT_AS`: allocators
//! and thread stacks reserve much more address space than they use, and the more
//! cores, the more. A number of processes cannot be held: `RLIMIT_NPROC` counts all
//! of the user's.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use wasmtime::Engine;

use super::cache::CompiledCache;
use super::caps::{CompileCap, CompileCaps};
use super::compiler::Program;
use super::engine_digest;
use super::wire::{Answer, Request};
use crate::engine::Execution;
use crate::error::{HostFault, LoadError};

/// Most that is kept of what the process said before it ended, in bytes.
const MAX_LAST_WORDS_BYTES: u64 = 1 << 10;

/// What Rust's standard library says when it is refused memory, and then aborts.
const NO_MEMORY: &str = "memory allocation of ";

/// Status of a Rust program whose main thread panicked.
const PANICKED: i32 = 101;

/// How the system ends a process that did what no program should.
const CRASHES: [Signal; 7] =
    [Signal::ABORT, Signal::SEGV, Signal::BUS, Signal::ILL, Signal::FPE, Signal::TRAP, Signal::SYS];

/// How often a process is looked at that is about to end.
const LOOK: Duration = Duration::from_millis(1);

/// Has a component compiled.
pub(super) fn code(
    program: &Program,
    caps: &CompileCaps,
    engine: &Engine,
    execution: Execution,
    component: &[u8],
) -> Result<Vec<u8>, LoadError> {
    let head = Request::head(execution, &engine_digest(engine), std::process::id(), component.len());
    let mut compiling = Running::start(program, caps)
        .map_err(|error| HostFault(format!("the compiler cannot be started: {error}")))?;
    match compiling.ask(&head, component) {
        Ok(Answer::Code(code)) => Ok(code),
        Ok(Answer::Refused(words)) => Err(LoadError::Compile(words)),
        Ok(Answer::TooMuchCode) => {
            Err(LoadError::CompileCap(CompileCap::Code(CompiledCache::MAX_CODE_BYTES)))
        }
        Ok(Answer::OutOfMemory) => Err(LoadError::CompileCap(CompileCap::Memory(caps.memory_bytes))),
        Ok(Answer::OtherEngine) => {
            Err(HostFault("the compiler is of another version than the host".to_owned()).into())
        }
        Err(error) => Err(compiling.why_not(&error, caps)),
    }
}

/// A process that is there until this is dropped.
struct Running {
    process: Child,
    talk: UnixStream,
    last_words: UnixStream,
    deadline: Instant,
}

impl Drop for Running {
    fn drop(&mut self) {
        // No more is wanted of it, whatever it is doing.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Running {
    fn start(program: &Program, caps: &CompileCaps) -> io::Result<Self> {
        let deadline = Instant::now() + caps.time;
        let (talk, its_talk) = UnixStream::pair()?;
        let (last_words, its_last_words) = UnixStream::pair()?;
        last_words.set_nonblocking(true)?;
        // What does not fit is lost, and the process does not wait for a reader.
        its_last_words.set_nonblocking(true)?;
        let process = Command::new(&program.path)
            .args(&program.arguments)
            .env_clear()
            .current_dir("/")
            .stdin(OwnedFd::from(its_talk.try_clone()?))
            .stdout(OwnedFd::from(its_talk))
            .stderr(Stdio::from(OwnedFd::from(its_last_words)))
            // A Ctrl-C at the terminal is for the host.
            .process_group(0)
            .spawn()?;
        let running = Self { process, talk, last_words, deadline };
        confine(&running.process, caps)?;
        Ok(running)
    }

    /// Asks for the code of a component, and waits for the answer.
    fn ask(&mut self, head: &[u8], component: &[u8]) -> io::Result<Answer> {
        self.write_all(head)?;
        self.write_all(component)?;
        self.talk.shutdown(Shutdown::Write)?;
        Answer::read(self)
    }

    /// Time left. None is an error.
    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }

    /// Why there is no answer.
    fn why_not(&mut self, error: &io::Error, caps: &CompileCaps) -> LoadError {
        if error.kind() == io::ErrorKind::InvalidData {
            return HostFault(format!("the compiler answered {error}")).into();
        }
        let Some(status) = self.ended() else { return LoadError::CompileCap(CompileCap::Time(caps.time)) };
        let words = self.last_words();
        let how = if words.is_empty() { status.to_string() } else { format!("{status}: {words}") };
        match status.signal().and_then(Signal::from_named_raw) {
            Some(Signal::XCPU) => LoadError::CompileCap(CompileCap::ProcessorTime(caps.processor_time)),
            Some(Signal::ABORT) if words.contains(NO_MEMORY) => {
                LoadError::CompileCap(CompileCap::Memory(caps.memory_bytes))
            }
            Some(signal) if CRASHES.contains(&signal) => LoadError::CompilerCrash(how),
            None if status.code() == Some(PANICKED) => LoadError::CompilerCrash(how),
            _ => HostFault(format!("the compiler ended without an answer ({how})")).into(),
        }
    }

    /// How the process ended; `None` if it still runs when its time is over.
    fn ended(&mut self) -> Option<ExitStatus> {
        while self.left().is_ok() {
            if let Ok(Some(status)) = self.process.try_wait() {
                return Some(status);
            }
            sleep(LOOK);
        }
        None
    }

    fn last_words(&self) -> String {
        let mut words = Vec::new();
        // Until there are no more for now, which is an error.
        let _ = (&self.last_words).take(MAX_LAST_WORDS_BYTES).read_to_end(&mut words);
        String::from_utf8_lossy(&words).trim().to_owned()
    }
}

/// Reads until the deadline.
impl Read for Running {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.talk.set_read_timeout(self.left()?)?;
        self.talk.read(buffer)
    }
}

/// Writes until the deadline.
impl Write for Running {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.talk.set_write_timeout(self.left()?)?;
        self.talk.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sets what the process may take. It has read nothing yet.
#[cfg(target_os = "linux")]
fn confine(process: &Child, caps: &CompileCaps) -> io::Result<()> {
    use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

    /// Files a compiler may have open: the three it is given, and those in which it
    /// reads how many cores there are.
    const OPEN_FILES: u64 = 16;

    let seconds = caps.processor_time.as_secs().max(1);
    let limits = [
        (Resource::Data, caps.memory_bytes, caps.memory_bytes),
        // The first ends the process by a signal of its own, by which it is known.
        (Resource::Cpu, seconds, seconds + 1),
        (Resource::Nofile, OPEN_FILES, OPEN_FILES),
        (Resource::Fsize, 0, 0),
        // A dump would be a file of a stranger's making.
        (Resource::Core, 0, 0),
    ];
    for (resource, current, maximum) in limits {
        // What holds for the host holds for the process already, and cannot be raised.
        let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let limit = Rlimit { current: Some(current.min(most)), maximum: Some(maximum.min(most)) };
        prlimit(Some(Pid::from_child(process)), resource, limit)?;
    }
    Ok(())
}

/// Only time is limited where limits cannot be set from outside.
#[cfg(not(target_os = "linux"))]
fn confine(_: &Child, _: &CompileCaps) -> io::Result<()> {
    Ok(())
}
