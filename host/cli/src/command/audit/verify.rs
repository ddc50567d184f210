//! `mpp audit verify`

use clap::Args;
use mpp_audit::{ReadError, Receipt, Summary};
use serde_json::json;

use crate::context::Context;
use crate::exit::{Blame, Failure, Outcome};
use crate::log::{self, AuditDirectory};

/// Check that no record was changed, removed or inserted
#[derive(Debug, Args)]
#[command(after_help = "\
Names the first record that does not hold; exit status 7. The head it prints is a receipt. Keep it
somewhere else: with --receipt it shows later that nothing before it was cut off or rewritten, which
the log alone cannot show.")]
pub(crate) struct Verify {
    /// A receipt that was kept; can be repeated
    #[arg(long, value_name = "SEQ:HASH")]
    receipt: Vec<Receipt>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Verify {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let directory = self.audit.to_read(context)?;
        match mpp_audit::verify_dir(&directory, &self.receipt) {
            Ok(summary) if self.json => context.streams.json(&document(&summary)),
            Ok(summary) => show(&summary, context),
            Err(ReadError::Io(error)) => Err(log::unreadable(&directory, &error)),
            Err(ReadError::Fault(fault)) => {
                if self.json {
                    context.streams.json(&json!({
                        "verified": false,
                        "record": fault.seq,
                        "line": fault.line,
                        "offset": fault.offset,
                        "reason": fault.kind.to_string(),
                    }))?;
                }
                Err(Failure::new(
                    Blame::Audit,
                    format!("the audit log does not verify: record {}", fault.seq),
                )
                .because_of(&fault)
                .because("what comes before it is as it was written; nothing from there on is evidence")
                .next(format!("keep {} as it is, and find out who could write to it", directory.display())))
            }
        }
    }
}

fn show(summary: &Summary, context: &mut Context<'_, '_>) -> Outcome {
    let Summary { log, records, head, first, last, bytes, payloads_checked: _, receipts_checked, unfinished } =
        summary;
    let streams = &mut *context.streams;
    streams.line(&format!("log      {log}"))?;
    streams.line(&format!("records  {records}, {bytes} bytes, all of them hold"))?;
    streams.line(&format!("from     {first}"))?;
    streams.line(&format!("to       {last}"))?;
    if *receipts_checked > 0 {
        streams.line(&format!("receipts {receipts_checked}, found in the log"))?;
    }
    streams.line(&format!("head     {head}"))?;
    if *unfinished {
        streams.note("note", "a record was being written, and was left out");
    }
    Ok(())
}

fn document(summary: &Summary) -> serde_json::Value {
    let Summary { log, records, head, first, last, bytes, payloads_checked, receipts_checked, unfinished } =
        summary;
    json!({
        "verified": true,
        "log": log,
        "records": records,
        "bytes": bytes,
        "head": head.to_string(),
        "first": first,
        "last": last,
        "payloads_checked": payloads_checked,
        "receipts_checked": receipts_checked,
        "unfinished": unfinished,
    })
}
