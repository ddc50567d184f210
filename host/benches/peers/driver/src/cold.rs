//! From nothing to the first answer: a process is started, makes ready whatever it
//! needs, and calls once. The files that it reads are in the page cache.

use std::time::Duration;

use crate::command;
use crate::home::Durability::Relaxed;
use crate::invocation::Invocation;
use crate::library::Library;
use crate::measure::Amount;
use crate::scene::Scene;
use crate::server::Server;
use crate::trouble::Trouble;

/// A cold start.
pub struct Start<'a> {
    /// As the table names it.
    pub name: &'static str,
    /// What it has to do before the call, in a few words.
    pub does: &'static str,
    /// Starts it once, if it can be.
    pub once: Result<Once<'a>, Trouble>,
    /// How long each start took.
    pub times: Vec<Duration>,
}

type Once<'a> = Box<dyn Fn() -> Result<Duration, Trouble> + 'a>;
type Started = Result<Invocation, Trouble>;

const MPP: &str = "verifies the package, loads compiled code, opens the log";

/// Everybody. Rows that write to the same logs have to be gone.
pub fn starts(scene: &Scene) -> Vec<Start<'_>> {
    let (run, serve) = (scene.runner(Relaxed), scene.server(Relaxed));
    let run_for_the_first_time: Once<'_> = Box::new(|| {
        run.forget_compiled_code()?;
        command::call(&run.run_tool())
    });
    vec![
        start("`mpp run`", MPP, of_a_command(Ok(run.run_tool()))),
        start("`mpp run`, the first time", "the same, and compiles", Ok(run_for_the_first_time)),
        start(
            "`wasmtime run`, precompiled",
            "loads compiled code",
            of_a_command(scene.wasmtime_precompiled()),
        ),
        start("`wasmtime run`", "compiles", of_a_command(scene.wasmtime())),
        start("a native command", "", of_a_command(scene.native())),
        start("a program with MPP as a library", MPP, of_a_library(scene.library("relaxed"))),
        start("a program with Extism", "loads compiled code", of_a_library(scene.extism("cached"))),
        start("the same, without its cache", "compiles", of_a_library(scene.extism("uncached"))),
        start("`mpp serve` over HTTP", MPP, of_a_server(Ok(serve.serve()))),
        start("Node, an MCP server over HTTP", "", of_a_server(scene.programs().node_server())),
    ]
}

/// Makes all of them, in turns.
pub fn in_turns(starts: &mut [Start<'_>], amount: Amount) -> Result<(), Trouble> {
    for round in 1..=amount.starts {
        for start in &mut *starts {
            let Ok(once) = &start.once else { continue };
            start.times.push(once()?);
        }
        eprintln!("cold starts {round} of {}", amount.starts);
    }
    Ok(())
}

fn start<'a>(name: &'static str, does: &'static str, once: Result<Once<'a>, Trouble>) -> Start<'a> {
    Start { name, does, once, times: Vec::new() }
}

fn of_a_command<'a>(invocation: Started) -> Result<Once<'a>, Trouble> {
    invocation.map(|invocation| Box::new(move || command::call(&invocation)) as Once<'_>)
}

fn of_a_library<'a>(invocation: Started) -> Result<Once<'a>, Trouble> {
    invocation.map(|invocation| {
        Box::new(move || Library::start(&invocation).map(|library| library.first_answer)) as Once<'_>
    })
}

fn of_a_server<'a>(invocation: Started) -> Result<Once<'a>, Trouble> {
    invocation.map(|invocation| {
        Box::new(move || Server::start(&invocation).map(|server| server.first_answer)) as Once<'_>
    })
}
