//! `mpp trust`

mod add;
mod describe;
mod fingerprint;
mod forget;
mod list;
mod offered;
mod policy;
mod refresh;
mod remove;
mod show;
mod update;

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::exit::Outcome;

/// Say whose packages may run here
#[derive(Debug, Args)]
#[command(after_help = "\
Trust is a publisher's name with its root, or with keys pinned for it. Get the fingerprint from the
publisher on a way that an attacker does not control: not from where you got the package.")]
pub(crate) struct Trust {
    #[command(subcommand)]
    command: TrustCommand,
}

#[derive(Debug, Subcommand)]
enum TrustCommand {
    Add(add::Add),
    List(list::List),
    Show(show::Show),
    Update(update::Update),
    Refresh(refresh::Refresh),
    Policy(policy::Policy),
    Forget(forget::Forget),
    Remove(remove::Remove),
}

impl Trust {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        match self.command {
            TrustCommand::Add(command) => command.run(context),
            TrustCommand::List(command) => command.run(context),
            TrustCommand::Show(command) => command.run(context),
            TrustCommand::Update(command) => command.run(context),
            TrustCommand::Refresh(command) => command.run(context),
            TrustCommand::Policy(command) => command.run(context),
            TrustCommand::Forget(command) => command.run(context),
            TrustCommand::Remove(command) => command.run(context),
        }
    }
}
