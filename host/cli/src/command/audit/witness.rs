//! `mpp audit witness`

mod told;
mod whom;

use std::path::PathBuf;

use clap::Args;
use mpp_audit::policy::Accepted;
use mpp_audit::witness::{KeepError, keep};
use mpp_audit::{NotPublished, Published};
use mpp_witness::client::{AskError, Asked, Client, Evidence, ask_all};

use super::evidence;
use crate::context::Context;
use crate::durable::{self, Readers};
use crate::exit::{Blame, Failure, Outcome};
use crate::fetch;
use crate::log::AuditDirectory;
use crate::progress::Progress;
use crate::runtime::Runtime;

use whom::Whom;

/// Have the newest checkpoint cosigned by witnesses
#[derive(Debug, Args)]
#[command(after_help = "\
Shows the newest checkpoint to each witness, with the proof that the log has only grown since the
last one that it signed, and keeps the signatures beside the log: `mpp audit prove` puts them into
proofs, and `mpp audit verify --policy` says how far they reach. Run it from time to time, say every
few minutes: what no witness has seen yet can still be changed by whoever takes over this host.

Exit status 8 if too few witnesses signed for the policy, 7 if one holds a checkpoint that this log
has signed and does not continue. That checkpoint is kept.")]
pub(crate) struct Witness {
    #[command(flatten)]
    whom: Whom,
    /// Accept HTTPS certificates of the authorities in this PEM file, too; can be repeated
    #[arg(long, value_name = "FILE")]
    ca_file: Vec<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    audit: AuditDirectory,
}

/// What came of a round.
struct Round {
    /// Records of the checkpoint that was newest when it began.
    size: u64,
    /// In the order of the witnesses.
    asked: Vec<Asked>,
    /// The newest checkpoint that enough witnesses have seen.
    witnessed: Option<Accepted>,
    /// Whether that is the newest, or no witness is needed.
    reached: bool,
}

impl Witness {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let directory = self.audit.to_read(context)?;
        let log = evidence::published(&directory)?;
        let (policy, targets) = self.whom.read(log.key(), context.streams)?;
        let unread = |error: NotPublished| evidence::unpublished(&directory, &error);
        let newest = log.newest().map_err(unread)?;
        let size = newest.checkpoint().head().size;
        let client = Client::new(fetch::client_builder(&self.ca_file, context.environment)?)
            .map_err(|error| Failure::host("cannot set up a client").because_of(&error))?;
        let shown = Progress::show(format!("asking {} witnesses", targets.len()), context.streams);
        let asked = Runtime::start()?.wait_for(ask_all(&client, &log, &targets));
        drop(shown);
        let kept =
            asked.iter().flat_map(|asked| &asked.cosigned).try_for_each(|cosigned| keep(&log, cosigned));
        let accepted = log.accepted(&policy);
        let covers = |accepted: &Accepted| accepted.checkpoint().checkpoint().head().size >= size;
        let witnessed = accepted.as_ref().ok().and_then(Option::as_ref);
        let reached = witnessed.is_some_and(covers) || policy.accept(newest.signed()).is_ok();
        let round = Round { size, witnessed: witnessed.cloned(), asked, reached };
        if self.json {
            context.streams.json(&told::document(&log, &targets, &round))?;
        } else {
            told::table(&targets, &round, context.streams)?;
        }
        // The gravest first: evidence is kept whatever else is wrong.
        convicted(&log, &round)?;
        kept.map_err(|error| not_kept(&log, error))?;
        accepted.map_err(unread)?;
        enough(&round)
    }
}

/// What witnesses have against the log, and what it has against itself.
fn convicted(log: &Published, round: &Round) -> Outcome {
    let failed = || round.asked.iter().filter_map(|asked| asked.failed.as_ref());
    for error in failed() {
        if let AskError::Forked(evidence) = error {
            return Err(forked(log, evidence));
        }
    }
    for error in failed() {
        if let AskError::Log(error) = error {
            return Err(evidence::unpublished(log.dir(), error));
        }
    }
    Ok(())
}

fn enough(round: &Round) -> Outcome {
    if round.reached {
        return Ok(());
    }
    let far = round.witnessed.as_ref().map_or(0, |accepted| accepted.checkpoint().checkpoint().head().size);
    let what = format!("of {} records, enough witnesses have seen {far}", round.size);
    Err(Failure::new(Blame::Network, what).next("what is signed is kept; run it again later"))
}

/// Keeps the evidence: it may be the only copy on this side.
fn forked(log: &Published, evidence: &Evidence) -> Failure {
    let head = evidence.theirs().checkpoint().head();
    let path = log.dir().join("witnessed").join("forks").join(format!("{}-{}", head.size, head.root));
    let failure = Failure::new(Blame::Audit, "the log has signed two histories").because(evidence);
    let failure = failure.because(
        "either this log was set back or replaced, or somebody else has its key: a witness has seen what is not in it",
    );
    if !path.exists()
        && let Err(error) = durable::write(&path, evidence.to_file().as_bytes(), Readers::Owner)
    {
        return failure.because(format!("the proof could not be kept: {}", error.what()));
    }
    failure.next(format!("keep {}: it proves it to anybody who knows the log's key", path.display()))
}

fn not_kept(log: &Published, error: KeepError) -> Failure {
    match error {
        KeepError::Forked(fork) => {
            let [one, other] = fork.checkpoints();
            Failure::new(Blame::Audit, "the log has signed two histories").because(format!(
                "{}\nand\n{}",
                one.checkpoint(),
                other.checkpoint()
            ))
        }
        KeepError::Log(error) => evidence::unpublished(log.dir(), &error),
        error @ KeepError::Write { .. } => {
            Failure::host("what the witnesses signed could not be kept").because_of(&error)
        }
    }
}
