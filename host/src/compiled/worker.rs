//! A process that compiles, seen from within.
//!
//! It compiles one component and ends. What it may take is decided by the host,
//! from outside ([`child`](super::child)); what it does about itself is here.

use std::io::{self, Read, Write};

use rustix::io::Errno;
use wasmtime::OutOfMemory;

use super::engine_digest;
use super::wire::{Answer, Request};
use crate::engine::compiling_engine;

/// The other side of [`Compiler::program`](crate::Compiler::program): reads a
/// component from `input`, compiles it on all cores, and writes the code to
/// `output`. For a process of its own, which does nothing else: it is ended with
/// the process that started it, and never gains rights.
///
/// # Errors
///
/// `input` is not what a host of this version says, or the host is gone. A
/// component that does not compile is no error: the host is told.
///
/// # Panics
///
/// If the compiler does. Let that end the process, so that the host sees it.
pub fn compiler_worker(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    depend_on_the_host()?;
    let request = Request::read(input)?;
    // It may have gone before this process asked to go with it.
    if !started_by(request.host) {
        return Err(io::Error::other("the host is gone"));
    }
    answer(&request).write(output)
}

fn answer(request: &Request) -> Answer {
    let engine = match compiling_engine(request.execution) {
        Ok(engine) => engine,
        Err(error) => return Answer::Refused(format!("{error:#}")),
    };
    if engine_digest(&engine) != request.engine {
        return Answer::OtherEngine;
    }
    match engine.precompile_component(&request.component) {
        Ok(code) => Answer::Code(code),
        Err(error) if for_want_of_memory(&error) => Answer::OutOfMemory,
        Err(error) => Answer::Refused(format!("{error:#}")),
    }
}

/// Where the compiler can tell. Where it cannot, running out of memory ends the
/// process.
fn for_want_of_memory(error: &wasmtime::Error) -> bool {
    error.chain().any(|cause| cause.is::<OutOfMemory>() || cause.downcast_ref() == Some(&Errno::NOMEM))
}

#[cfg(target_os = "linux")]
fn depend_on_the_host() -> io::Result<()> {
    use rustix::process::{Signal, set_parent_process_death_signal};
    use rustix::thread::{set_name, set_no_new_privs};

    set_parent_process_death_signal(Some(Signal::KILL))?;
    set_no_new_privs(true)?;
    // What `ps` shows. Started by a link as it is, the process would be called `exe`.
    set_name(c"mpp-compiler")?;
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn depend_on_the_host() -> io::Result<()> {
    Ok(())
}

fn started_by(host: u32) -> bool {
    rustix::process::getppid().map(|parent| parent.as_raw_pid().cast_unsigned()) == Some(host)
}
