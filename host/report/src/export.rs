//! From items to lines of a format.

use std::io::{self, Write};

use crate::payload::Payloads;
use crate::{ocsf, otel, table};
use mpp_audit::view::Item;

/// What a log can be exported to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// OpenTelemetry logs, OTLP/JSON ([`otel`]).
    Otel,
    /// OCSF API Activity, JSON lines ([`ocsf`]).
    Ocsf,
    /// CSV ([`table`]).
    Csv,
}

/// Which log is projected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The identity of the log, from its header.
    pub log: String,
}

/// Writes items in one format, one after the other. Holds no more than one.
pub struct Exporter<W> {
    source: Source,
    payloads: Payloads,
    format: Format,
    out: W,
}

impl<W: Write> Exporter<W> {
    /// Begins an export; writes the header line of a format that has one.
    pub fn new(format: Format, source: Source, payloads: Payloads, mut out: W) -> io::Result<Self> {
        if format == Format::Csv {
            table::write_header(payloads, &mut out)?;
        }
        Ok(Self { source, payloads, format, out })
    }

    /// Writes one item.
    pub fn write(&mut self, item: &Item) -> io::Result<()> {
        let Self { source, payloads, format, out } = self;
        match format {
            Format::Otel => otel::write(source, *payloads, item, out),
            Format::Ocsf => ocsf::write(source, *payloads, item, out),
            Format::Csv => table::write(*payloads, item, out),
        }
    }

    /// What was written to, with all of it flushed.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}
