//! `mpp audit report`

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;
use mpp_audit::policy::{Accepted, Policy};
use mpp_audit::view::Item;
use mpp_audit::{Expected, Published, ReadError, Timestamp, verify_log};
use mpp_report::html::{self, Evidence, Verification, Witnesses};

use super::believed::Believed;
use super::evidence;
use super::items::{self, Part};
use super::target::Target;
use super::verify::expected;
use crate::context::Context;
use crate::exit::{Blame, Failure, Outcome};
use crate::log::AuditDirectory;
use crate::progress::Progress;

/// Make a page that a person reads: what was called, denied, changed, and whether the log holds
#[derive(Debug, Args)]
#[command(after_help = "\
One HTML file, whole without a network. The log is verified first, and the page says what that
covers. A log that does not hold makes a page of what comes before the fault, which says so; the exit
status is 7 then. The page is a projection: each line names its record by number and leaf hash.")]
pub(crate) struct Report {
    /// Write the page to this file, which must not be there yet
    #[arg(long, value_name = "FILE")]
    html: PathBuf,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    believed: Believed,
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Report {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let directory = self.audit.to_read(context)?;
        let policy = self.believed.read(context.streams)?;
        let source = items::source(&directory)?;
        let shown = Progress::show("verifying the audit log, and reading it", context.streams);
        let mut target = Target::open(Some(self.html.clone()), context.streams)?;
        let verification = verify(&directory, policy.as_ref())?;
        let mut report = html::Report::new(source, self.part.payloads());
        let fault = self.part.read(&directory, |item| {
            if is_before(item, &verification) {
                report.add(item);
            }
            Ok(())
        })?;
        drop(shown);
        let made = Timestamp::from(SystemTime::now());
        let written = report.write(&verification, made, &mut target);
        written.map_err(|error| Target::trouble(Some(&self.html), &error))?;
        target.finish()?;
        match (verification, fault) {
            (Verification::Broken { seq, reason }, _) => Err(broken(seq, &reason)),
            (_, Some(fault)) => Err(evidence::unread(&directory, &fault)),
            _ => Ok(()),
        }
    }
}

fn broken(seq: u64, reason: &str) -> Failure {
    Failure::new(Blame::Audit, format!("the audit log does not verify: record {seq}"))
        .because(reason)
        .because("the page shows what comes before it, and says so")
        .next("mpp audit verify")
}

/// Whether an item ends before the first record that does not hold.
fn is_before(item: &Item, verification: &Verification) -> bool {
    let last = match item {
        Item::Call(call) => call.end.as_ref().map_or(call.seq, |end| end.seq),
        Item::Other(record) => record.seq,
    };
    !matches!(verification, Verification::Broken { seq, .. } if last >= *seq)
}

/// Verifies the whole log.
fn verify(directory: &Path, policy: Option<&Policy>) -> Outcome<Verification> {
    let key = policy.and_then(|policy| expected(policy, directory));
    match verify_log(directory, &Expected { key, ..Expected::default() }) {
        Ok(verified) => {
            let witnesses = match policy {
                Some(policy) => witnesses(directory, policy)?,
                None => Witnesses::Nobody,
            };
            Ok(Verification::Holds(Evidence::new(&verified, witnesses)))
        }
        Err(ReadError::Fault(fault)) => {
            Ok(Verification::Broken { seq: fault.seq, reason: fault.kind.to_string() })
        }
        Err(ReadError::Io(error)) => Err(crate::log::unreadable(directory, &error)),
    }
}

/// Who else has seen the log: the witnesses of a policy, if there were enough.
fn witnesses(directory: &Path, policy: &Policy) -> Outcome<Witnesses> {
    let accepted = Published::open(directory, None).and_then(|log| log.accepted(policy));
    let accepted = accepted.map_err(|error| evidence::unpublished(directory, &error))?;
    Ok(accepted.filter(Accepted::is_witnessed).map_or(Witnesses::Nobody, |accepted| Witnesses::Seen {
        size: accepted.checkpoint().checkpoint().head().size,
        by: accepted
            .cosignatures()
            .iter()
            .map(|by| format!("{} at {}", by.witness, evidence::at(by.time)))
            .collect(),
    }))
}
