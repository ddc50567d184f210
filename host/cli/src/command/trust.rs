//! `mpp trust`

mod add;
mod describe;
mod document;
mod fingerprint;
mod forget;
mod form;
mod init;
mod issue;
mod list;
mod listing;
mod offered;
mod policy;
mod publish;
mod refresh;
mod releases;
mod remove;
mod roles;
mod rotate;
mod show;
pub(super) mod sign;
mod signatories;
mod update;

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::exit::Outcome;

/// Say whose packages may run here, and who signs yours
#[derive(Debug, Args)]
#[command(after_help = "\
Trust is a publisher's name with its root, or with keys pinned for it. Get the fingerprint from the
publisher on a way that an attacker does not control: not from where you got the package.

A publisher makes those documents with init, rotate, publish and sign, on the machines where its
keys are; they read and change nothing of whom you trust.")]
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
    Init(init::Init),
    Rotate(rotate::Rotate),
    Publish(publish::Publish),
    Sign(sign::Sign),
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
            TrustCommand::Init(command) => command.run(context),
            TrustCommand::Rotate(command) => command.run(context),
            TrustCommand::Publish(command) => command.run(context),
            TrustCommand::Sign(command) => command.run(context),
        }
    }
}
