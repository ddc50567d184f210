//! What a log shows of itself beside its records, and why it may show nothing.

use std::path::Path;
use std::time::{Duration, SystemTime};

use mpp_audit::checkpoint::SignedCheckpoint;
use mpp_audit::note::MAX_NOTE_BYTES;
use mpp_audit::{Entry, Fault, NotPublished, Published, ReadError, Record, Records, Timestamp};
use serde_json::value::RawValue;

use crate::durable;
use crate::exit::{Blame, Failure, Outcome};
use crate::log;
use crate::output::Streams;

/// What a path means where standard input will do.
const STANDARD_INPUT: &str = "-";

/// Reads a file that the command line names, or standard input for `-`.
pub(super) fn read_named(path: &Path, limit: u64, streams: &mut Streams<'_>) -> Outcome<Vec<u8>> {
    if path.as_os_str() == STANDARD_INPUT {
        return streams.read_input(limit);
    }
    durable::read_named(path, limit)
}

/// Reads a checkpoint that was kept.
pub(super) fn read_checkpoint(path: &Path, streams: &mut Streams<'_>) -> Outcome<SignedCheckpoint> {
    let bytes = read_named(path, MAX_NOTE_BYTES as u64, streams)?;
    SignedCheckpoint::parse(&bytes).map_err(|error| {
        Failure::usage(format!("{} is no checkpoint", path.display()))
            .because_of(&error)
            .next("`mpp audit checkpoint` prints one")
    })
}

/// The log in a directory as others are told of it.
pub(super) fn published(directory: &Path) -> Outcome<Published> {
    Published::open(directory, None).map_err(|error| unpublished(directory, &error))
}

/// A log whose checkpoints do not hold, or could not be read.
pub(super) fn unpublished(directory: &Path, error: &NotPublished) -> Failure {
    match error {
        NotPublished::Read(error) => unread(directory, error),
        NotPublished::AnotherLog { .. } | NotPublished::Broken { .. } => {
            Failure::new(Blame::Audit, "the audit log does not verify")
                .because_of(error)
                .next("mpp audit verify")
        }
    }
}

/// A time that a witness gives, in seconds since 1970. It may be any number.
pub(super) fn at(seconds: u64) -> String {
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    time.map_or_else(|| format!("{seconds} s after 1970"), |time| Timestamp::from(time).to_string())
}

/// Records that could not be read, or do not hold.
pub(super) fn unread(directory: &Path, error: &ReadError) -> Failure {
    match error {
        ReadError::Io(error) => log::unreadable(directory, error),
        ReadError::Fault(fault) => broken(fault),
    }
}

/// A log that does not hold, where that was not the question.
pub(super) fn broken(fault: &Fault) -> Failure {
    Failure::new(Blame::Audit, "the audit log does not verify")
        .because_of(fault)
        .because("records from there on are not evidence, and are not shown")
        .next("mpp audit verify")
}

/// A record as it stands in the log, byte for byte.
pub(super) fn verbatim(record: &Record) -> Outcome<Box<RawValue>> {
    RawValue::from_string(record.line.clone())
        .map_err(|error| Failure::host("a record cannot be shown").because(error))
}

/// A call that is not in the log.
pub(super) fn no_call(id: &str) -> Failure {
    Failure::usage(format!("the audit log has no call {id}")).next("`mpp audit show` shows what it has")
}

/// Shows every record of a log to `see`, up to the first that does not hold.
pub(super) fn each(directory: &Path, mut see: impl FnMut(&Record)) -> Outcome {
    for record in Records::open(directory).map_err(|error| log::unreadable(directory, &error))? {
        see(&record.map_err(|error| unread(directory, &error))?);
    }
    Ok(())
}

/// The call that a record is one of.
pub(super) fn call_of(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::Intent(intent) => Some(&intent.id),
        Entry::Denial(denial) => Some(&denial.id),
        Entry::Outcome(outcome) => Some(&outcome.id),
        Entry::Recovered(recovered) => Some(&recovered.id),
        _ => None,
    }
}
