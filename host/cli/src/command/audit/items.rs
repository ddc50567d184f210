//! A log as commands project it: which part, and with what of it.

use std::path::Path;

use clap::Args;
use mpp_audit::note::LogKey;
use mpp_audit::view::{self, Item};
use mpp_audit::{Entry, Expected, Fault, FaultKind, ReadError, Records, Verified, verify_log};
use mpp_report::{Payloads, Point, Source, Window};

use super::evidence;
use crate::exit::{Blame, Failure, Outcome};
use crate::log;

/// Which part of a log, and whether payloads are told.
#[derive(Debug, Args)]
pub(super) struct Part {
    /// From this record on, or this time: 41, 2026-11-22, 2026-11-22T08:00:00Z
    #[arg(long, value_name = "NUMBER|TIME")]
    from: Option<Point>,
    /// Up to this record or time, and without it
    #[arg(long, value_name = "NUMBER|TIME")]
    to: Option<Point>,
    /// Include what callers and tools said, as far as the log has it: inputs, outputs, reasons, resources
    #[arg(long)]
    with_payloads: bool,
}

impl Part {
    /// Whether payloads are told.
    pub(super) fn payloads(&self) -> Payloads {
        if self.with_payloads { Payloads::Included } else { Payloads::Withheld }
    }

    /// Gives to `take` what the records of this part say that were found to hold,
    /// and gives back the first fault. `take` says whether to go on.
    ///
    /// A record that is being written is left out, and no fault.
    ///
    /// Payloads are read in any case: what is left of them is told also where
    /// their text is not, and a page counts the host calls that are listed in one.
    pub(super) fn read(
        &self,
        directory: &Path,
        verified: &Result<Verified, Fault>,
        mut take: impl FnMut(&Item) -> Outcome,
    ) -> Outcome<Option<Fault>> {
        // The log may have grown since it was verified.
        let records = verified.as_ref().map_or_else(holding, |verified| verified.summary.records);
        let window = Window { from: self.from, to: self.to };
        let items = view::read(directory, u64::MAX).map_err(|error| evidence::unread(directory, &error))?;
        let mut found = verified.as_ref().err().cloned();
        for item in items {
            match item {
                Ok(item) if window.contains(&item) => {
                    up_to(records, item).as_ref().map_or(Ok(()), &mut take)?;
                }
                Ok(_) => {}
                // After either come the calls that were open then.
                Err(ReadError::Fault(fault)) if is_being_written(&fault) => {}
                Err(ReadError::Fault(fault)) => found = found.or(Some(fault)),
                Err(ReadError::Io(error)) => return Err(log::unreadable(directory, &error)),
            }
        }
        Ok(found)
    }
}

/// Verifies the whole log: what holds of it, or the first fault.
///
/// Reading alone would not do, since a record is fixed by what comes after it.
pub(super) fn verify(directory: &Path, key: Option<&LogKey>) -> Outcome<Result<Verified, Fault>> {
    match verify_log(directory, &Expected { key, ..Expected::default() }) {
        Ok(verified) => Ok(Ok(verified)),
        Err(ReadError::Fault(fault)) => Ok(Err(fault)),
        Err(ReadError::Io(error)) => Err(log::unreadable(directory, &error)),
    }
}

/// How many records hold, of a log with this fault.
pub(super) fn holding(fault: &Fault) -> u64 {
    match fault.kind {
        // Or the one before it was changed.
        FaultKind::Unchained => fault.seq.saturating_sub(1),
        _ => fault.seq,
    }
}

/// What the first so many records say of an item.
fn up_to(records: u64, item: Item) -> Option<Item> {
    match item {
        Item::Call(mut call) => {
            call.denials.retain(|denial| denial.seq < records);
            call.end = call.end.filter(|end| end.seq < records);
            (call.seq < records).then_some(Item::Call(call))
        }
        Item::Other(record) => (record.seq < records).then_some(Item::Other(record)),
    }
}

/// Whether that is how the end of a log looks while a record is being written.
fn is_being_written(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::Torn | FaultKind::MissingNewline)
}

/// Which log it is, by its first record.
pub(super) fn source(directory: &Path) -> Outcome<Source> {
    let mut records = Records::open(directory).map_err(|error| log::unreadable(directory, &error))?;
    match records.next() {
        Some(Ok(record)) => match record.entry {
            Entry::Header(header) => Ok(Source { log: header.log }),
            _ => Err(Failure::new(Blame::Audit, "the audit log has no header")),
        },
        Some(Err(error)) => Err(evidence::unread(directory, &error)),
        None => Err(Failure::new(Blame::Audit, "the audit log is empty")),
    }
}
