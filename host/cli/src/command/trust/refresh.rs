//! `mpp trust refresh`

use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use mpp_audit::{Event, Log, TrustAction, TrustChange, TrustSubject};
use mpp_package::{
    DocumentType, Index, IndexError, Keyring, PublisherName, Refreshed, Release, RootTrust, Status,
};

use super::offered::{Offered, Refused};
use super::update::pinned;
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::fetch::Source;
use crate::home::Home;
use crate::installed::{Installed, Store};
use crate::log::{self, AuditDirectory};
use crate::{blame, trust};

/// Take a newer index of a publisher: what it stands by, and what it revoked
#[derive(Debug, Args)]
#[command(after_help = "\
An index is taken if the index keys of the trusted root signed it, if its version is higher than
that of the one held, if it has not ended, and if it takes no revocation back.

Without a SOURCE, it is fetched from the place that the root names; without a PUBLISHER, that of
every publisher whose root names one. Nothing is fetched when a tool runs: run this from time to
time, say once a day.")]
pub(crate) struct Refresh {
    /// The publisher [default: all whose root names a place]
    publisher: Option<PublisherName>,
    /// The index: a file, an https:// URL, or - for standard input
    #[arg(value_name = "SOURCE")]
    source: Option<Source>,
    /// Accept HTTPS certificates of the authorities in this PEM file, too; can be repeated
    #[arg(long, value_name = "FILE")]
    ca_file: Vec<PathBuf>,
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Refresh {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let keyring = trust::keyring(&home)?;
        let mut first_failure = None;
        for publisher in self.publishers(&keyring)? {
            let taken = self.take(&publisher, pinned(&keyring, &publisher)?, &home, context);
            match (taken, &self.publisher) {
                (Ok(()), _) => {}
                (Err(failure), Some(_)) => return Err(failure),
                // One publisher's trouble must not keep the others' revocations away.
                (Err(failure), None) => {
                    context.streams.failure(&failure);
                    first_failure.get_or_insert(failure);
                }
            }
        }
        match first_failure {
            Some(failure) => Err(Failure::new(failure.blame(), "not every index could be taken")
                .next("the messages above say which; what was held before still counts")),
            None => Ok(()),
        }
    }

    fn publishers(&self, keyring: &Keyring) -> Outcome<Vec<PublisherName>> {
        if let Some(publisher) = &self.publisher {
            return Ok(vec![publisher.clone()]);
        }
        let with_place = |(publisher, trust): (&PublisherName, &RootTrust)| {
            let parts = trust.root().parts();
            (parts.location.is_some() && parts.index.is_some()).then(|| publisher.clone())
        };
        let all: Vec<_> = keyring.roots().filter_map(with_place).collect();
        if all.is_empty() {
            return Err(Failure::usage("there is no index to look for")
                .because("no trusted root names a place where its index lies")
                .next("name the publisher and the file: mpp trust refresh PUBLISHER FILE|URL"));
        }
        Ok(all)
    }

    fn take(
        &self,
        publisher: &PublisherName,
        held: &RootTrust,
        home: &Home,
        context: &mut Context<'_, '_>,
    ) -> Outcome {
        let source = self.source_of(publisher, held)?;
        let offered = Offered::read(&source, DocumentType::Index, &self.ca_file, context)?;
        let log = log::open(&self.audit.of(home), context.streams)?;
        let actor = context.environment.user();
        let (refreshed, before, after) = trust::change(home, |keyring| {
            let before = withdrawn(pinned(keyring, publisher)?);
            let refreshed = refresh(keyring, publisher, &offered, &log)?;
            if !refreshed.unchanged {
                log::append(&log, &event(publisher, &refreshed, actor))?;
            }
            Ok((refreshed, before, withdrawn(pinned(keyring, publisher)?)))
        })?;
        report(publisher, &refreshed, context);
        let news: Vec<_> = after.into_iter().filter(|release| !before.contains(release)).collect();
        tell(&news, &Store::of(home).list()?, context);
        Ok(())
    }

    fn source_of(&self, publisher: &PublisherName, held: &RootTrust) -> Outcome<Source> {
        if let Some(source) = &self.source {
            return Ok(source.clone());
        }
        let Some(location) = &held.root().parts().location else {
            return Err(Failure::usage(format!("there is nowhere to look for the index of {publisher}"))
                .because("its root names no place")
                .next(format!("name the file: mpp trust refresh {publisher} FILE|URL")));
        };
        location.index().parse().map_err(|why: String| {
            Failure::package("the trusted root names a place that cannot be used").because(why)
        })
    }
}

fn refresh(
    keyring: &mut Keyring,
    publisher: &PublisherName,
    offered: &Offered,
    log: &Log,
) -> Outcome<Refreshed> {
    let refuse = |error: &IndexError| {
        let refused = Refused { code: error.code(), failure: blame::index_refused(&offered.name, error) };
        offered.refuse(log, refused)
    };
    let envelope =
        offered.envelope(DocumentType::Index).map_err(|error| refuse(&IndexError::Form(error.into())))?;
    keyring.refresh(publisher, envelope, SystemTime::now()).map_err(|error| refuse(&error))
}

fn event(publisher: &PublisherName, refreshed: &Refreshed, actor: Option<String>) -> Event {
    Event::TrustChange(TrustChange {
        action: TrustAction::RefreshIndex,
        publisher: Some(publisher.to_string()),
        subject: TrustSubject::Index { version: refreshed.to, digest: refreshed.digest.to_string() },
        replaced_version: refreshed.from,
        actor,
    })
}

fn withdrawn(trust: &RootTrust) -> Vec<Release> {
    let releases = trust.index().map_or(&[][..], |held| releases_of(held.index()));
    releases.iter().filter(|release| release.status != Status::Active).cloned().collect()
}

fn releases_of(index: &Index) -> &[Release] {
    &index.parts().releases
}

fn report(publisher: &PublisherName, refreshed: &Refreshed, context: &mut Context<'_, '_>) {
    let Refreshed { from, to, digest: _, unchanged } = refreshed;
    let news = match from {
        _ if *unchanged => format!("index version {to} was held already"),
        Some(from) => format!("index version {from} is followed by {to}"),
        None => format!("index version {to} is the first one held"),
    };
    context.streams.note(publisher.as_str(), &news);
}

/// What is withdrawn since, and what of it is installed here.
fn tell(news: &[Release], installed: &[Installed], context: &mut Context<'_, '_>) {
    for release in news {
        let (Status::Yanked(withdrawal) | Status::Revoked(withdrawal)) = &release.status else { continue };
        let Release { publisher, name, version, digest, status } = release;
        let line = format!("{publisher}/{name} {version} is {}: {}", status.word(), withdrawal.reason);
        let here = installed.iter().any(|package| package.digest == *digest);
        match (here, status) {
            (true, Status::Revoked(_)) => {
                context.streams.warn(&format!("{line}; it is installed here, and runs no longer"))
            }
            (true, _) => context.streams.warn(&format!("{line}; it is installed here")),
            (false, _) => context.streams.say(&format!("  {line}")),
        }
    }
}
