//! Whose move it is, and the exit status that says so: the one place where a
//! failure becomes a number.
//!
//! | status | meaning | [`Blame`] |
//! |---|---|---|
//! | 0 | done | none, or [`Reader`](Blame::Reader) |
//! | 1 | fault of the host: this machine, its disk, this program | [`Host`](Blame::Host) |
//! | 2 | usage: the command line or a file it names | [`Usage`](Blame::Usage) |
//! | 3 | the package, or the source it is made from, is refused | [`Package`](Blame::Package) |
//! | 4 | not granted: nobody said yes, or the tool was denied what it needs | [`Grant`](Blame::Grant) |
//! | 5 | the tool returned an error | [`Tool`](Blame::Tool) |
//! | 6 | the tool was stopped: a trap, a limit, or a cancelled call | [`Stopped`](Blame::Stopped) |
//! | 7 | the audit log is unavailable or does not verify | [`Audit`](Blame::Audit) |
//! | 8 | the network or a registry | [`Network`](Blame::Network) |

use std::fmt;

/// Who has to act for the same command to succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// Whoever read our standard output closed it. Not a failure: nothing more
    /// is said and the status is 0, so that `mpp audit show | head` is clean.
    Reader,
    /// This machine or this program.
    Host,
    /// Whoever typed the command.
    Usage,
    /// The publisher of the package, or the author of the source.
    Package,
    /// The operator, who did not grant what was asked.
    Grant,
    /// The tool, which ended the call with an error of its own.
    Tool,
    /// The tool, which was stopped before it could answer.
    Stopped,
    /// The keeper of the audit log.
    Audit,
    /// The network, or a registry.
    Network,
}

impl Blame {
    /// The exit status of the process.
    pub const fn status(self) -> u8 {
        match self {
            Self::Reader => 0,
            Self::Host => 1,
            Self::Usage => 2,
            Self::Package => 3,
            Self::Grant => 4,
            Self::Tool => 5,
            Self::Stopped => 6,
            Self::Audit => 7,
            Self::Network => 8,
        }
    }
}

/// Why a command did not do what it was asked: what happened, why, and what to
/// do next, each in words for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    blame: Blame,
    what: String,
    why: Vec<String>,
    next: Vec<String>,
}

impl Failure {
    /// Says what happened: one line, no full stop.
    pub fn new(blame: Blame, what: impl Into<String>) -> Self {
        Self { blame, what: what.into(), why: Vec::new(), next: Vec::new() }
    }

    /// A fault of this machine.
    pub fn host(what: impl Into<String>) -> Self {
        Self::new(Blame::Host, what)
    }

    /// A command line that cannot be carried out as it stands.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Blame::Usage, what)
    }

    /// A package, or source, that is refused.
    pub fn package(what: impl Into<String>) -> Self {
        Self::new(Blame::Package, what)
    }

    /// Adds a reason. An error's chain of sources becomes one line.
    pub fn because(mut self, why: impl fmt::Display) -> Self {
        self.why.push(why.to_string());
        self
    }

    /// Adds a reason with everything that caused it.
    pub fn because_of(self, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut line = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let words = cause.to_string();
            if !line.contains(&words) {
                line.push_str(": ");
                line.push_str(&words);
            }
            source = cause.source();
        }
        self.because(line)
    }

    /// Adds what to do next: a command or a change, ready to copy.
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next.push(next.into());
        self
    }

    /// Whose move it is.
    pub fn blame(&self) -> Blame {
        self.blame
    }

    /// What happened.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Why, one entry per reason.
    pub fn why(&self) -> &[String] {
        &self.why
    }

    /// What to do next, one entry per way.
    pub fn what_next(&self) -> &[String] {
        &self.next
    }
}

/// What every command returns.
pub type Outcome<T = ()> = Result<T, Failure>;

/// Turns the failure to write standard output into a [`Failure`].
pub(crate) fn writing_output(error: &std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        return Failure::new(Blame::Reader, "standard output was closed");
    }
    Failure::host("cannot write standard output").because(error)
}

/// Turns the failure of a file operation into a [`Failure`] of this machine.
pub(crate) fn file_trouble(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Failure {
    let failure = Failure::host(format!("cannot {doing} {}", path.display())).because(error);
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            failure.next("make room on that disk, then run the same command again")
        }
        std::io::ErrorKind::ReadOnlyFilesystem
        | std::io::ErrorKind::PermissionDenied
        | std::io::ErrorKind::NotADirectory => {
            failure.next("check who owns it and that it is writable; MPP_HOME names another directory")
        }
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_blame_has_the_status_that_scripts_were_promised() {
        let promised = [
            (Blame::Reader, 0),
            (Blame::Host, 1),
            (Blame::Usage, 2),
            (Blame::Package, 3),
            (Blame::Grant, 4),
            (Blame::Tool, 5),
            (Blame::Stopped, 6),
            (Blame::Audit, 7),
            (Blame::Network, 8),
        ];
        for (blame, status) in promised {
            assert_eq!(blame.status(), status, "{blame:?}");
        }
    }

    #[test]
    fn a_closed_standard_output_is_no_failure() {
        let error = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        assert_eq!(writing_output(&error).blame().status(), 0);
    }

    #[test]
    fn a_full_disk_behind_standard_output_is_a_fault_of_the_host() {
        let error = std::io::Error::from(std::io::ErrorKind::StorageFull);
        assert_eq!(writing_output(&error).blame(), Blame::Host);
    }

    #[test]
    fn a_reason_tells_the_whole_chain_once() {
        let inner = std::io::Error::other("the disk is on fire");
        let outer = std::io::Error::other(inner);
        let failure = Failure::host("cannot go on").because_of(&outer);
        assert_eq!(failure.why(), ["the disk is on fire"]);
    }
}
