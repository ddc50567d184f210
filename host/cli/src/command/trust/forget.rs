//! `mpp trust forget`

use clap::Args;
use mpp_audit::{Event, TrustAction, TrustChange, TrustSubject};
use mpp_package::{PackageName, PublisherName};

use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::log::{self, AuditDirectory};
use crate::trust;

/// Forget which release of a package was the newest, so that an older one is accepted
#[derive(Debug, Args)]
#[command(after_help = "\
An older release that is signed may bring back a hole that the newer one closed: that is why it is
refused once the newer one was accepted. Use this where the newer one turned out to be worse. A
release that its publisher revoked stays refused.

Install the older release, or remove the newer one, before you run the package by its name: what is
installed is remembered again when it runs.")]
pub(super) struct Forget {
    /// PUBLISHER/NAME
    package: FullName,
    #[command(flatten)]
    audit: AuditDirectory,
}

/// `PUBLISHER/NAME`
#[derive(Debug, Clone)]
struct FullName {
    publisher: PublisherName,
    name: PackageName,
}

impl std::str::FromStr for FullName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (publisher, name) =
            text.split_once('/').ok_or("write it as PUBLISHER/NAME, such as com.example/csv-report")?;
        let publisher = PublisherName::parse(publisher).map_err(|error| error.to_string())?;
        let name = PackageName::parse(name).map_err(|error| error.to_string())?;
        Ok(Self { publisher, name })
    }
}

impl Forget {
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let log = log::open(&self.audit.of(&home), context.streams)?;
        let FullName { publisher, name } = &self.package;
        let actor = context.environment.user();
        let forgotten = trust::change(&home, |keyring| {
            let forgotten = keyring.forget(publisher, name).ok_or_else(|| {
                Failure::usage(format!("nothing is remembered of {publisher}/{name}"))
                    .next("`mpp trust show PUBLISHER` shows what is")
            })?;
            let event = Event::TrustChange(TrustChange {
                action: TrustAction::ForgetSequence,
                publisher: Some(publisher.to_string()),
                subject: TrustSubject::Package { name: name.to_string() },
                replaced_version: None,
                actor,
            });
            log::append(&log, &event)?;
            Ok(forgotten)
        })?;
        context.streams.note(
            &format!("{publisher}/{name}"),
            &format!("release {} is forgotten; an older one can be installed", forgotten.sequence),
        );
        Ok(())
    }
}
