//! `mpp audit checkpoint`

use std::path::PathBuf;

use clap::Args;

use super::evidence;
use crate::context::Context;
use crate::durable::{self, Readers};
use crate::exit::Outcome;
use crate::log::AuditDirectory;

/// Print the newest checkpoint, to keep elsewhere
#[derive(Debug, Args)]
#[command(after_help = "\
A checkpoint is a few lines, signed by the log, that fix every record so far (C2SP tlog-checkpoint).
Kept where nobody on this host can change it, it shows later that nothing of them was changed or cut
off: `mpp audit verify --from FILE`.")]
pub(crate) struct Checkpoint {
    /// Write it to this file, which must not be there yet [default: standard output]
    #[arg(long, alias = "output", value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Checkpoint {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let directory = self.audit.to_read(context)?;
        let newest = evidence::published(&directory)?.newest();
        let newest = newest.map_err(|error| evidence::unpublished(&directory, &error))?;
        let text = newest.signed().to_string();
        match &self.out {
            None => context.streams.text(&text)?,
            Some(path) => {
                durable::create(path, text.as_bytes(), Readers::Anyone)?;
                context.streams.line(&path.display().to_string())?;
            }
        }
        let size = newest.checkpoint().head().size;
        context.streams.note("covers", &format!("the first {size} records"));
        Ok(())
    }
}
