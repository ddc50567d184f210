//! The `mpp` command.
//!
//! A promise to scripts: data goes to standard output and messages to standard
//! error; `--json` prints one JSON document wherever a person would see a
//! table; the exit status says whose move it is (see [`exit`]).
//!
//! ```text
//! mpp new | build | sign | verify | inspect | run | bench | install | list
//!         | remove | serve | connect | trust | key | audit | witness | doctor | completions
//! ```
//!
//! This crate is the edge: it alone reads the environment and the home
//! directory ([`home`]), talks to a terminal ([`output`]) and knows `clap`. It
//! decides nothing about trust: packages are verified by `mpp-package`,
//! permissions are judged by `mpp-policy`, and tools run in `mpp-host`. There is
//! no option that runs a package whose signature does not hold.
//!
//! [`run`] is the whole command as a function, for tests and for programs that
//! bring their own streams.

mod blame;
mod build;
mod command;
mod compile_worker;
mod consent;
mod context;
mod durable;
pub mod exit;
mod fetch;
#[doc(hidden)]
pub mod floor;
pub mod home;
mod host;
mod installed;
mod keys;
mod log;
mod operator;
pub mod output;
mod packages;
mod progress;
mod record;
mod runtime;
mod serve;
mod settings;
mod telemetry;
mod trust;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use command::CommandLine;
use context::Context;
use exit::{Failure, Outcome};
use home::Environment;
use output::Streams;

/// Runs the command of this process: its arguments, environment and streams.
pub fn main() -> ExitCode {
    let environment = Environment::process().of_mpp();
    let mut streams = Streams::process(&environment);
    if compile_worker::is_meant(std::env::args_os()) {
        return compile_worker::main(&mut streams);
    }
    ExitCode::from(run(std::env::args_os(), &environment, &mut streams))
}

/// Runs one command line and returns its exit status. The first argument is the
/// name of the program.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> u8 {
    let outcome = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line.command.run(&mut Context { environment, streams }),
        Err(error) => return not_a_command(&error, streams),
    };
    let outcome = outcome.and_then(|()| streams.flush());
    match outcome {
        Ok(()) => 0,
        Err(failure) => report(&failure, streams),
    }
}

fn report(failure: &Failure, streams: &mut Streams<'_>) -> u8 {
    // What was printed before the failure is data, and comes before the words
    // about it. If it cannot be written, the failure itself is the news.
    let _ = streams.flush();
    streams.failure(failure);
    failure.blame().status()
}

/// Help and version are data; everything else clap has to say is a mistake of
/// usage.
fn not_a_command(error: &clap::Error, streams: &mut Streams<'_>) -> u8 {
    let text = error.render();
    if error.use_stderr() {
        streams.say(if streams.colour { text.ansi().to_string() } else { text.to_string() }.trim_end());
        return exit::Blame::Usage.status();
    }
    let printed: Outcome = streams.text(&text.to_string()).and_then(|()| streams.flush());
    match printed {
        Ok(()) => 0,
        Err(failure) => report(&failure, streams),
    }
}
