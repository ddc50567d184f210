//! `wasmtime run` and `wasmtime compile`, and nothing else of the command: what is
//! not compiled in need not be started.

use clap::Parser;
use wasmtime_cli::commands::{CompileCommand, RunCommand};

/// The two commands, from the crate that `wasmtime` itself is made of.
#[derive(Parser)]
#[command(name = "wasmtime")]
enum Command {
    /// Runs a component.
    Run(RunCommand),
    /// Compiles one.
    Compile(CompileCommand),
}

fn main() -> wasmtime::Result<()> {
    match Command::parse() {
        Command::Run(command) => command.execute(),
        Command::Compile(command) => command.execute(),
    }
}
