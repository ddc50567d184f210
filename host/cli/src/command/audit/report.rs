//! `mpp audit report`

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;
use mpp_audit::policy::{Accepted, Policy};
use mpp_audit::{Published, Timestamp};
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
    /// Write an HTML page, to this file, which must not be there yet [default: standard output]
    // Named although it is the only form: another may be the better default one day.
    #[arg(long, value_name = "FILE", required = true, num_args = 0..=1)]
    html: Option<Option<PathBuf>>,
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
        let mut target = Target::open(self.html.flatten(), context.streams)?;
        let key = policy.as_ref().and_then(|policy| expected(policy, &directory));
        let verified = items::verify(&directory, key)?;
        let mut report = html::Report::new(source, self.part.payloads());
        let fault = self.part.read(&directory, &verified, |item| {
            report.add(item);
            Ok(())
        })?;
        drop(shown);
        let verification = match (fault, verified) {
            (Some(fault), _) | (None, Err(fault)) => {
                Verification::Broken { seq: items::holding(&fault), reason: fault.to_string() }
            }
            (None, Ok(verified)) => {
                let witnesses = witnesses(&directory, policy.as_ref())?;
                Verification::Holds(Evidence::new(&verified, witnesses))
            }
        };
        let made = Timestamp::from(SystemTime::now());
        report.write(&verification, made, &mut target).map_err(|error| target.trouble(&error))?;
        target.finish()?;
        match verification {
            Verification::Broken { reason, .. } => Err(not_verified(&reason)),
            Verification::Holds(_) | Verification::Unverified => Ok(()),
        }
    }
}

fn not_verified(reason: &str) -> Failure {
    Failure::new(Blame::Audit, "the audit log does not verify")
        .because(reason)
        .because("the page shows what comes before that, and says so")
        .next("mpp audit verify")
}

/// Who else has seen the log: the witnesses of a policy, if there were enough.
fn witnesses(directory: &Path, policy: Option<&Policy>) -> Outcome<Witnesses> {
    let Some(policy) = policy else { return Ok(Witnesses::Nobody) };
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
