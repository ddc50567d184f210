//! `mpp audit prove`

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use mpp_audit::{Entry, ProveFailure, Record, Records};

use super::{evidence, row};
use crate::context::Context;
use crate::durable::{self, Readers};
use crate::exit::{Blame, Failure, Outcome};
use crate::log::{self, AuditDirectory};
use crate::progress::Progress;

/// Prove to an outsider that one record is in the log
#[derive(Debug, Args)]
#[command(after_help = "\
Makes one small file (C2SP tlog-proof): the record, the hashes that lead from it to a checkpoint, and
the checkpoint with its signatures. Whoever has the log's key checks it without the log and without
a network: `mpp audit check-proof`. The file holds the whole record: look at it before you give it
away.")]
pub(crate) struct Prove {
    /// The call, by its id, or any record, by its number
    #[arg(value_name = "ID|NUMBER")]
    record: Wanted,
    /// Write it to this file, which must not be there yet [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    audit: AuditDirectory,
}

/// Which record.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    Number(u64),
    /// That of the call with this id.
    Call(String),
}

impl FromStr for Wanted {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.parse().map_or_else(|_| Self::Call(text.to_owned()), Self::Number))
    }
}

impl Prove {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let directory = self.audit.to_read(context)?;
        let seq = match &self.record {
            Wanted::Number(seq) => *seq,
            Wanted::Call(id) => {
                let _shown = Progress::show(format!("looking for the call {id}"), context.streams);
                find(&directory, id)?
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

/// The number of the record of a call.
fn find(directory: &Path, id: &str) -> Outcome<u64> {
    let records = Records::open(directory).map_err(|error| log::unreadable(directory, &error))?;
    for record in records {
        let record = record.map_err(|error| evidence::unread(directory, &error))?;
        if is_call(&record, id) {
            return Ok(record.seq);
        }
    }
    Err(Failure::usage(format!("the audit log has no call {id}")).next("`mpp audit show` shows what it has"))
}

/// The end of a call is what is proven of it: it names the intent, and comes
/// after it.
fn is_call(record: &Record, id: &str) -> bool {
    matches!(&record.entry, Entry::Outcome(_) | Entry::Recovered(_)) && row::call(&record.entry) == Some(id)
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
