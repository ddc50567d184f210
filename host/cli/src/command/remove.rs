//! `mpp remove`

use clap::Args;

use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::installed::Store;
use crate::log::{self, AuditDirectory};
use crate::{record, trust};

/// Remove an installed package, and what it was granted
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// NAME, or PUBLISHER/NAME
    name: String,
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Remove {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let store = Store::of(&home);
        let Some(entry) = store.find(&self.name)? else {
            return Err(Failure::usage(format!("no package {} is installed", self.name))
                .next("`mpp list` shows what is"));
        };
        let log = log::open(&self.audit.of(&home), context.streams)?;
        log::append(&log, &record::removed(&entry, context.environment.user())?)?;
        // First: what is gone must not count as accepted, should this be interrupted.
        trust::change(&home, |keyring| Ok(keyring.withdraw(&entry.publisher, &entry.name)))?;
        store.remove(&entry)?;
        context.streams.note("removed", &format!("{} {}", entry.full_name(), entry.version));
        Ok(())
    }
}
