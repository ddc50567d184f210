//! Why a log could not be opened or written.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::record::{Durability, Keeping};
use crate::verify::{Fault, FaultKind};

/// Why a log could not be opened, or an event not be put on record. Whoever
/// gets one from [`Log::append`](crate::Log::append) must not release what the
/// event is about.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The operator's: another process writes this log, or this one opened it twice.
    #[error(
        "the audit log {path} is in use by another process; a log has one writer: wait for it to end, or give this one a log of its own"
    )]
    Locked {
        /// The log file.
        path: PathBuf,
    },
    /// The operator's: others than the owner may change the log.
    #[error(
        "{path} can be changed by other users (mode {mode:04o}), so what is in it proves nothing; `chmod go-w` it once you know who wrote to it"
    )]
    OpenToOthers {
        /// The directory or file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The operator's: something else stands where the log should be.
    #[error("{path} is not a {expected}; move it away, or keep the log elsewhere")]
    Obstructed {
        /// What stands in the way.
        path: PathBuf,
        /// What should be there: `directory` or `regular file`.
        expected: &'static str,
    },
    /// The operator's: a log of an older format, which had no keys of its own.
    /// It is not continued: what it holds was never signed, and a signature of
    /// today would say nothing of its past.
    #[error(
        "the audit log {path} is of the format mpp-audit/{found}, which this program does not continue; nothing was changed. Keep the directory as it is, and begin a new log in another one"
    )]
    OlderFormat {
        /// The log file.
        path: PathBuf,
        /// The version of its records.
        found: u64,
    },
    /// The operator's: a file of the log is gone that must be there.
    #[error(
        "{path} is missing, and a log that was begun has it: somebody removed it. Nothing was changed. Keep the directory as evidence, and begin a new log in another one"
    )]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The operator's: the log ends before its newest checkpoint does.
    #[error(
        "the audit log {path} was cut off: its newest checkpoint covers {records} records in {expected} bytes, and there are {found} bytes. Nothing was changed. Keep the directory as evidence, and begin a new log in another one"
    )]
    CutOff {
        /// The log file.
        path: PathBuf,
        /// Records of the newest checkpoint.
        records: u64,
        /// Bytes of these records.
        expected: u64,
        /// Bytes of the log file.
        found: u64,
    },
    /// The operator's: what makes the log evidence is not what was written, or
    /// is of another log.
    #[error(
        "the audit log is not as it was written: {path}: {what}. Nothing was changed. Keep the directory as evidence, and begin a new log in another one"
    )]
    Evidence {
        /// The file in which it shows.
        path: PathBuf,
        /// What was seen.
        what: String,
    },
    /// The operator's: the log does not verify. It is never repaired.
    #[error(
        "the audit log {path} does not verify: {fault}. Nothing was changed. Keep the directory as evidence, and begin a new log in another one"
    )]
    Broken {
        /// The log file.
        path: PathBuf,
        /// The first bad record.
        fault: Fault,
    },
    /// The machine's: a file operation failed before the log was open.
    #[error("could not {action} {path}: {source}")]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The machine's: no randomness to draw a log's identity from.
    #[error("could not draw an identity for a new audit log: {0}")]
    Identity(#[source] getrandom::Error),
    /// The machine's: no randomness to draw the salt of a payload from. The event
    /// is not on record; the log goes on.
    #[error("could not draw a salt for a payload of the audit log: {0}")]
    Salt(#[source] getrandom::Error),
    /// The machine's: a write or a sync failed, now or earlier. What was on its
    /// way is not on record; nothing more will be, until the log is opened anew.
    #[error(
        "the audit log has stopped: {cause}. What happens now would leave no record, so nothing may happen: mend the cause, then open the log again"
    )]
    Poisoned {
        /// The first failure.
        cause: Arc<str>,
    },
    /// The operator's: the process that has the log keeps it in another way than this one would.
    #[error(
        "the audit log {path} is in use by a process that keeps it otherwise ({durability}, with other payloads kept, perhaps): both must run with the same settings; end the other one, or give this one a log of its own"
    )]
    KeptOtherwise {
        /// The log file.
        path: PathBuf,
        /// What its calls wait for.
        durability: Durability,
        /// What it keeps of payloads.
        keeping: Box<Keeping>,
    },
    /// The machine's: the process that has the log ended, or stopped answering, before it said
    /// that something is on record. Whether it is, the log tells; nothing of it may be released.
    #[error(
        "the process that wrote the audit log {path} is gone, and had not said that this is on record, so nothing of it is released; what comes next goes on without that process"
    )]
    OwnerGone {
        /// The log file.
        path: PathBuf,
    },
    /// The host's: the process that has the log did not take it.
    #[error("the process that writes the audit log did not take it: {why}")]
    Refused {
        /// What it said.
        why: String,
    },
    /// The operator's: it cannot be told how the log is to be kept.
    #[error("it cannot be told how the audit log is to be kept, so nothing is put on record: {0}")]
    Settings(#[source] crate::share::NoSettings),
    /// The host's: more calls are open than it can mean to run.
    #[error(
        "{} calls are open in the audit log, and no more can begin until some have ended; a program that drops calls without ending them gets here",
        crate::limits::MAX_OPEN_CALLS
    )]
    TooManyOpen,
    /// The host's: the call has ended already, and a call ends once.
    #[error(
        "the call {id:?} has ended, and its end is on record; this is a fault of the program that ends it"
    )]
    Ended {
        /// The identifier of the call.
        id: String,
    },
    /// The host's: the event cannot be written so that it reads back the same.
    #[error("an event cannot be put on record: {0}; this is a fault of the program that made it")]
    Unrecordable(#[source] FaultKind),
}

impl LogError {
    pub(crate) fn io(action: &'static str, path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}
