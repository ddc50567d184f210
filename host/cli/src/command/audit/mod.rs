//! `mpp audit`

mod believed;
mod check_proof;
mod checkpoint;
mod evidence;
mod export;
mod items;
mod key;
mod prove;
mod report;
mod row;
mod show;
mod target;
mod verify;
mod witness;

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::exit::Outcome;

/// Read and check the log of everything that ran
#[derive(Debug, Args)]
#[command(after_help = "\
What a log proves rests on what is kept where nobody on this host can change it: its key (once), and
a checkpoint of it (now and then). Whoever has the key can check the proof of one record without the
log.")]
pub(crate) struct Audit {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    Show(show::Show),
    Verify(verify::Verify),
    Key(key::Key),
    Checkpoint(checkpoint::Checkpoint),
    Prove(prove::Prove),
    CheckProof(check_proof::CheckProof),
    Witness(witness::Witness),
    Export(export::Export),
    Report(report::Report),
}

impl Audit {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        match self.command {
            AuditCommand::Show(command) => command.run(context),
            AuditCommand::Verify(command) => command.run(context),
            AuditCommand::Key(command) => command.run(context),
            AuditCommand::Checkpoint(command) => command.run(context),
            AuditCommand::Prove(command) => command.run(context),
            AuditCommand::CheckProof(command) => command.run(context),
            AuditCommand::Witness(command) => command.run(context),
            AuditCommand::Export(command) => command.run(context),
            AuditCommand::Report(command) => command.run(context),
        }
    }
}
