//! A sign of life on a terminal, and nothing anywhere else.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::host::Shown;
use crate::output::{Streams, Terminal};
use crate::packages;

/// How often the sign moves.
const TICK: Duration = Duration::from_millis(120);

/// A line on the terminal that says what is going on; gone when dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Progress(Option<ProgressBar>);

impl Progress {
    /// Shows `doing` where standard error is a terminal.
    pub(crate) fn show(doing: impl Into<String>, streams: &Streams<'_>) -> Self {
        Self::on(streams.terminal, doing)
    }

    /// Shows that a package is being compiled, each time one is.
    pub(crate) fn of_compiling(terminal: Terminal) -> Shown {
        Box::new(move |package| {
            Box::new(Self::on(terminal, format!("compiling {}, the first time", packages::title(package))))
        })
    }

    fn on(terminal: Terminal, doing: impl Into<String>) -> Self {
        if !terminal.err {
            return Self(None);
        }
        let bar = ProgressBar::new_spinner().with_message(doing.into());
        // A template that does not parse would only change how this looks.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(TICK);
        Self(Some(bar))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
