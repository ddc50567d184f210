//! `mpp audit`

mod show;
mod verify;

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::exit::Outcome;

/// Read and check the log of everything that ran
#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    Show(show::Show),
    Verify(verify::Verify),
}

impl Audit {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        match self.command {
            AuditCommand::Show(command) => command.run(context),
            AuditCommand::Verify(command) => command.run(context),
        }
    }
}
