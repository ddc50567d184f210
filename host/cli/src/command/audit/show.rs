//! `mpp audit show`

use std::path::Path;

use clap::Args;
use mpp_audit::{Fault, Filter, OutcomeKind, Record, Shown, Timestamp};
use serde_json::value::RawValue;

use super::evidence;
use super::row::Row;
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::log::{self, AuditDirectory};
use crate::output::Streams;

/// Show records of the audit log
#[derive(Debug, Args)]
#[command(after_help = "\
A table of the last records, or one record in full. With --json the records as they stand in the
log. Conditions add up: a record is shown if every one of them holds.")]
pub(crate) struct Show {
    /// Show this one record in full
    #[arg(conflicts_with_all = ["kind", "package", "tool", "outcome", "since", "last", "all"])]
    record: Option<u64>,
    /// Only records of this kind: invocation, refusal, cache, policy-change, trust-change, header
    #[arg(long, value_parser = ["invocation", "refusal", "cache", "policy-change", "trust-change", "header"])]
    kind: Option<String>,
    /// Only records about this package: NAME, PUBLISHER/NAME, either with @VERSION
    #[arg(long, value_name = "PACKAGE")]
    package: Option<String>,
    /// Only calls of this tool
    #[arg(long, value_name = "NAME")]
    tool: Option<String>,
    /// Only calls that ended so: ok, tool-error, denied, refused, trap, limit, timeout, ...
    #[arg(long)]
    outcome: Option<OutcomeKind>,
    /// Only records from this time on: 2026-11-22, or 2026-11-22T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Timestamp>,
    /// Only the last so many
    #[arg(long, value_name = "NUMBER", default_value_t = 100, conflicts_with = "all")]
    last: usize,
    /// Every record
    #[arg(long)]
    all: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Show {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let directory = self.audit.to_read(context)?;
        if let Some(number) = self.record {
            return one(&directory, number, context.streams);
        }
        let filter = Filter {
            kind: self.kind,
            package: self.package,
            tool: self.tool,
            outcome: self.outcome,
            since: self.since,
            limit: (!self.all).then_some(self.last),
        };
        let Shown { records, fault } =
            mpp_audit::show(&directory, &filter).map_err(|error| log::unreadable(&directory, &error))?;
        if self.json {
            json(&records, fault.as_ref(), context.streams)?;
        } else {
            table(&records, context.streams)?;
        }
        match fault {
            None => Ok(()),
            Some(fault) => Err(evidence::broken(&fault)),
        }
    }
}

/// Reads a day, a second, or a time as records spell it; all in UTC.
fn since(text: &str) -> Result<Timestamp, String> {
    if let Ok(exact) = text.parse() {
        return Ok(exact);
    }
    let second = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00Z") };
    second.parse::<mpp_package::Timestamp>().map(|second| Timestamp::from(second.to_system_time())).map_err(
        |_| "write a day such as 2026-11-22, or a time in UTC such as 2026-11-22T08:00:00Z".to_owned(),
    )
}

/// One record in full, whatever comes after it.
fn one(directory: &Path, number: u64, streams: &mut Streams<'_>) -> Outcome {
    let records = mpp_audit::Records::open(directory).map_err(|error| log::unreadable(directory, &error))?;
    for record in records {
        let record = record.map_err(|error| evidence::unread(directory, &error))?;
        if record.seq == number {
            return streams.json(&evidence::verbatim(&record)?);
        }
    }
    Err(Failure::usage(format!("the audit log has no record {number}")))
}

/// The records as they stand in the log, byte for byte.
fn json(records: &[Record], fault: Option<&Fault>, streams: &mut Streams<'_>) -> Outcome {
    #[derive(serde::Serialize)]
    struct Document {
        records: Vec<Box<RawValue>>,
        fault: Option<String>,
    }
    let records = records.iter().map(evidence::verbatim).collect::<Outcome<_>>()?;
    streams.json(&Document { records, fault: fault.map(ToString::to_string) })
}

fn table(records: &[Record], streams: &mut Streams<'_>) -> Outcome {
    if records.is_empty() {
        streams.note("nothing", "no record fits");
        return Ok(());
    }
    let rows = records.iter().map(|record| {
        let Row { subject, what, result } = Row::of(&record.entry);
        // Seconds are enough to read by; the record itself has all nine digits.
        let time: String = record.ts.to_string().chars().take("2026-11-22T08:00:00".len()).collect();
        vec![record.seq.to_string(), time, subject, what, result]
    });
    streams.table(&["record", "time (utc)", "package", "what", "result"], rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_a_second_are_times() {
        let midnight = "2026-11-22T00:00:00.000000000Z".parse();
        assert_eq!(since("2026-11-22").ok(), midnight.ok());
        assert_eq!(since("2026-11-22T00:00:00Z").ok(), midnight.ok());
        for text in ["", "2026", "yesterday", "2026-11-22T00:00", "2026-13-01"] {
            assert!(since(text).is_err(), "{text}");
        }
    }
}
