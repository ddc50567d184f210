//! `mpp completions`

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::context::Context;
use crate::exit::Outcome;

/// Print the completion script of a shell
#[derive(Debug, Args)]
#[command(after_help = "Example: mpp completions bash > ~/.local/share/bash-completion/completions/mpp")]
pub(crate) struct Completions {
    /// Which shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::CommandLine::command(), "mpp", &mut script);
        context.streams.text(&String::from_utf8_lossy(&script))
    }
}
