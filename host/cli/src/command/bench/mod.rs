//! `mpp bench`
//!
//! Measures real calls of a real package: verified, granted, sandboxed, checked and
//! on record like any other, each held against the answer that is expected; and in
//! turns with them the same component on the bare engine, which is the floor.
//!
//! ```text
//! load.rs       what comes before the first call
//! ground.rs     the hosts that are measured, and which log their calls are on record in
//! measured.rs   one call, one turn of the floor, and what is asserted of both
//! row.rs        many of them: one after the other, and several at once
//! times.rs      from many times to a few figures
//! expected.rs   what each call has to answer
//! memory.rs     what this process takes
//! stop.rs       being told to stop
//! findings.rs   everything that was found; shown.rs for a person, document.rs as JSON
//! ```

mod document;
mod expected;
mod findings;
mod ground;
mod load;
mod measured;
mod memory;
mod row;
mod shown;
mod stop;
mod times;

use std::num::NonZero;
use std::thread;

use clap::Args;
use mpp_host::DEFAULT_CONCURRENT_CALLS;

use self::findings::Findings;
use self::ground::Ground;
use self::load::Loaded;
use self::row::Plan;
use self::stop::Stop;
use super::run::{Asked, print};
use crate::context::Context;
use crate::exit::{Blame, Failure, Outcome};
use crate::log;
use crate::runtime::Runtime;

/// Calls of each row, unless the command line says otherwise: 100 of them are beyond
/// the 99th percentile.
const CALLS: u32 = 10_000;

/// As [`CALLS`], of a tool that may act outside its sandbox: files that it writes and
/// servers that it asks are not there to be measured with.
const CALLS_THAT_ACT: u32 = 20;

/// Measure a tool: how long a call takes, how many there are in a second, and where the time goes
#[derive(Debug, Args)]
#[command(after_help = "\
PKG and the options that it shares with `mpp run` mean what they mean there: nothing is measured that
would not run. Every answer is held against the first one, or, where equal calls may differ, has to be
one; any other ends the command as it ends `mpp run`.

The floor is a fresh instance and a call of the same component on the bare engine, with nothing around
it, measured in turns with the calls. Of a tool that cannot answer without its host it is the instance
alone. A row ends after 10 s, whatever is left of its calls.

Every call is on record. A tool that may write files or reach a network is on record in your log, kept
as you chose; any other in a log of its own beside yours, once relaxed and once strict, which is removed
at the end.

Examples:
  mpp bench text-stats --input '{\"text\": \"to be or not to be\"}'
  mpp bench ./csv-report --map /data=./invoices --input @arguments.json --calls 100 --json")]
pub(crate) struct Bench {
    #[command(flatten)]
    asked: Asked,
    /// Calls of each row [default: 10000, or 20 of a tool that may write files or reach a network]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    calls: Option<u32>,
    /// Calls at once, in the rows of several callers [default: two for each core]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_024))]
    callers: Option<u32>,
    /// Print one JSON document: every figure, with its unit
    #[arg(long)]
    json: bool,
}

impl Bench {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let ready = self.asked.ready(context)?;
        let request = self.asked.request(ready.chosen.package.manifest(), ready.input.clone())?;
        let log = log::open_for_calls(&ready.site, context.streams)?;
        let ready = ready.agreed(&log, context)?;
        let callers = self.callers.unwrap_or_else(two_for_each_core);
        let runtime = Runtime::start()?;
        // At least as many places as a server has, for they are part of what is measured.
        let setup = ready.setup(log, callers.max(DEFAULT_CONCURRENT_CALLS));
        let host = setup.build(&ready.home)?;
        let Loaded { tool, before } = runtime.wait_for(async { load::measure(&host, &ready) })?;
        let plan = Plan { calls: self.calls(tool.may_act()), callers };
        // From here on there is something to be cleared away.
        let mut stop = runtime.wait_for(async { Stop::on_signals() })?;
        let ground = runtime.wait_for(async { Ground::lay(host, tool, &ready, &self.asked) })?;
        let measured = runtime.wait_for(async {
            tokio::select! {
                biased;
                () = stop.told() => Err(interrupted().into()),
                measured = ground.measure(&request, plan, context.streams) => measured,
            }
        });
        let package = &ready.chosen.package;
        let findings =
            measured.map(|measured| Findings::of(package, request.tool, &ground, before, measured));
        runtime.wait_for(ground.clear(context.streams));
        let findings = findings.map_err(|broken| {
            print::log(&broken.log, context.streams);
            broken.failure
        })?;
        if self.json {
            return context.streams.json(&document::of(&findings));
        }
        shown::show(&findings, context.streams)
    }

    fn calls(&self, may_act: bool) -> u32 {
        self.calls.unwrap_or(if may_act { CALLS_THAT_ACT } else { CALLS })
    }
}

fn two_for_each_core() -> u32 {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    u32::try_from(cores * 2).unwrap_or(DEFAULT_CONCURRENT_CALLS)
}

fn interrupted() -> Failure {
    Failure::new(Blame::Stopped, "the bench was cancelled").because("you interrupted it")
}
