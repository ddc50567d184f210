//! `mpp audit key`

use clap::Args;

use super::evidence;
use crate::context::Context;
use crate::exit::Outcome;
use crate::log::AuditDirectory;

/// Print the log's key, to hand to those who shall check it
#[derive(Debug, Args)]
#[command(after_help = "\
The key is made with the log, and stays the same for as long as there is the log. It is what the log
names itself: print it when the log is begun, and keep it where nobody on this host can change it.
With it `mpp audit verify --key` tells the log from another one in its place, and `mpp audit
check-proof --key` checks a proof.")]
pub(crate) struct Key {
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Key {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let log = evidence::published(&self.audit.to_read(context)?)?;
        context.streams.line(&log.key().to_string())
    }
}
