//! The subcommands, one file each.

mod completions;

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
    Completions(completions::Completions),
}

impl Command {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        match self {
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
