//! `mpp witness`

mod add_log;
mod keygen;
mod serve;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use mpp_witness::DirectoryError;

use crate::context::Context;
use crate::exit::{Failure, Outcome};

/// Be a witness for the logs of others
#[derive(Debug, Args)]
#[command(after_help = "\
A witness remembers the last checkpoint of each log it follows, and signs a new one only if the log
has grown, and nothing else (C2SP tlog-witness). It belongs on another machine than the logs, under
somebody else's hand: what a log's owner and its witness do together, nobody sees.

A witness is a directory, with its key and its memory. Never set it back to an old copy: what forgot
a signature can sign the other history. Where the memory is lost, begin anew with another key.")]
pub(crate) struct Witness {
    #[command(subcommand)]
    command: WitnessCommand,
}

#[derive(Debug, Subcommand)]
enum WitnessCommand {
    Keygen(keygen::Keygen),
    AddLog(add_log::AddLog),
    Serve(serve::Serve),
}

impl Witness {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        match self.command {
            WitnessCommand::Keygen(command) => command.run(context),
            WitnessCommand::AddLog(command) => command.run(context),
            WitnessCommand::Serve(command) => command.run(context),
        }
    }
}

/// Where the witness is.
#[derive(Debug, Args)]
struct Place {
    /// Directory of the witness [default: in the data directory]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Place {
    fn path(&self, context: &Context<'_, '_>) -> Outcome<PathBuf> {
        match &self.dir {
            Some(dir) => Ok(dir.clone()),
            None => Ok(context.home()?.data().join("witness")),
        }
    }

    /// Takes the directory for this process; one that is not there is made.
    fn take(&self, context: &Context<'_, '_>) -> Outcome<mpp_witness::Directory> {
        let path = self.path(context)?;
        crate::durable::make_directory(&path, crate::durable::Readers::Owner)?;
        mpp_witness::Directory::take(&path).map_err(unusable)
    }
}

/// Why a witness cannot be used, and whose move it is.
fn unusable(error: DirectoryError) -> Failure {
    let usage = |next: &str| Failure::usage(error.to_string()).next(next);
    let host = |next: &str| Failure::host(error.to_string()).next(next);
    match &error {
        DirectoryError::NoKey { .. } => {
            usage("`mpp witness keygen NAME` makes one; --dir names another directory")
        }
        DirectoryError::KeyExists { .. } => {
            usage("a witness has one key for good; --dir DIR makes another witness")
        }
        DirectoryError::Followed { .. } => usage("nothing is left to do"),
        DirectoryError::Locked { .. } => host("stop `mpp witness serve` first"),
        DirectoryError::Forgotten { .. } | DirectoryError::Broken { .. } => {
            host("if it cannot be found as it was last written, begin a new witness, with a new key and name")
        }
        DirectoryError::Key { .. }
        | DirectoryError::Keys { .. }
        | DirectoryError::Copy { .. }
        | DirectoryError::Io { .. } => host("look at that file; nothing was signed"),
    }
}
