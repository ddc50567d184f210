//! Why a log is not verified, for a person and for a script.

use std::path::Path;

use mpp_audit::checkpoint::CheckpointError;
use mpp_audit::policy::RefusedCheckpoint;
use mpp_audit::{Fault, FaultKind, NotGrown, NotPublished, ReadError};
use serde_json::{Value, json};

use super::super::evidence;
use crate::exit::{Blame, Failure};
use crate::log;

/// Why a log is not verified.
pub(super) enum NotVerified {
    /// It does not hold, or could not be read.
    Read(ReadError),
    /// It does not continue the checkpoint that was kept.
    Grown(NotGrown),
    /// It holds, and too few witnesses have seen it.
    Unwitnessed(RefusedCheckpoint),
    /// Its checkpoints do not hold, or could not be read.
    Published(NotPublished),
}

impl From<ReadError> for NotVerified {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl From<NotGrown> for NotVerified {
    fn from(error: NotGrown) -> Self {
        match error {
            NotGrown::Read(error) => Self::Read(error),
            other => Self::Grown(other),
        }
    }
}

impl From<NotPublished> for NotVerified {
    fn from(error: NotPublished) -> Self {
        match error {
            NotPublished::Read(error) => Self::Read(error),
            other => Self::Published(other),
        }
    }
}

impl From<RefusedCheckpoint> for NotVerified {
    fn from(error: RefusedCheckpoint) -> Self {
        Self::Unwitnessed(error)
    }
}

impl NotVerified {
    /// The verdict for a script; none where there is no verdict.
    pub(super) fn document(&self) -> Option<Value> {
        let reason = match self {
            Self::Read(ReadError::Fault(fault)) => {
                return Some(json!({
                    "verified": false,
                    "record": fault.seq,
                    "line": fault.line,
                    "offset": fault.offset,
                    "reason": fault.kind.to_string(),
                }));
            }
            Self::Grown(error) => error.to_string(),
            Self::Unwitnessed(error) => error.to_string(),
            Self::Published(error) => error.to_string(),
            Self::Read(ReadError::Io(_)) => return None,
        };
        Some(json!({ "verified": false, "reason": reason }))
    }

    /// The verdict for a person.
    pub(super) fn failure(self, directory: &Path) -> Failure {
        match self {
            Self::Read(ReadError::Io(error)) => log::unreadable(directory, &error),
            Self::Read(ReadError::Fault(fault)) => broken(&fault, directory),
            Self::Grown(error) => not_grown(&error, directory),
            Self::Unwitnessed(error) => unwitnessed(&error),
            Self::Published(error) => evidence::unpublished(directory, &error),
        }
    }
}

fn failure(what: impl Into<String>) -> Failure {
    Failure::new(Blame::Audit, what)
}

fn broken(fault: &Fault, directory: &Path) -> Failure {
    let keep = format!("keep {} as it is, and find out who could write to it", directory.display());
    let broken = failure(format!("the audit log does not verify: record {}", fault.seq)).because_of(fault);
    match fault.kind {
        FaultKind::AnotherLog { .. } => failure("this is not the log of the key that was expected")
            .because_of(&fault.kind)
            .because("either the key is that of another log, or another log was put in the place of this one")
            .next(keep),
        FaultKind::Torn | FaultKind::MissingNewline => broken
            .because("what comes before it is as it was written; nobody was told that this record is there")
            .next("if its writer was interrupted: whatever is recorded next cuts it off first, on record"),
        _ => broken
            .because("what comes before it is as it was written; nothing from there on is evidence")
            .next(keep),
    }
}

fn not_grown(error: &NotGrown, directory: &Path) -> Failure {
    let keep = || format!("keep the checkpoint and {} as they are", directory.display());
    match error {
        NotGrown::Old(CheckpointError::UnknownLog { .. }) => {
            failure("the checkpoint is not of the log that is there now").because_of(error).because(
                "either the checkpoint is of another log, or another log was put in the place of this one",
            )
        }
        NotGrown::Old(_) => failure("the checkpoint is not one that this log signed").because_of(error),
        NotGrown::Forked { .. } => failure("the log does not continue the checkpoint")
            .because_of(error)
            .because("what the checkpoint covers was changed or cut off, or the hashes that prove it were"),
        NotGrown::Read(_) => failure("the audit log does not verify").because_of(error),
    }
    .next(keep())
    .next("`mpp audit verify` without --from says whether what is there holds by itself")
}

fn unwitnessed(error: &RefusedCheckpoint) -> Failure {
    failure("the log holds, and too few witnesses have seen it for this policy")
        .because_of(error)
        .next("show it to them: mpp audit witness")
        .next("or hold it against a checkpoint that was kept: --from FILE")
}
