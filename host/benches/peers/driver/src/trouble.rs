//! Why something cannot be measured, and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why a row, or the whole run, comes to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// A file that somebody has to make first.
    #[error("{} is not there: {remedy}", path.display())]
    Missing { path: PathBuf, remedy: &'static str },
    /// A program that ended otherwise than well.
    #[error("{program} ended with {status}: {said}")]
    Failed { program: String, status: String, said: String },
    /// A program that is started and then says something else than it should.
    #[error("{program} said {said:?} instead of {wanted}")]
    Babble { program: String, said: String, wanted: &'static str },
    /// An answer that is not the one. What gives it is not measured.
    #[error("{who} answered {answer}")]
    Wrong { who: String, answer: String },
    /// A request that came to nothing.
    #[error("{who} does not answer over HTTP: {why}")]
    Http { who: String, why: String },
    /// The operating system.
    #[error("{what}: {error}")]
    System { what: String, error: io::Error },
    /// `README.md` has lost the place of the table.
    #[error("{} has no line {marker:?}: restore it, and what comes between is made anew", path.display())]
    NoPlace { path: PathBuf, marker: &'static str },
}

/// Adds what was tried to an error of the operating system.
pub trait Trying<T> {
    /// `what` was tried.
    fn trying(self, what: impl Into<String>) -> Result<T, Trouble>;
}

impl<T> Trying<T> for io::Result<T> {
    fn trying(self, what: impl Into<String>) -> Result<T, Trouble> {
        self.map_err(|error| Trouble::System { what: what.into(), error })
    }
}
