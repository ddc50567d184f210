//! `mpp audit prove`

use std::path::{Path, PathBuf};

use clap::Args;
use mpp_audit::{Entry, ProveFailure, Records};

use super::evidence;
use super::show::Wanted;
use crate::context::Context;
use crate::durable::{self, Readers};
use crate::exit::{Blame, Failure, Outcome};
use crate::log::{self, AuditDirectory};
use crate::progress::Progress;

/// Prove to an outsider how one call ended, or any other record
#[derive(Debug, Args)]
#[command(after_help = "\
Makes one small file (C2SP tlog-proof): the record, the hashes that lead from it to a checkpoint, and
the checkpoint with its signatures. Whoever has the log's key checks it without the log and without
a network: `mpp audit check-proof`. The file holds the whole record: look at it before you give it
away.

Of a call it is the record of how it ended, and with --intent that of what was asked for: each names
the other. Neither holds what was said, only what binds it.")]
pub(crate) struct Prove {
    /// The call, by its id, or any record, by its number
    #[arg(value_name = "ID|NUMBER")]
    record: Wanted,
    /// Of a call, prove what was asked for, by whom, and with which permissions
    #[arg(long)]
    intent: bool,
    /// Write it to this file, which must not be there yet [default: standard output]
    #[arg(long, alias = "output", value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Prove {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let directory = self.audit.to_read(context)?;
        let seq = match &self.record {
            Wanted::Number(seq) => *seq,
            Wanted::Call(id) => {
                let _shown = Progress::show(format!("looking for the call {id}"), context.streams);
                find(&directory, id, self.intent)?
            }
        };
        let proof = mpp_audit::prove(&directory, seq).map_err(|error| not_proven(&directory, &error))?;
        match &self.out {
            None => context.streams.text(&proof.to_string())?,
            Some(path) => {
                durable::create(path, proof.to_string().as_bytes(), Readers::Anyone)?;
                context.streams.line(&path.display().to_string())?;
            }
        }
        context.streams.note("proves", &format!("record {seq}"));
        Ok(())
    }
}

/// The number of a record of a call: of its intent, or of its end.
fn find(directory: &Path, id: &str, intent: bool) -> Outcome<u64> {
    let mut begun = false;
    let records = Records::open(directory).map_err(|error| log::unreadable(directory, &error))?;
    for record in records {
        let record = record.map_err(|error| evidence::unread(directory, &error))?;
        match &record.entry {
            Entry::Intent(call) if call.id == id && intent => return Ok(record.seq),
            Entry::Intent(call) if call.id == id => begun = true,
            Entry::Outcome(end) if end.id == id && !intent => return Ok(record.seq),
            Entry::Recovered(end) if end.id == id && !intent => return Ok(record.seq),
            _ => {}
        }
    }
    if begun {
        return Err(Failure::usage(format!("the call {id} has not ended"))
            .next(format!("prove what was asked for: mpp audit prove {id} --intent")));
    }
    Err(evidence::no_call(id))
}

fn not_proven(directory: &Path, error: &ProveFailure) -> Failure {
    match error {
        ProveFailure::NotSigned { seq, .. } => Failure::usage(format!("record {seq} cannot be proven"))
            .because_of(error)
            .next("if it was recorded this moment, a checkpoint covers it within a second: try again"),
        ProveFailure::Broken { seq, .. } => {
            Failure::new(Blame::Audit, format!("record {seq} cannot be proven"))
                .because_of(error)
                .next("mpp audit verify")
        }
        ProveFailure::Read(error) => evidence::unread(directory, error),
    }
}
