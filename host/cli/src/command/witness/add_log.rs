//! `mpp witness add-log`

use clap::Args;
use mpp_audit::note::LogKey;

use super::{Place, unusable};
use crate::context::Context;
use crate::exit::Outcome;

/// Follow a log from now on
#[derive(Debug, Args)]
#[command(after_help = "\
The key is what `mpp audit key` prints on the host of the log; that of any other log with Ed25519
checkpoints will do (C2SP signed-note). A witness that is served is stopped first, and started again
after.")]
pub(super) struct AddLog {
    /// The key of the log
    #[arg(value_name = "KEY")]
    key: LogKey,
    #[command(flatten)]
    place: Place,
}

impl AddLog {
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        self.place.take(context)?.add_log(&self.key).map_err(unusable)?;
        context.streams.note("follows", self.key.name().as_str());
        Ok(())
    }
}
