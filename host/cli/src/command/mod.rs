//! The subcommands, one file each.

mod audit;
mod bench;
mod build;
mod completions;
mod connect;
mod doctor;
mod inspect;
mod install;
mod key;
mod list;
mod new;
mod remove;
mod run;
mod serve;
mod sign;
mod trust;
mod verify;
mod witness;

use clap::{Parser, Subcommand};

use crate::context::Context;
use crate::exit::Outcome;

/// Build, sign, inspect and run tools for agents: one signed WebAssembly
/// component with a declared permission boundary each.
#[derive(Debug, Parser)]
#[command(name = "mpp", version, propagate_version = true, max_term_width = 100, after_help = STATUSES)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const STATUSES: &str = "\
Exit status: 0 done, 1 fault of this machine, 2 usage, 3 package refused, 4 not granted,
5 the tool returned an error, 6 the tool was stopped, 7 audit log unavailable or does not
verify, 8 network or registry.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    New(new::New),
    Build(build::Build),
    Sign(sign::Sign),
    Verify(verify::Verify),
    Inspect(inspect::Inspect),
    Run(run::Run),
    Bench(bench::Bench),
    Serve(serve::Serve),
    Install(install::Install),
    Connect(connect::Connect),
    List(list::List),
    Remove(remove::Remove),
    Trust(trust::Trust),
    Key(key::Key),
    Audit(audit::Audit),
    Witness(witness::Witness),
    Doctor(doctor::Doctor),
    Completions(completions::Completions),
}

impl Command {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        match self {
            Self::New(command) => command.run(context),
            Self::Build(command) => command.run(context),
            Self::Sign(command) => command.run(context),
            Self::Verify(command) => command.run(context),
            Self::Inspect(command) => command.run(context),
            Self::Run(command) => command.run(context),
            Self::Bench(command) => command.run(context),
            Self::Serve(command) => command.run(context),
            Self::Install(command) => command.run(context),
            Self::Connect(command) => command.run(context),
            Self::List(command) => command.run(context),
            Self::Remove(command) => command.run(context),
            Self::Trust(command) => command.run(context),
            Self::Key(command) => command.run(context),
            Self::Audit(command) => command.run(context),
            Self::Witness(command) => command.run(context),
            Self::Doctor(command) => command.run(context),
            Self::Completions(command) => command.run(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        CommandLine::command().debug_assert();
    }
}
