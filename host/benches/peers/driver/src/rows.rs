//! Who is measured, and what each of them gives for its time.

use std::time::Duration;

use crate::command::PerProcess;
use crate::home::Durability::{Relaxed, Strict};
use crate::invocation::Invocation;
use crate::library::Library;
use crate::peer::{Peer, Ready, ready};
use crate::scene::Scene;
use crate::server::Server;
use crate::trouble::Trouble;

/// A row of the table.
pub struct Row {
    /// As the table names it.
    pub name: &'static str,
    /// What every call has anew.
    pub fresh: Fresh,
    /// What else it gives, in a few words.
    pub gives: &'static str,
    /// How many calls a turn of it has.
    pub turn: usize,
    /// Who is called.
    pub peer: Ready,
    /// How long each call took that counts.
    pub times: Vec<Duration>,
}

/// What every call has anew.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fresh {
    /// An instance in a store of its own.
    Instance,
    /// A process, and an instance in it.
    ProcessAndInstance,
    /// A process.
    Process,
    /// Nothing: one call sees what the one before it left.
    Nothing,
}

impl Fresh {
    /// As the table has it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::ProcessAndInstance => "process, instance",
            Self::Process => "process",
            Self::Nothing => "nothing",
        }
    }
}

/// What everybody gives beside the answer.
const RELAXED: &str = "signature, permissions, limits, schemas, record";
const STRICT: &str = "the same, the record on disk before the answer";
const EXTISM: &str = "allow-lists that its caller writes";

/// Calls in a turn: so many that a turn of each kind takes a moment.
const OF_A_LIBRARY: usize = 400;
const OVER_HTTP: usize = 200;
const TO_THE_DISK: usize = 100;
const OF_A_PROCESS: usize = 20;

/// Who begins each call with something fresh. The first is what all are put beside.
pub fn isolating(scene: &Scene) -> Vec<Row> {
    use Fresh::{Instance, Process, ProcessAndInstance};
    let serve = |durability| server(Ok(scene.server(durability).serve()));
    let run = |durability| command(scene, Ok(scene.runner(durability).run_tool()));
    let extism = |how| library(scene.extism(how));
    vec![
        row("MPP as a library, relaxed", Instance, RELAXED, OF_A_LIBRARY, library(scene.library("relaxed"))),
        row("MPP as a library, strict", Instance, STRICT, TO_THE_DISK, library(scene.library("strict"))),
        row("`mpp serve` over HTTP, relaxed", Instance, RELAXED, OVER_HTTP, serve(Relaxed)),
        row("`mpp serve` over HTTP, strict", Instance, STRICT, TO_THE_DISK, serve(Strict)),
        row("`mpp run`, relaxed", ProcessAndInstance, RELAXED, OF_A_PROCESS, run(Relaxed)),
        row("`mpp run`, strict", ProcessAndInstance, STRICT, OF_A_PROCESS, run(Strict)),
        row("Extism, a plugin per call, compiled once", Instance, EXTISM, OF_A_LIBRARY, extism("compiled")),
        row("Extism, the same, instances pooled", Instance, EXTISM, OF_A_LIBRARY, extism("pooled")),
        row("Extism, a plugin per call, from its cache", Instance, EXTISM, OF_A_PROCESS, extism("cached")),
        row(
            "`wasmtime run`, precompiled",
            ProcessAndInstance,
            "permissions, by flags",
            OF_A_PROCESS,
            command(scene, scene.wasmtime_precompiled()),
        ),
        row("a native command", Process, "no sandbox", OF_A_PROCESS, command(scene, scene.native())),
    ]
}

/// What a sandbox costs at least, and what calls cost that share one or have none.
pub fn for_orientation(scene: &Scene) -> Vec<Row> {
    use Fresh::{Instance, Nothing};
    let floor = library(scene.library("floor"));
    let (reused, node) = (library(scene.extism("reused")), server(scene.programs().node_server()));
    vec![
        row("the engine alone, and an instance per call", Instance, "a sandbox", OF_A_LIBRARY, floor),
        row("Extism, one plugin for all calls", Nothing, EXTISM, OF_A_LIBRARY, reused),
        row("Node, an MCP server over HTTP", Nothing, "no sandbox; schema of the input", OVER_HTTP, node),
    ]
}

fn row(name: &'static str, fresh: Fresh, gives: &'static str, turn: usize, peer: Ready) -> Row {
    match &peer {
        Ok(_) => eprintln!("ready: {name}"),
        Err(trouble) => eprintln!("NOT measured: {name}: {trouble}"),
    }
    Row { name, fresh, gives, turn, peer, times: Vec::new() }
}

type Started = Result<Invocation, Trouble>;

/// The second process of its kind: the first one compiles, and leaves compiled code.
fn library(invocation: Started) -> Ready {
    ready(invocation.and_then(|invocation| {
        drop(Library::start(&invocation)?);
        Library::start(&invocation)
    }))
}

fn server(invocation: Started) -> Ready {
    ready(invocation.and_then(|invocation| Server::start(&invocation)))
}

fn command(scene: &Scene, invocation: Started) -> Ready {
    let peak = scene.programs().peak();
    ready(invocation.and_then(|invocation| PerProcess::ready(invocation, peak?)))
}

impl Row {
    /// Whoever is called, if there is somebody.
    pub fn peer(&mut self) -> Option<&mut Box<dyn Peer>> {
        self.peer.as_mut().ok()
    }
}
