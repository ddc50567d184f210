//! `mpp audit export`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use mpp_report::{Exporter, Format};

use super::evidence;
use super::items::{self, Part};
use super::target::Target;
use crate::context::Context;
use crate::exit::Outcome;
use crate::log::AuditDirectory;

/// Write the log for a collector, a security data lake or a spreadsheet
#[derive(Debug, Args)]
#[command(after_help = "\
A projection: each line names its record by number and leaf hash, and is no evidence itself. Without
--with-payloads nothing is in it that a caller or a tool said but names. A call comes when it has
ended, with what it was denied.")]
pub(crate) struct Export {
    /// What to write
    #[arg(long, value_enum)]
    format: To,
    #[command(flatten)]
    part: Part,
    /// Write it to this file, which must not be there yet [default: standard output]
    #[arg(long, alias = "output", value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    audit: AuditDirectory,
}

/// A format, as the command line names it.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum To {
    /// OpenTelemetry logs: OTLP/JSON, a line for each call or record
    Otel,
    /// OCSF 1.8.0 API Activity: a line of JSON for each event
    Ocsf,
    /// Comma-separated values (RFC 4180), safe to open in a spreadsheet
    Csv,
}

impl From<To> for Format {
    fn from(to: To) -> Self {
        match to {
            To::Otel => Self::Otel,
            To::Ocsf => Self::Ocsf,
            To::Csv => Self::Csv,
        }
    }
}

impl Export {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let directory = self.audit.to_read(context)?;
        let source = items::source(&directory)?;
        let file = self.out.clone();
        let trouble = |error: std::io::Error| Target::trouble(file.as_deref(), &error);
        let target = Target::open(self.out, context.streams)?;
        let exporter = Exporter::new(self.format.into(), source, self.part.payloads(), target);
        let mut exporter = exporter.map_err(trouble)?;
        let fault = self.part.read(&directory, |item| exporter.write(item).map_err(trouble))?;
        let target = exporter.finish().map_err(trouble)?;
        match fault {
            None => target.finish(),
            Some(fault) => Err(evidence::unread(&directory, &fault)),
        }
    }
}
