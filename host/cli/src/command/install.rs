//! `mpp install`

use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use mpp_audit::{Answer, PolicyAction, Writer};
use mpp_package::{VerifiedPackage, VerifyError};

use crate::consent::Request;
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::installed::{Installed, Store};
use crate::log::{self, AuditDirectory, Site};
use crate::{blame, packages, record, trust};

/// Install a package, after you have seen what it can touch
#[derive(Debug, Args)]
#[command(after_help = "\
Shows who published the package and what it can touch, and asks. An update that asks for more than
the installed version was granted shows the difference and asks again; one that does not is
installed without a question. Where there is no terminal, --grant must answer.")]
pub(crate) struct Install {
    /// The package
    file: PathBuf,
    /// The detached signature [default: FILE.sig, if the package carries none]
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// Grant what the package declares, without a question
    #[arg(long)]
    grant: bool,
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Install {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let site = self.audit.of(&home);
        let package = packages::present(&self.file, self.signature.as_deref())
            .map_err(|not_read| log::not_read(not_read, &site, context.streams))?;
        let verified =
            trust::keyring(&home)?.verify(package.clone(), SystemTime::now()).map_err(|error| {
                let event = record::unverified(&package, &error);
                log::refuse(&event, self.refused(&error), &site, context.streams)
            })?;
        trust::warn_of_lapse(&verified, context.streams);
        let store = Store::of(&home);
        let before = store.find(&full_name(&verified))?;
        let answer = self.answer(&site, &verified, before.as_ref(), context)?;
        let action = if before.is_some() { PolicyAction::Update } else { PolicyAction::Install };
        let log = log::open(&site, context.streams)?;
        trust::change(&home, |keyring| {
            // The answer may have taken an hour, and a revocation may be here since.
            let verified = keyring.verify(package.clone(), SystemTime::now()).map_err(|error| {
                let refused = log::append(&log, &record::unverified(&package, &error));
                refused.err().unwrap_or_else(|| self.refused(&error))
            })?;
            keep(&log, &store, &verified, (action, answer), context)?;
            trust::accept(keyring, &verified)
        })?;
        let manifest = verified.manifest();
        context.streams.note(
            "installed",
            &format!("{} {}; run it: mpp run {}", manifest.name(), manifest.version(), manifest.name()),
        );
        Ok(())
    }

    fn refused(&self, error: &VerifyError) -> Failure {
        blame::unverified(&self.file.display().to_string(), error)
    }

    /// Who grants what the package declares. Nobody needs to for an update that
    /// asks for nothing new.
    fn answer(
        &self,
        site: &Site,
        verified: &VerifiedPackage,
        before: Option<&Installed>,
        context: &mut Context<'_, '_>,
    ) -> Outcome<Answer> {
        if before.is_some_and(|before| before.granted.covers(verified.manifest().permissions())) {
            return Ok(Answer::Unneeded);
        }
        let request = Request {
            package: verified,
            before: before.map(|before| &before.granted),
            question: if before.is_some() { "Grant this and update?" } else { "Grant this and install?" },
            granted: self.grant,
        };
        request.ask(context.streams).map(Answer::from).map_err(|failure| {
            log::refuse(&record::not_granted(verified, &failure), failure, site, context.streams)
        })
    }
}

/// Puts the answer on record, and then the package and its grant on disk.
fn keep(
    log: &Writer,
    store: &Store,
    verified: &VerifiedPackage,
    (action, answer): (PolicyAction, Answer),
    context: &Context<'_, '_>,
) -> Outcome {
    let event = record::granted(action, verified, answer, context.environment.user())?;
    log::append(log, &event)?;
    let granted = verified.manifest().permissions().clone();
    let entry = Installed::new(verified, granted, packages::now()?);
    store.put(entry, &packages::signed_bytes(verified)?)
}

fn full_name(package: &VerifiedPackage) -> String {
    format!("{}/{}", package.publisher(), package.manifest().name())
}
