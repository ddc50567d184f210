//! `mpp audit verify`

mod refused;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use mpp_audit::checkpoint::SignedCheckpoint;
use mpp_audit::note::LogKey;
use mpp_audit::policy::{Accepted, Policy};
use mpp_audit::{Expected, Grown, Published, Receipt, Verified, verify_growth, verify_log};

use super::believed::Believed;
use super::evidence;
use crate::context::Context;
use crate::exit::Outcome;
use crate::log::AuditDirectory;
use crate::progress::Progress;

use refused::NotVerified;

/// Check that no record was changed, removed or inserted
#[derive(Debug, Args)]
#[command(after_help = "\
Reads every record, tile and checkpoint, and names the first that does not hold; exit status 7. Says
what that covers: which records are signed, whether the key is one you expected, and whether
witnesses have seen it. What only the log itself says is worth what this host is worth, so keep
something elsewhere: its key (`mpp audit key`), a checkpoint (`mpp audit checkpoint`), or the head
that this command prints, which is a receipt.

--from proves that the log has only grown since that checkpoint, and reads only what came since.")]
pub(crate) struct Verify {
    #[command(flatten)]
    believed: Believed,
    /// A checkpoint that was kept: the log must continue it; - for standard input
    #[arg(long, value_name = "FILE|-", conflicts_with = "receipt")]
    from: Option<PathBuf>,
    /// A receipt that was kept; can be repeated
    #[arg(long, value_name = "SEQ:HASH")]
    receipt: Vec<Receipt>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    audit: AuditDirectory,
}

/// What was verified, and by which key.
struct Found {
    covered: Covered,
    key: LogKey,
    /// Whether the command line named the key, or only the log itself does.
    key_expected: bool,
    /// The newest checkpoint that enough witnesses have seen.
    witnessed: Option<Accepted>,
}

/// How much of the log was verified.
enum Covered {
    Whole(Box<Verified>),
    Since(Grown),
}

impl Verify {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let directory = self.audit.to_read(context)?;
        let policy = self.believed.read(context.streams)?;
        let from = self.from.as_deref().map(|path| evidence::read_checkpoint(path, context.streams));
        let from = from.transpose()?;
        let shown = Progress::show(doing(&directory), context.streams);
        let found = self.verify(&directory, policy.as_ref(), from.as_ref());
        drop(shown);
        match found {
            Ok(found) if self.json => context.streams.json(&words::document(&found)),
            Ok(found) => words::lines(&found).iter().try_for_each(|line| context.streams.line(line)),
            Err(refused) => {
                if let (true, Some(document)) = (self.json, refused.document()) {
                    context.streams.json(&document)?;
                }
                Err(refused.failure(&directory))
            }
        }
    }

    fn verify(
        &self,
        directory: &Path,
        policy: Option<&Policy>,
        from: Option<&SignedCheckpoint>,
    ) -> Result<Found, NotVerified> {
        let expected = policy.and_then(|policy| expected(policy, directory));
        let (covered, key) = match from {
            None => {
                let expected = Expected { receipts: &self.receipt, key: expected, ..Expected::default() };
                let verified = verify_log(directory, &expected)?;
                let key = verified.key.clone();
                (Covered::Whole(Box::new(verified)), key)
            }
            Some(old) => {
                let grown = verify_growth(directory, old, expected)?;
                (Covered::Since(grown), Published::open(directory, expected)?.key().clone())
            }
        };
        let witnessed = match policy {
            Some(policy) => witnessed(directory, policy, &key, from)?,
            None => None,
        };
        Ok(Found { covered, key, key_expected: expected.is_some(), witnessed })
    }
}

/// The key that a policy has for this log. If it has none, the log is held
/// against another one, and so is refused as another log.
pub(super) fn expected<'p>(policy: &'p Policy, directory: &Path) -> Option<&'p LogKey> {
    let log = Published::open(directory, None).ok();
    let of_this_log = |key: &&LogKey| log.as_ref().is_some_and(|log| log.key().name() == key.name());
    policy.logs().iter().find(of_this_log).or(policy.logs().first())
}

/// The newest checkpoint that the witnesses of a policy have seen, if the policy
/// asks for any; the log continues it. Their signatures are kept beside the log, or
/// came with the checkpoint that was kept.
fn witnessed(
    directory: &Path,
    policy: &Policy,
    key: &LogKey,
    from: Option<&SignedCheckpoint>,
) -> Result<Option<Accepted>, NotVerified> {
    let log = Published::open(directory, Some(key))?;
    let accepted = match (log.accepted(policy)?, from) {
        (Some(accepted), _) => accepted,
        (None, Some(kept)) => policy.accept(kept)?,
        (None, None) => policy.accept_verified(log.newest()?)?,
    };
    Ok(accepted.is_witnessed().then_some(accepted))
}

/// What takes a while, for a person who waits.
fn doing(directory: &Path) -> String {
    let bytes = fs::metadata(directory.join("log.jsonl")).map_or(0, |metadata| metadata.len());
    format!("verifying the audit log, {} MiB", bytes / (1024 * 1024))
}
