//! `mpp witness keygen`

use clap::Args;
use mpp_audit::note::KeyName;

use super::{Place, unusable};
use crate::context::Context;
use crate::exit::Outcome;

/// Make the key of a witness, and print its public half
#[derive(Debug, Args)]
#[command(after_help = "\
What it prints is the key as a policy names it: `witness w1 KEY https://...`. The secret half stays in
the directory, readable by its owner alone.")]
pub(super) struct Keygen {
    /// Name of the witness, best the place where it is: witness.example/w1
    #[arg(value_name = "NAME")]
    name: KeyName,
    #[command(flatten)]
    place: Place,
}

impl Keygen {
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let key = self.place.take(context)?.make_key(self.name).map_err(unusable)?;
        context.streams.line(&key.to_string())?;
        context.streams.note("next", "`mpp witness add-log KEY` names a log to follow");
        Ok(())
    }
}
