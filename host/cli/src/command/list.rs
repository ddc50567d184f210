//! `mpp list`

use clap::Args;
use serde_json::json;

use crate::context::Context;
use crate::exit::Outcome;
use crate::installed::Store;

/// List the installed packages
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let packages = Store::of(&context.home()?).list()?;
        if self.json {
            return context.streams.json(&json!({ "packages": packages }));
        }
        if packages.is_empty() {
            context.streams.note("nothing", "no package is installed; `mpp install FILE` installs one");
            return Ok(());
        }
        let rows = packages.iter().map(|package| {
            let can = package.granted.sentences();
            vec![
                package.name.to_string(),
                package.version.to_string(),
                package.publisher.to_string(),
                if can.is_empty() { "nothing".to_owned() } else { can.join("; ") },
            ]
        });
        context.streams.table(&["name", "version", "publisher", "can"], rows.collect())
    }
}
