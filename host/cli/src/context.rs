//! What every command is given.

use crate::exit::Outcome;
use crate::home::{Environment, Home};
use crate::output::Streams;

/// The surroundings of one command.
pub(crate) struct Context<'a, 's> {
    pub(crate) environment: &'a Environment,
    pub(crate) streams: &'a mut Streams<'s>,
}

impl Context<'_, '_> {
    /// The directories of this user. Commands that keep nothing never ask, and
    /// so work without a home directory.
    pub(crate) fn home(&self) -> Outcome<Home> {
        self.environment.home()
    }
}
