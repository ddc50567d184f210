//! A log as commands project it: which part, and with what of it.

use std::path::Path;

use clap::Args;
use mpp_audit::view::{self, Item};
use mpp_audit::{FaultKind, ReadError, Records};
use mpp_report::{Payloads, Point, Source, Window};

use super::evidence;
use crate::exit::{Failure, Outcome};
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

    /// Gives every item of this part to `take`, which says whether to go on.
    ///
    /// A record that is being written is left out. Another fault ends the
    /// reading, and is given back.
    pub(super) fn read(
        &self,
        directory: &Path,
        mut take: impl FnMut(&Item) -> Outcome,
    ) -> Outcome<Option<ReadError>> {
        let window = Window { from: self.from, to: self.to };
        let items = view::outline(directory).map_err(|error| log::unreadable(directory, &error))?;
        for item in items {
            match item {
                Ok(item) if window.contains(&item) => take(&item)?,
                Ok(_) => {}
                Err(ReadError::Fault(fault)) if fault.kind == FaultKind::Torn => return Ok(None),
                Err(error) => return Ok(Some(error)),
            }
        }
        Ok(None)
    }
}

/// Which log it is, by its first record.
pub(super) fn source(directory: &Path) -> Outcome<Source> {
    let mut records = Records::open(directory).map_err(|error| log::unreadable(directory, &error))?;
    match records.next() {
        Some(Ok(record)) => match record.entry {
            mpp_audit::Entry::Header(header) => Ok(Source { log: header.log }),
            _ => Err(Failure::new(crate::exit::Blame::Audit, "the audit log has no header")),
        },
        Some(Err(error)) => Err(evidence::unread(directory, &error)),
        None => Err(Failure::new(crate::exit::Blame::Audit, "the audit log is empty")),
    }
}
