//! `mpp trust refresh`

mod news;

use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use mpp_audit::{Event, TrustAction, TrustChange, TrustSubject, Writer};
use mpp_package::{DocumentType, IndexError, Keyring, PublisherName, Refreshed, RootTrust};

use super::offered::{Offered, Refused};
use super::update::{pinned, source_in};
use crate::context::Context;
use crate::exit::{Blame, Failure, Outcome};
use crate::fetch::Source;
use crate::home::Home;
use crate::installed::Store;
use crate::log::{self, AuditDirectory};
use crate::{blame, trust};

/// Take a newer index of a publisher: what it stands by, and what it revoked
#[derive(Debug, Args)]
#[command(after_help = "\
An index is taken if the index keys of the trusted root signed it, if its version is higher than
that of the one held, if it has not ended, and if it takes no revocation back.

Without a SOURCE, it is fetched from the place that the root names; without a PUBLISHER, that of
every publisher whose root names one. Nothing is fetched when a tool runs: run this from time to
time, say once a day.

Exit status 3 if an index was refused, 8 if one could not be fetched; what was held before counts on.")]
pub(super) struct Refresh {
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
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let keyring = trust::keyring(&home)?;
        match &self.publisher {
            Some(publisher) => self.take(publisher, pinned(&keyring, publisher)?, &home, context),
            None => self.take_all(&keyring, &home, context),
        }
    }

    /// One publisher's trouble must not keep the others' revocations away.
    fn take_all(&self, keyring: &Keyring, home: &Home, context: &mut Context<'_, '_>) -> Outcome {
        let mut worst: Option<Blame> = None;
        for (publisher, held) in with_a_place(keyring)? {
            let Err(failure) = self.take(publisher, held, home, context) else { continue };
            worst = Some(match (failure.blame(), worst) {
                // What the others would meet as well.
                (blame, _) if !matches!(blame, Blame::Package | Blame::Network) => return Err(failure),
                // That somebody is not there is less than that somebody deceives.
                (Blame::Network, Some(before)) => before,
                (blame, _) => blame,
            });
            context.streams.failure(&failure);
        }
        match worst {
            None => Ok(()),
            Some(blame) => Err(Failure::new(blame, "not every index could be taken")
                .because("the messages above say which; what was held before counts on")),
        }
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
        let (refreshed, news) = trust::change(home, |keyring| {
            let before = news::withdrawn(pinned(keyring, publisher)?);
            let refreshed = refresh(keyring, publisher, &offered, &log)?;
            if !refreshed.unchanged {
                // On record before it counts.
                log::append(&log, &event(publisher, &refreshed, actor))?;
            }
            let after = news::withdrawn(pinned(keyring, publisher)?);
            Ok((refreshed, news::since(&before, after)))
        })?;
        report(publisher, &refreshed, context);
        news::tell(&news, &Store::of(home).list()?, context.streams);
        Ok(())
    }

    fn source_of(&self, publisher: &PublisherName, held: &RootTrust) -> Outcome<Source> {
        let parts = held.root().parts();
        if parts.index.is_none() {
            return Err(Failure::usage(format!("{publisher} keeps no index"))
                .because("the trusted root names no keys for one")
                .next(format!("a newer root may: mpp trust update {publisher} [FILE|URL]")));
        }
        match (&self.source, &parts.location) {
            (Some(source), _) => Ok(source.clone()),
            (None, Some(location)) => source_in(location.index()),
            (None, None) => {
                Err(Failure::usage(format!("there is nowhere to look for the index of {publisher}"))
                    .because("its root names no place")
                    .next(format!("name the file: mpp trust refresh {publisher} FILE|URL")))
            }
        }
    }
}

/// The publishers whose root says where their index lies.
fn with_a_place(keyring: &Keyring) -> Outcome<Vec<(&PublisherName, &RootTrust)>> {
    let names_one = |(_, trust): &(&PublisherName, &RootTrust)| {
        let parts = trust.root().parts();
        parts.location.is_some() && parts.index.is_some()
    };
    let all: Vec<_> = keyring.roots().filter(names_one).collect();
    if all.is_empty() {
        return Err(Failure::usage("there is no index to look for")
            .because("no trusted root names a place where its index lies")
            .next("name the publisher and the file: mpp trust refresh PUBLISHER FILE|URL"));
    }
    Ok(all)
}

fn refresh(
    keyring: &mut Keyring,
    publisher: &PublisherName,
    offered: &Offered,
    log: &Writer,
) -> Outcome<Refreshed> {
    let refuse = |error: &IndexError| {
        let failure = blame::index_refused(&offered.name, error);
        offered.refuse(Refused { code: error.code(), failure }, log)
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

fn report(publisher: &PublisherName, refreshed: &Refreshed, context: &mut Context<'_, '_>) {
    let Refreshed { from, to, digest: _, unchanged } = refreshed;
    let news = match from {
        _ if *unchanged => format!("index version {to} was held already"),
        Some(from) => format!("index version {from} is followed by {to}"),
        None => format!("index version {to} is taken"),
    };
    context.streams.note(publisher.as_str(), &news);
}
