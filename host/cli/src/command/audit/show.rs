//! `mpp audit show`

mod document;
mod wanted;
mod words;

use std::collections::VecDeque;
use std::path::Path;

use clap::Args;
use mpp_audit::view::{self, Invocation, Item};
use mpp_audit::{Fault, Filter, OutcomeKind, ReadError, Record, Records, Shown, Timestamp};

use super::evidence;
use super::row::Row;
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::log::{self, AuditDirectory};
use crate::output::{Streams, plain_line};

pub(super) use wanted::Wanted;

/// Show what is in the audit log
#[derive(Debug, Args)]
#[command(after_help = "\
A table of the last calls and of whatever else happened, or one call in full. A call is put together
from its records: what was asked for, what it was denied, how it ended. --records shows the records
themselves, as they stand in the log, and so does a number. Conditions add up: what is shown meets
every one.")]
pub(crate) struct Show {
    /// Show this in full: a call, by its id, or a record, by its number
    #[arg(value_name = "ID|NUMBER",
          conflicts_with_all = ["records", "kind", "package", "tool", "outcome", "since", "last", "all"])]
    one: Option<Wanted>,
    /// Show records instead of calls
    #[arg(long)]
    records: bool,
    /// Only calls, or only records of this kind: refusal, trust-change, settings, erasure, ...
    #[arg(long, value_parser = wanted::KINDS, hide_possible_values = true)]
    kind: Option<String>,
    /// Only what is about this package: NAME, PUBLISHER/NAME, either with @VERSION
    #[arg(long, value_name = "PACKAGE")]
    package: Option<String>,
    /// Only calls of this tool
    #[arg(long, value_name = "NAME")]
    tool: Option<String>,
    /// Only calls that ended so: ok, tool-error, denied, refused, trap, limit, timeout, ...
    #[arg(long)]
    outcome: Option<OutcomeKind>,
    /// Only what came from this time on: 2026-11-22, or 2026-11-22T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = wanted::since)]
    since: Option<Timestamp>,
    /// Only the last so many
    #[arg(long, value_name = "NUMBER", default_value_t = 100, conflicts_with = "all")]
    last: usize,
    /// Everything
    #[arg(long)]
    all: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    audit: AuditDirectory,
}

/// Longest payload of which a table has room for the beginning, in bytes.
const MAX_TABLE_PAYLOAD: u64 = 4 * 1024;

impl Show {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let directory = self.audit.to_read(context)?;
        let streams = &mut *context.streams;
        match &self.one {
            Some(Wanted::Number(number)) => one_record(&directory, *number, streams),
            Some(Wanted::Call(id)) => self.one_call(&directory, id, streams),
            None if self.records || self.kind.as_deref().is_some_and(wanted::is_of_calls) => {
                self.records(&directory, streams)
            }
            None => self.items(&directory, streams),
        }
    }

    fn filter(&self) -> Filter {
        Filter {
            kind: self.kind.clone(),
            package: self.package.clone(),
            tool: self.tool.clone(),
            outcome: self.outcome,
            since: self.since,
            limit: (!self.all).then_some(self.last),
        }
    }

    /// Calls, and what is part of none, in the order in which they began.
    fn items(&self, directory: &Path, streams: &mut Streams<'_>) -> Outcome {
        let filter = self.filter();
        let most = if self.json { u64::MAX } else { MAX_TABLE_PAYLOAD };
        let mut kept = VecDeque::new();
        let mut fault = None;
        for item in view::read(directory, most).map_err(|error| evidence::unread(directory, &error))? {
            match item {
                Ok(item) if wanted::meets(&filter, &item) => keep(&mut kept, item, filter.limit),
                Ok(_) => {}
                Err(ReadError::Fault(found)) => fault = Some(found),
                Err(ReadError::Io(error)) => return Err(log::unreadable(directory, &error)),
            }
        }
        let mut items = Vec::from(kept);
        items.sort_by_key(wanted::number);
        if self.json {
            document::items(&items, fault.as_ref(), streams)?;
        } else {
            table(items.iter().map(row_of_item).collect(), streams)?;
        }
        end(fault.as_ref())
    }

    fn records(&self, directory: &Path, streams: &mut Streams<'_>) -> Outcome {
        let Shown { records, fault } =
            mpp_audit::show(directory, &self.filter()).map_err(|error| log::unreadable(directory, &error))?;
        if self.json {
            document::records(&records, fault.as_ref(), streams)?;
        } else {
            table(records.iter().map(row_of_record).collect(), streams)?;
        }
        end(fault.as_ref())
    }

    fn one_call(&self, directory: &Path, id: &str, streams: &mut Streams<'_>) -> Outcome {
        let call = find(directory, id)?;
        if self.json {
            return streams.json(&document::call(&call));
        }
        words::lines(&call).iter().try_for_each(|line| streams.line(&plain_line(line)))
    }
}

/// Keeps the last so many.
fn keep(kept: &mut VecDeque<Item>, item: Item, most: Option<usize>) {
    kept.push_back(item);
    if most.is_some_and(|most| kept.len() > most) {
        kept.pop_front();
    }
}

fn find(directory: &Path, id: &str) -> Outcome<Box<Invocation>> {
    for item in view::read(directory, u64::MAX).map_err(|error| evidence::unread(directory, &error))? {
        match item.map_err(|error| evidence::unread(directory, &error))? {
            Item::Call(call) if call.id == id => return Ok(call),
            Item::Call(_) | Item::Other(_) => {}
        }
    }
    Err(evidence::no_call(id))
}

/// One record in full, as it stands in the log, whatever comes after it.
fn one_record(directory: &Path, number: u64, streams: &mut Streams<'_>) -> Outcome {
    let records = Records::open(directory).map_err(|error| log::unreadable(directory, &error))?;
    for record in records {
        let record = record.map_err(|error| evidence::unread(directory, &error))?;
        if record.seq == number {
            return streams.json(&evidence::verbatim(&record)?);
        }
    }
    Err(Failure::usage(format!("the audit log has no record {number}")))
}

fn row_of_item(item: &Item) -> Vec<String> {
    match item {
        Item::Call(call) => row(call.seq, call.ts, Row::of_call(call)),
        Item::Other(record) => row_of_record(record),
    }
}

fn row_of_record(record: &Record) -> Vec<String> {
    row(record.seq, record.ts, Row::of(&record.entry))
}

fn row(seq: u64, ts: Timestamp, Row { subject, what, result }: Row) -> Vec<String> {
    // Seconds are enough to read by; the record itself has all nine digits.
    let time: String = ts.to_string().chars().take("2026-11-22T08:00:00".len()).collect();
    vec![seq.to_string(), time, subject, what, result]
}

fn table(rows: Vec<Vec<String>>, streams: &mut Streams<'_>) -> Outcome {
    if rows.is_empty() {
        streams.note("nothing", "no record fits");
        return Ok(());
    }
    streams.table(&["record", "time (utc)", "package", "what", "result"], rows)
}

/// What is shown ends at the first record that does not hold.
fn end(fault: Option<&Fault>) -> Outcome {
    fault.map_or(Ok(()), |fault| Err(evidence::broken(fault)))
}
